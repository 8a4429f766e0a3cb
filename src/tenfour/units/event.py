"""What happens to a unit (stream `unit/<call sign>`)."""

from enum import Enum

from tenfour.vocabulary.code import Service
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import IncidentId, UnitId
from tenfour.vocabulary.place import Point


class UnitStatus(Enum):
    """Unit status words (APCO): a primary status, then what it does on an assignment."""

    AVAILABLE = "Available"
    CONDITIONALLY_AVAILABLE = "ConditionallyAvailable"
    NOT_AVAILABLE = "NotAvailable"
    ASSIGNED = "Assigned"
    DISPATCHED = "Dispatched"
    ACKNOWLEDGED = "AcknowledgedTransmission"
    EN_ROUTE = "EnRoute"
    DELAYED = "Delayed"
    STAGING = "Staging"
    ON_SCENE = "OnScene"
    BACKUP = "Backup"
    COMMUNITY_CONTACT = "COP_or_POP"
    CLEARED = "Cleared"
    ASSIGNMENT_CANCELLED = "AssignmentCancelled"
    IN_SERVICE = "InService"
    OUT_OF_SERVICE = "OutofService"


class UnitListed(Event, frozen=True):
    """A unit of the roster: agency's service, beat, crew, what it can do, where it starts its shift."""

    unit_id: UnitId
    service: Service
    beat: str
    crew: tuple[str, ...]
    capabilities: tuple[str, ...]
    post: Point
    post_name: str = ""


class UnitStatusChanged(Event, frozen=True):
    """A unit's status, and the incident it concerns (None when free)."""

    status: UnitStatus
    incident_id: IncidentId | None = None
    reason: str = ""


class AcknowledgementOverdue(Event, frozen=True):
    """A dispatched unit has not acknowledged in time; it is alerted again. `alert` counts from 1."""

    incident_id: IncidentId
    waited_s: float
    alert: int


class SafetyCheckDue(Event, frozen=True):
    """The safety timer ran out: somebody must check on the unit. `alert` counts from 1."""

    incident_id: IncidentId | None
    waited_s: float
    alert: int


class SafetyChecked(Event, frozen=True):
    """The unit said it is all right (or somebody saw to it); the safety timer starts anew."""

    words: str = ""


class EmergencyRaised(Event, frozen=True):
    """The unit pressed its emergency button."""

    words: str = ""


class EmergencyCleared(Event, frozen=True):
    """The emergency of the unit is over; how it was found to be."""

    words: str = ""


EVENTS = (
    UnitListed,
    UnitStatusChanged,
    AcknowledgementOverdue,
    SafetyCheckDue,
    SafetyChecked,
    EmergencyRaised,
    EmergencyCleared,
)
