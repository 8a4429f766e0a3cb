"""How long audio waits before it is played: as long as the jitter asks, within bounds. In samples of 8 kHz."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable

RATE = 8000
STEP = 160
"""The delay is changed by one frame at a time."""

TRANSITS = 250
"""Packets over which jitter is measured: 5 s of 20 ms packets."""

LEADS = 25
"""Packets between two changes of the delay."""

SPREAD_SHARE = 0.95
"""So many of the packets are to come in time."""

TOO_LONG, TOO_SHORT = 240, -80
"""Off by more, the delay is changed where nobody hears it."""

MUCH_TOO_LONG, MUCH_TOO_SHORT = 560, -160
"""Off by more, it is changed in the middle of a word, too."""


class PlayDelay:
    """Told of every packet how it came; says what the delay should be, and when to change it."""

    def __init__(self, least_s: float, most_s: float) -> None:
        self.least, self.most = round(least_s * RATE), round(most_s * RATE)
        if not 0 < self.least <= self.most <= 2 * RATE:
            raise ValueError(f"delays from {least_s} to {most_s} s: expected 0 < least <= most <= 2.")
        self.target = self.least
        self.forget()

    def forget(self) -> None:
        """A new stream: nothing is known of its clock."""
        self._transits: deque[float] = deque()
        self._ordered: list[float] = []
        self.forget_leads()

    def forget_leads(self) -> None:
        """What was measured against the old delay counts no more."""
        self._leads: deque[int] = deque(maxlen=LEADS)

    def arrived(self, transit: float) -> None:
        """A packet's time of arrival less its timestamp."""
        if self._transits and abs(transit - self._transits[-1]) > RATE:
            self._transits.clear()
            self._ordered.clear()
        if len(self._transits) == TRANSITS:
            del self._ordered[bisect_left(self._ordered, self._transits.popleft())]
        self._transits.append(transit)
        insort(self._ordered, transit)

    def led(self, samples: int) -> None:
        """A packet came so long before its turn."""
        self._leads.append(samples)

    def correction(self, is_quiet: Callable[[], bool]) -> int:
        """1: wait a frame longer, -1: a frame less, 0: as it is. `is_quiet`: would nobody hear it just now?"""
        if len(self._leads) < LEADS:
            return 0
        self.target = self._wanted()
        off = max(self._leads) - self.target
        if TOO_SHORT <= off <= TOO_LONG or (MUCH_TOO_SHORT <= off <= MUCH_TOO_LONG and not is_quiet()):
            return 0
        self.forget_leads()
        return 1 if off < 0 else -1

    def _wanted(self) -> int:
        ordered = self._ordered
        spread = ordered[int(SPREAD_SHARE * (len(ordered) - 1))] - ordered[0] if ordered else 0.0
        return min(self.most, max(self.least, round(spread) + STEP))
