"""Who is where: states of the positions, and to which of them a call may be offered."""

from collections.abc import Iterator

from tenfour.calltaking.call import UNANSWERED, Call
from tenfour.calltaking.distribution import Free
from tenfour.calltaking.position import Position, PositionState
from tenfour.calltaking.queue import Skills
from tenfour.vocabulary.ids import PositionId
from tenfour.workflow.world import World


def state_of(world: World, position: Position) -> PositionState:
    """What a position does now."""
    return position.state(in_call=any(world.calls_at(position.position_id)))


def waiting_calls(world: World) -> list[Call]:
    """Calls that nobody has picked up, but for test calls, which ring nowhere."""
    calls = (world.calls[call_id] for call_id in world.calls_in_progress)
    return [call for call in calls if call.state in UNANSWERED and not call.test]


def ready_positions(world: World) -> dict[PositionId, Position]:
    """Positions that are ready, and do not answer by themselves anyway."""
    held = {world.calls[call_id].position for call_id in world.calls_in_progress}
    return {
        position_id: position
        for position_id, position in world.positions.items()
        if not position.auto_answer and position.state(in_call=position_id in held) is PositionState.READY
    }


def free_positions(world: World, skills: Skills) -> Iterator[Free]:
    """Ready positions that no call is offered to."""
    offered = {call.rings_at for call in waiting_calls(world)}
    for position_id, position in ready_positions(world).items():
        if position_id not in offered and position.person is not None:
            idle_since = "" if position.idle_since is None else position.idle_since.isoformat(timespec="microseconds")
            yield Free(position_id, position.person, skills.of(position.person, position.role), idle_since)
