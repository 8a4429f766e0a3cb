"""Who is heard: in a story each voice may be a tone of its own, so that an ear can tell one from another in a mix."""

import math
from collections import deque
from collections.abc import Mapping

import numpy as np

from tenfour.play.sound import PACKET_MS, SAMPLES
from tenfour.telephony.g711 import Samples, encode_ulaw

RATE_HZ = 8000
LISTENS_S = 0.4
"""So much of the last sound is looked at."""

VOICE_PEAK = 5000
"""How loud a voice is (of 32,767): several at once do not clip."""

AUDIBLE_PEAK = 1000
"""A voice fainter than this is not heard: what companding adds to others is far below."""

OTHER_RMS = 150.0
"""Sound that is none of the voices, and louder than this, is heard as `CENTRE`."""

OTHER_SHARE = 0.35
"""Of what is heard in all, so much may be the traces of a late packet."""

LEAST_APART_HZ, LOWEST_HZ, HIGHEST_HZ = 50, 200, 3400

CENTRE = "centre"
"""Who is heard where no voice is: an announcement, the hold sound, a ringing tone."""


class Ear:
    """The sound of the last moments, by when it came (monotonic seconds)."""

    def __init__(self) -> None:
        self._came: deque[tuple[float, Samples]] = deque(maxlen=int(2000 * LISTENS_S / PACKET_MS))

    def take(self, samples: Samples, now: float) -> None:
        """This came."""
        self._came.append((now, samples))

    def hears(self, voices: Mapping[str, float], now: float) -> frozenset[str]:
        """Which of these voices (by their Hz) are heard now, and `CENTRE` for any other sound."""
        lately = [samples for at, samples in self._came if now - at <= LISTENS_S]
        return who_speaks(np.concatenate(lately) if lately else np.zeros(0, np.int16), voices)


def who_speaks(samples: Samples, voices: Mapping[str, float]) -> frozenset[str]:
    """The voices in this sound; `CENTRE` where there is any other sound in it."""
    if samples.size < RATE_HZ * LISTENS_S / 2:
        return frozenset()
    window = np.hanning(samples.size)
    power = np.abs(np.fft.rfft(samples * window)) ** 2 * 2 / (samples.size * np.sum(window**2))
    hertz = np.fft.rfftfreq(samples.size, 1 / RATE_HZ)
    power[hertz < LOWEST_HZ / 4] = 0.0  # a telephone carries nothing there
    whole = float(np.sum(power))
    heard = set()
    for name, wanted in voices.items():
        near = np.abs(hertz - wanted) < LEAST_APART_HZ / 4
        if math.sqrt(2 * float(np.sum(power[near]))) >= AUDIBLE_PEAK:
            heard.add(name)
        power[near] = 0.0
    rest = float(np.sum(power))
    if math.sqrt(rest) >= OTHER_RMS and rest >= OTHER_SHARE**2 * whole:
        heard.add(CENTRE)
    return frozenset(heard)


def tone(hertz: int) -> tuple[bytes, ...]:
    """A second of this voice as payloads that can follow themselves without a click."""
    at = np.arange(RATE_HZ) / RATE_HZ
    coded = encode_ulaw(np.rint(VOICE_PEAK * np.sin(2 * np.pi * hertz * at)).astype(np.int16))
    return tuple(coded[start : start + SAMPLES] for start in range(0, len(coded), SAMPLES))
