"""The benchmark of the screens measures what a real page shows of a centre at work, and gives no figure for less."""

from pathlib import Path

import pytest

from tenfour.bench import screens
from tenfour.bench.screens import Change, DrawnRow, delays, in_view, sightings, slope
from tenfour.vocabulary.errors import Unavailable


@pytest.mark.needs_chromium
def test_changes_keys_bytes_and_memory_are_measured_on_a_busy_desk(
    chromium: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screens, "DEMO_CACHE", screens.DEMO_CACHE.resolve())
    monkeypatch.chdir(tmp_path)
    run = screens.measure(chromium, minutes=0.1, warm_s=5, window_s=5, followers=3, events_a_second=30)
    assert 0 < run.events_a_second < 100
    kinds = {change.what.split()[0] for change in run.painted}
    assert {"unit", "call"} <= kinds <= {"unit", "note", "call"}
    assert all(one.echo_ms for one in run.windows)
    assert 50 < run.load_kb[0] < 400
    screens.tell(run)
    printed = capsys.readouterr().out
    assert all(f'"figure":"{figure}"' in printed for figure in screens.FIGURES)


def test_what_was_never_painted_gives_no_figure() -> None:
    commits = [Change(f"unit V{at:03}", "En route", 1000.0 * at) for at in range(100)]
    painted = [one._replace(at_ms=one.at_ms + 40) for one in commits]
    assert delays(sightings(commits, painted)) == [40.0] * 100
    assert len(delays(sightings(commits, painted[1:]))) == 99
    with pytest.raises(Unavailable, match="98 were seen, 2 statuses never"):
        delays(sightings(commits, painted[2:]))


def test_a_note_on_an_incident_that_nobody_looked_at_is_not_waited_for() -> None:
    commits = [Change("unit V001", "En route", 10.0), Change("note light is on", "", 20.0)]
    assert delays(sightings(commits, [Change("unit V001", "En route", 35.0)])) == [25.0]


def test_a_status_that_a_newer_one_overtook_is_as_late_as_that() -> None:
    commits = [Change("unit V001", "En route", 10.0), Change("unit V001", "On scene", 20.0)]
    assert delays(sightings(commits, [Change("unit V001", "On scene", 60.0)])) == [50.0, 40.0]
    again = [Change("unit V001", "On scene", 60.0), Change("unit V001", "En route", 900.0)]
    assert delays(sightings(commits, again)) == [50.0, 40.0]


def test_of_units_those_in_view_are_to_be_painted() -> None:
    commits = [Change(f"unit V{at:03}", "En route", 1000.0) for at in range(4)]
    painted = [Change("unit V000", "En route", 1500.0), Change("unit V003", "En route", 9000.0)]
    drawn = [
        DrawnRow("V000", 0, 1600),
        DrawnRow("V001", 0, 1900),
        DrawnRow("V002", 1100, 5000),
        DrawnRow("V003", 0, 9000),
    ]
    assert [one.change.what for one in in_view(sightings(commits, painted), drawn)] == ["unit V000", "unit V003"]


def test_growth_is_the_slope_of_a_line() -> None:
    growth, error = slope([(0.0, 10.0), (1800.0, 12.0), (3600.0, 14.0), (5400.0, 16.0)])
    assert growth == pytest.approx(4.0)
    assert error == pytest.approx(0.0, abs=1e-6)


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(screens.shutil, "which", lambda _: None)
    screens.main()
    assert capsys.readouterr().out.count('"skipped":"chromium is missing') == len(screens.FIGURES)
