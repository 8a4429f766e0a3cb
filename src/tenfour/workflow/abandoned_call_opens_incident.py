"""An abandoned call opens an incident: nobody is dropped. So does one that failed before anyone answered."""

from collections.abc import Iterator

from tenfour.calltaking.call import ENDED
from tenfour.calltaking.event import CallAbandoned, CallerDisconnected, CallFailed, CallReleased
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId
from tenfour.workflow.joining import belonging
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """A redial of the same number links to it; both calls are counted, each with its own clock."""
    if not isinstance(fact.event, CallAbandoned | CallerDisconnected | CallFailed | CallReleased):
        return
    call = world.calls.get(CallId(fact.stream.partition("/")[2]))
    if call is None or call.state not in ENDED or call.incident_id is not None:
        return
    yield from belonging(call, world, f"{call.state.value} call")
