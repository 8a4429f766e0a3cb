"""What the read side keeps of a record: its words to be searched, its place to be found again; and rows to show."""

from datetime import datetime

import msgspec

from tenfour.calltaking.event import CallReceived, HeardOnCall
from tenfour.calltaking.speech_event import CallCaptioned, RecordingTranscribed
from tenfour.calltaking.text_event import UtteranceEnded
from tenfour.dispatch.event import AreaCheckOrdered, HelpAsked, IncidentHeld, SupervisorAlerted, UnitsDispatched
from tenfour.incident.event import (
    DoorRuledOut,
    IncidentClosed,
    IncidentOpened,
    IncidentReopened,
    KindSet,
    NarrativeAdded,
    PlaceSet,
)
from tenfour.journal.codec import UnknownEvent
from tenfour.location.event import FixRecorded
from tenfour.units.event import UnitListed, UnitStatusChanged
from tenfour.vocabulary.envelope import Access, Actor, Event
from tenfour.vocabulary.ids import CommandId, EventId, StreamName
from tenfour.vocabulary.place import Place, Point, middle


class FactRow(msgspec.Struct, frozen=True):
    """A recorded fact as it is shown; `payload` is its JSON (None once erased)."""

    seq: int
    id: EventId
    stream: StreamName
    version: int
    type: str
    at: datetime
    recorded_at: datetime
    actor: Actor
    access: Access
    cause: EventId | None
    command_id: CommandId | None
    payload: msgspec.Raw | None


class Found(msgspec.Struct, frozen=True):
    """A fact whose words were searched for; `words` is the part of them that matched, best match first."""

    seq: int
    stream: StreamName
    type: str
    at: datetime
    access: Access
    words: str


class EarlierPlace(msgspec.Struct, frozen=True):
    """An incident (or a call) that was at a place. `distance_m` is there when a point was asked for."""

    seq: int
    stream: StreamName
    at: datetime
    access: Access
    address_id: str | None
    label: str
    point: Point | None
    distance_m: float | None = None


class EarlierNumber(msgspec.Struct, frozen=True):
    """A call that showed a number."""

    seq: int
    stream: StreamName
    at: datetime
    access: Access


def payload_text(event: Event | None) -> str | None:
    """The payload as JSON text; of an event that cannot be read, what stands in the journal."""
    if event is None:
        return None
    if isinstance(event, UnknownEvent):
        return _json_or_quoted(event.text)
    return msgspec.json.encode(event).decode()


def _json_or_quoted(text: str) -> str:
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return msgspec.json.encode(text).decode()
    return text


SEARCHED: dict[type[Event], tuple[str, ...]] = {
    CallReceived: ("ani", "callback_number"),
    HeardOnCall: ("text", "heard"),
    RecordingTranscribed: ("words",),
    CallCaptioned: ("words",),
    UtteranceEnded: ("text",),
    IncidentOpened: ("number", "why"),
    KindSet: ("kind",),
    PlaceSet: ("reason",),
    DoorRuledOut: ("label", "reason"),
    NarrativeAdded: ("text",),
    IncidentClosed: ("words", "cause", "tried"),
    IncidentReopened: ("reason",),
    IncidentHeld: ("reason",),
    AreaCheckOrdered: ("area",),
    SupervisorAlerted: ("why",),
    HelpAsked: ("text",),
    UnitsDispatched: ("units", "override_reason"),
    UnitListed: ("unit_id", "crew", "post_name"),
    UnitStatusChanged: ("reason",),
}
"""The fields of each event whose words somebody may search for; with them goes the label of its place."""


def words_of(event: Event | None) -> str:
    """The words of a fact that can be searched; empty for most."""
    words: list[str] = []
    for name in SEARCHED.get(type(event), ()) if event is not None else ():
        value = getattr(event, name)
        words += value if isinstance(value, tuple) else (str(value or ""),)
    place = place_of(event)
    return " ".join(word for word in (*words, place.label if place else "") if word)


def place_of(event: Event | None) -> Place | None:
    """The place that a fact puts its stream at: an incident's place, the middle of a call's fix."""
    match event:
        case PlaceSet():
            return event.place
        case FixRecorded(shape=shape) if shape is not None:
            return Place(event.civic.line() if event.civic is not None else "", middle(shape))
        case _:
            return None


def quoted_for_search(text: str) -> str:
    """What a person typed, as an FTS5 query: all its words, the last as a beginning. Nothing in it is syntax."""
    words = text.encode("utf-8", "replace").decode().replace("\0", " ").replace('"', " ").split()
    words = [word for word in words if any(letter.isalnum() for letter in word)]
    return " ".join(f'"{word}"' for word in words) + ("*" if words else "")
