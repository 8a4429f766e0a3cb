"""What happens while a further party is in a call (stream `call/<call id>` of the call that it is called into).

The further party has a call of its own (`third`): placed, recorded and ended as any call of ours.
"""

from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId, PersonId, PositionId


class ThirdPartyCalled(Event, frozen=True):
    """Somebody of outside is called into the call: as what, and by which position (None: a rule).

    `kind`: `interpreter`, `psap` and the like, empty for a number that was dialled. `then_leave`: as soon as it is in
    the call, the call is handed over to it. `why`: the reason where no person asked for it.
    """

    third: CallId
    name: str
    kind: str
    position: PositionId | None
    then_leave: bool = False
    why: str = ""


class ThirdPartyRinging(Event, frozen=True):
    """Its telephone rings."""

    third: CallId


class ThirdPartyJoined(Event, frozen=True):
    """It answered: from now on it hears the others, and they hear it."""

    third: CallId


class ThirdPartyLeft(Event, frozen=True):
    """It is in the call no more, or never was: busy, no answer, hung up, dropped. Why, in words."""

    third: CallId
    why: str


class CalledInto(Event, frozen=True):
    """A call of ours that stood for itself is a third party in this call from now on (stream: the third party's)."""

    call_id: CallId


class CallHandedOver(Event, frozen=True):
    """Nobody of ours is in the call any more: caller and third party stay connected through us until either leaves.

    `position`: who left the caller there, None where nobody of ours had answered.
    """

    third: CallId
    name: str
    position: PositionId | None
    why: str = ""


class CallTakenBack(Event, frozen=True):
    """Somebody of ours has a caller again who had been handed over; whoever had the caller stays, as a third party."""

    position: PositionId
    person: PersonId


class CallCameBack(Event, frozen=True):
    """Whom the call had been handed over to is gone, or long silent; the caller is not, and rings at every position."""

    third: CallId
    why: str


CONFERENCE_EVENTS: tuple[type[Event], ...] = (
    ThirdPartyCalled,
    ThirdPartyRinging,
    ThirdPartyJoined,
    ThirdPartyLeft,
    CalledInto,
    CallHandedOver,
    CallTakenBack,
    CallCameBack,
)
