"""A position: a desk of the centre where calls are answered, and its state, by which calls are offered to it."""

from datetime import datetime, timedelta
from enum import Enum

import msgspec
from msgspec.structs import replace

from tenfour.calltaking import distribution_event as d
from tenfour.calltaking.event import PositionSet
from tenfour.calltaking.voice_event import HeadsetConnected, HeadsetLost
from tenfour.vocabulary.envelope import Actor, ActorKind, Event
from tenfour.vocabulary.ids import PersonId, PositionId


class PositionState(Enum):
    """What a position does now."""

    VACANT = "vacant"
    """Nobody is logged in there."""
    READY = "ready"
    NOT_READY = "not_ready"
    IN_CALL = "in_call"
    WRAP_UP = "wrap_up"


STATE_WORDS: dict[PositionState, str] = {
    PositionState.VACANT: "nobody here",
    PositionState.READY: "ready",
    PositionState.NOT_READY: "not ready",
    PositionState.IN_CALL: "in a call",
    PositionState.WRAP_UP: "wrapping up",
}
"""What a screen says for each state."""


class Position(msgspec.Struct, frozen=True):
    """A desk: does it answer by itself, who sits there as far as known, and does it take calls?

    `idle_since`: when it last had to do with a call or became ready. The longest idle is offered the next call.
    `headset`: one is connected and heard. `headset_lost`: why not any more, in words; empty where it is, never was, or
    was put away.
    """

    position_id: PositionId
    auto_answer: bool = False
    person: PersonId | None = None
    role: str = ""
    """As what the person is logged in there."""
    ready: bool = True
    not_ready_reason: str = ""
    since: datetime | None = None
    """When it was last said to be ready, not ready, or wrapping up."""
    wrap_up_until: datetime | None = None
    idle_since: datetime | None = None
    headset: bool = False
    headset_lost: str = ""

    def state(self, *, in_call: bool) -> PositionState:
        """Its state; `in_call`: a call in progress was picked up there."""
        if in_call:
            return PositionState.IN_CALL
        if self.person is None:
            return PositionState.VACANT
        if not self.ready:
            return PositionState.NOT_READY
        return PositionState.READY if self.wrap_up_until is None else PositionState.WRAP_UP


def apply(position: Position | None, event: Event, *, at: datetime, actor: Actor) -> Position | None:
    """Fold one fact of a position."""
    match event:
        case PositionSet():
            return _set(position or Position(event.position), event, at, actor)
        case d.PositionReady():
            before = position or Position(event.position)
            return replace(before, ready=True, not_ready_reason="", since=at, wrap_up_until=None, idle_since=at)
        case d.PositionNotReady(reason=reason):
            before = position or Position(event.position)
            return replace(before, ready=False, not_ready_reason=reason, since=at, wrap_up_until=None)
        case d.WrapUpBegun(seconds=seconds):
            before = position or Position(event.position)
            return replace(before, since=at, wrap_up_until=at + timedelta(seconds=seconds))
        case d.PositionLeft():
            before = position or Position(event.position)
            return replace(before, person=None, role="", since=at, wrap_up_until=None)
        case HeadsetConnected(position=named):
            return replace(position or Position(named), headset=True, headset_lost="")
        case HeadsetLost(position=named, why=why, put_away=put_away):
            return replace(position or Position(named), headset=False, headset_lost="" if put_away else why)
        case _:
            return position


def touched(position: Position, *, at: datetime) -> Position:
    """It had to do with a call just now: others have been idle for longer. A wrap-up that went on is over."""
    return replace(position, idle_since=at, wrap_up_until=None)


def _set(before: Position, event: PositionSet, at: datetime, actor: Actor) -> Position:
    sits = PersonId(actor.id) if actor.kind is ActorKind.PERSON and actor.position == event.position else None
    person = event.person or sits or before.person
    if person == before.person:
        return replace(before, auto_answer=event.auto_answer)
    role = actor.role if sits == person else ""
    headset, lost = before.headset, before.headset_lost
    return Position(
        event.position,
        event.auto_answer,
        person,
        role,
        since=at,
        idle_since=at,
        headset=headset,
        headset_lost=lost,
    )
