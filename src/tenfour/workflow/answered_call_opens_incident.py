"""An answered call opens an incident, or joins the open one that it belongs to."""

from collections.abc import Iterator

from tenfour.calltaking.event import CallAnswered
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId
from tenfour.workflow.joining import belonging
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """A second call of the same handset links, it does not duplicate."""
    if not isinstance(fact.event, CallAnswered):
        return
    call = world.calls.get(CallId(fact.stream.partition("/")[2]))
    if call is not None:
        yield from belonging(call, world, "answered call")
