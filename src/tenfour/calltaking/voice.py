"""The voices of a call, as folded from its facts: who is in it, and whether the caller waits."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from tenfour.calltaking import conference_event as c
from tenfour.calltaking import voice_event as v
from tenfour.telephony.party import HEARS, Role
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import PersonId, PositionId


class Member(msgspec.Struct, frozen=True):
    """A position in a call, and as what."""

    position: PositionId
    person: PersonId
    role: Role
    muted: bool = False


class Voice(msgspec.Struct, frozen=True):
    """`held_at`: the caller waits since then. `rang_back_at`: since then nobody who is in the call has a headset.

    `rings_for_all_at`: it rings at every position since then.
    """

    members: tuple[Member, ...] = ()
    held_at: datetime | None = None
    rang_back_at: datetime | None = None
    rang_back_why: str = ""
    rings_for_all_at: datetime | None = None

    def member(self, position: PositionId | None) -> Member | None:
        """This position's part in it; None: it has none."""
        return next((member for member in self.members if member.position == position), None)

    @property
    def speaking(self) -> tuple[Member, ...]:
        """Whom the caller would hear if it does not wait."""
        return tuple(member for member in self.members if member.role in HEARS[Role.CALLER])

    @property
    def is_two_way(self) -> bool:
        """Does the caller hear somebody, and somebody the caller?"""
        return bool(self.speaking) and self.held_at is None and self.rang_back_at is None


def apply(voice: Voice, event: Event, at: datetime) -> Voice:
    """Fold one fact of a call."""
    match event:
        case v.PartyJoined(position=position, person=person, role=role):
            return _joined(voice, Member(position, person, role))
        case v.PartyLeft(position=position):
            return replace(voice, members=_without(voice, position))
        case v.PartyMuted(position=position, muted=muted):
            members = [replace(one, muted=muted) if one.position == position else one for one in voice.members]
            return replace(voice, members=tuple(members))
        case v.CallHeld():
            return replace(voice, held_at=at)
        case v.CallResumed():
            return replace(voice, held_at=None)
        case v.CallRangBack(why=why):
            return replace(voice, rang_back_at=at, rang_back_why=why)
        case v.CallRangForAll():
            return replace(voice, rings_for_all_at=at)
        case c.CallHandedOver():
            return replace(voice, held_at=None, rang_back_at=None, rang_back_why="", rings_for_all_at=None)
        case c.CallCameBack(why=why):
            return replace(voice, rang_back_at=at, rang_back_why=why, rings_for_all_at=at)
        case _:
            return voice


def answered(voice: Voice) -> Voice:
    """Somebody answered: who took the call before is in it no more."""
    return Voice(tuple(one for one in voice.members if one.role is not Role.CALL_TAKER))


def _joined(voice: Voice, member: Member) -> Voice:
    before = voice.member(member.position)
    muted = before.muted if before is not None and before.role is member.role else False
    members = (*_without(voice, member.position), replace(member, muted=muted))
    if member.role not in HEARS[Role.CALLER]:
        return replace(voice, members=members)
    return replace(voice, members=members, rang_back_at=None, rang_back_why="", rings_for_all_at=None)


def _without(voice: Voice, position: PositionId) -> tuple[Member, ...]:
    return tuple(member for member in voice.members if member.position != position)
