"""The clock of the tests moves only when told, and never back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tenfour.testing.stopped_clock import WHEN_TESTS_BEGIN, StoppedClock


def test_clock_stands_still() -> None:
    clock = StoppedClock()
    assert clock.now() == clock.now() == WHEN_TESTS_BEGIN


def test_clock_advances_by_seconds() -> None:
    clock = StoppedClock()
    assert clock.advance(1.5) == clock.now() == WHEN_TESTS_BEGIN + timedelta(seconds=1.5)


def test_clock_is_set_to_a_later_time_in_utc() -> None:
    clock = StoppedClock(datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=-5))))
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.set_to(datetime(2026, 1, 2, tzinfo=UTC)) == datetime(2026, 1, 2, tzinfo=UTC)


def test_clock_never_goes_back() -> None:
    clock = StoppedClock()
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(-1)
    with pytest.raises(ValueError, match="does not go back"):
        clock.set_to(WHEN_TESTS_BEGIN - timedelta(seconds=1))
