"""A fix by the tower tells that a phone is wireless, where the number does not."""

from collections.abc import Iterator

from tenfour.calltaking.event import Handset
from tenfour.calltaking.handset import recognise
from tenfour.location.event import FixClass, FixRecorded
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """Only a phone of unknown kind is recognised anew; a phone without service stays one."""
    if not isinstance(fact.event, FixRecorded) or fact.event.fix_class is not FixClass.PHASE_I:
        return
    call = world.calls.get(CallId(fact.stream.partition("/")[2]))
    if call is not None and call.handset is Handset.UNKNOWN:
        yield Draft(recognise(call.ani, call.callback_number, "WPH1"), fact.stream)
