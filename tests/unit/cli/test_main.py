"""The command line: what it knows, and how it fails."""

import pytest

from tenfour.cli import doctor
from tenfour.cli.main import main, parser


@pytest.mark.parametrize("command", ["init", "run", "story", "journal", "import", "bench", "doctor"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parser().parse_args([command, "--help"])
    assert left.value.code == 0
    assert "usage: tenfour" in capsys.readouterr().out


def test_unknown_benchmark_is_a_sentence_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "moon"]) == 1
    names = "all, answer, calls, captions, journal, keys, media, recommend, replay, screens, wire"
    assert f"There is no benchmark 'moon'. There are: {names}." in capsys.readouterr().err


def test_run_names_a_folder_that_is_no_centre(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "/nonexistent"]) == 1
    assert "is not a folder; `tenfour init DIR` makes a centre folder" in capsys.readouterr().err


def test_doctor_tells_what_each_lack_costs() -> None:
    findings = {finding.name: finding for finding in doctor.examine(lambda _command: None)}
    assert findings["Python"].found
    assert findings["SQLite"].found
    assert findings["chromium"].found == ""
    assert "skipped" in findings["chromium"].cost


def test_doctor_fails_only_for_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.run() == 0
    monkeypatch.setattr("apsw.sqlite_lib_version", lambda: "3.40.1")
    assert doctor.run() == 1
    assert "MISS  SQLite" in capsys.readouterr().out


def test_callers_alone_need_a_centre_whose_people_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["story", "play", "hug", "--only", "callers"]) == 1
    assert "--only callers rings a centre that runs; name it with --center URL." in capsys.readouterr().err
