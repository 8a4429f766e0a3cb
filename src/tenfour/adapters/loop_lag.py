"""How late the event loop is, and how much of its time the signalling takes."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

BEAT_S = 0.1


class LoopLag:
    """Beats ten times a second; tells `felt(late_s, busy)`: by how much this beat was late, and the share of work.

    A lag fades by half a beat, so that one good moment in a flood is not taken for its end.
    """

    def __init__(self, felt: Callable[[float, float], None]) -> None:
        self._felt = felt
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._worked_s = 0.0
        self._last = self._loop.time()
        self.late_s = self.busy = 0.0

    def start(self) -> None:
        """Begin to beat."""
        self._last = self._loop.time()
        self._timer = self._loop.call_later(BEAT_S, self._beat)

    def stop(self) -> None:
        """Beat no more."""
        if self._timer is not None:
            self._timer.cancel()

    @contextmanager
    def working(self) -> Iterator[None]:
        """What is done inside is counted as work."""
        began = self._loop.time()
        try:
            yield
        finally:
            self._worked_s += self._loop.time() - began

    def _beat(self) -> None:
        now = self._loop.time()
        passed = max(now - self._last, 1e-6)
        self.late_s = max(now - self._last - BEAT_S, self.late_s / 2, 0.0)
        self.busy = max(min(1.0, self._worked_s / passed), self.busy / 2)
        self._last, self._worked_s = now, 0.0
        self._felt(self.late_s, self.busy)
        self.start()
