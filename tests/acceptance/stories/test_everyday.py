"""An ordinary call, and one abandoned in the queue and made again: played by the command that everybody has."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[3]
PLAYS_WITHIN_S = 150
LEAST_EXPECTATIONS = 15


def played(name: str) -> dict[str, Any]:
    """The result of a story, which must have come true."""
    command = [sys.executable, "-m", "tenfour.cli.main", "story", "play", name, "--json"]
    run = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=PLAYS_WITHIN_S, check=False)
    result: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    assert not [row for row in result["expectations"] if not row["met"]], run.stderr[-4000:]
    assert (run.returncode, result["failed"]) == (0, 0)
    return result


def test_an_ordinary_fall_at_home_is_found_treated_and_closed_as_what_it_was() -> None:
    result = played("fall-at-home")
    assert result["story"] == "fall_at_home"
    assert result["passed"] >= LEAST_EXPECTATIONS


def test_a_call_abandoned_in_the_queue_and_made_again_is_linked_and_counted_twice() -> None:
    result = played("abandoned-redialled")
    assert result["passed"] >= LEAST_EXPECTATIONS
    by_name = {row["name"]: row for row in result["expectations"]}
    first, second = by_name["her first call rang while the call taker was busy"], by_name["the second call rang"]
    assert first["seq"] < by_name["she heard that all call takers are busy"]["seq"] < second["seq"]
    assert second["seq"] < by_name["the answer clock is that of the second call"]["seq"]
