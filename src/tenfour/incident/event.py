"""What happens to an incident (stream `incident/<incident id>`)."""

from enum import Enum

from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId, IncidentId
from tenfour.vocabulary.place import Place


class IncidentStatus(Enum):
    """Incident status words (NENA/APCO)."""

    ACTIVE = "Active"
    RESOURCES_ASSIGNED = "ResourcesAssigned"
    RESOURCES_ENROUTE = "ResourcesEnroute"
    RESOURCES_ONSCENE = "ResourcesOnscene"
    CLOSED = "Closed"
    REOPENED = "ReOpened"
    CANCELLED = "Cancelled"


class IncidentOpened(Event, frozen=True):
    """An incident begins; `number` is what people say. `call_id` is the call it began with, if any."""

    incident_id: IncidentId
    number: int
    call_id: CallId | None = None
    why: str = ""


class CallLinked(Event, frozen=True):
    """A further call belongs to this incident. `certain` is False where only the handset's number says so."""

    call_id: CallId
    certain: bool
    why: str


class KindSet(Event, frozen=True):
    """A person set the incident type (a code of `INCIDENT_KINDS` or the centre's own). `rule`: advice followed."""

    kind: str
    rule: str = ""


class PrioritySet(Event, frozen=True):
    """A person set the priority, 1 most urgent to 5."""

    priority: int
    reason: str = ""


class PlaceSet(Event, frozen=True):
    """The place of the incident; earlier places stay in the record. `door_rank`: which candidate door it was."""

    place: Place
    door_rank: int | None = None
    reason: str = ""


class PlaceVerified(Event, frozen=True):
    """Somebody stood there, or spoke to somebody there, and it is the place."""

    by: str


class PlaceReadBack(Event, frozen=True):
    """The address was read back and confirmed."""

    label: str


class DoorRuledOut(Event, frozen=True):
    """This is not the house; the next candidate is to be tried."""

    address_id: str
    label: str
    reason: str


class NarrativeAdded(Event, frozen=True):
    """A line of the narrative, in a person's words. Corrections follow; nothing is replaced."""

    text: str


class ChecklistMarked(Event, frozen=True):
    """An item of the on-scene checklist was ticked or cleared: `adult_seen`, `child_seen`, ..."""

    item: str
    done: bool


class StatusMoved(Event, frozen=True):
    """The incident's status followed its units."""

    status: IncidentStatus


class IncidentClosed(Event, frozen=True):
    """The incident is closed: the closing words, dispositions (codes), and what entitles it to be closed.

    Either `seen` names who was seen (checklist items), or `dispositions` has 14 and `tried` says what was tried, or it
    has 15 and `passed_on` names the centres that have its calls.
    """

    words: str
    dispositions: tuple[str, ...]
    cause: str
    seen: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    passed_on: tuple[str, ...] = ()


class IncidentReopened(Event, frozen=True):
    """Closed, and open again; why."""

    reason: str


EVENTS = (
    IncidentOpened,
    CallLinked,
    KindSet,
    PrioritySet,
    PlaceSet,
    PlaceVerified,
    PlaceReadBack,
    DoorRuledOut,
    NarrativeAdded,
    ChecklistMarked,
    StatusMoved,
    IncidentClosed,
    IncidentReopened,
)
