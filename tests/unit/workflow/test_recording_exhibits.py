"""Sealed recordings become exhibits of the incident, once each, in whatever order things come."""

from tenfour.calltaking.event import RecordingEnded, RecordingStarted
from tenfour.calltaking.recording_event import RecordingCompressed
from tenfour.evidence.event import ExhibitAdded, ExhibitCompressed, ExhibitKind
from tenfour.vocabulary.envelope import Access
from tenfour.vocabulary.ids import call_stream
from tenfour.workflow.joining import join

DIGEST = "ab" * 32


def record(centre, call_id, segment=1):
    stream = call_stream(call_id)
    centre.tell(stream, RecordingStarted(f"{call_id}-{segment}.wav", segment))
    return centre.tell(stream, RecordingEnded(f"{call_id}-{segment}.wav", segment, 2.0, DIGEST))


def test_sealed_recording_of_an_incident_is_an_exhibit_of_it(centre):
    call_id = centre.ring("a")
    centre.answer(call_id)
    batch = record(centre, call_id)
    (added,) = centre.events(batch, ExhibitAdded)
    assert (added.kind, added.sha256, added.number) == (ExhibitKind.CALL_AUDIO, DIGEST, 1)
    assert added.file == f"recordings/{call_id}-1.wav"
    fact = batch[-1]
    assert (fact.actor.id, fact.access) == ("sealed_recording_becomes_exhibit", Access.CALL)
    assert (added.to_at - added.from_at).total_seconds() == 2.0


def test_call_that_comes_to_an_incident_later_brings_its_recordings_once(centre):
    first, second = centre.ring("a", "614-555-0101"), centre.ring("b", "614-555-0102")
    centre.answer(first)
    record(centre, second, 1)
    record(centre, second, 2)
    incident = centre.incident_of(first)
    batch = centre.draft(*join(centre.world, second, incident.incident_id, "the same house"))
    assert [one.number for one in centre.events(batch, ExhibitAdded)] == [1, 2]
    assert centre.events(record(centre, second, 3), ExhibitAdded)[0].number == 3
    assert len(centre.world.casework_of(incident.incident_id).exhibits) == 3


def test_recording_of_a_test_call_is_no_exhibit(centre):
    call_id = centre.looped("t", RecordingStarted("t.wav", 1))
    assert centre.events(centre.tell(call_stream(call_id), RecordingEnded("t.wav", 1, 1.0, DIGEST)), ExhibitAdded) == []


def test_compressed_recording_is_told_of_its_exhibit_once_whenever_it_becomes_one(centre):
    call_id, late = centre.ring("a", "614-555-0103"), centre.ring("b", "614-555-0104")
    centre.answer(call_id)
    record(centre, call_id)
    flac = RecordingCompressed(1, f"{call_id}-1.flac", "cd" * 32, 4321)
    (told,) = centre.events(centre.tell(call_stream(call_id), flac), ExhibitCompressed)
    assert (told.file, told.sha256, told.size) == (f"recordings/{call_id}-1.flac", "cd" * 32, 4321)
    assert centre.events(centre.tell(call_stream(call_id), flac), ExhibitCompressed) == []
    incident = centre.incident_of(call_id)
    (exhibit,) = centre.world.casework_of(incident.incident_id).exhibits
    assert (exhibit.file, exhibit.sha256, exhibit.flac) == (f"recordings/{call_id}-1.wav", DIGEST, told)

    record(centre, late)
    centre.tell(call_stream(late), RecordingCompressed(1, f"{late}-1.flac", "ef" * 32, 99))
    batch = centre.draft(*join(centre.world, late, incident.incident_id, "the same house"))
    assert [one.sha256 for one in centre.events(batch, ExhibitCompressed)] == ["ef" * 32]
    assert centre.world.casework_of(incident.incident_id).exhibits[1].flac is not None
