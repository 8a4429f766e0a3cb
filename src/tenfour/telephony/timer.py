"""Timers as data: names with the time at which they are due. Nobody sleeps here."""

import heapq
from collections.abc import Hashable
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)

T1 = 0.5
"""Estimate of the round-trip time, seconds (RFC 3261 section 17.1.1.1)."""
T2 = 4.0
"""Longest pause between retransmissions, seconds (section 17.1.2.1)."""
T4 = 5.0
"""How long a message may stay in the network, seconds (section 17.1.2.1)."""
TRANSACTION_TIMEOUT = 64 * T1


class Timers(Generic[Name]):
    """At most one time for each name; setting it again moves it."""

    def __init__(self) -> None:
        self._due: dict[Name, float] = {}
        self._heap: list[tuple[float, int, Name]] = []
        self._count = 0

    def set(self, name: Name, due: float) -> None:
        """`name` is due at `due` (monotonic seconds), and no more when it was before."""
        self._count += 1
        self._due[name] = due
        heapq.heappush(self._heap, (due, self._count, name))

    def cancel(self, name: Name) -> None:
        """`name` is not due any more; nothing when it was not."""
        self._due.pop(name, None)

    def next(self) -> float | None:
        """When the first is due, None when nothing is."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def pop(self, now: float) -> Name | None:
        """One name that is due by `now`, earliest first; it is then forgotten."""
        self._drop_stale()
        if not self._heap or self._heap[0][0] > now:
            return None
        name = heapq.heappop(self._heap)[2]
        del self._due[name]
        return name

    def _drop_stale(self) -> None:
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
