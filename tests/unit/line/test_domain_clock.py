"""The clock that facts carry."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tenfour.adapters.domain_clock import DomainClock

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Watch:
    """Real time that a test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def test_an_unset_clock_shows_real_time() -> None:
    watch = Watch()
    clock = DomainClock(watch)
    watch.now += timedelta(seconds=90)
    assert clock.now() == NOON + timedelta(seconds=90)


def test_a_fast_clock_goes_speed_times_as_fast() -> None:
    watch = Watch()
    clock = DomainClock(watch)
    clock.set(NOON, NOON, 60)
    watch.now += timedelta(seconds=10)
    assert clock.now() == NOON + timedelta(minutes=10)


def test_a_clock_set_late_counts_from_the_real_time_it_names() -> None:
    watch = Watch()
    clock = DomainClock(watch)
    watch.now += timedelta(seconds=5)
    clock.set(NOON, NOON + timedelta(days=2), 2)
    assert clock.now() == NOON + timedelta(days=2, seconds=10)


def test_the_domain_time_is_told_in_utc_whatever_zone_it_was_set_in() -> None:
    clock = DomainClock(Watch())
    clock.set(NOON, NOON.astimezone(timezone(timedelta(hours=-5))), 1)
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_clock_cannot_stand_or_run_backwards(speed: float) -> None:
    with pytest.raises(ValueError, match="expected more than 0"):
        DomainClock(Watch()).set(NOON, NOON, speed)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="name their zone"):
        DomainClock(Watch()).set(NOON.replace(tzinfo=None), NOON, 1)
