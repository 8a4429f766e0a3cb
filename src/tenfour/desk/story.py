"""Reading the story of something long finished back from the journal."""

from tenfour.desk.chronicle import Chronicle
from tenfour.desk.ledger import Ledger
from tenfour.vocabulary.ids import (
    IncidentId,
    StreamName,
    call_stream,
    exhibit_stream,
    incident_stream,
    release_stream,
    unit_stream,
    visit_stream,
)
from tenfour.workflow.world import World


async def tell_whole(ledger: Ledger, chronicle: Chronicle, incident_id: str) -> None:
    """Have the whole story of an incident in the chronicle; read from the journal when it is not there."""
    while True:
        incident = ledger.shown.incident(incident_id)
        own = incident_stream(IncidentId(incident_id))
        streams: list[StreamName] = [own, *(call_stream(call_id) for call_id in incident.call_ids)]
        if not any(chronicle.lacks(stream) for stream in streams):
            return
        before = [chronicle.told(stream) for stream in streams]
        units = [unit_stream(run.unit) for run in ledger.shown.assignment(incident.incident_id).runs]
        kept = casework_streams(ledger.shown, incident.incident_id)
        records = [record for stream in (*streams, *units, *kept) for record in await ledger.read_stream(stream)]
        if before != [chronicle.told(stream) for stream in streams]:
            continue  # more was told while we read: read again
        chronicle.forget(streams)
        chronicle.add(sorted(records, key=lambda record: record.seq), ledger.shown, only=frozenset(streams))
        return


def casework_streams(world: World, incident_id: IncidentId) -> list[StreamName]:
    """The streams of an incident's exhibits, visits and press text."""
    casework = world.casework_of(incident_id)
    exhibits = [exhibit_stream(one.exhibit_id) for one in casework.exhibits]
    visits = [visit_stream(one.visit_id) for one in casework.visits]
    return [*exhibits, *visits, *([release_stream(incident_id)] if casework.press else [])]
