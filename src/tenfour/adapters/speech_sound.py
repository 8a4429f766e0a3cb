"""A recording as the speech model takes it: a channel at a time, some minutes at a time, cut where it is quiet."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import soundfile

from tenfour.adapters.flac_file import stored

HEARS_AT = 16_000
"""Samples a second that the model takes."""

LONGEST_S = 300
"""Seconds of sound in memory: all of a call of an hour would take more than a gigabyte."""

CUT_WITHIN_S = 20
"""The cut is in the quietest `STEP_S` of the last so many seconds: no word is cut where anybody draws breath."""

STEP_S = 0.2


class Stretch(msgspec.Struct, frozen=True):
    """A part of a channel that begins `from_s` after its beginning: floats of -1 to 1, `HEARS_AT` a second."""

    channel: int
    from_s: float
    samples: npt.NDArray[np.float32]


def stretches(path: Path) -> Iterator[Stretch]:
    """Every channel of a recording, WAV or FLAC, one after the other. Raises `soundfile.LibsndfileError`."""
    with _opened(path) as sound:
        for channel in range(sound.channels):
            begin, rate = 0, sound.samplerate
            while begin < sound.frames:
                sound.seek(begin)
                samples = sound.read(LONGEST_S * rate, dtype="float32", always_2d=True)[:, channel]
                if begin + len(samples) < sound.frames:
                    samples = samples[: _quietest(samples, rate)]
                yield Stretch(channel, begin / rate, _as_heard(samples, rate))
                begin += max(1, len(samples))


def _opened(path: Path) -> soundfile.SoundFile:
    """One that is compressed just now is found the second time."""
    try:
        return soundfile.SoundFile(stored(path))
    except soundfile.LibsndfileError:
        return soundfile.SoundFile(stored(path))


def _quietest(samples: npt.NDArray[np.float32], rate: int) -> int:
    """The middle of the quietest step at the end."""
    step = int(STEP_S * rate)
    first = len(samples) - CUT_WITHIN_S * rate
    steps = np.abs(samples[first : first + CUT_WITHIN_S * rate // step * step]).reshape(-1, step)
    return first + int(steps.max(axis=1).argmin()) * step + step // 2


def _as_heard(samples: npt.NDArray[np.float32], rate: int) -> npt.NDArray[np.float32]:
    wanted = np.arange(len(samples) * HEARS_AT // rate) * (rate / HEARS_AT)
    heard: npt.NDArray[np.float32] = np.interp(wanted, np.arange(len(samples)), samples).astype(np.float32)
    return heard
