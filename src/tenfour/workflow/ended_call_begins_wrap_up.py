"""A call that ended, or was left to others, begins the wrap-up of its position, where the policy gives time for it."""

from collections.abc import Iterator

from tenfour.calltaking.conference_event import CallHandedOver
from tenfour.calltaking.distribution_event import WrapUpBegun
from tenfour.calltaking.position import PositionState
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId, position_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.staffing import state_of
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """Not while another call is in the hand, where nothing is offered anyway, or where it answers by itself."""
    seconds = policy.calltaking.wrap_up_s
    call = world.calls.get(CallId(fact.stream.partition("/")[2]))
    handed_over = isinstance(fact.event, CallHandedOver)
    was_at = fact.event.position if isinstance(fact.event, CallHandedOver) else call.position if call else None
    position = world.positions.get(was_at) if was_at is not None else None
    if seconds <= 0 or call is None or position is None or position.auto_answer:
        return
    if state_of(world, position) is PositionState.READY and (handed_over or call.ended_at == fact.at):
        yield Draft(WrapUpBegun(position.position_id, call.call_id, seconds), position_stream(position.position_id))
