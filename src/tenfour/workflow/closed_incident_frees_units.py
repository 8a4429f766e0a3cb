"""A closed incident frees its units: each is available again, and its record says why."""

from collections.abc import Iterator

from tenfour.incident.event import IncidentClosed
from tenfour.units.event import UnitStatus, UnitStatusChanged
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import IncidentId, unit_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """A raised emergency is not cleared by this: it stays until somebody clears it."""
    if not isinstance(fact.event, IncidentClosed):
        return
    incident = world.incidents.get(IncidentId(fact.stream.partition("/")[2]))
    if incident is None:
        return
    for unit in world.units_on(incident.incident_id):
        freed = UnitStatusChanged(UnitStatus.AVAILABLE, None, f"{incident.name} closed")
        yield Draft(freed, unit_stream(unit.unit_id), agency=unit.agency)
