"""Codes of the field: incident types (APCO 2.103), dispositions (APCO 1.111.2), agencies' services.

The codes are facts of the field; the labels are ours. A centre may add to them in `codes.toml`.
"""

from enum import Enum


class Service(Enum):
    """What an agency's units do."""

    POLICE = "police"
    FIRE = "fire"
    EMS = "ems"


INCIDENT_KINDS: dict[str, str] = {
    "911H": "Hang-up",
    "911OPN": "Open line",
    "WELFARE": "Welfare check",
    "CITASST": "Citizen assist",
    "TROUBLE": "Trouble, unknown",
    "SUSP": "Suspicious circumstances",
    "PERUNCON": "Person unconscious",
    "DVA": "Domestic violence",
    "SCRM": "Screaming heard",
    "INFO": "Information",
    "ADMIN": "Administrative",
    "JUV": "Juvenile",
    "NONEMERG": "Not an emergency",
    "NCRNDE": "Nature unknown",
    "FALL": "Person fallen",
    "CRASH": "Crash",
    "FIRE": "Fire",
}
"""Code to label. FALL, CRASH and FIRE are the demo centre's own additions."""

DISPOSITIONS: dict[str, str] = {
    "01": "Report",
    "02": "No report",
    "03": "Arrest",
    "05": "Settled by phone",
    "08": "Follow-up",
    "10": "Cancelled",
    "11": "Field interview",
    "13": "Information",
    "14": "Gone or unable to locate",
    "15": "Referred",
    "16": "Transport",
    "18": "Settled by contact",
    "20": "Building secure",
    "21": "Unit cancelled en route",
    "22": "Duplicate",
    "25": "EMS and transport",
    "32": "Cancelled before arrival",
    "38": "No patient",
}

CAUSES: dict[str, str] = {
    "child_deactivated_phone": "Child, deactivated phone",
    "child_phone": "Child with a phone",
    "misdial": "Misdial",
    "pocket_dial": "Pocket dial",
    "device_alarm": "Device alarm",
    "real_emergency": "Emergency",
    "unknown": "Not known",
}
"""Why a call without words happened, as prevention counts it. Never a blame, never a flag on a child."""

UNABLE_TO_LOCATE = "14"
REFERRED = "15"


class Priority(Enum):
    """Urgency of an incident, 1 most urgent."""

    IMMEDIATE = 1
    URGENT = 2
    ROUTINE = 3
    DEFERRED = 4
    REPORT = 5
