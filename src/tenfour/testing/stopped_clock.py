"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

WHEN_TESTS_BEGIN = datetime(2026, 11, 14, 21, 41, 9, tzinfo=UTC)


class StoppedClock:
    """`now()` is the same aware UTC time until `advance` or `set_to`. Never goes back."""

    def __init__(self, now: datetime = WHEN_TESTS_BEGIN) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        """The time it stands at."""
        return self._now

    def advance(self, seconds: float) -> datetime:
        """Move on by `seconds` (not negative) and give the new time."""
        if seconds < 0:
            raise ValueError(f"a clock does not go back by {-seconds} s")
        self._now += timedelta(seconds=seconds)
        return self._now

    def set_to(self, now: datetime) -> datetime:
        """Move on to `now`, which must not lie before."""
        return self.advance((now - self._now).total_seconds())
