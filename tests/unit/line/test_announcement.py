"""What the caller hears until call takers have a voice here."""

import wave
from itertools import islice
from pathlib import Path

import numpy as np

from tenfour.adapters.announcement import DEFAULT, FRAME_SAMPLES, SILENCE, play, read_announcement


def wav(path: Path, seconds: float, rate: int = 8000, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(b"\1\1" * int(seconds * rate) * channels)
    return path


def test_the_announcement_comes_in_frames_of_20_ms(tmp_path: Path) -> None:
    frames = read_announcement(wav(tmp_path / "a.wav", 0.05))
    assert len(frames) == 3
    assert {len(frame) for frame in frames} == {2 * FRAME_SAMPLES}


def test_a_missing_file_is_replaced_by_the_shipped_words(tmp_path: Path) -> None:
    frames = read_announcement(tmp_path / "nothing.wav")
    assert 2 < len(frames) * 0.02 < 10
    assert np.abs(np.frombuffer(b"".join(frames), dtype="<i2")).max() > 3000


def test_a_stereo_file_is_not_played_as_noise(tmp_path: Path) -> None:
    stereo = read_announcement(wav(tmp_path / "stereo.wav", 1, channels=2))
    assert stereo == read_announcement(tmp_path / "nothing.wav")


def test_a_file_that_is_no_wav_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("Nine one one")
    assert read_announcement(tmp_path / "a.wav") == read_announcement(tmp_path / "nothing.wav")


def test_the_shipped_file_is_small() -> None:
    assert len(DEFAULT.read_bytes()) < 100_000


def test_after_the_words_there_is_silence_with_a_beep_now_and_then() -> None:
    words = (b"\1\0" * FRAME_SAMPLES,) * 3
    frames = list(islice(play(words, beep_every_s=1.0), 3 + 100))
    assert tuple(frames[:3]) == words
    assert frames[3:43] == [SILENCE] * 40
    assert all(frame != SILENCE for frame in frames[43:53])
    assert frames[53] == SILENCE


def test_without_beeps_there_is_only_silence() -> None:
    assert set(islice(play((), beep_every_s=0), 500)) == {SILENCE}
