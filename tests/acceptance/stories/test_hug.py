"""The golden story, played by the command that everybody has, through the front doors of a fresh centre."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
PLAYS_WITHIN_S = 150
EXPECTED_FACTS = 35


def tenfour(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, as a person calls it."""
    command = [sys.executable, "-m", "tenfour.cli.main", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=PLAYS_WITHIN_S, check=False)


def result_of(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The JSON object on the last line of standard output."""
    result: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return result


@pytest.fixture(scope="module")
def hug() -> subprocess.CompletedProcess[str]:
    return tenfour("story", "play", "hug", "--json")


def test_every_expectation_of_the_golden_story_is_met(hug: subprocess.CompletedProcess[str]) -> None:
    result = result_of(hug)
    unmet = [row for row in result["expectations"] if not row["met"]]
    assert not unmet, hug.stderr[-4000:]
    assert (hug.returncode, result["failed"]) == (0, 0)
    assert result["story"] == "hug"
    assert result["passed"] == len(result["expectations"])


def test_the_golden_story_expects_enough_to_prove_something(hug: subprocess.CompletedProcess[str]) -> None:
    facts = [row for row in result_of(hug)["expectations"] if row["seq"] is not None]
    assert len(facts) >= EXPECTED_FACTS
    assert all({"name", "met", "expected", "found", "seq"} == row.keys() for row in result_of(hug)["expectations"])


def test_the_golden_story_takes_less_than_a_minute(hug: subprocess.CompletedProcess[str]) -> None:
    assert result_of(hug)["timeline"][-1]["t_s"] < 60


def test_the_timeline_tells_everybody_s_steps_in_order(hug: subprocess.CompletedProcess[str]) -> None:
    steps = [moment for moment in result_of(hug)["timeline"] if moment["kind"] == "step"]
    assert {"boy", "Adeyemi", "12A3", "clock"} <= {step["who"] for step in steps}
    assert [step["t_s"] for step in steps] == sorted(step["t_s"] for step in steps)
    assert "failed" not in {step["outcome"] for step in steps}


def test_the_golden_story_ends_with_what_was_kept_told_and_promised(hug: subprocess.CompletedProcess[str]) -> None:
    told = [moment["what"] for moment in result_of(hug)["timeline"] if moment["kind"] == "fact"]
    added = [line for line in told if line.startswith("ExhibitAdded")]
    assert len(added) == 4
    for fact in ("PressDrafted", "PressEdited", "VisitPromised", "VisitFellDue", "VisitDone"):
        assert sum(line.startswith(fact) for line in told) == 1, fact


def test_stories_are_listed_by_bare_names() -> None:
    run = tenfour("story", "list")
    assert run.returncode == 0
    assert "hug" in run.stdout.splitlines()
    assert all(line and " " not in line for line in run.stdout.splitlines())


WRONG = """title = "A call that is not as expected"
about = "Somebody calls and gives up."
invented = true

[[callers]]
name = "boy"
number = "911-442-7186"
transport = "TCP"

[[steps]]
who = "boy"
does = "dials"
until = { event = "CallRinging", of = "first" }

[[steps]]
who = "boy"
does = "cancels"
until = { event = "CallAbandoned", of = "first" }

[[expectations]]
name = "it was abandoned"
event = "CallAbandoned"
of = "first"
where = { signal = "CANCEL" }

[[expectations]]
name = "it came over TCP"
event = "CallReceived"
where = { transport = "TCP" }

[[expectations]]
name = "a person answered"
event = "CallAnswered"

[[expectations]]
name = "the number was another"
event = "CallReceived"
where = { ani = "614-555-0137" }
"""


def test_an_expectation_that_is_not_met_fails_the_story_and_says_what_was_found(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(WRONG)
    run = tenfour("story", "play", str(file), "--json")
    result = result_of(run)
    assert run.returncode == 1
    assert (result["passed"], result["failed"]) == (2, 2)
    found = {row["name"]: row["found"] for row in result["expectations"] if not row["met"]}
    assert "no CallAnswered at all" in found["a person answered"]
    assert "ani is '911-442-7186'" in found["the number was another"]
    assert "NOT MET  a person answered" in run.stderr


def test_a_story_with_an_error_is_not_played(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(WRONG.replace('does = "cancels"', 'does = "cancles"'))
    run = tenfour("story", "play", str(file))
    assert run.returncode == 1
    assert f"{file}:17: 'cancles' is no verb; expected one of" in run.stderr
    assert "Traceback" not in run.stderr
    assert "demo centre" not in run.stdout + run.stderr


def test_a_story_that_is_not_there_is_told_with_those_that_are() -> None:
    run = tenfour("story", "play", "hugg")
    assert run.returncode == 1
    known = ", ".join(sorted(story.stem for story in (CHECKOUT / "stories").glob("*.toml")))
    assert "abandoned, " in known
    assert f"There is no story 'hugg'. Known here: {known}; or give a .toml file" in run.stderr


def test_a_centre_that_is_not_there_is_told(free_port: int) -> None:
    run = tenfour("story", "play", "hug", "--center", f"http://127.0.0.1:{free_port}")
    assert run.returncode == 1
    assert f"The centre at http://127.0.0.1:{free_port} does not answer" in run.stderr


@pytest.mark.parametrize("name", ["abandoned", "landline_fall", "wrong_house"])
def test_the_other_stories_come_true_as_well(name: str) -> None:
    run = tenfour("story", "play", name, "--json")
    assert not [row for row in result_of(run)["expectations"] if not row["met"]], run.stderr[-4000:]
    assert run.returncode == 0
