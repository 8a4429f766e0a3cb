"""A position as a row, and how a call waits for one."""

from tenfour.calltaking.call import UNANSWERED, Call
from tenfour.calltaking.position import STATE_WORDS, Position
from tenfour.calltaking.queue import Skills
from tenfour.calltaking.turn import turn_word
from tenfour.desk.position_view import PositionView, WaitingView
from tenfour.workflow.staffing import state_of
from tenfour.workflow.world import World


def position_row(position: Position, person: str | None, world: World, skills: Skills) -> PositionView:
    """The row of one position; `person`: the name of whoever sits there."""
    state = state_of(world, position)
    able = sorted(skills.of(position.person, position.role)) if position.person is not None else ()
    return PositionView(
        seq=world.seq,
        position_id=position.position_id,
        auto_answer=position.auto_answer,
        person=person,
        state=state.value,
        state_words=STATE_WORDS[state],
        reason=position.not_ready_reason,
        since=position.since,
        until=position.wrap_up_until,
        skills=tuple(skills.sentence((skill,)) for skill in able),
        headset="connected" if position.headset else "lost" if position.headset_lost else "none",
        headset_words=position.headset_lost,
    )


def waiting_row(call: Call) -> WaitingView:
    """How a call waits, or waited."""
    return WaitingView(call.waiting.queue, call.rings_at, _words(call), turn_word(call))


def _words(call: Call) -> str:
    if call.state not in UNANSWERED:
        return ""
    if (offer := call.waiting.offer) is not None:
        return f"offered to {offer.position}: {offer.why}"
    return f"rings everywhere: {call.waiting.everywhere_why}" if call.waiting.everywhere_why else ""
