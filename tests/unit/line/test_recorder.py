"""Where packets lie in a recording, and what the file is at any moment."""

import asyncio
import errno
import hashlib
import os
import tempfile
import wave
from array import array
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.adapters.left_recordings import LeftRecordings
from tenfour.adapters.recorder import Recorder
from tenfour.adapters.recording_file import SPAN, Ended, Lane, Recording, end_left_behind
from tenfour.adapters.recording_timeline import MISORDERED_LIMIT, SLIP_S, SpokenTimeline, Timeline
from tenfour.telephony.g711 import Samples
from tenfour.telephony.wav_head import HEAD_BYTES
from tenfour.vocabulary.ids import CallId

SSRC = 7
CALL = CallId("call0123456789")


def tone(value: int) -> Samples:
    return np.full(160, value, dtype=np.int16)


def samples(path: Path, lane: Lane = Lane.CALLER) -> "array[int]":
    with wave.open(str(path)) as wav:
        assert (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) == (2, 2, 8000)
        return array("h", wav.readframes(wav.getnframes()))[lane::2]


# ---- the time line ----


def test_packets_lie_one_behind_the_other_whenever_they_arrive() -> None:
    line = Timeline()
    places = [line.place(SSRC, n, 1000 + 160 * n, 0.02 * n + jitter) for n, jitter in enumerate([0, 0.05, 0.01, 0.3])]
    assert places == [0, 160, 320, 480]


def test_a_gap_leaves_its_length_free() -> None:
    line = Timeline()
    line.place(SSRC, 1, 0, 0.0)
    assert line.place(SSRC, 51, 50 * 160, 1.0) == 8000


def test_a_late_packet_goes_to_its_own_place() -> None:
    line = Timeline()
    line.place(SSRC, 1, 0, 0.0)
    line.place(SSRC, 3, 320, 0.04)
    assert line.place(SSRC, 2, 160, 0.06) == 160


def test_the_same_packet_again_goes_to_the_same_place() -> None:
    line = Timeline()
    line.place(SSRC, 1, 0, 0.0)
    line.place(SSRC, 2, 160, 0.02)
    assert line.place(SSRC, 2, 160, 0.03) == 160


def test_a_packet_from_before_the_recording_has_no_place() -> None:
    line = Timeline()
    line.place(SSRC, 10, 16000, 0.0)
    assert line.place(SSRC, 9, 15840, 0.02) is None


def test_sequence_and_timestamp_may_wrap_around() -> None:
    line = Timeline()
    assert line.place(SSRC, 65535, 2**32 - 160, 0.0) == 0
    assert line.place(SSRC, 0, 0, 0.02) == 160


def test_a_new_source_begins_at_the_elapsed_time() -> None:
    line = Timeline()
    line.place(SSRC, 1, 0, 0.0)
    assert line.place(99, 5000, 77, 3.0) == 24000
    assert line.place(99, 5001, 237, 3.02) == 24160


def test_a_timestamp_that_stood_still_in_a_pause_is_put_right_by_the_clock() -> None:
    line = Timeline()
    line.place(SSRC, 1, 0, 0.0)
    assert line.place(SSRC, 2, 160, 10.0) == 80000
    assert line.place(SSRC, 3, 320, 10.02) == 80160


def test_a_timestamp_that_jumps_hours_ahead_does_not_make_a_file_of_hours() -> None:
    line = Timeline()
    line.place(SSRC, 1, 0, 0.0)
    assert line.place(SSRC, 2, 2**30, 0.02) == 160


def test_a_source_that_counts_anew_is_heard_again() -> None:
    line = Timeline()
    line.place(SSRC, 30000, 10_000_000, 0.0)
    places = [line.place(SSRC, n, 160 * n, 1 + 0.02 * n) for n in range(MISORDERED_LIMIT + 5)]
    assert places[0] is None
    assert places[-1] is not None


# ---- the file ----


def test_a_late_packet_that_claims_to_be_of_hours_ahead_has_no_place() -> None:
    """A recording of one call would otherwise grow by gigabytes of nothing."""
    timeline = Timeline()
    assert timeline.place(7, 10, 1600, 1.0) == 8000
    assert timeline.place(7, 9, 1600 + 3 * 3600 * 8000, 1.02) is None
    assert timeline.place(7, 11, 1760, 1.02) == 8160


def test_a_gap_reads_as_silence_and_a_late_packet_fills_it(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "call-1.wav")
    recording.write(0, tone(1000))
    recording.write(480, tone(4000))
    recording.write(160, tone(2000))
    ended = recording.end()
    found = samples(tmp_path / "call-1.wav")
    assert [found[0], found[160], found[320], found[480]] == [1000, 2000, 0, 4000]
    assert ended.duration_s == 640 / 8000


def test_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "call-1.wav")
    recording.write(0, tone(5))
    ended = recording.end()
    assert ended.sha256 == hashlib.sha256((tmp_path / "call-1.wav").read_bytes()).hexdigest()


def test_an_existing_recording_is_never_opened_again(tmp_path: Path) -> None:
    Recording(tmp_path / "call-1.wav").end()
    with pytest.raises(FileExistsError):
        Recording(tmp_path / "call-1.wav")


def test_what_was_written_is_in_the_file_before_anything_is_closed(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "call-1.wav")
    recording.write(0, tone(9))
    recording.flush()
    assert (tmp_path / "call-1.wav").stat().st_size == HEAD_BYTES + 640
    recording.end()


def test_a_sync_makes_the_growing_file_playable(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "call-1.wav")
    recording.write(0, tone(9))
    recording.flush()
    recording.sync()
    assert len(samples(tmp_path / "call-1.wav")) == 160
    recording.end()


def test_a_recording_that_a_killed_line_left_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "call-1.wav"
    whole = Recording(path)
    whole.write(0, tone(3))
    whole.end()
    path.write_bytes(path.read_bytes() + tone(3).tobytes() * 2 + b"\1")
    ended = end_left_behind(path)
    assert ended.duration_s == 0.04
    assert list(samples(path)) == [3] * 320


def test_a_recording_of_an_earlier_version_has_one_channel_and_is_mended_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "call-1.wav"
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes(tone(3).tobytes())
    path.write_bytes(path.read_bytes() + tone(4).tobytes() + b"\1")
    assert end_left_behind(path).duration_s == 0.04
    with wave.open(str(path)) as wav:
        assert (wav.getnchannels(), wav.getnframes()) == (1, 320)


@given(
    st.lists(st.tuples(st.sampled_from(Lane), st.integers(0, 400), st.integers(1, 30000)), max_size=12),
    st.sampled_from([1, 40, SPAN]),
    st.sets(st.integers(0, 11)),
)
def test_lanes_are_written_in_any_order_and_never_disturb_each_other(writes, spread, flushed) -> None:
    """Also where they are too far apart for the end that is kept in memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "call-1.wav")
        recording = Recording(path)
        expected = {lane: np.zeros(400 * spread + 160, dtype=np.int16) for lane in Lane}
        for at, (lane, position, value) in enumerate(writes):
            recording.write(spread * position, tone(value), lane)
            expected[lane][spread * position : spread * position + 160] = value
            if at in flushed:
                recording.flush()
        recording.end()
        for lane in Lane:
            found = np.array(samples(path, lane), dtype=np.int16)
            assert np.array_equal(found, expected[lane][: found.size])
            assert not expected[lane][found.size :].any()


def test_what_a_full_disk_does_not_take_is_taken_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = Recording(tmp_path / "call-1.wav")
    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", _no_space)
        recording.write(0, tone(1))
        with pytest.raises(OSError, match="No space"):
            recording.flush()
        recording.write(160, tone(2))
        with pytest.raises(OSError, match="No space"):
            recording.write(2 * SPAN, tone(3))
    recording.write(320, tone(3))
    recording.end()
    assert list(samples(tmp_path / "call-1.wav"))[::160] == [1, 2, 3]


def test_full_disk_loses_the_end_of_a_recording_and_seals_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a full disk is: it takes a part, then no growth at all, and what is there may be written over."""
    recording = Recording(tmp_path / "call-1.wav")
    recording.write(0, tone(7))
    recording.flush()
    recording.write(160, tone(8))
    size = HEAD_BYTES + 4 * 200 + 2
    written = os.pwrite

    def grows_no_more(file: int, data: bytes, at: int) -> int:
        if at >= size:
            raise OSError(errno.ENOSPC, "No space left on device")
        return written(file, data[: size - at], at)

    monkeypatch.setattr("os.pwrite", grows_no_more)
    ended = recording.end()
    whole = (tmp_path / "call-1.wav").read_bytes()
    assert ended == Ended(200 / 8000, hashlib.sha256(whole).hexdigest())
    assert len(whole) == HEAD_BYTES + 4 * 200
    assert list(samples(tmp_path / "call-1.wav")) == [7] * 160 + [8] * 40


def _no_space(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_what_the_caller_hears_follows_without_seams_and_begins_anew_after_a_pause() -> None:
    timeline = SpokenTimeline()
    late = [0.0, 0.031, 0.038, 0.062, 0.08]
    assert [timeline.place(160, at) for at in late] == [0, 160, 320, 480, 640]
    assert timeline.place(160, 0.1 + SLIP_S + 0.01) == int((0.1 + SLIP_S + 0.01) * 8000)
    assert timeline.place(160, SLIP_S + 0.5, begins=True) == (SLIP_S + 0.5) * 8000


# ---- the recorder ----


async def ended_of(recorder: Recorder, packets: int) -> tuple[tuple[str, int], Ended | None]:
    started: asyncio.Future[tuple[str, int]] = asyncio.get_running_loop().create_future()
    ended: asyncio.Future[Ended | None] = asyncio.get_running_loop().create_future()
    handle = recorder.start(CALL, 1, lambda file, segment: started.set_result((file, segment)))
    for n in range(packets):
        recorder.write(handle, SSRC, n, 160 * n, tone(n))
    recorder.end(handle, ended.set_result)
    closed = await ended
    return (await started, closed) if started.done() else (("", 0), closed)


async def test_a_recording_tells_when_it_began_and_when_it_is_closed(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "recordings")
    (file, segment), ended = await ended_of(recorder, 10)
    assert (file, segment) == ("call0123456789-1.wav", 1)
    assert ended is not None
    assert ended.duration_s >= 0.2
    await recorder.close()


async def test_a_second_recording_of_a_call_takes_the_next_number(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    await ended_of(recorder, 1)
    (file, segment), _ = await ended_of(recorder, 1)
    assert (file, segment) == ("call0123456789-2.wav", 2)
    await recorder.close()


async def test_number_of_a_recording_that_is_flac_by_now_is_not_used_again(tmp_path: Path) -> None:
    (tmp_path / f"{CALL}-1.flac").touch()
    recorder = Recorder(tmp_path)
    (file, segment), _ = await ended_of(recorder, 1)
    assert (file, segment) == (f"{CALL}-2.wav", 2)
    await recorder.close()


async def test_a_folder_that_cannot_be_written_is_counted_and_the_call_goes_on(tmp_path: Path) -> None:
    (tmp_path / "recordings").write_text("in the way")
    recorder = Recorder(tmp_path / "recordings")
    _, ended = await ended_of(recorder, 3)
    assert ended is None
    assert recorder.write_failures == 1
    await recorder.close()


async def test_a_left_recording_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    left = LeftRecordings(tmp_path)
    ended: asyncio.Future[Ended | None] = asyncio.get_running_loop().create_future()
    left.end("nothing-1.wav", ended.set_result)
    assert await ended is None
    await left.close()
