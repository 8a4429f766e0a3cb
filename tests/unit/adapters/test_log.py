"""A log that cannot be written must not stop what it is about."""

import io
import json
import subprocess
import sys
from pathlib import Path

from tenfour.adapters.log import SpareLog

LOGS_TWICE = """
import structlog
from tenfour.adapters.log import log_to_stderr
log_to_stderr()
log = structlog.get_logger("a")
log.error("the record is away", problem="the disk is full")
log.info("still here", calls=1)
print("worked on")
"""


def logged_to(path: str) -> "subprocess.CompletedProcess[bytes]":
    with Path(path).open("ab") as file:
        return subprocess.run([sys.executable, "-c", LOGS_TWICE], stdout=subprocess.PIPE, stderr=file, check=False)


def test_lines_are_json_with_level_and_time(tmp_path: Path) -> None:
    run = logged_to(str(tmp_path / "a.log"))
    assert (run.returncode, run.stdout) == (0, b"worked on\n")
    first, second = (json.loads(line) for line in (tmp_path / "a.log").read_text().splitlines())
    assert (first["event"], first["level"], first["problem"]) == ("the record is away", "error", "the disk is full")
    assert (second["calls"], second["timestamp"][-1]) == (1, "Z")


def test_full_disk_loses_lines_and_nothing_else() -> None:
    run = logged_to("/dev/full")
    assert (run.returncode, run.stdout) == (0, b"worked on\n")


def test_a_stream_that_was_closed_stops_nothing() -> None:
    stream = io.StringIO()
    log = SpareLog(stream)
    stream.close()
    log.msg("too late")
    assert log.left_out == 1
