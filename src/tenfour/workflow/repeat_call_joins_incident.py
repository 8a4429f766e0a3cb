"""A repeat call joins the open incident as soon as it rings, so that whoever answers sees what it is about."""

from collections.abc import Iterator

from tenfour.calltaking.event import CallReceived
from tenfour.vocabulary.envelope import Fact
from tenfour.workflow.joining import joined, match_of
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """Nothing is opened here: a call that is a new matter opens its incident when it is answered or abandoned."""
    if not isinstance(fact.event, CallReceived):
        return
    call = world.calls.get(fact.event.call_id)
    match = match_of(call, world) if call is not None and call.is_emergency else None
    if call is not None and match is not None:
        yield from joined(call, match)
