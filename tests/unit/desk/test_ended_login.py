"""Ended logins are remembered over a restart, and no longer than they could have lasted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tenfour.desk.ended_login import EndedLogins
from tenfour.vocabulary.errors import Unavailable

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LASTS = timedelta(hours=12)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ended-logins"


def test_ended_login_is_known_after_a_restart(path: Path) -> None:
    ended = EndedLogins(path, LASTS, NOON)
    ended.add("a", NOON)
    ended.add("b", NOON)
    again = EndedLogins(path, LASTS, NOON + timedelta(hours=11))
    assert "a" in again
    assert "b" in again
    assert "c" not in again
    assert path.stat().st_mode & 0o777 == 0o600


def test_login_that_has_run_out_is_forgotten_in_memory_and_in_the_file(path: Path) -> None:
    ended = EndedLogins(path, LASTS, NOON)
    ended.add("old", NOON)
    later = NOON + timedelta(hours=13)
    ended.add("new", later)
    assert "old" not in ended
    again = EndedLogins(path, LASTS, later)
    assert "new" in again
    assert "old" not in path.read_text()


def test_half_a_line_of_a_full_disk_is_passed_by(path: Path) -> None:
    ended = EndedLogins(path, LASTS, NOON)
    ended.add("a", NOON)
    with path.open("a") as file:
        file.write("2026-11-2")
    ended.add("b", NOON)
    again = EndedLogins(path, LASTS, NOON)
    assert "a" in again
    assert "b" in again


def test_log_out_that_cannot_be_written_counts_at_once_and_says_so(tmp_path: Path) -> None:
    ended = EndedLogins(tmp_path / "missing" / "ended-logins", LASTS, NOON)
    with pytest.raises(Unavailable, match="log out again soon"):
        ended.add("a", NOON)
    assert "a" in ended


def test_without_a_file_they_are_remembered_in_memory() -> None:
    ended = EndedLogins(None, LASTS, NOON)
    ended.add("a", NOON)
    assert "a" in ended
