"""The time that facts carry. In live mode it is the real time; elsewhere it may run faster or have jumped."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def real_now() -> datetime:
    """The real time, aware, UTC."""
    return datetime.now(UTC)


class DomainClock:
    """A clock that shows `domain_at` at `real_at` and from then on goes `speed` times as fast as real time.

    Only the times of facts and the centre's ladders follow it: SIP, RTP and audio keep real time.
    """

    def __init__(self, real: Callable[[], datetime] = real_now) -> None:
        self._real = real
        self._real_at = self._domain_at = real()
        self._speed = 1.0

    @property
    def speed(self) -> float:
        """Domain seconds per real second."""
        return self._speed

    def now(self) -> datetime:
        """The domain time, aware, UTC."""
        return self._domain_at + (self._real() - self._real_at) * self._speed

    def ago(self, real_s: float) -> datetime:
        """The domain time so many real seconds ago."""
        return self.now() - timedelta(seconds=real_s) * self._speed

    def set(self, real_at: datetime, domain_at: datetime, speed: float) -> None:
        """From `real_at`, when the domain time was `domain_at`, go `speed` times real (more than 0).

        Raises ValueError for a speed that is not above 0 and for a time without a zone.
        """
        if not speed > 0:
            raise ValueError(f"a clock cannot run {speed} times as fast as real time; expected more than 0")
        if real_at.tzinfo is None or domain_at.tzinfo is None:
            raise ValueError("a clock is set with times that name their zone; expected aware UTC times")
        self._real_at, self._domain_at, self._speed = real_at.astimezone(UTC), domain_at.astimezone(UTC), speed
