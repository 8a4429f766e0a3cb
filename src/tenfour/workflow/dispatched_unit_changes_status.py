"""A dispatched unit changes its status: it is dispatched to the incident, and the acknowledgement timer runs."""

from collections.abc import Iterator

from tenfour.dispatch.event import UnitsDispatched
from tenfour.units.event import UnitStatus, UnitStatusChanged
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import IncidentId, unit_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """One fact on each unit's stream, owned by the unit's agency."""
    if not isinstance(fact.event, UnitsDispatched):
        return
    incident_id = IncidentId(fact.stream.partition("/")[2])
    for unit_id in fact.event.units:
        unit = world.units.get(unit_id)
        if unit is not None:
            changed = UnitStatusChanged(UnitStatus.DISPATCHED, incident_id, fact.event.override_reason)
            yield Draft(changed, unit_stream(unit_id), agency=unit.agency)
