"""A unit as folded from its facts."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from tenfour.units import event as e
from tenfour.units.event import UnitStatus
from tenfour.vocabulary.code import Service
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import AgencyId, IncidentId, UnitId
from tenfour.vocabulary.place import Point


class Unit(msgspec.Struct, frozen=True):
    """One unit. `since`: in this status since. Alerts count from 0 and start anew with each status.

    `safety_from`: when the safety timer was last started; None while the unit is on no call.
    """

    unit_id: UnitId
    agency: AgencyId
    service: Service
    beat: str
    crew: tuple[str, ...]
    capabilities: tuple[str, ...]
    post: Point
    post_name: str
    status: UnitStatus
    since: datetime
    incident_id: IncidentId | None = None
    left: IncidentId | None = None
    """The incident it was on before this status, when it is not on it any more."""
    reason: str = ""
    acknowledge_alerts: int = 0
    acknowledge_alerted_at: datetime | None = None
    safety_from: datetime | None = None
    safety_alerts: int = 0
    safety_alerted_at: datetime | None = None
    emergency_since: datetime | None = None
    emergency_words: str = ""

    @property
    def free(self) -> bool:
        """May be sent without taking it from anything else."""
        return self.status is UnitStatus.AVAILABLE and self.emergency_since is None


def apply(unit: Unit | None, event: Event, *, at: datetime, agency: AgencyId) -> Unit | None:
    """Fold one fact of a unit. A unit begins available, when it is listed; listed again it keeps its status."""
    if isinstance(event, e.UnitListed):
        return _listed(unit, event, at, agency)
    if unit is None:
        return None
    match event:
        case e.UnitStatusChanged(status=status, incident_id=incident_id, reason=reason):
            return _status(unit, status, incident_id, reason, at)
        case e.AcknowledgementOverdue(alert=alert):
            return replace(unit, acknowledge_alerts=alert, acknowledge_alerted_at=at)
        case e.SafetyCheckDue(alert=alert):
            return replace(unit, safety_alerts=alert, safety_alerted_at=at)
        case e.SafetyChecked():
            started = None if unit.safety_from is None else at
            return replace(unit, safety_from=started, safety_alerts=0, safety_alerted_at=None)
        case e.EmergencyRaised(words=words):
            return replace(unit, emergency_since=unit.emergency_since or at, emergency_words=words)
        case e.EmergencyCleared(words=words):
            return replace(unit, emergency_since=None, emergency_words=words)
        case _:
            return unit


def _listed(unit: Unit | None, event: e.UnitListed, at: datetime, agency: AgencyId) -> Unit:
    fresh = Unit(
        unit_id=event.unit_id,
        agency=agency,
        service=event.service,
        beat=event.beat,
        crew=event.crew,
        capabilities=event.capabilities,
        post=event.post,
        post_name=event.post_name,
        status=UnitStatus.AVAILABLE,
        since=at,
    )
    if unit is None:
        return fresh
    return replace(
        unit,
        agency=agency,
        service=event.service,
        beat=event.beat,
        crew=event.crew,
        capabilities=event.capabilities,
        post=event.post,
        post_name=event.post_name,
    )


WATCHED = frozenset(
    {UnitStatus.ON_SCENE, UnitStatus.BACKUP, UnitStatus.COMMUNITY_CONTACT, UnitStatus.STAGING, UnitStatus.DELAYED}
)
"""Statuses in which the safety timer runs: the unit is out of its car or stuck."""


def _status(unit: Unit, status: UnitStatus, incident_id: IncidentId | None, reason: str, at: datetime) -> Unit:
    return replace(
        unit,
        status=status,
        since=at,
        incident_id=incident_id,
        left=unit.incident_id if unit.incident_id != incident_id else None,
        reason=reason,
        acknowledge_alerts=0,
        acknowledge_alerted_at=None,
        safety_from=at if status in WATCHED else None,
        safety_alerts=0,
        safety_alerted_at=None,
    )
