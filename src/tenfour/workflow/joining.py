"""To which incident a call belongs: the one that carries its identifier, the open one of its number, or a new one."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

import msgspec

from tenfour.calltaking.call import Call
from tenfour.calltaking.event import CallJoinedIncident
from tenfour.calltaking.handset import digits, is_deactivated
from tenfour.incident.decision import link_call
from tenfour.incident.event import CallLinked, IncidentOpened
from tenfour.incident.incident import Incident
from tenfour.vocabulary.errors import Refused
from tenfour.vocabulary.ids import IncidentId, call_stream, incident_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

_NUMBER_OF_ALL: Final = "1234567890"
"""What many deactivated phones show alike: it says nothing about which phone it is."""

_SHORTEST_NUMBER: Final = 7


class Match(msgspec.Struct, frozen=True):
    """The open incident that a call belongs to, how certainly, and why in a sentence."""

    incident: Incident
    certain: bool
    why: str


def match_of(call: Call, world: World) -> Match | None:
    """The open incident that the call belongs to by its identifier or its number; None when it is a new matter."""
    if call.i3_incident_id in world.open_incidents:
        incident = world.incidents[call.i3_incident_id]
        return Match(incident, True, f"The call came with the identifier of {incident.name.lower()}.")
    bare = digits(call.ani)
    if len(bare) < _SHORTEST_NUMBER or bare == _NUMBER_OF_ALL:
        return None
    found = world.open_incident_of_number(call.ani)
    if found is None:
        return None
    if is_deactivated(call.ani):
        same = f"Possibly the same handset: {call.ani} belongs to {found.name.lower()}"
        why = f"{same}; two handsets can show one 911 number."
        return Match(found, False, why)
    return Match(found, True, f"The same number, {call.ani}, belongs to {found.name.lower()}.")


def joined(call: Call, match: Match) -> Iterator[Draft]:
    """Both sides say it: the call that it belongs to the incident, the incident that it has the call."""
    incident_id = match.incident.incident_id
    yield Draft(CallJoinedIncident(incident_id, match.certain, match.why), call_stream(call.call_id))
    if call.call_id not in match.incident.call_ids:
        yield Draft(CallLinked(call.call_id, match.certain, match.why), incident_stream(incident_id))


def opened(call: Call, world: World, why: str) -> Iterator[Draft]:
    """A new incident for the call. It takes the identifier that came with the call, unless it is taken."""
    incident_id = call.i3_incident_id
    if incident_id in world.incidents:
        incident_id = IncidentId(sha256(f"{incident_id}\n{call.call_id}".encode()).hexdigest()[:24])
    number = world.next_number
    yield Draft(IncidentOpened(incident_id, number, call.call_id, why), incident_stream(incident_id))
    yield Draft(CallJoinedIncident(incident_id, True, why), call_stream(call.call_id))


def has_open_incident(call: Call, world: World) -> bool:
    """Whether the call belongs to an incident that is open."""
    return call.incident_id is not None and call.incident_id in world.open_incidents


def belonging(call: Call, world: World, why: str) -> Iterator[Draft]:
    """Join the open incident that matches, or open one; nothing for what is no emergency, or belongs already."""
    if not call.is_emergency or has_open_incident(call, world):
        return iter(())
    match = match_of(call, world)
    return opened(call, world, why) if match is None else joined(call, match)


def join(world: World, call_id: str, incident_id: str, why: str = "") -> tuple[Draft, ...]:
    """A person says that a call belongs to an open incident. Raises `NotFound`, `Refused` where it does already."""
    call, incident = world.call(call_id), world.incident(incident_id)
    if call.incident_id == incident.incident_id and call.link_certain:
        raise Refused(f"The call {call.ani} belongs to {incident.name} already.")
    said = why.strip() or f"joined to {incident.name.lower()} by a person"
    if call.call_id not in incident.call_ids:
        link_call(incident, call.call_id, certain=True, why=said)
    return (
        Draft(CallJoinedIncident(incident.incident_id, True, said), call_stream(call.call_id)),
        Draft(CallLinked(call.call_id, True, said), incident_stream(incident.incident_id)),
    )
