"""What another centre is told in words of a call that comes to it from us: facts, nothing supposed."""

from collections.abc import Iterator
from typing import Final

from tenfour.calltaking.call import Call
from tenfour.calltaking.policy import HEARD
from tenfour.incident.incident import Incident
from tenfour.workflow.world import World

LONGEST: Final = 900
"""Characters: an INVITE should stay small."""


def told_along(world: World, call: Call) -> str:
    """Sentences on incident, place, caller, what was heard, and who was sent.

    What people noted does not go along: some of it is for one agency alone.
    """
    incident = world.incidents.get(call.incident_id) if call.incident_id is not None else None
    return " ".join(_sentences(world, call, incident))[:LONGEST]


def _sentences(world: World, call: Call, incident: Incident | None) -> Iterator[str]:
    here = f" at {world.founded.name}" if world.founded is not None else ""
    if incident is not None:
        yield f"{incident.name}{here}, opened {incident.opened_at:%Y-%m-%d %H:%M:%S} UTC."
        if incident.kind is not None:
            yield f"Kind {incident.kind}."
        if incident.priority is not None:
            yield f"Priority {incident.priority}."
        if incident.place is not None:
            yield f"Place: {incident.place.label}{' (verified)' if incident.verified_by else ' (not verified)'}."
    yield f"Caller: {call.ani or 'no number'}."
    if call.handset_words:
        yield call.handset_words
    if call.heard:
        yield f"Heard: {', '.join(HEARD.get(code, code) for code in call.heard)}."
    units = world.units_on(incident.incident_id) if incident is not None else ()
    yield f"Sent: {', '.join(unit.unit_id for unit in units)}." if units else "Nobody was sent yet."
