"""What is made up for lost audio is nearer to what was said than silence is, and does not click."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.concealment import GONE, LONGEST_PITCH, SHORTEST_PITCH, Concealer, pitch_of
from tenfour.telephony.g711 import Samples

FRAME = 160


def speech_like(seconds: float = 6.0, seed: int = 1) -> Samples:
    """A voice: a gliding pitch with harmonics that fall off, syllables, and a little breath."""
    at = np.arange(int(8000 * seconds)) / 8000
    turn = 2 * np.pi * np.cumsum(115 + 25 * np.sin(2 * np.pi * 0.7 * at)) / 8000
    voice = sum(np.sin(k * turn + k) / k for k in range(1, 12))
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 3 * at)
    breath = np.random.default_rng(seed).normal(0, 60, at.size)
    wave: Samples = (3500 * voice * syllables + breath).astype(np.int16)
    return wave


def frames_of(wave: Samples) -> list[Samples]:
    return [wave[at : at + FRAME] for at in range(0, wave.size - FRAME + 1, FRAME)]


def concealed(frames: list[Samples], lost: set[int]) -> Samples:
    concealer = Concealer()
    told = [concealer.lost(FRAME) if at in lost else concealer.heard(frame) for at, frame in enumerate(frames)]
    return np.concatenate(told)


def error(one: Samples, other: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(one.astype(float) - other.astype(float)))))


def steepest(wave: Samples) -> int:
    return int(np.abs(np.diff(wave.astype(int))).max())


@pytest.mark.parametrize("seed", range(5))
def test_five_percent_loss_is_nearer_to_the_voice_than_silence_is(seed: int) -> None:
    frames = frames_of(speech_like(seed=seed))
    lost = set(np.flatnonzero(np.random.default_rng(seed).random(len(frames)) < 0.05).tolist()) - {0}
    original = np.concatenate(frames)
    silent = np.concatenate([frame * (at not in lost) for at, frame in enumerate(frames)])
    assert len(lost) > 5
    assert error(concealed(frames, lost), original) < 0.75 * error(silent.astype(np.int16), original)


@pytest.mark.parametrize("seed", range(5))
def test_seams_do_not_click(seed: int) -> None:
    """No step between two samples is steeper than the voice's own steepest, but for a little."""
    frames = frames_of(speech_like(seed=seed))
    lost = set(np.flatnonzero(np.random.default_rng(seed).random(len(frames)) < 0.15).tolist())
    assert steepest(concealed(frames, lost)) < 1.1 * steepest(np.concatenate(frames))


def test_a_steady_tone_goes_on_through_a_gap() -> None:
    tone = (8000 * np.sin(2 * np.pi * 100 * np.arange(4000) / 8000)).astype(np.int16)
    frames = frames_of(tone)
    told = concealed(frames, {12})
    gap = slice(12 * FRAME, 12 * FRAME + 80)
    assert error(told[gap], tone[gap]) < 100


def test_a_long_gap_fades_to_silence() -> None:
    frames = frames_of(speech_like(1.0))
    told = concealed(frames, set(range(20, 30)))
    loudness = [float(np.abs(told[at * FRAME : (at + 1) * FRAME].astype(int)).mean()) for at in range(20, 30)]
    assert loudness[0] > 3 * loudness[4] > 0
    assert told[20 * FRAME + 480 :][:80].any()
    assert not told[20 * FRAME + GONE : 30 * FRAME].any()


def test_before_anything_was_heard_there_is_silence() -> None:
    assert not Concealer().lost(FRAME).any()


@pytest.mark.parametrize("period", [40, 57, 80, 101, 120])
def test_the_pitch_is_found(period: int) -> None:
    pulses = np.zeros(400)
    pulses[::period] = 9000
    wave = np.convolve(pulses, np.exp(-np.arange(30) / 6), "same")
    assert pitch_of(wave[-390:]) % period == 0 or period % pitch_of(wave[-390:]) == 0


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(1, 400), st.integers(-32768, 32767)),
        max_size=30,
    )
)
def test_any_audio_and_any_gaps_give_as_many_samples(parts) -> None:
    concealer = Concealer()
    for came, count, level in parts:
        told = concealer.heard(np.full(count, level, dtype=np.int16)) if came else concealer.lost(count)
        assert (told.size, told.dtype) == (count, np.int16)


@given(st.integers(0, 2**32 - 1))
def test_the_pitch_is_within_bounds_for_any_noise(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(-32768, 32767, 390).astype(float)
    assert SHORTEST_PITCH <= pitch_of(noise) <= LONGEST_PITCH
