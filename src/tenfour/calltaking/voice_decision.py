"""What people may do with the voices of a call. Each decision takes the state and gives facts, or refuses."""

from tenfour.calltaking.call import Call
from tenfour.calltaking.decision import name
from tenfour.calltaking.position import Position
from tenfour.calltaking.voice import Member
from tenfour.calltaking.voice_event import CallHeld, CallResumed, PartyJoined, PartyLeft, PartyMuted
from tenfour.telephony.party import HEARS, Role
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.errors import IllegalTransition, Refused
from tenfour.vocabulary.ids import PersonId, PositionId

SUPERVISING = frozenset({Role.LISTENING, Role.COACHING, Role.BARGED_IN})
"""How a supervisor may be in the call of another."""


def _answered(call: Call) -> None:
    if not call.in_progress or call.answered_at is None:
        raise IllegalTransition(name(call), call.state.value, wanted="a call that a person answered, still on the line")


def _member(call: Call, position: PositionId) -> Member:
    _answered(call)
    member = call.voice.member(position)
    if member is None:
        raise Refused(f"{name(call)}: position {position} is not in this call.")
    return member


def _has(position: Position | None) -> bool:
    return position is not None and position.headset


def with_headset(call: Call, position: Position | None, position_id: PositionId) -> None:
    """Raises `Refused` for a position that could not speak."""
    if not _has(position):
        raise Refused(f"{name(call)}: position {position_id} has no headset connected.")


def supervise(
    call: Call, position: Position | None, position_id: PositionId, person: PersonId, role: Role
) -> PartyJoined:
    """A supervisor listens, coaches or speaks with everybody. Raises `Refused` for one who takes this call, and for the
    call of a third party: it is listened to in the call that it is in.
    """
    _answered(call)
    if call.is_third_alone:
        raise Refused(f"{name(call)} is in another call as a third party.")
    with_headset(call, position, position_id)
    before = call.voice.member(position_id)
    if before is not None and (before.role not in SUPERVISING or before.role is role):
        raise Refused(f"{name(call)}: position {position_id} is in this call as {before.role.value.replace('_', ' ')}.")
    return PartyJoined(position_id, person, role)


def leave(call: Call, position_id: PositionId) -> PartyLeft:
    """Be in the call no more. Who alone speaks with the caller does not: the caller is held or released."""
    member = _member(call, position_id)
    others = [one for one in call.voice.speaking if one.position != position_id]
    if member.role in HEARS[Role.CALLER] and not others:
        raise Refused(
            f"{name(call)}: nobody else speaks with the caller; hold the call, leave it to a third party, or end it."
        )
    return PartyLeft(position_id)


def mute(call: Call, position_id: PositionId, muted: bool) -> PartyMuted:
    """Be heard by nobody, or heard again."""
    if _member(call, position_id).muted is muted:
        state = "muted" if muted else "not muted"
        raise IllegalTransition(f"Position {position_id}", state, wanted="the other of the two")
    return PartyMuted(position_id, muted)


def hold(call: Call, position_id: PositionId) -> CallHeld:
    """Let the caller wait."""
    if _member(call, position_id).role not in HEARS[Role.CALLER]:
        raise Refused(f"{name(call)}: who speaks with the caller may let it wait.")
    if call.voice.held_at is not None:
        raise IllegalTransition(name(call), "held", wanted="a caller who does not wait")
    return CallHeld(position_id)


def take_up(call: Call, position: Position | None, position_id: PositionId, person: PersonId) -> Event:
    """Speak with the caller: of a held call, or of one that this position answered without a headset.

    Without a headset one lets a caller wait while a third party is called in, and ends that again.
    """
    _answered(call)
    member = call.voice.member(position_id)
    if member is None and call.voice.held_at is not None and call.position == position_id and not _has(position):
        return CallResumed(position_id)
    with_headset(call, position, position_id)
    if member is None or call.voice.rang_back_at is not None:
        if call.position != position_id:
            raise Refused(f"{name(call)} is at position {call.position}.")
        return PartyJoined(position_id, person, Role.CALL_TAKER)
    if member.role not in HEARS[Role.CALLER]:
        raise Refused(f"{name(call)}: who speaks with the caller takes it up again.")
    if call.voice.held_at is None:
        raise IllegalTransition(name(call), "talking", wanted="a caller who waits")
    return CallResumed(position_id)
