"""How loud a recording is, every tenth of a second, by lane: what the desk draws, and finds its way in.

A recording that grows is asked for piece by piece: what may still change is told anew.
"""

from array import array
from contextlib import suppress
from functools import lru_cache
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from tenfour.desk.view import WaveformView
from tenfour.desk.wav import FLAC, Recording, open_recording
from tenfour.vocabulary.errors import NotFound

RATE = 8000
STEP_SAMPLES = RATE // 10
LATE_STEPS = 400
"""A late packet may be written so many steps back: 30 s (`recorder.LATE_LIMIT_S`), and what a clock may be off."""

LONGEST_ANSWER = 36_000
"""Steps of one answer: an hour, 115 MB of audio. What is left is asked for with the next."""

READ_STEPS = 600
"""So many are read at once: a minute, 2 MB."""

KEPT_ANSWERS = 64
"""Several windows that look at one call cost one reading; an answer takes 150 KB at most."""


class _Version(msgspec.Struct, frozen=True):
    """A file as it was at one moment: two that are equal hold the same sound."""

    mtime_ns: int
    recording: Recording

    @property
    def samples(self) -> int:
        """Of each lane."""
        return self.recording.data_bytes // (2 * self.recording.channels)

    @property
    def steps(self) -> int:
        """A begun one counts."""
        return -(-self.samples // STEP_SAMPLES)


def waveform(path: Path, first: int, *, growing: bool) -> WaveformView:
    """The loudest sample of each step of `STEP_SAMPLES` from step `first` on, 0 to 32767; a begun step counts.

    Reads the file: call it in a thread. Raises `NotFound` and `BadInput` as `open_recording` does.
    """
    recording = open_recording(path)
    version = _Version(_changed_at(recording.path), recording)
    settled = max(0, version.steps - LATE_STEPS) if growing else version.steps
    lanes = _peaks(version, first)
    peaks, heard = (*map(tuple, lanes), (), ())[:2]
    return WaveformView(
        STEP_SAMPLES / RATE, first, peaks, min(settled, first + len(peaks)), version.samples / RATE, heard
    )


def _changed_at(path: Path) -> int:
    """Raises `NotFound`."""
    for kept in (path, path.with_suffix(FLAC)):  # the second: compressed since it was looked at
        with suppress(FileNotFoundError):
            return kept.stat().st_mtime_ns
    raise NotFound("recording", path.name)


@lru_cache(KEPT_ANSWERS)
def _peaks(version: _Version, first: int) -> "tuple[array[int], ...]":
    """Of each lane."""
    last = min(version.steps, first + LONGEST_ANSWER)
    read = [_read(version.recording, at, min(last, at + READ_STEPS)) for at in range(first, last, READ_STEPS)]
    return tuple(array("H", chain.from_iterable(lane)) for lane in zip(*read, strict=True))


def _read(recording: Recording, first: int, end: int) -> tuple[tuple[int, ...], ...]:
    """These steps of each lane."""
    step = 2 * recording.channels * STEP_SAMPLES
    head = len(recording.header)
    raw = recording.read(head + first * step, min(recording.length, head + end * step))
    frames = len(raw) // (2 * recording.channels) * recording.channels
    samples = np.frombuffer(raw, dtype="<i2", count=frames).reshape(-1, recording.channels)
    return tuple(loudest(lane) for lane in samples.T)


def loudest(samples: npt.NDArray[np.int16]) -> tuple[int, ...]:
    """The largest distance from zero in each step; the last step may be a part of one."""
    loud = np.minimum(np.abs(samples.astype(np.int32)), np.iinfo(np.int16).max)
    missing = -len(loud) % STEP_SAMPLES
    steps = np.pad(loud, (0, missing)).reshape(-1, STEP_SAMPLES)
    return tuple(int(peak) for peak in steps.max(axis=1)) if len(loud) else ()
