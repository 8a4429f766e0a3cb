"""A promised visit: dated, moved with a reason, made once."""

from datetime import UTC, datetime, timedelta

import pytest

from tenfour.outreach import visit as v
from tenfour.outreach.visit import Visit
from tenfour.vocabulary.envelope import Actor, ActorKind, Event
from tenfour.vocabulary.errors import BadInput, Refused
from tenfour.vocabulary.ids import IncidentId

NOW = datetime(2026, 11, 14, 22, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BRANDT = Actor(ActorKind.PERSON, "brandt", "unit", "12A3")
INCIDENT = IncidentId("i" * 24)


def told(visit: Visit | None, event: Event, at: datetime = NOW) -> Visit:
    after = v.apply(visit, event, at=at, actor=BRANDT)
    assert after is not None
    return after


def promised() -> Visit:
    return told(None, v.promise(INCIDENT, 1, "12A3", NOW + DAY, "Comes by with the car.", now=NOW))


@pytest.mark.parametrize(
    ("who", "due_at", "words", "problem"),
    [
        (" ", NOW + DAY, "x", "who will come"),
        ("12A3", NOW + DAY, " ", "what was promised"),
        ("12A3", NOW, "x", "lie ahead"),
        ("12A3", datetime(2026, 12, 1), "x", "zone"),  # noqa: DTZ001
    ],
)
def test_promise_needs_a_name_words_and_a_time_to_come(who: str, due_at: datetime, words: str, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        v.promise(INCIDENT, 1, who, due_at, words, now=NOW)


def test_visit_is_overdue_from_its_time_until_it_is_made() -> None:
    visit = promised()
    assert not visit.is_overdue(NOW)
    assert visit.is_overdue(NOW + DAY)
    made = told(visit, v.done(visit, "Ten minutes."), NOW + DAY)
    assert not made.is_overdue(NOW + 9 * DAY)
    assert (made.is_open, made.done_words) == (False, "Ten minutes.")


def test_moved_visit_waits_anew_and_needs_a_reason() -> None:
    visit = told(promised(), v.e.VisitFellDue(INCIDENT, NOW + DAY), NOW + DAY)
    with pytest.raises(BadInput, match="reason"):
        v.move(visit, NOW + 3 * DAY, " ", now=NOW)
    moved = told(visit, v.move(visit, NOW + 3 * DAY, "The family is away.", now=NOW), NOW + DAY)
    assert (moved.due_at, moved.fell_due_at) == (NOW + 3 * DAY, None)


def test_visit_that_was_made_is_neither_moved_nor_made_again() -> None:
    made = told(promised(), v.done(promised()))
    with pytest.raises(Refused, match="made already"):
        v.done(made)
    with pytest.raises(Refused, match="made already"):
        v.move(made, NOW + DAY, "x", now=NOW)


def test_id_names_the_incident() -> None:
    assert v.incident_of(promised().visit_id) == INCIDENT
