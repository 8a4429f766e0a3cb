"""A ready position answers by itself, where it was set so: emergencies first, the position with fewest calls first."""

from collections import Counter
from collections.abc import Iterator

from tenfour.calltaking.call import Call, CallState
from tenfour.calltaking.decision import answer
from tenfour.calltaking.position import Position
from tenfour.calltaking.turn import turn
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import PersonId, call_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """Asked when a call rings, when one has ended and when a position was set or is ready; never of a test call."""
    if not any(p.auto_answer for p in world.positions.values()):
        return
    waiting = _waiting(world)
    ready = _ready(world, policy.calltaking.calls_answered_by_itself, len(waiting)) if waiting else []
    for call, position in zip(waiting, ready, strict=False):
        person = position.person or PersonId(f"position-{position.position_id}")
        yield Draft(answer(call, position.position_id, person, by_itself=True), call_stream(call.call_id))


def _waiting(world: World) -> list[Call]:
    """Calls that ring at the caller too, in the order of their turns."""
    calls = (world.calls[call_id] for call_id in world.calls_in_progress)
    ringing = (call for call in calls if call.state is CallState.RINGING and call.ringing_at and not call.test)
    return sorted(ringing, key=turn)


def _ready(world: World, at_once: int, wanted: int) -> list[Position]:
    """Positions that may take the calls wanted, one entry for each call: fewest calls first, then lowest number."""
    held = Counter(world.calls[call_id].position for call_id in world.calls_in_progress)
    places: list[tuple[int, str, Position]] = []
    for position in world.positions.values():
        if position.auto_answer and position.ready:
            calls = held[position.position_id]
            free = range(calls, min(at_once, calls + wanted))
            places.extend((taken, position.position_id, position) for taken in free)
    return [position for _, _, position in sorted(places, key=lambda row: row[:2])]
