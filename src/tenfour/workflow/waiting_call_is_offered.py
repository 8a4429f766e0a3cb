"""A waiting call is offered to the position whose turn it is, and no longer to one that takes no calls any more."""

from collections.abc import Iterator

from tenfour.calltaking.call import Call
from tenfour.calltaking.distribution import distribute
from tenfour.calltaking.distribution_event import OfferPassed
from tenfour.calltaking.position import STATE_WORDS
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import PositionId, call_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.staffing import free_positions, ready_positions, state_of, waiting_calls
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """Asked whenever a call begins or ceases to wait, an offer has passed, or a position has changed.

    An offer that cannot stand is taken back first; what is then free is seen when this is asked of that fact.
    """
    waiting = waiting_calls(world)
    if not any(call.waiting.queue for call in waiting):
        return
    passed = list(_passed(waiting, world))
    yield from passed
    if not passed:
        calls = [call for call in waiting if call.waiting.offer is None]
        free = list(free_positions(world, policy.calltaking.skills))
        for call, step in distribute(calls, free, policy.calltaking):
            yield Draft(step, call_stream(call.call_id))


def _passed(waiting: list[Call], world: World) -> Iterator[Draft]:
    ready = ready_positions(world)
    for call in sorted(waiting, key=lambda one: one.call_id):
        offered_to = call.rings_at
        if offered_to is not None and offered_to not in ready:
            why = _no_longer_ready(world, offered_to)
            yield Draft(OfferPassed(offered_to, missed=False, why=why), call_stream(call.call_id))


def _no_longer_ready(world: World, position_id: PositionId) -> str:
    position = world.positions[position_id]
    if position.auto_answer:
        return f"position {position_id} answers by itself now"
    return f"position {position_id} is {STATE_WORDS[state_of(world, position)]}"
