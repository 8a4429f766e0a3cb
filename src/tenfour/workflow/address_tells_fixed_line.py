"""An address that was written down tells a line that does not move, where nothing else tells what it is."""

from collections.abc import Iterator

from tenfour.calltaking.event import Handset
from tenfour.calltaking.handset import BY_ADDRESS, recognise_anew
from tenfour.location.event import FIXED_METHODS, FixClass, FixRecorded
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """A telephone that was measured moves, and its address may be that of a bill: then nothing is told by it."""
    call_id = CallId(fact.stream.partition("/")[2])
    call = world.calls.get(call_id)
    if call is None or not isinstance(fact.event, FixRecorded):
        return
    moves = any(fix.measured for fix in world.locations[call_id].fixes)
    if call.class_of_service == BY_ADDRESS:
        told = recognise_anew(call, "") if moves else None
    elif call.handset is Handset.UNKNOWN and not moves and _is_fixed(fact.event):
        told = recognise_anew(call, BY_ADDRESS)
    else:
        told = None
    if told is not None:
        yield Draft(told, fact.stream)


def _is_fixed(fix: FixRecorded) -> bool:
    return fix.fix_class is FixClass.CIVIC and fix.method.strip().lower() in FIXED_METHODS
