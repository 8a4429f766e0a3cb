"""The clock facts of an incident, that reports count from: when what happened first."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from tenfour.vocabulary.ids import IncidentId
from tenfour.workflow.world import World


class ClockFacts(msgspec.Struct, frozen=True):
    """When each step of an incident first happened; None where it has not. Aware UTC, true times.

    Of several calls or units the first to reach a step counts; `call_ended_at` is that of the first call.
    """

    received_at: datetime | None
    ringing_at: datetime | None
    answered_at: datetime | None
    connected_at: datetime | None
    call_ended_at: datetime | None
    opened_at: datetime
    recommended_at: datetime | None
    dispatched_at: datetime | None
    acknowledged_at: datetime | None
    en_route_at: datetime | None
    on_scene_at: datetime | None
    contact_at: datetime | None
    closed_at: datetime | None


def clock_facts(world: World, incident_id: IncidentId) -> ClockFacts:
    """The clock facts of an incident. Raises `NotFound`."""
    incident, assignment = world.incident(incident_id), world.assignment(incident_id)
    found = (world.calls.get(call_id) for call_id in incident.call_ids)
    calls = [call for call in found if call is not None and call.outgoing is None]
    first = min(calls, key=lambda call: call.received_at, default=None)
    return ClockFacts(
        received_at=first.received_at if first else None,
        ringing_at=_first(call.ringing_at for call in calls),
        answered_at=_first(call.answered_at for call in calls),
        connected_at=_first(call.connected_at for call in calls),
        call_ended_at=first.ended_at if first else None,
        opened_at=incident.opened_at,
        recommended_at=_first(made.at for made in assignment.recommendations),
        dispatched_at=_first(run.dispatched_at for run in assignment.runs),
        acknowledged_at=_first(run.acknowledged_at for run in assignment.runs),
        en_route_at=_first(run.en_route_at for run in assignment.runs),
        on_scene_at=_first(run.on_scene_at for run in assignment.runs),
        contact_at=incident.contact_at,
        closed_at=incident.closing.at if incident.closing else None,
    )


def _first(times: Iterable[datetime | None]) -> datetime | None:
    return min((time for time in times if time is not None), default=None)
