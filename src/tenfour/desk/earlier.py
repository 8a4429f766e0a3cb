"""What happened at an address before, in the few words that stand beside a door."""

from zoneinfo import ZoneInfo

from tenfour.incident.incident import Incident
from tenfour.location.door import EarlierCall
from tenfour.workflow.policy import Policy

LIKELY_KINDS = frozenset({"911H", "911OPN"})
"""An earlier call of these kinds makes a door likelier; a noise complaint does not."""


def earlier_call(incident: Incident, policy: Policy, zone: ZoneInfo) -> EarlierCall:
    """`2 Nov hang-up: settled by contact`."""
    codes = policy.incident.codes
    local = incident.opened_at.astimezone(zone)
    kind = codes.kinds.get(incident.kind, incident.kind) if incident.kind else "call"
    closed = incident.closing.dispositions if incident.closing else ()
    outcome = ", ".join(codes.dispositions.get(code, code).lower() for code in closed)
    words = f"{local.day} {local:%b} {kind.lower()}{f': {outcome}' if outcome else ''}"
    return EarlierCall(words, likely=incident.kind in LIKELY_KINDS)
