"""Times that devices say: what is taken, and what cannot be true."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tenfour.desk.device_time import believed_time, true_time
from tenfour.vocabulary.errors import BadInput

NOW = datetime(2026, 11, 14, 21, 42, 18, tzinfo=UTC)


def test_no_time_is_no_time() -> None:
    assert true_time(None, NOW) is None


def test_earlier_time_is_taken_as_it_is_said_in_utc() -> None:
    said = (NOW - timedelta(minutes=7)).astimezone(timezone(timedelta(hours=-5)))
    taken = true_time(said, NOW)
    assert taken == said
    assert taken is not None
    assert taken.tzinfo is UTC


def test_clock_a_little_ahead_is_taken_for_now() -> None:
    assert true_time(NOW + timedelta(seconds=29), NOW) == NOW


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW.replace(tzinfo=None), "needs a time zone"),
        (NOW + timedelta(seconds=45), "45 s in the future"),
        (NOW + timedelta(hours=3), "3 h in the future"),
        (NOW - timedelta(hours=24, minutes=1), "24 h ago"),
        (datetime(1970, 1, 1, tzinfo=UTC), "tell it as a note"),
    ],
)
def test_time_that_cannot_be_true_is_refused_in_words(at: datetime, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        true_time(at, NOW)
    assert believed_time(at, NOW) is None


def test_what_is_never_refused_believes_a_possible_time() -> None:
    at = NOW - timedelta(minutes=2)
    assert believed_time(at, NOW) == at
