"""What people may do with a unit. Each decision takes the state and gives the fact, or refuses in a sentence."""

from tenfour.units.event import (
    EmergencyCleared,
    EmergencyRaised,
    SafetyChecked,
    UnitStatus,
    UnitStatusChanged,
)
from tenfour.units.status import LEGAL, WITHOUT_INCIDENT, WORDS, in_order
from tenfour.units.unit import Unit
from tenfour.vocabulary.errors import BadInput, IllegalTransition, Refused
from tenfour.vocabulary.ids import IncidentId

ONLY_BY_DISPATCH = frozenset({UnitStatus.ASSIGNED, UnitStatus.DISPATCHED})
"""A unit gets into these by being sent, never by a status button."""


def may_become(unit: Unit) -> tuple[UnitStatus, ...]:
    """Statuses the unit can be set to next, in the order of the field's list."""
    return in_order(LEGAL[unit.status] - ONLY_BY_DISPATCH)


def parse_status(word: str) -> UnitStatus:
    """The status of this word (`EnRoute`). Raises `BadInput` naming those there are."""
    try:
        return UnitStatus(word)
    except ValueError:
        known = ", ".join(status.value for status in UnitStatus)
        raise BadInput(f"There is no unit status {word!r}; known are {known}.") from None


def change_status(
    unit: Unit, status: UnitStatus, incident_id: IncidentId | None = None, reason: str = ""
) -> UnitStatusChanged:
    """A unit, or a dispatcher for it, sets its status. `incident_id` None: the incident it is on.

    Raises `IllegalTransition` with what is possible next, `Refused` for what only sending brings about.
    """
    if status in ONLY_BY_DISPATCH:
        raise Refused(f"Unit {unit.unit_id} is {WORDS[unit.status].lower()}; it gets {status.value} by being sent.")
    if status not in LEGAL[unit.status]:
        possible = ", ".join(next_status.value for next_status in may_become(unit))
        raise IllegalTransition(f"Unit {unit.unit_id}", unit.status.value, wanted=f"one of {possible} next")
    if unit.incident_id and incident_id and incident_id != unit.incident_id and status not in WITHOUT_INCIDENT:
        raise Refused(f"Unit {unit.unit_id} is on another incident; send it to this one first.")
    concerned = None if status in WITHOUT_INCIDENT else incident_id or unit.incident_id
    return UnitStatusChanged(status, concerned, reason.strip())


def check_safety(unit: Unit, words: str = "") -> SafetyChecked:
    """The unit says that it is all right, or somebody saw to it."""
    return SafetyChecked(words.strip())


def raise_emergency(unit: Unit, words: str = "") -> EmergencyRaised:
    """The emergency button. Never refused, in whatever status: pressed twice is said twice."""
    return EmergencyRaised(words.strip())


def clear_emergency(unit: Unit, words: str) -> EmergencyCleared:
    """The emergency is over; `words` says how that was found. Refused when there is none, or nothing is said."""
    if unit.emergency_since is None:
        raise IllegalTransition(f"Unit {unit.unit_id}", "without an emergency", wanted="a raised emergency")
    if not words.strip():
        raise Refused(f"Unit {unit.unit_id} has raised an emergency; say how it was found to be over.")
    return EmergencyCleared(words.strip())
