"""A fix by the tower tells that a phone is wireless, where neither the number nor a class of service does."""

from collections.abc import Iterator

from tenfour.calltaking.event import Handset
from tenfour.calltaking.handset import BY_ADDRESS, recognise_anew
from tenfour.location.event import FixClass, FixRecorded
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """A phone of unknown kind, or one that only an address told, is recognised anew; one without service stays one."""
    if not isinstance(fact.event, FixRecorded) or fact.event.fix_class is not FixClass.PHASE_I:
        return
    call = world.calls.get(CallId(fact.stream.partition("/")[2]))
    if call is None or (call.handset is not Handset.UNKNOWN and call.class_of_service != BY_ADDRESS):
        return
    if (told := recognise_anew(call, "WPH1")) is not None:
        yield Draft(told, fact.stream)
