"""What a crew may still say of an incident that it is not on any more: its phone had no coverage until now."""

from datetime import datetime

from tenfour.desk.device_time import OLDEST
from tenfour.desk.permission import Role
from tenfour.desk.principal import Principal
from tenfour.incident.incident import Incident
from tenfour.vocabulary.errors import Refused
from tenfour.vocabulary.ids import IncidentId, UnitId
from tenfour.workflow.world import World


def was_on(unit: UnitId, incident_id: IncidentId, world: World, now: datetime) -> bool:
    """Was the unit sent to this incident, and is it on it still, or left it a day ago at most?"""
    runs = world.assignment(incident_id).runs
    return any(run.unit == unit and (run.cleared_at is None or run.cleared_at > now - OLDEST) for run in runs)


def require_on(principal: Principal, incident: Incident, world: World) -> None:
    """Raises `Refused`, saying what became of the incident, for a crew that is not on it; a desk need not be."""
    if principal.role is not Role.UNIT or principal.unit is None:
        return
    if world.unit(principal.unit).incident_id == incident.incident_id:
        return
    became = f"unit {principal.unit} is not on it any more" if incident.is_open else "nothing in it was changed"
    state = "is open" if incident.is_open else "is closed"
    raise Refused(f"{incident.name} {state}; {became}. A note can still be added.")
