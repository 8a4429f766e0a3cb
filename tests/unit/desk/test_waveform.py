"""What is drawn of a recording is where it is heard."""

import struct
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.desk import waveform as w
from tenfour.vocabulary.errors import NotFound

STEP = w.STEP_SAMPLES


def recorded(path: Path, samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> Path:
    """A recording as the line writes it, its header still saying that nothing is in it."""
    head = b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) + b"data\0\0\0\0"
    path.write_bytes(head + samples.astype("<i2").tobytes())
    return path


def burst(length_s: float, begin_s: float, end_s: float) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    """Silence with a tone of 440 Hz in it."""
    at = np.arange(int(length_s * w.RATE)) / w.RATE
    return np.where((at >= begin_s) & (at < end_s), 20_000 * np.sin(2 * np.pi * 440 * at), 0).astype(np.int16)


def test_tone_stands_where_it_sounds(tmp_path: Path) -> None:
    view = w.waveform(recorded(tmp_path / "a.wav", burst(6, 2.5, 3.1)), 0, growing=False)
    loud = [place for place, peak in enumerate(view.peaks) if peak > 10_000]
    assert loud == list(range(25, 31))
    assert (view.step_s, view.first, len(view.peaks), view.settled, view.length_s) == (0.1, 0, 60, 60, 6.0)


def test_growing_recording_is_asked_for_from_where_it_has_settled(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.wav", burst(60, 10, 11))
    first = w.waveform(path, 0, growing=True)
    assert first.settled == 600 - w.LATE_STEPS
    whole = burst(70, 10, 11) + burst(70, 45, 46) + burst(70, 65, 66)
    recorded(path, whole)
    second = w.waveform(path, first.settled, growing=True)
    assert first.peaks[: first.settled] + second.peaks == w.loudest(whole)


def test_same_length_with_a_late_packet_is_read_anew(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.wav", burst(5, 1, 2))
    assert w.waveform(path, 0, growing=True).peaks[40] == 0
    with path.open("r+b") as file:
        file.seek(44 + 40 * STEP * 2)
        file.write(struct.pack("<h", 9000))
    assert w.waveform(path, 0, growing=True).peaks[40] == 9000


def test_answer_is_bounded_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(w, "LONGEST_ANSWER", 25)
    path = recorded(tmp_path / "a.wav", burst(6, 2.4, 2.6))
    pages = [w.waveform(path, first, growing=False) for first in (0, 25, 50, 75)]
    assert [len(page.peaks) for page in pages] == [25, 25, 10, 0]
    assert [page.settled for page in pages] == [25, 50, 60, 60]
    assert sum((page.peaks for page in pages), ()) == w.loudest(burst(6, 2.4, 2.6))


def test_beyond_the_end_there_is_nothing_and_without_a_file_it_is_said(tmp_path: Path) -> None:
    assert w.waveform(recorded(tmp_path / "a.wav", burst(1, 0, 1)), 999, growing=True).peaks == ()
    with pytest.raises(NotFound):
        w.waveform(tmp_path / "gone.wav", 0, growing=False)


def test_of_two_channels_both_are_drawn(tmp_path: Path) -> None:
    path = tmp_path / "both.wav"
    both = np.zeros((1600, 2), "<i2")
    both[:800, 0], both[:, 1] = 1000, 20000
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(2)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes(both.tobytes())
    seen = w.waveform(path, 0, growing=False)
    assert (seen.peaks, seen.heard, seen.length_s) == ((1000, 0), (20000, 20000), 0.2)
    last = w.waveform(path, 1, growing=False)
    assert (last.peaks, last.heard) == ((0,), (20000,))
    beyond = w.waveform(path, 2, growing=False)
    assert (beyond.peaks, beyond.heard) == ((), ())


def test_caller_who_was_recorded_alone_has_no_second_lane(tmp_path: Path) -> None:
    assert w.waveform(recorded(tmp_path / "a.wav", burst(1, 0, 1)), 0, growing=False).heard == ()


@given(st.lists(st.integers(-32768, 32767), max_size=3 * STEP))
def test_no_step_hides_a_loud_sample(samples: list[int]) -> None:
    peaks = w.loudest(np.array(samples, dtype=np.int16))
    assert len(peaks) == -(-len(samples) // STEP)
    for place, peak in enumerate(peaks):
        assert peak == max(min(abs(one), 32767) for one in samples[place * STEP : (place + 1) * STEP])
