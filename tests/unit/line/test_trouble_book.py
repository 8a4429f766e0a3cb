"""Troubles are gathered: the first at once, then a summary a minute, and few facts whatever comes."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tenfour.adapters.trouble_book import FACTS_A_MINUTE, TroubleBook
from tenfour.calltaking.event import Trouble, WireTrouble

NOON = datetime(2026, 11, 14, 12, tzinfo=UTC)


def book() -> tuple[TroubleBook, list[WireTrouble]]:
    told: list[WireTrouble] = []
    return TroubleBook(told.append, trunk_of=lambda s: "county" if s == "t" else "", clock=lambda: NOON), told


def test_first_is_told_at_once_and_the_others_once_a_minute() -> None:
    troubles, told = book()
    for second in range(100):
        troubles.note(Trouble.SLOW_PEER, "t", f"problem {second}", float(second))
        troubles.flush(float(second))
    assert [(one.count, one.trunk) for one in told] == [(1, "county"), (60, "county")]
    troubles.flush(130.0)
    assert (told[-1].count, told[-1].problem) == (39, "problem 99")
    troubles.flush(200.0)
    troubles.note(Trouble.SLOW_PEER, "t", "again", 201.0)
    assert (len(told), told[-1].count) == (4, 1)


@given(st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(Trouble), st.floats(0, 2)), max_size=500))
def test_every_trouble_is_told_once_and_no_minute_has_too_many_facts(notes: list[tuple[int, Trouble, float]]) -> None:
    troubles, told = book()
    now, minutes = 0.0, {}
    for source, kind, pause in notes:
        now += pause
        before = len(told)
        troubles.note(kind, str(source), "", now)
        troubles.flush(now)
        minutes[now // 60] = minutes.get(now // 60, 0) + len(told) - before
    for later in range(1, 5):
        troubles.flush(now + 61.0 * later)
    assert sum(one.count for one in told) == len(notes)
    assert all(count <= FACTS_A_MINUTE + len(Trouble) for count in minutes.values())


def test_thousands_of_sources_are_told_by_kind() -> None:
    troubles, told = book()
    for number in range(5000):
        troubles.note(Trouble.BROKEN_MESSAGE, str(number), "", 1.0)
    assert len(told) == FACTS_A_MINUTE
    troubles.flush(61.0)
    assert (told[-1].source, told[-1].count) == ("", 5000 - FACTS_A_MINUTE)
