"""Words that screens show for the field's codes of state."""

from tenfour.incident.event import IncidentStatus

INCIDENT_WORDS: dict[IncidentStatus, str] = {
    IncidentStatus.ACTIVE: "Active, no unit yet",
    IncidentStatus.RESOURCES_ASSIGNED: "Unit sent",
    IncidentStatus.RESOURCES_ENROUTE: "Unit en route",
    IncidentStatus.RESOURCES_ONSCENE: "Unit on scene",
    IncidentStatus.CLOSED: "Closed",
    IncidentStatus.REOPENED: "Opened again",
    IncidentStatus.CANCELLED: "Cancelled",
}

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def count(number: int, noun: str) -> str:
    """`four likely doors`: a small number in words, with its noun."""
    said = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return f"{said} {noun}{'' if number == 1 else 's'}"


def exactness(uncertainty_m: float | None) -> str:
    """How exact a fix is, in words; a fix that does not say is not exact."""
    return "no uncertainty given" if uncertainty_m is None else f"{uncertainty_m:.0f} m"
