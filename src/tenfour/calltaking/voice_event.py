"""Who speaks with a caller (stream `call/<call id>`), and whether a position has a headset (`position/<id>`).

The line writes what happens to headsets; people and rules of the centre decide who is in a call.
"""

from tenfour.telephony.party import Role
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import PersonId, PositionId

# ---- facts of the line ----


class HeadsetConnected(Event, frozen=True):
    """The headset of a position is heard: its browser's audio comes, and ours can go there."""

    position: PositionId
    person: PersonId


class HeadsetLost(Event, frozen=True):
    """A position's headset is not heard any more; why, in words. `put_away`: the person took it off."""

    position: PositionId
    why: str
    put_away: bool = False


# ---- facts of the centre ----


class PartyJoined(Event, frozen=True):
    """A position is in the call from now on, in this role (who hears whom: docs/voice.md); again with another role."""

    position: PositionId
    person: PersonId
    role: Role


class PartyLeft(Event, frozen=True):
    """A position is in the call no more; why, in words."""

    position: PositionId
    why: str = ""


class PartyMuted(Event, frozen=True):
    """Nobody in the call hears this position (`muted`), or everybody who may does again."""

    position: PositionId
    muted: bool


class CallHeld(Event, frozen=True):
    """The caller waits: it hears the hold sound, nobody hears it, and it is recorded all the same."""

    position: PositionId
    why: str = ""


class CallResumed(Event, frozen=True):
    """The caller waits no more."""

    position: PositionId


class CallRangBack(Event, frozen=True):
    """Nobody who could speak with the caller has a headset any more: the call rings at its position again."""

    position: PositionId
    why: str


class CallRangForAll(Event, frozen=True):
    """It rang back for `waited_s` and nobody came: it rings at every position, and whoever answers has it."""

    waited_s: float


LINE_EVENTS: tuple[type[Event], ...] = (HeadsetConnected, HeadsetLost)

EVENTS: tuple[type[Event], ...] = (
    *LINE_EVENTS,
    PartyJoined,
    PartyLeft,
    PartyMuted,
    CallHeld,
    CallResumed,
    CallRangBack,
    CallRangForAll,
)
