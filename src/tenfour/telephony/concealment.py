"""What is heard where audio is missing: the last pitch periods again, fading to silence (after ITU-T G.711 Appendix I).

The gap is filled without delaying what comes before it: the first sample made follows the last one heard.
"""

import numpy as np
import numpy.typing as npt

from tenfour.telephony.g711 import Samples

RATE = 8000
SHORTEST_PITCH, LONGEST_PITCH = 40, 120
"""Samples of one period: voices of 200 to 67 Hz; a higher one repeats several of its periods (Appendix I)."""

TEMPLATE = 160
"""Samples that are compared to find the period: the last 20 ms."""

HISTORY = 3 * LONGEST_PITCH + LONGEST_PITCH // 4
PIECES = 32
"""Pieces of the past that are kept apart."""

REPEATS = ((80, 2), (160, 3))
"""After so many samples so many periods are repeated: one period alone soon sounds like a beep."""

FULL, GONE = 80, 880
"""Loudness falls evenly from 10 ms to nothing at 110 ms."""

LONGEST_SEAM = 80
"""Samples over which what comes again takes the place of what was made."""

_Wave = npt.NDArray[np.float64]


class Concealer:
    """Follows what one listener hears: `heard` passes audio on, `lost` makes up for what is missing."""

    def __init__(self) -> None:
        self._past: list[Samples] = [np.zeros(HISTORY, dtype=np.int16)]
        """What was heard last, `HISTORY` samples and more; only a loss puts it together."""
        self._made: _Wave = np.zeros(GONE)
        self._seam = LONGEST_SEAM
        self._lost = GONE

    def heard(self, samples: Samples) -> Samples:
        """Audio that came. After a gap its beginning is blended with what was made, so that nothing clicks."""
        if not self._lost or not samples.size:
            return self._told(samples)
        wave = samples.astype(np.float64)
        length = min(wave.size, self._seam + 32 * (self._lost // 80), LONGEST_SEAM)
        rising = np.arange(1, length + 1) / (length + 1)
        wave[:length] = self._ahead(length) * (1 - rising) + wave[:length] * rising
        self._lost = 0
        return self._told(_rounded(wave))

    def lost(self, count: int) -> Samples:
        """`count` samples in place of what did not come."""
        if not self._lost:
            past = np.concatenate(self._past)[-HISTORY:].astype(np.float64)
            pitch = pitch_of(past)
            self._made, self._seam = continued(past, pitch), pitch // 4
        wave = self._ahead(count)
        self._lost = min(GONE, self._lost + count)
        return self._told(_rounded(wave))

    def _ahead(self, count: int) -> _Wave:
        wave = np.zeros(count)
        made = self._made[self._lost : self._lost + count]
        wave[: made.size] = made
        return wave

    def _told(self, told: Samples) -> Samples:
        self._past.append(told)
        if len(self._past) > PIECES:
            self._past = [np.concatenate(self._past)[-HISTORY:]]
        return told


def _rounded(wave: _Wave) -> Samples:
    return np.clip(np.rint(wave), -32768, 32767).astype(np.int16)


def pitch_of(past: _Wave) -> int:
    """The period, in samples, at which the end of `past` is most like itself before."""
    template = past[-TEMPLATE:]
    before = np.lib.stride_tricks.sliding_window_view(past[-TEMPLATE - LONGEST_PITCH : -SHORTEST_PITCH], TEMPLATE)
    energy = np.maximum(np.einsum("ij,ij->i", before, before), 1.0)
    return LONGEST_PITCH - int(np.argmax(before @ template / np.sqrt(energy)))


def continued(past: _Wave, pitch: int) -> _Wave:
    """`GONE` samples that go on from `past` in periods of `pitch`, fading."""
    seam = pitch // 4
    wave: _Wave = np.resize(_cycle(past, pitch, 1), GONE)
    for since, periods in REPEATS:
        cycle = _cycle(past, pitch, periods)
        more = np.resize(np.roll(cycle, -(since % pitch)), GONE - since)
        rising = np.minimum(np.arange(GONE - since) / seam, 1.0)
        wave[since:] = wave[since:] * (1 - rising) + more * rising
    wave[:seam] += (past[-1] - past[-pitch - 1]) * (1 - np.arange(1, seam + 1) / (seam + 1))
    loudness: _Wave = np.interp(np.arange(GONE), (FULL, GONE), (1.0, 0.0))
    return wave * loudness


def _cycle(past: _Wave, pitch: int, periods: int) -> _Wave:
    """The last periods, their end bent towards what came before their beginning, so that they can be repeated."""
    length, seam = periods * pitch, pitch // 4
    cycle = past[-length:].copy()
    rising = np.arange(1, seam + 1) / (seam + 1)
    cycle[-seam:] = cycle[-seam:] * (1 - rising) + past[-length - seam : -length] * rising
    return cycle
