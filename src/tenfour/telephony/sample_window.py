"""A window of audio samples by their place in a stream: what came, and where something is missing."""

import numpy as np
import numpy.typing as npt

from tenfour.telephony.g711 import Samples

SPAN = 1 << 15
"""Samples that fit: four seconds."""

Mask = npt.NDArray[np.bool_]


class SampleWindow:
    """Memory of a fixed size. Whoever uses it keeps what is written within `SPAN` of what is not taken yet."""

    def __init__(self) -> None:
        self._samples: Samples = np.zeros(SPAN, dtype=np.int16)
        self._there: Mask = np.zeros(SPAN, dtype=np.bool_)

    def write(self, position: int, samples: Samples) -> None:
        """These samples belong from `position` on."""
        at = _places(position, samples.size)
        self._samples[at], self._there[at] = samples, True

    def take(self, position: int, count: int) -> tuple[Samples, Mask]:
        """The samples and which of them came; they are forgotten. What is missing is 0."""
        at = _places(position, count)
        samples, there = np.where(self._there[at], self._samples[at], 0).astype(np.int16), self._there[at]
        self._there[at] = False
        return samples, there

    def peek(self, position: int, count: int) -> Samples:
        """The samples as `take` would give them."""
        at = _places(position, count)
        return np.where(self._there[at], self._samples[at], 0).astype(np.int16)

    def is_whole(self, position: int, count: int) -> bool:
        """Is nothing missing there?"""
        return bool(self._there[_places(position, count)].all())

    def drop(self, position: int, end: int) -> None:
        """Forget what lies between."""
        self._there[_places(position, min(max(0, end - position), SPAN))] = False

    def clear(self) -> None:
        """Forget everything."""
        self._there[:] = False


def _places(position: int, count: int) -> npt.NDArray[np.intp]:
    return (position % SPAN + np.arange(count)) % SPAN
