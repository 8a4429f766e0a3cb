"""Sending help: from the world and the travel times to candidates, from a person's choice to the units sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from tenfour.dispatch import decision
from tenfour.dispatch.event import IncidentHeld, RecommendationMade, UnitsDispatched
from tenfour.dispatch.policy import DispatchPolicy, Need, Plan, plan_for
from tenfour.dispatch.recommend import Candidate, recommend
from tenfour.incident.decision import must_be_open
from tenfour.incident.incident import Incident
from tenfour.units import decision as units
from tenfour.units.event import UnitStatus, UnitStatusChanged
from tenfour.units.status import WITHOUT_INCIDENT, WORDS
from tenfour.units.unit import Unit
from tenfour.vocabulary.errors import Refused
from tenfour.vocabulary.ids import IncidentId, UnitId
from tenfour.vocabulary.place import Point, distance_m
from tenfour.workflow.world import World


class Travel(msgspec.Struct, frozen=True):
    """How far a unit is by road, and along which streets. A unit without one has no road to the place."""

    travel_time_s: float
    distance_m: float | None = None
    via: tuple[str, ...] = ()


def position_of(unit: Unit, world: World) -> Point:
    """Where a unit was last seen; its post where it was never seen."""
    sighting = world.sightings.get(unit.unit_id)
    return sighting.point if sighting else unit.post


def plan_of(incident: Incident, policy: DispatchPolicy) -> Plan:
    """The response plan of an incident. Raises `Refused` where it has no kind yet, or no plan fits."""
    if incident.kind is None:
        raise Refused(f"{incident.name} has no kind yet: set one, and units can be recommended.")
    plan = plan_for(policy, incident.kind, incident.priority)
    if plan is None:
        raise Refused(f"{incident.name}: no response plan fits {incident.kind} at priority {incident.priority}.")
    return plan


def candidate(unit: Unit, incident: Incident, world: World, travel: Travel | None, now: datetime) -> Candidate:
    """A unit as it stands towards an incident."""
    sighting = world.sightings.get(unit.unit_id)
    position = sighting.point if sighting else unit.post
    target = incident.place.point if incident.place else None
    on = world.incidents.get(unit.incident_id) if unit.incident_id else None
    return Candidate(
        unit_id=unit.unit_id,
        status=unit.status,
        service=unit.service,
        capabilities=unit.capabilities,
        beat=unit.beat,
        position=position,
        position_age_s=(now - sighting.at).total_seconds() if sighting else None,
        travel_time_s=travel.travel_time_s if travel else None,
        distance_m=travel.distance_m if travel else None,
        incident_number=on.number if on else None,
        crew=unit.crew,
        status_age_s=(now - unit.since).total_seconds(),
        straight_m=distance_m(position, target) if target else None,
        via=travel.via if travel else (),
        emergency=unit.emergency_since is not None,
        on_this=unit.incident_id == incident.incident_id,
    )


def recommend_units(
    world: World,
    incident: Incident,
    travels: Mapping[UnitId, Travel],
    policy: DispatchPolicy,
    *,
    recommendation_id: str,
    now: datetime,
) -> RecommendationMade:
    """What to send to an incident, by the road times of `travels`.

    Where a unit asked for help since units were sent last, one more of its service is asked for.
    Raises `Refused` where there is no kind or no plan.
    """
    must_be_open(incident)
    plan = plan_of(incident, policy)
    more = _help_wanted(world, incident)
    services = {need.service for need in (*plan.needs, *more)}
    asked = [unit for unit in world.units.values() if unit.service in services]
    rows = [candidate(unit, incident, world, travels.get(unit.unit_id), now) for unit in asked]
    return recommend(plan, rows, recommendation_id=recommendation_id, policy=policy, more=more)


def _help_wanted(world: World, incident: Incident) -> tuple[Need, ...]:
    assignment = world.assignment(incident.incident_id)
    sent_at = assignment.orders[-1].at if assignment.orders else incident.opened_at
    asking = [world.units[row.unit] for row in assignment.help if row.at > sent_at and row.unit in world.units]
    return tuple(Need(unit.service) for unit in asking[-1:])


def dispatch(
    world: World,
    incident: Incident,
    unit_ids: Sequence[str],
    *,
    recommendation_id: str | None = None,
    override_reason: str = "",
) -> UnitsDispatched:
    """A person sends units. Raises `NotFound` for an unknown one, `Refused` where it cannot or needs a reason."""
    must_be_open(incident)
    return decision.dispatch(
        incident.incident_id,
        world.assignment(incident.incident_id),
        [world.unit(unit_id) for unit_id in unit_ids],
        already_on=[unit.unit_id for unit in world.units_on(incident.incident_id)],
        recommendation_id=recommendation_id,
        override_reason=override_reason,
    )


def hold(world: World, incident: Incident, reason: str) -> IncidentHeld:
    """No unit can be sent to an open incident now."""
    must_be_open(incident)
    return decision.hold(world.assignment(incident.incident_id), reason)


def set_status(
    world: World, unit: Unit, status: UnitStatus, incident_id: IncidentId | None, reason: str = ""
) -> UnitStatusChanged:
    """A unit's status, on an incident that is open. Raises `NotFound`, `Refused`."""
    incident = world.incident(incident_id) if incident_id else None
    if incident is not None and not incident.is_open and status not in WITHOUT_INCIDENT:
        raise Refused(f"{incident.name} is closed; unit {unit.unit_id} stays {WORDS[unit.status].lower()}.")
    return units.change_status(unit, status, incident_id, reason)


def stale(made: RecommendationMade, incident: Incident, world: World) -> bool:
    """Whether a recommended unit has moved on since: it is neither free nor on this incident."""
    units = [world.units.get(row.unit) for row in made.units]
    return any(unit is None or not (unit.free or unit.incident_id == incident.incident_id) for unit in units)
