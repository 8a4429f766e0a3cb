"""A window of audio samples by their place in a stream: what came, and where something is missing."""

import numpy as np
import numpy.typing as npt

from tenfour.telephony.g711 import Samples

SPAN = 1 << 15
"""Samples that fit: four seconds."""

Mask = npt.NDArray[np.bool_]

_CAME, _MISSING = b"\1", b"\0"


class SampleWindow:
    """Memory of a fixed size. Whoever uses it keeps what is written within `SPAN` of what is not taken yet."""

    def __init__(self) -> None:
        self._samples: Samples = np.zeros(SPAN, dtype=np.int16)
        self._there = bytearray(SPAN)
        """Of each sample, did it come? What did not is 0."""

    def write(self, position: int, samples: Samples) -> None:
        """These samples belong from `position` on."""
        done = 0
        for part in _places(position, samples.size):
            size = part.stop - part.start
            self._samples[part], self._there[part] = samples[done : done + size], _CAME * size
            done += size

    def take(self, position: int, count: int) -> tuple[Samples, Mask | None]:
        """The samples, and which of them came (None: all did); they are forgotten. What is missing is 0."""
        samples, there = self.peek(position, count), self._came(position, count)
        self.drop(position, position + count)
        return samples, np.frombuffer(there, dtype=np.bool_) if _MISSING in there else None

    def peek(self, position: int, count: int) -> Samples:
        """The samples as `take` would give them."""
        first, *rest = _places(position, count)
        return np.concatenate((self._samples[first], self._samples[rest[0]])) if rest else self._samples[first].copy()

    def is_whole(self, position: int, count: int) -> bool:
        """Is nothing missing there?"""
        return _MISSING not in self._came(position, count)

    def drop(self, position: int, end: int) -> None:
        """Forget what lies between."""
        for part in _places(position, min(max(0, end - position), SPAN)):
            self._samples[part] = 0
            self._there[part] = bytes(part.stop - part.start)

    def clear(self) -> None:
        """Forget everything."""
        self.drop(0, SPAN)

    def _came(self, position: int, count: int) -> bytes:
        return b"".join(bytes(self._there[part]) for part in _places(position, count))


def _places(position: int, count: int) -> tuple[slice, ...]:
    """Where these samples are kept: in one piece, or in two where the window's end lies between."""
    at = position % SPAN
    if at + count <= SPAN:
        return (slice(at, at + count),)
    return slice(at, SPAN), slice(0, at + count - SPAN)
