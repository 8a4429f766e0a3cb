"""Reading the story of something long finished back from the journal."""

from tenfour.desk.desk import Desk
from tenfour.vocabulary.ids import IncidentId, StreamName, call_stream, incident_stream, unit_stream


async def tell_whole(desk: Desk, incident_id: str) -> None:
    """Have the whole story of an incident in the chronicle; read from the journal when it is not there."""
    world = desk.ledger.shown
    incident = world.incident(incident_id)
    own = incident_stream(IncidentId(incident_id))
    streams: list[StreamName] = [own, *(call_stream(call_id) for call_id in incident.call_ids)]
    if not any(desk.chronicle.lacks(stream) for stream in streams):
        return
    units = [unit_stream(run.unit) for run in world.assignment(incident.incident_id).runs]
    records = [record for stream in (*streams, *units) for record in await desk.ledger.read_stream(stream)]
    desk.chronicle.forget(streams)
    desk.chronicle.add(sorted(records, key=lambda record: record.seq), desk.ledger.shown, only=frozenset(streams))
