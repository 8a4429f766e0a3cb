"""The steps of a call on the line, what is kept of it, and what it tells of its audio."""

from collections.abc import Sequence
from itertools import product

import msgspec
import pytest

from tenfour.adapters.left_recordings import Found
from tenfour.adapters.line_call import LEGAL, KeptCall, LeftFile, OpenCall, Phase, decode_kept
from tenfour.adapters.recording_file import Ended
from tenfour.calltaking.event import (
    CallerAudioResumed,
    CallerAudioStarted,
    CallerAudioStopped,
    RecordingEnded,
    RecordingStarted,
)
from tenfour.telephony.dialog import Dialog, DialogKey
from tenfour.telephony.flow import Flow
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId, IncidentId

DIALOG = Dialog(
    key=DialogKey("c", "us", "them"),
    local_party="<urn:service:sos>;tag=us",
    remote_party="<sip:1@x>;tag=them",
    remote_target="sip:1@192.0.2.1",
    flow=Flow("UDP", "192.0.2.1", 5060),
    local_seq=1,
    local_sdp=b"v=0\r\n\xff",
)


def kept(phase: Phase = Phase.RINGING) -> KeptCall:
    return KeptCall(
        call_id=CallId("call0123456789"),
        incident_id=IncidentId("incident012345"),
        phase=phase,
        sip_call_id="c",
        from_tag="them",
        dialog=DIALOG,
        sdp=b"v=0",
    )


def open_call(phase: Phase = Phase.CONNECTED) -> tuple[OpenCall, list[Event]]:
    told: list[Event] = []

    def record(_: OpenCall, events: Sequence[Event], *, ago_s: float = 0.0) -> None:
        told.extend(events)

    return OpenCall(kept(phase), record), told


def test_what_is_kept_reads_back_the_same() -> None:
    assert decode_kept(msgspec.json.encode(kept())) == kept()


@pytest.mark.parametrize(("before", "after"), list(product(Phase, Phase)))
def test_a_call_takes_only_the_steps_of_its_table(before: Phase, after: Phase) -> None:
    call, _ = open_call(before)
    if after is before or after in LEGAL[before]:
        call.change(phase=after)
        assert call.kept.phase is after
    else:
        with pytest.raises(ValueError, match=f"is {before.value} and cannot become {after.value}"):
            call.change(phase=after)


def test_every_call_can_end() -> None:
    assert all(Phase.ENDED in LEGAL[phase] for phase in Phase if phase is not Phase.ENDED)


def test_the_audios_story_is_told_and_kept() -> None:
    call, told = open_call()
    call.audio_started()
    call.audio_stopped(3.1)
    assert (call.kept.heard, call.kept.stopped) == (True, True)
    call.audio_resumed(9.5)
    assert (call.kept.heard, call.kept.stopped) == (True, False)
    assert told == [CallerAudioStarted(), CallerAudioStopped(3.1), CallerAudioResumed(9.5)]


def test_a_closed_recording_is_named_as_it_was_begun() -> None:
    call, told = open_call()
    call.recording_started("call0123456789-2.wav", 2)
    assert (call.kept.file, call.kept.segment) == ("call0123456789-2.wav", 2)
    call.recording_ended("call0123456789-2.wav", 2, Ended(1.23456, "ab"))
    assert told == [
        RecordingStarted("call0123456789-2.wav", 2),
        RecordingEnded("call0123456789-2.wav", 2, 1.235, "ab"),
    ]
    assert call.kept.file == ""


def test_a_recording_that_could_not_be_closed_is_not_said_to_be() -> None:
    call, told = open_call()
    call.recording_started("call0123456789-1.wav", 1)
    call.recording_ended("call0123456789-1.wav", 1, None)
    assert told == [RecordingStarted("call0123456789-1.wav", 1)]


def test_recording_that_was_found_later_is_told_whole_and_the_running_one_stays() -> None:
    call, told = open_call()
    call.recording_started("call0123456789-2.wav", 2)
    call.recording_sought("call0123456789-1.wav", 1)
    assert call.kept.closing == (LeftFile("call0123456789-1.wav", 1, told=False),)
    call.recording_found("call0123456789-1.wav", 1, Found(Ended(0.02, "ab"), 3.5))
    assert (call.kept.file, call.kept.segment) == ("call0123456789-2.wav", 2)
    assert told[1:] == [
        RecordingStarted("call0123456789-1.wav", 1),
        RecordingEnded("call0123456789-1.wav", 1, 0.02, "ab"),
    ]
    assert call.kept.closing == ()


def test_recording_that_is_being_closed_is_kept_while_the_next_one_runs() -> None:
    call, told = open_call()
    call.recording_started("call0123456789-1.wav", 1)
    call.recording_started("call0123456789-2.wav", 2)
    assert call.kept.closing == (LeftFile("call0123456789-1.wav", 1),)
    call.recording_ended("call0123456789-1.wav", 1, Ended(0.02, "ab"))
    assert (call.kept.file, call.kept.closing) == ("call0123456789-2.wav", ())
    assert told[2:] == [RecordingEnded("call0123456789-1.wav", 1, 0.02, "ab")]


def test_earlier_run_leaves_every_recording_to_be_closed_and_each_once() -> None:
    call, told = open_call()
    call.recording_started("call0123456789-1.wav", 1)
    call.recording_sought("call0123456789-2.wav", 2)
    call.recording_started("call0123456789-3.wav", 3)
    again, told_again = open_call()
    again.kept = decode_kept(msgspec.json.encode(call.kept))
    untold = [("call0123456789-2.wav", 2), ("call0123456789-5.wav", 5)]
    left = again.recordings_left(untold)
    assert {(one.segment, one.told) for one in left} == {(1, True), (2, False), (3, True), (5, False)}
    assert (again.kept.file, again.kept.segment) == ("", 5)
    for one in left:
        if one.told:
            again.recording_ended(one.file, one.segment, Ended(1.0, "ab"))
        else:
            found = Found(Ended(1.0, "ab"), 2.0) if one.segment == 5 else None
            again.recording_found(one.file, one.segment, found)
    assert again.kept.closing == ()
    started = [(event.segment) for event in told + told_again if isinstance(event, RecordingStarted)]
    ended = [event.segment for event in told_again if isinstance(event, RecordingEnded)]
    assert (sorted(started), sorted(ended)) == ([1, 3, 5], [1, 3, 5])
