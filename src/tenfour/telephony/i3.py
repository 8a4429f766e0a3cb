"""The identifiers of NENA-STA-010.3 section 2.1.6 and 2.1.7 in Call-Info, in today's form and the older ones."""

import msgspec

from tenfour.telephony.header import parameter, parse_parameters
from tenfour.telephony.message import Header, Message
from tenfour.vocabulary.ids import CallId, IncidentId

_PURPOSES = {
    "emergency-callid": "callid",
    "nena-callid": "callid",
    "emergency-incidentid": "incidentid",
    "nena-incidentid": "incidentid",
}
_PREFIXES = ("urn:emergency:uid:", "urn:nena:uid:")


class EmergencyIds(msgspec.Struct, frozen=True):
    """What Call-Info said: the local parts, None where nothing usable was said, and the elements that named them."""

    call_id: CallId | None = None
    call_host: str = ""
    incident_id: IncidentId | None = None
    incident_host: str = ""
    problems: tuple[str, ...] = ()


def emergency_ids(message: Message) -> EmergencyIds:
    """The first usable identifier of each kind. An unusable one is named in `problems`; mint one then."""
    found: dict[str, tuple[str, str]] = {}
    problems: list[str] = []
    for element in message.listed("Call-Info"):
        kind, urn = _identifier(element)
        if not kind or kind in found:
            continue
        usable = _local_part(kind, urn)
        if usable is None:
            problems.append(f"The {kind} {urn[:120]!r} is not 10 to 32 letters or digits and a host.")
        else:
            found[kind] = usable
    call, call_host = found.get("callid", ("", ""))
    incident, incident_host = found.get("incidentid", ("", ""))
    call_id = CallId(call) if call else None
    incident_id = IncidentId(incident) if incident else None
    return EmergencyIds(call_id, call_host, incident_id, incident_host, tuple(problems))


def _identifier(element: str) -> tuple[str, str]:
    """`callid` or `incidentid` with the URN; ("", "") for any other Call-Info."""
    if element.startswith("<"):
        urn, _, rest = element[1:].partition(">")
    else:
        urn, _, rest = element.partition(";")
    purpose = (parameter(parse_parameters(rest), "purpose") or "").lower()
    return _PURPOSES.get(purpose, ""), urn.strip()


def _local_part(kind: str, urn: str) -> tuple[str, str] | None:
    lowered = urn.lower()
    prefix = next((f"{prefix}{kind}:" for prefix in _PREFIXES if lowered.startswith(f"{prefix}{kind}:")), None)
    if prefix is None:
        return None
    local, _, host = urn[len(prefix) :].partition(":")
    return (local, host) if is_local_part(local) else None


def is_local_part(text: str) -> bool:
    """10 to 32 letters or digits."""
    return 10 <= len(text) <= 32 and text.isascii() and text.isalnum()


def call_info(call_id: CallId, incident_id: IncidentId, host: str) -> tuple[Header, Header]:
    """The two Call-Info headers of a call of ours; `host` is the name of who made the identifiers."""
    return (
        ("Call-Info", f"<urn:emergency:uid:callid:{call_id}:{host}>;purpose=emergency-CallId"),
        ("Call-Info", f"<urn:emergency:uid:incidentid:{incident_id}:{host}>;purpose=emergency-IncidentId"),
    )
