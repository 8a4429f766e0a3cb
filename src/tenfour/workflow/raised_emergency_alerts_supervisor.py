"""A raised emergency alerts the supervisor of the incident that the unit is on."""

from collections.abc import Iterator

from tenfour.dispatch.event import SupervisorAlerted
from tenfour.units.event import EmergencyRaised
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import UnitId, incident_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """A unit on no incident has no stream to tell it on; the board shows its emergency all the same."""
    if not isinstance(fact.event, EmergencyRaised):
        return
    unit = world.units.get(UnitId(fact.stream.partition("/")[2]))
    if unit is not None and unit.incident_id is not None:
        alert = SupervisorAlerted(f"Unit {unit.unit_id} has raised an emergency.")
        yield Draft(alert, incident_stream(unit.incident_id))
