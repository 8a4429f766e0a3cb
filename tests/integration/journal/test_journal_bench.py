"""The benchmark measures what it says, on a disk, and leaves nothing behind."""

from pathlib import Path

import pytest

from tenfour.bench import journal as bench


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_appends_are_counted_by_the_journals_own_head(here: Path) -> None:
    assert bench.appends_per_s(writers=10, facts_a_writer=3) > 0
    assert list((here / "build").iterdir()) == []


def test_bare_commits_are_measured_beside(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "BARE_COMMITS", 20)
    assert bench.bare_commits_per_s() > 0
    assert list((here / "build").iterdir()) == []
