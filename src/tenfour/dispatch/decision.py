"""What people may do to send help. Each decision takes the state and gives the fact, or refuses in a sentence."""

from collections.abc import Sequence

from tenfour.dispatch.assignment import Assignment, Recommendation
from tenfour.dispatch.event import AreaCheckOrdered, HelpAsked, IncidentHeld, UnitsDispatched
from tenfour.units.status import DIVERTIBLE, SENDABLE, WORDS
from tenfour.units.unit import Unit
from tenfour.vocabulary.errors import BadInput, IllegalTransition, NotFound, Refused
from tenfour.vocabulary.ids import IncidentId, UnitId


def dispatch(
    incident_id: IncidentId,
    assignment: Assignment,
    units: Sequence[Unit],
    *,
    already_on: Sequence[UnitId] = (),
    recommendation_id: str | None = None,
    override_reason: str = "",
) -> UnitsDispatched:
    """A person sends `units` to an open incident on which `already_on` are.

    `override_reason` is required when they are not those recommended last, or one is taken from another run.
    Raises `NotFound` for an unknown recommendation, `Refused` for units that cannot be sent or a missing reason.
    """
    if not units:
        raise BadInput("Nobody was named to be sent.")
    followed = _recommendation(assignment, recommendation_id)
    reason = override_reason.strip()
    for unit in units:
        _must_be_sendable(unit, incident_id, reason)
    chosen = tuple(dict.fromkeys(unit.unit_id for unit in units))
    if followed is not None and not reason and _differs(followed, chosen, already_on):
        raise Refused(_needs_reason(followed, chosen))
    return UnitsDispatched(
        units=chosen,
        recommendation_id=followed.made.recommendation_id if followed else None,
        override_reason=reason,
        travel_time_s=_longest_s(followed, chosen),
    )


def _recommendation(assignment: Assignment, recommendation_id: str | None) -> Recommendation | None:
    if recommendation_id is None:
        return assignment.recommendation
    for recommendation in assignment.recommendations:
        if recommendation.made.recommendation_id == recommendation_id:
            return recommendation
    raise NotFound("recommendation", recommendation_id, "Ask for one, or send without naming one.")


def _must_be_sendable(unit: Unit, incident_id: IncidentId, reason: str) -> None:
    status = WORDS[unit.status].lower()
    if unit.emergency_since is not None:
        raise Refused(f"Unit {unit.unit_id} has raised an emergency; it cannot be sent.")
    if unit.incident_id == incident_id:
        raise Refused(f"Unit {unit.unit_id} is on this incident already ({status}).")
    if unit.status in SENDABLE:
        return
    if unit.status not in DIVERTIBLE:
        raise IllegalTransition(f"Unit {unit.unit_id}", status, wanted="a unit that is available")
    if not reason:
        raise Refused(f"Unit {unit.unit_id} is {status} to another incident; taking it from there needs a reason.")


def _differs(followed: Recommendation, chosen: Sequence[UnitId], already_on: Sequence[UnitId]) -> bool:
    return set(chosen) != {unit.unit for unit in followed.made.units} - set(already_on)


def _needs_reason(followed: Recommendation, chosen: Sequence[UnitId]) -> str:
    recommended = ", ".join(unit.unit for unit in followed.made.units) or "no unit"
    return f"Recommended is {recommended}; sending {', '.join(chosen)} instead needs a reason."


def _longest_s(followed: Recommendation | None, chosen: Sequence[UnitId]) -> float | None:
    times = [unit.travel_time_s for unit in (followed.made.units if followed else ()) if unit.unit in chosen]
    return max(times, default=None)


def hold(assignment: Assignment, reason: str) -> IncidentHeld:
    """No unit can be sent now; the hold timer runs."""
    if not reason.strip():
        raise BadInput("Holding an incident needs a reason.")
    if assignment.held_at is not None:
        raise Refused("The incident is held already.")
    return IncidentHeld(reason.strip())


def order_area_check(area: str) -> AreaCheckOrdered:
    """There is no usable address: the area is to be searched."""
    if not area.strip():
        raise BadInput("Say which area is to be checked.")
    return AreaCheckOrdered(area.strip())


def ask_help(unit: Unit, incident_id: IncidentId, text: str = "") -> HelpAsked:
    """A unit on an incident asks for a second one."""
    if unit.incident_id != incident_id:
        raise Refused(f"Unit {unit.unit_id} is not on this incident; only a unit that is there asks for a second one.")
    return HelpAsked(unit.unit_id, text.strip())
