"""`tenfour doctor`: what this machine lacks, and what each lack costs."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import NamedTuple

import apsw


class Finding(NamedTuple):
    """One thing looked at. `cost` is what its lack costs; `needed` when Tenfour cannot run without it."""

    name: str
    found: str
    cost: str
    needed: bool = False


def add_to(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `doctor` to the command line."""
    command = subcommands.add_parser("doctor", help="what this machine lacks and what each lack costs")
    command.set_defaults(run=lambda _chosen: run())


def run() -> int:
    """Print the findings; 1 when something is missing that Tenfour cannot run without."""
    findings = list(examine(shutil.which))
    for finding in findings:
        mark = "ok  " if finding.found else ("MISS" if finding.needed else "lack")
        sys.stdout.write(f"{mark}  {finding.name:<22} {finding.found or finding.cost}\n")
    return 1 if any(f.needed and not f.found for f in findings) else 0


def examine(which: Callable[[str], str | None]) -> Iterator[Finding]:
    """Everything that is looked at, in order of importance."""
    version = sys.version_info
    python = f"{version.major}.{version.minor}.{version.micro}"
    yield Finding("Python", python if version >= (3, 11) else "", f"{python} is too old: 3.11 is needed", needed=True)
    sqlite = apsw.sqlite_lib_version()
    safe = tuple(int(part) for part in sqlite.split(".")) >= (3, 51, 3)
    yield Finding("SQLite", sqlite if safe else "", f"{sqlite} can corrupt a journal: 3.51.3 is needed", needed=True)
    cores = os.cpu_count() or 1
    yield Finding(
        "processor cores", str(cores) if cores > 1 else "", "one core: line and centre share it, calls may wait"
    )
    free = shutil.disk_usage(".").free / 1e9
    yield Finding("disk", f"{free:.0f} GB free" if free > 5 else "", f"{free:.1f} GB free: recordings fill it soon")
    speech = find_spec("moonshine_voice") is not None and find_spec("faster_whisper") is not None
    yield Finding("speech", "installed" if speech else "", "no captions, no transcripts: pip install tenfour[speech]")
    for command, cost in PEERS:
        yield Finding(command, which(command) or "", cost)


PEERS = (
    ("npm", "the web pages cannot be rebuilt from source"),
    ("sipp", "SIP tests with a foreign peer are skipped (Debian sip-tester)"),
    ("chromium", "browser tests are skipped"),
    ("espeak-ng", "new announcement recordings have to be spoken by a person"),
)
"""Programs beside Tenfour: command, and what its lack costs."""
