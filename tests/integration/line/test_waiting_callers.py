"""A caller whom nobody answers hears an announcement, is recorded, and is still ringing."""

import wave

import numpy as np
import pytest
import scipy.signal

from tenfour.calltaking.event import (
    AnnouncementStarted,
    CallAbandoned,
    CallConnected,
    CallerAudioStarted,
    CallerDisconnected,
    CallReceived,
    RecordingEnded,
    RecordingStarted,
    Signal,
)
from tenfour.telephony.sdp import parse_sdp
from tenfour.telephony.sip_event import Answered, Ringing


@pytest.fixture
async def impatient_line(line):
    """The line, announcing after half a second."""
    await line.stop()
    settings = line.folder / "centre.toml"
    settings.write_text(settings.read_text() + "[announcement]\nwaiting_after_s = 0.5\n")
    await line.start()
    return line


def early_sdp(caller) -> bytes:
    return next(event.response.body for event in caller.happened if says_183(event))


def says_183(event) -> bool:
    return isinstance(event, Ringing) and event.response.status == 183


async def waiting_caller(centre, new_caller, wait_until):
    caller = new_caller()
    await caller.listen()
    caller.dial()
    call_id = (await centre.heard_of(CallReceived)).call_id
    await wait_until(lambda: any(says_183(event) for event in caller.happened))
    return caller, call_id


async def test_waiting_caller_hears_the_announcement_and_is_then_answered_on_the_same_port(
    impatient_line, centre, new_caller, wait_until, frequency_of
) -> None:
    caller, call_id = await waiting_caller(centre, new_caller, wait_until)
    announced = await centre.heard_of(AnnouncementStarted)
    assert "Do not hang up" in announced.name
    assert "0.5 s" in announced.why
    await wait_until(lambda: len(caller.heard) > 50)
    assert abs(caller.heard_samples()).max() > 1000
    assert "CallConnected" not in centre.names()
    caller.speak_to(early_sdp(caller))
    await centre.heard_of(CallerAudioStarted)
    centre.answer(call_id)
    await caller.answered()
    answer = next(event.sdp for event in caller.happened if isinstance(event, Answered))
    assert parse_sdp(answer) == parse_sdp(early_sdp(caller))
    await centre.heard_of(CallConnected)
    assert "We hear you" in (await centre.heard_of(AnnouncementStarted, 2)).name
    caller.hang_up()
    await centre.heard_of(CallerDisconnected)
    await centre.heard_of(RecordingEnded)
    assert [event.segment for event in centre.events(RecordingStarted)] == [1]
    assert frequency_of(impatient_line.recordings[0]) == pytest.approx(440, abs=12)


async def test_what_a_caller_said_who_gave_up_is_kept(
    impatient_line, centre, new_caller, wait_until, frequency_of
) -> None:
    caller, _ = await waiting_caller(centre, new_caller, wait_until)
    caller.speak_to(early_sdp(caller))
    await centre.heard_of(CallerAudioStarted)
    await centre.heard_of(RecordingStarted)
    await wait_until(lambda: impatient_line.recordings[0].stat().st_size > 32000)
    caller.hang_up()
    assert (await centre.heard_of(CallAbandoned)).signal is Signal.CANCEL
    assert (await centre.heard_of(RecordingEnded)).duration_s > 0.3
    assert frequency_of(impatient_line.recordings[0]) == pytest.approx(440, abs=12)


async def test_what_a_caller_hears_is_recorded_beside_it_from_the_waiting_announcement_on(
    impatient_line, centre, new_caller, wait_until
) -> None:
    caller, call_id = await waiting_caller(centre, new_caller, wait_until)
    await wait_until(lambda: len(caller.heard) > 50)
    centre.answer(call_id)
    await centre.heard_of(CallConnected)
    waited = len(caller.heard)
    await wait_until(lambda: len(caller.heard) > waited + 60)
    heard = caller.heard_samples().astype(float)
    caller.hang_up()
    await centre.heard_of(RecordingEnded)
    with wave.open(str(impatient_line.recordings[0])) as wav:
        both = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2").reshape(-1, 2).astype(float)
    assert not both[:, 0].any()
    for begin in (0, 160 * (waited + 10)):
        assert likeness(both[:, 1], heard[begin : begin + 160 * 40]) > 0.95


def likeness(recorded, heard) -> float:
    """How like the heard piece the likest place of the recording is, 1 being the same."""
    products = scipy.signal.correlate(recorded, heard, mode="valid", method="fft")
    energy = scipy.signal.correlate(recorded**2, np.ones(len(heard)), mode="valid", method="fft")
    return float((products / np.sqrt(np.maximum(energy, 1.0) * (heard**2).sum())).max())


async def test_line_killed_while_a_caller_waits_announces_again_on_the_same_port(
    impatient_line, centre, new_caller, wait_until
) -> None:
    caller, call_id = await waiting_caller(centre, new_caller, wait_until)
    caller.speak_to(early_sdp(caller))
    await centre.heard_of(CallerAudioStarted)
    await centre.heard_of(RecordingStarted)
    await impatient_line.kill()
    await impatient_line.start()
    await centre.heard_of(RecordingStarted, 2)
    centre.answer(call_id)
    await caller.answered()
    answer = next(event.sdp for event in caller.happened if isinstance(event, Answered))
    assert parse_sdp(answer).media[0].port == parse_sdp(early_sdp(caller)).media[0].port
    caller.hang_up()
    await centre.heard_of(RecordingEnded, 2)
    assert [event.segment for event in centre.events(RecordingStarted)] == [1, 2]
    assert len(centre.events(CallerAudioStarted)) == 1
