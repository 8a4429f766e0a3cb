"""Callers who do not speak: played by the command that everybody has."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[3]
PLAYS_WITHIN_S = 150


def played(name: str) -> dict[str, Any]:
    """The result of a story, which must have come true."""
    command = [sys.executable, "-m", "tenfour.cli.main", "story", "play", name, "--json"]
    run = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=PLAYS_WITHIN_S, check=False)
    result: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    assert not [row for row in result["expectations"] if not row["met"]], run.stderr[-4000:]
    assert (run.returncode, result["failed"]) == (0, 0)
    return result


def test_who_cannot_speak_aloud_is_read_and_answered_though_packets_are_lost() -> None:
    result = played("rtt-whisper")
    assert result["passed"] >= 17


def test_who_is_deaf_is_read_and_answered_in_tones() -> None:
    result = played("tty-caller")
    assert result["passed"] >= 17
