"""How loud a recording is, every tenth of a second, by lane: what the desk draws, and finds its way in.

A recording that grows is asked for piece by piece: what may still change is told anew.
"""

from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from tenfour.desk.view import WaveformView
from tenfour.desk.wav import Recording, open_recording

RATE = 8000
STEP_SAMPLES = RATE // 10
LATE_STEPS = 400
"""A late packet may be written so many steps back: 30 s (`recorder.LATE_LIMIT_S`), and what a clock may be off."""

LONGEST_ANSWER = 36_000
"""Steps of one answer: an hour, 115 MB of audio. What is left is asked for with the next."""

KEPT_ANSWERS = 64
"""Several windows that look at one call cost one reading; an answer takes half a megabyte at most."""


class _Version(msgspec.Struct, frozen=True):
    """A file as it was at one moment: two that are equal hold the same sound."""

    mtime_ns: int
    recording: Recording


def waveform(path: Path, first: int, *, growing: bool) -> WaveformView:
    """The loudest sample of each step of `STEP_SAMPLES` from step `first` on, 0 to 32767; a begun step counts.

    Reads the file: call it in a thread. Raises `NotFound` and `BadInput` as `open_recording` does.
    """
    recording = open_recording(path)
    samples = recording.data_bytes // (2 * recording.channels)
    steps = -(-samples // STEP_SAMPLES)
    settled = max(0, steps - LATE_STEPS) if growing else steps
    lanes = _peaks(_Version(recording.path.stat().st_mtime_ns, recording), first)
    peaks, heard = lanes[0], lanes[1] if len(lanes) > 1 else ()
    return WaveformView(STEP_SAMPLES / RATE, first, peaks, min(settled, first + len(peaks)), samples / RATE, heard)


@lru_cache(KEPT_ANSWERS)
def _peaks(version: _Version, first: int) -> tuple[tuple[int, ...], ...]:
    """Of each lane."""
    recording, frame = version.recording, 2 * version.recording.channels
    begin = len(recording.header) + first * STEP_SAMPLES * frame
    end = min(recording.length, begin + LONGEST_ANSWER * STEP_SAMPLES * frame)
    if begin >= end:
        return ((),)
    raw = recording.read(begin, end)
    samples = np.frombuffer(raw[: len(raw) // frame * frame], dtype="<i2").reshape(-1, recording.channels)
    return tuple(loudest(lane) for lane in samples.T)


def loudest(samples: npt.NDArray[np.int16]) -> tuple[int, ...]:
    """The largest distance from zero in each step; the last step may be a part of one."""
    loud = np.minimum(np.abs(samples.astype(np.int32)), np.iinfo(np.int16).max)
    missing = -len(loud) % STEP_SAMPLES
    steps = np.pad(loud, (0, missing)).reshape(-1, STEP_SAMPLES)
    return tuple(int(peak) for peak in steps.max(axis=1)) if len(loud) else ()
