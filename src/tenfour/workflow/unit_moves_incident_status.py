"""A unit moves the status of its incident: assigned, en route, on scene, and back when all have left."""

from collections.abc import Iterator, Sequence

from tenfour.incident.event import IncidentStatus, StatusMoved
from tenfour.units.event import UnitStatus, UnitStatusChanged
from tenfour.units.unit import Unit
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import UnitId, incident_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

_THERE = frozenset({UnitStatus.ON_SCENE, UnitStatus.STAGING, UnitStatus.BACKUP, UnitStatus.COMMUNITY_CONTACT})
_MOVING = frozenset({UnitStatus.EN_ROUTE, UnitStatus.DELAYED})


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """Both incidents are looked at: the one the unit is on, and the one it has left."""
    if not isinstance(fact.event, UnitStatusChanged):
        return
    unit = world.units.get(UnitId(fact.stream.partition("/")[2]))
    for incident_id in (unit.left, unit.incident_id) if unit else ():
        if incident_id is None or incident_id not in world.open_incidents:
            continue
        status = status_of(world.units_on(incident_id))
        if status is not world.incidents[incident_id].status:
            yield Draft(StatusMoved(status), incident_stream(incident_id))


def status_of(units: Sequence[Unit]) -> IncidentStatus:
    """The status that the units on an incident give it: that of the one that is farthest on."""
    statuses = {unit.status for unit in units}
    if statuses & _THERE:
        return IncidentStatus.RESOURCES_ONSCENE
    if statuses & _MOVING:
        return IncidentStatus.RESOURCES_ENROUTE
    return IncidentStatus.RESOURCES_ASSIGNED if statuses else IncidentStatus.ACTIVE
