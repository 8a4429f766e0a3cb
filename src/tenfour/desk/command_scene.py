"""What command lines are read against, taken from the board: units and incidents as they are now, and the codes."""

from collections.abc import Iterable

from tenfour.desk.desk import Desk
from tenfour.dispatch.command_context import Context, KnownIncident, KnownUnit
from tenfour.dispatch.event import PassedOver, RecommendedUnit
from tenfour.incident.incident import Incident
from tenfour.units.status import WORDS, letter
from tenfour.units.unit import Unit
from tenfour.vocabulary.ids import IncidentId, UnitId
from tenfour.workflow.world import World

SEEN = {"adult_seen": "an adult", "child_seen": "a child"}


def context_of(
    desk: Desk, on_board: Iterable[IncidentId], *, incident_id: str | None = None, unit_id: str | None = None
) -> Context:
    """The board for a line. `incident_id`, `unit_id`: what is selected; what is not there is not selected."""
    world = desk.ledger.shown
    codes = desk.ledger.policy.incident.codes
    named = {*on_board, *world.open_incidents, *([IncidentId(incident_id)] if incident_id else [])}
    found = [incident for name in named if (incident := world.incidents.get(name)) is not None]
    incidents = sorted(found, key=lambda one: (not one.is_open, -one.number))
    selected = next((one.number for one in incidents if one.incident_id == incident_id), None)
    recommended = _recommended(selected, incidents, world)
    units = sorted(world.units.values(), key=lambda one: (one.unit_id not in recommended, not one.free, one.unit_id))
    return Context(
        units={unit.unit_id: _unit(unit, world) for unit in units},
        incidents={incident.number: _incident(incident, world, codes.kinds) for incident in incidents},
        unit=UnitId(unit_id) if unit_id in world.units else None,
        number=selected,
        kinds=codes.kinds,
        dispositions=codes.dispositions,
        seen=SEEN,
    )


def _recommended(selected: int | None, incidents: list[Incident], world: World) -> frozenset[UnitId]:
    incident = next((one for one in incidents if one.number == selected), None)
    newest = world.assignment(incident.incident_id).recommendation if incident else None
    return frozenset(unit.unit for unit in newest.made.units) if newest else frozenset()


def _unit(unit: Unit, world: World) -> KnownUnit:
    on = world.incidents.get(unit.incident_id) if unit.incident_id else None
    status = f"{WORDS[unit.status].lower()}{f' on {on.number}' if on else ''}"
    words = ", ".join([*unit.crew[:1], status])
    return KnownUnit(
        unit.unit_id,
        words,
        letter(unit.status, emergency=unit.emergency_since is not None),
        on.number if on else None,
    )


def _incident(incident: Incident, world: World, kinds: dict[str, str]) -> KnownIncident:
    kind = kinds.get(incident.kind, incident.kind) if incident.kind else "no kind yet"
    place = incident.place.label if incident.place else ""
    newest = world.assignment(incident.incident_id).recommendation
    rows: list[RecommendedUnit | PassedOver] = [*newest.made.units, *newest.made.passed_over] if newest else []
    times = [(row.unit, row.travel_time_s) for row in rows]
    return KnownIncident(
        incident_id=incident.incident_id,
        number=incident.number,
        words=", ".join(part for part in (kind, place, "" if incident.is_open else "closed") if part),
        place=place,
        is_open=incident.is_open,
        units=tuple(unit.unit_id for unit in world.units_on(incident.incident_id)),
        travel_times_s={unit: time_s for unit, time_s in times if time_s is not None},
    )
