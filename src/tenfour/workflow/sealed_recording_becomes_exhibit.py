"""A sealed recording becomes an exhibit of the incident that its call belongs to, where it lies: nothing is copied."""

from collections.abc import Iterator
from datetime import timedelta

from tenfour.calltaking.call import Call
from tenfour.calltaking.event import CallJoinedIncident, RecordingEnded
from tenfour.calltaking.recording import Recording
from tenfour.calltaking.recording_event import RecordingCompressed
from tenfour.evidence.decision import exhibit_id_of
from tenfour.evidence.event import ExhibitAdded, ExhibitCompressed, ExhibitKind
from tenfour.evidence.exhibit import access_of
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId, ExhibitId, IncidentId, exhibit_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

FOLDER = "recordings"


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """With the digest that the line sealed it with. A call that comes to an incident later brings its recordings."""
    if not isinstance(fact.event, RecordingEnded | CallJoinedIncident):
        return
    call = world.calls.get(CallId(fact.stream.partition("/")[2]))
    if call is None or call.incident_id is None or call.incident_id not in world.incidents:
        return
    there = world.casework_of(call.incident_id).exhibits
    known, number = {one.file for one in there}, len(there)
    for recording in call.recordings:
        if recording.sha256 is not None and f"{FOLDER}/{recording.file}" not in known:
            number += 1
            added = _exhibit(call, call.incident_id, recording, recording.sha256, number)
            yield Draft(added, exhibit_stream(added.exhibit_id), access_of(added.kind, child=added.child))
            if recording.flac is not None:
                yield kept_as_flac(added.exhibit_id, call.incident_id, recording.flac)


def kept_as_flac(exhibit_id: ExhibitId, incident_id: IncidentId, flac: RecordingCompressed) -> Draft:
    """The exhibit of a recording lies there as FLAC."""
    told = ExhibitCompressed(incident_id, f"{FOLDER}/{flac.file}", flac.sha256, flac.size)
    return Draft(told, exhibit_stream(exhibit_id), access_of(ExhibitKind.CALL_AUDIO, child=False))


def _exhibit(call: Call, incident_id: IncidentId, recording: Recording, sha256: str, number: int) -> ExhibitAdded:
    seconds = timedelta(seconds=recording.duration_s or 0.0)
    return ExhibitAdded(
        exhibit_id_of(incident_id, number),
        incident_id,
        number,
        ExhibitKind.CALL_AUDIO,
        f"911 call of {call.ani}, part {recording.segment}",
        f"{FOLDER}/{recording.file}",
        f"911-call-{number}.wav",
        None,
        sha256,
        "this centre",
        "not needed: the centre's own record",
        "the incident; what may be released is for a person to decide",
        recording.started_at,
        recording.started_at + seconds,
        child="child_voice" in call.heard,
    )
