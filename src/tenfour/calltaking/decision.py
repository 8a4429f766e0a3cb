"""What people may do with a call. Each decision takes the state and gives the fact, or refuses in a sentence."""

from collections.abc import Mapping, Sequence
from typing import Final

from tenfour.calltaking.call import UNANSWERED, Call, CallState
from tenfour.calltaking.distribution_event import PositionNotReady, PositionReady
from tenfour.calltaking.event import (
    CallAnswered,
    CallReleaseOrdered,
    HeardOnCall,
    LocationAskedAgain,
    PositionSet,
)
from tenfour.calltaking.policy import HEARD
from tenfour.calltaking.position import Position
from tenfour.calltaking.text_event import TextTyped
from tenfour.telephony.party import HEARS, Role
from tenfour.vocabulary.errors import BadInput, IllegalTransition, Refused
from tenfour.vocabulary.ids import PersonId, PositionId

MOST_TYPED: Final = 2_000
"""Characters of one piece of text."""


def name(call: Call) -> str:
    """What a sentence calls it: `Call 911-442-7186`."""
    return f"Call {call.ani}"


def answer(call: Call, position: PositionId, person: PersonId, *, by_itself: bool = False) -> CallAnswered:
    """A person at `position` picks up a ringing call. Raises `IllegalTransition` when it no longer rings."""
    if call.state not in UNANSWERED:
        at = f" at position {call.position}" if call.position and call.in_progress else ""
        raise IllegalTransition(name(call), call.state.value + at, wanted="a ringing call")
    return CallAnswered(position, person, by_itself)


def release(call: Call, position: PositionId) -> CallReleaseOrdered:
    """The centre ends the call; the line sends BYE. Only an answered call can be ended: none is dropped."""
    if not call.in_progress or call.answered_at is None:
        raise IllegalTransition(name(call), call.state.value, wanted="a call that a person answered, still on the line")
    if call.release_ordered_at is not None:
        raise IllegalTransition(name(call), "being released already", wanted="a call nobody is releasing")
    return CallReleaseOrdered(position)


def hear(call: Call, heard: Sequence[str], text: str = "", *, codes: Mapping[str, str] = HEARD) -> HeardOnCall:
    """Note what was heard, also later from the recording. Raises `BadInput` for unknown codes or nothing at all."""
    unknown = [code for code in heard if code not in codes]
    if unknown:
        raise BadInput(f"{name(call)}: nothing heard is called {', '.join(unknown)}; known are {', '.join(codes)}.")
    if not heard and not text.strip():
        raise BadInput(f"{name(call)}: say what was heard, by code or in words.")
    return HeardOnCall(tuple(dict.fromkeys(heard)), text.strip())


def type_text(call: Call, text: str, ago_ms: Sequence[int], position: PositionId) -> TextTyped:
    """Somebody types to the caller; by which means, the conversation says. `ago_ms`: see `TextTyped`.

    Raises `IllegalTransition` where nobody is on the line, `BadInput` for nothing, or for more than anybody types.
    """
    if not call.in_progress or call.answered_at is None:
        raise IllegalTransition(name(call), call.state.value, wanted="a call that a person answered, still on the line")
    if not text or len(text) > MOST_TYPED:
        raise BadInput(f"{name(call)}: expected 1 to {MOST_TYPED} characters to be sent, not {len(text)}.")
    if ago_ms and (len(ago_ms) != len(text) or min(ago_ms) < 0):
        raise BadInput(f"{name(call)}: expected one time (milliseconds ago) for each of {len(text)} characters.")
    talk = call.conversation
    return TextTyped(talk.answers_by, talk.last_piece + 1, text, position, tuple(ago_ms))


def rebid(call: Call) -> LocationAskedAgain:
    """Ask the location server for a better fix. Raises `Refused` when there is none to ask, or the caller has gone."""
    if not call.location_uri:
        raise Refused(f"{name(call)} names no location server: there is nobody to ask again.")
    if not call.in_progress:
        raise IllegalTransition(name(call), call.state.value, wanted="a caller on the line: a dead line has no new fix")
    return LocationAskedAgain(call.location_uri)


def set_position(
    position: Position | None, position_id: PositionId, *, auto_answer: bool, person: PersonId | None = None
) -> PositionSet:
    """Open a position, or say whether it answers by itself. `person` None: whoever sat there."""
    return PositionSet(position_id, auto_answer, person or (position.person if position else None))


def ready(position_id: PositionId) -> PositionReady:
    """The position takes calls; a wrap-up ends by it."""
    return PositionReady(position_id)


def not_ready(position_id: PositionId, reason: str) -> PositionNotReady:
    """The position is offered no calls for a while. Raises `BadInput` without a reason."""
    if not reason.strip():
        raise BadInput(f"Position {position_id}: say why it is not ready.")
    return PositionNotReady(position_id, reason.strip())


def is_in_hand(call: Call, position: PositionId) -> None:
    """Raises `IllegalTransition` unless a person has the call on the line, `Refused` for one who is not in it."""
    if call.state is not CallState.TALKING or call.answered_at is None or call.release_ordered_at is not None:
        raise IllegalTransition(name(call), call.state.value, wanted="a call that a person answered, on the line")
    member = call.voice.member(position)
    speaks = member is not None and member.role in HEARS[Role.CALLER]
    if call.position != position and not speaks:
        raise Refused(f"{name(call)}: position {position} is not in this call.")
