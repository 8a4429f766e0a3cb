"""The benchmark of whole calls measures calls that are whole, and gives no figure for others."""

import os

import pytest

from tenfour.bench import whole_calls as bench
from tenfour.vocabulary.errors import Unavailable

pytestmark = pytest.mark.needs_sipp


@pytest.fixture
def cores() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def test_whole_calls_are_counted_in_a_record_that_verifies(sipp: str, cores: list[int]) -> None:
    run = bench.measure(sipp, 20, callers_core=cores[0], centre_core=cores[-1], at_once=5)
    assert run.calls_per_s > 0
    assert run.events_a_call >= bench.EVENTS_A_CALL
    assert set(run.cpu_ms) >= {"line", "center", "media"}


def test_a_call_that_is_not_whole_gives_no_figure(sipp: str, cores: list[int]) -> None:
    with bench.running_centre(cores[-1]) as centre:
        bench.call_in(sipp, centre, 3, at_once=3, core=cores[0], first=0)
        bench.wait_for_recordings(centre, 3)
        assert bench.events_a_call(centre, 3) >= bench.EVENTS_A_CALL
        with pytest.raises(Unavailable, match="Of 4 calls the record holds"):
            bench.events_a_call(centre, 4)


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bench.shutil, "which", lambda _: None)
    bench.main()
    assert '"figure":"x_us_peak"' in capsys.readouterr().out
