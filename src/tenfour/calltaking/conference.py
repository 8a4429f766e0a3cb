"""Further parties of a call, as folded from its facts: who was called, how far each has come, who is in it."""

from datetime import datetime
from enum import Enum
from typing import Final

import msgspec
from msgspec.structs import replace

from tenfour.calltaking import conference_event as c
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId, PositionId


class ThirdState(Enum):
    """How far a third party has come."""

    CALLED = "called"
    RINGING = "ringing"
    IN_CALL = "in_call"
    NOT_REACHED = "not_reached"
    GONE = "gone"


LIVE: Final = frozenset({ThirdState.CALLED, ThirdState.RINGING, ThirdState.IN_CALL})


class ThirdParty(msgspec.Struct, frozen=True):
    """Somebody of outside who was called into the call. `why`: why it is not, or no more, in it."""

    call_id: CallId
    name: str
    kind: str
    called_at: datetime
    then_leave: bool = False
    by: PositionId | None = None
    """Who called it in; None: a rule, for a call that nobody here had answered."""
    state: ThirdState = ThirdState.CALLED
    joined_at: datetime | None = None
    why: str = ""

    @property
    def is_live(self) -> bool:
        """It is in the call, or still called."""
        return self.state in LIVE


class Conference(msgspec.Struct, frozen=True):
    """All third parties, in the order they were called. `handed_over_to`: who has the caller now, instead of us."""

    parties: tuple[ThirdParty, ...] = ()
    handed_over_to: CallId | None = None
    handed_over_at: datetime | None = None
    came_back_why: str = ""
    """Why the caller rings again after having been handed over."""

    @property
    def live(self) -> tuple[ThirdParty, ...]:
        """Those who are in the call, or still called."""
        return tuple(one for one in self.parties if one.is_live)

    @property
    def joined(self) -> tuple[ThirdParty, ...]:
        """Those who are in the call."""
        return tuple(one for one in self.parties if one.state is ThirdState.IN_CALL)

    def party(self, call_id: CallId) -> ThirdParty | None:
        """The third party whose own call this is."""
        return next((one for one in self.parties if one.call_id == call_id), None)


def apply(conference: Conference, event: Event, *, at: datetime) -> Conference:
    """Fold one fact of a call; others change nothing."""
    match event:
        case c.ThirdPartyCalled(third=third, name=name, kind=kind, position=position, then_leave=then_leave):
            party = ThirdParty(third, name, kind, at, then_leave, position)
            return replace(conference, parties=(*conference.parties, party))
        case c.ThirdPartyRinging(third=third):
            return _with(conference, third, state=ThirdState.RINGING)
        case c.ThirdPartyJoined(third=third):
            return _with(conference, third, state=ThirdState.IN_CALL, joined_at=at)
        case c.ThirdPartyLeft(third=third, why=why):
            party_before = conference.party(third)
            was_in = party_before is not None and party_before.joined_at is not None
            return _with(conference, third, state=ThirdState.GONE if was_in else ThirdState.NOT_REACHED, why=why)
        case c.CallHandedOver(third=third):
            return replace(conference, handed_over_to=third, handed_over_at=at)
        case c.CallTakenBack():
            return answered(conference)
        case c.CallCameBack(why=why):
            return replace(conference, handed_over_to=None, came_back_why=why)
        case _:
            return conference


def answered(conference: Conference) -> Conference:
    """Somebody of ours has the caller: whoever had it is a third party as any other."""
    return replace(conference, handed_over_to=None)


def _with(conference: Conference, third: CallId, **changes: object) -> Conference:
    parties = (replace(one, **changes) if one.call_id == third else one for one in conference.parties)
    return replace(conference, parties=tuple(parties))
