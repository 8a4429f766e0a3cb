"""A wire between two SIP user agents that loses, doubles and reorders datagrams, on a clock of its own.

Everything is decided by the `random` given, so a seed tells the whole story again.
"""

import heapq
from collections.abc import Callable
from random import Random
from typing import Protocol

from tenfour.telephony.flow import Flow


class Endpoint(Protocol):
    """What the wire needs of a user agent."""

    def receive_datagram(self, data: bytes, flow: Flow, now: float) -> None:
        """A datagram arrives."""

    def next_timer(self) -> float | None:
        """When it wants to be woken."""

    def handle_timer(self, now: float) -> None:
        """It is woken."""

    def take_outgoing(self) -> list[tuple[Flow, bytes]]:
        """What it sends."""


class LossyWire:
    """Carries datagrams between endpoints by their address.

    `loss` and `duplicate` are probabilities for each datagram; each copy takes a time between the `delay_s`, so that a
    later one may overtake. `swallows` may be set to lose chosen ones. `sent` keeps all that was put on the wire:
    (time, from, to, data).
    """

    def __init__(
        self,
        endpoints: dict[Flow, Endpoint],
        *,
        random: Random,
        loss: float = 0.0,
        duplicate: float = 0.0,
        delay_s: tuple[float, float] = (0.01, 0.01),
    ) -> None:
        self.now = 0.0
        self.sent: list[tuple[float, Flow, Flow, bytes]] = []
        self.swallows: Callable[[bytes], bool] = lambda data: False
        self._endpoints, self._random = endpoints, random
        self._loss, self._duplicate, self._delay_s = loss, duplicate, delay_s
        self._travelling: list[tuple[float, int, Flow, Flow, bytes]] = []
        self._count = 0

    def run(self, until: float, after_each: Callable[[], None] = lambda: None) -> None:
        """Let time pass to `until` (seconds); `after_each` is called whenever something happened, to act on it."""
        after_each()
        self._collect()
        while (at := self._next()) is not None and at <= until:
            self.now = max(self.now, at)
            self._deliver()
            for endpoint in self._endpoints.values():
                endpoint.handle_timer(self.now)
            after_each()
            self._collect()
        self.now = until

    def _next(self) -> float | None:
        times = [time for each in self._endpoints.values() if (time := each.next_timer()) is not None]
        if self._travelling:
            times.append(self._travelling[0][0])
        return min(times, default=None)

    def _deliver(self) -> None:
        while self._travelling and self._travelling[0][0] <= self.now:
            _, _, source, target, data = heapq.heappop(self._travelling)
            if target in self._endpoints:
                self._endpoints[target].receive_datagram(data, source, self.now)

    def _collect(self) -> None:
        for source, endpoint in self._endpoints.items():
            for target, data in endpoint.take_outgoing():
                self.sent.append((self.now, source, target, data))
                self._put(source, target, data)

    def _put(self, source: Flow, target: Flow, data: bytes) -> None:
        copies = 2 if self._random.random() < self._duplicate else 1
        for _ in range(copies):
            if self._random.random() < self._loss or self.swallows(data):
                continue
            self._count += 1
            arrives = self.now + self._random.uniform(*self._delay_s)
            heapq.heappush(self._travelling, (arrives, self._count, source, target, data))
