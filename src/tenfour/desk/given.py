"""What every handler may ask for by name: the desk, the principal, the idempotency key."""

from typing import Annotated, Any

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import HeaderParameter
from prometheus_client import CollectorRegistry

from tenfour.desk.desk import Desk
from tenfour.desk.feed import Feed
from tenfour.desk.principal import Principal
from tenfour.desk.security import token_of

Key = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="The same key again is the same command, done once. Minted when absent.",
    ),
]
GivenDesk = NamedDependency[Desk]
GivenFeed = NamedDependency[Feed]
GivenRegistry = NamedDependency[CollectorRegistry]
GivenPrincipal = NamedDependency[Principal]


async def the_desk(state: State) -> Desk:
    """The desk of this application."""
    desk: Desk = state.desk
    return desk


async def the_feed(state: State) -> Feed:
    """The live feed of this application."""
    feed: Feed = state.feed
    return feed


async def the_registry(state: State) -> CollectorRegistry:
    """The figures of this application."""
    registry: CollectorRegistry = state.registry
    return registry


async def the_principal(request: Request[Any, Any, Any], desk: NamedDependency[Desk]) -> Principal:
    """Who asks; raises `NotLoggedIn`."""
    return desk.sessions.read(token_of(request))


PROVIDED = {
    "desk": Provide(the_desk),
    "feed": Provide(the_feed),
    "registry": Provide(the_registry),
    "principal": Provide(the_principal),
}
