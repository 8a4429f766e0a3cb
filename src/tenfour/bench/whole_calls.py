"""`tenfour bench calls`, its second figure: whole emergency calls that one core takes, INVITE to record.

The centre is a real one as `tenfour run` starts it: supervisor, line and centre on a fresh demo folder, all on one
core. SIPp on another core keeps `AT_ONCE` calls up (`whole_call.xml`): an INVITE with SDP, a location and five blocks
of RFC 7852; a position that answers by itself; ACK; a tenth of a second of voice, recorded, while the announcement
plays; four better locations by UPDATE; BYE. The clock runs until the journal holds the closed recording of every call.
A call that is not whole, fewer than `EVENTS_A_CALL` events each, or a journal that does not verify is an error.
"""

import os
import random
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socket import SOCK_STREAM

import apsw
import msgspec

from tenfour.adapters.sqlite_journal_reader import JournalFile
from tenfour.bench.figure import report, skip
from tenfour.bench.server import free_port, run_centre
from tenfour.demo.make import make_centre
from tenfour.journal.codec import Codec
from tenfour.journal.verify import Verifier
from tenfour.vocabulary.errors import Unavailable
from tenfour.workflow.catalogue import CATALOGUE

BENCH, FIGURE = "calls", "x_us_peak"
AIM_X = 10.0
US_PEAK_CALLS_PER_S = 38.0
"""The whole United States' 7.6 calls a second, five times."""

EVENTS_A_CALL = 30
CALLS, AT_ONCE = 1200, 60
PATIENCE_S = 60.0
DEMO_CACHE = Path("build/demo")
SCENARIO = Path(__file__).with_name("whole_call.xml")
BEGINS_AND_ENDS = ("CallReceived", "CallAnswered", "CallConnected", "CallerDisconnected", "RecordingEnded")
"""Each once in every whole call."""


class Run(msgspec.Struct, frozen=True):
    """What one run showed: calls a second, events a call, CPU milliseconds a call by process."""

    calls_per_s: float
    events_a_call: float
    cpu_ms: Mapping[str, float]


class Running(msgspec.Struct, frozen=True):
    """A centre that runs."""

    folder: Path
    sip: str
    pid: int


def main() -> None:
    """Measure and print the figure; it is skipped where SIPp or a second core is missing."""
    sipp, cores = shutil.which("sipp"), sorted(os.sched_getaffinity(0))
    if sipp is None or len(cores) < 2:
        missing = "sipp is missing; make peers gets it" if sipp is None else "a second core is missing"
        skip(BENCH, FIGURE, "x", aim=AIM_X, why=missing)
        return
    bare = bare_calls_per_s(cores[1])
    runs = [measure(sipp, CALLS, callers_core=cores[0], centre_core=cores[1]) for _ in range(3)]
    values = [run.calls_per_s / US_PEAK_CALLS_PER_S for run in runs]
    report(BENCH, FIGURE, values, "x", aim=AIM_X, beside=_beside(runs, bare))


def _beside(runs: list[Run], bare: float) -> str:
    last = runs[-1]
    cpu = ", ".join(f"{name} {ms:.1f}" for name, ms in last.cpu_ms.items())
    return (
        f"{min(run.calls_per_s for run in runs):.0f} to {max(run.calls_per_s for run in runs):.0f} calls/s of "
        f"{last.events_a_call:.0f} events, {AT_ONCE} at once; CPU ms a call: {cpu}; bare SQLite on that core, "
        f"{EVENTS_A_CALL} rows of 700 bytes a commit, fsynced: {bare:.0f}/s"
    )


def measure(sipp: str, calls: int, *, callers_core: int, centre_core: int, at_once: int = AT_ONCE) -> Run:
    """One run on a fresh centre. Raises `Unavailable` when a call failed or is not whole in the record."""
    with running_centre(centre_core) as centre:
        call_in(sipp, centre, at_once, at_once=at_once, core=callers_core, first=0)  # warm: not counted
        began, cpu_before = time.perf_counter(), cpu_s(centre.pid)
        call_in(sipp, centre, calls, at_once=at_once, core=callers_core, first=at_once)
        wait_for_recordings(centre, calls + at_once)
        took_s, cpu = time.perf_counter() - began, cpu_s(centre.pid)
        events = events_a_call(centre, calls + at_once)
    spent = {name: 1000 * (cpu[name] - cpu_before.get(name, 0.0)) / calls for name in cpu}
    return Run(calls / took_s, events, spent)


# ---- the centre ----


@contextmanager
def running_centre(core: int) -> Iterator[Running]:
    """A fresh demo centre on one core, whose positions answer by themselves. Raises `Unavailable` when it is not up."""
    build = Path("build")
    build.mkdir(exist_ok=True)  # on the disk: a memory file system would make fsync a lie
    with tempfile.TemporaryDirectory(prefix="bench-whole-", dir=build) as name:
        folder, http, sip = Path(name, "c"), f"127.0.0.1:{free_port(SOCK_STREAM)}", f"127.0.0.1:{free_port()}"
        make_centre(folder, DEMO_CACHE, http=http, sip=sip, rtp_ports=(20000, 29998))
        settings = (folder / "centre.toml").read_text()
        answering = re.sub(r"(?m)^(\[\[position\]\]\n)", r"\1auto_answer = true\n", settings)
        (folder / "centre.toml").write_text(answering)
        with (folder / "policy.toml").open("a") as policy:
            policy.write(f"\n[calltaking]\ncalls_answered_by_itself = {AT_ONCE}\n")
        with run_centre(folder, http, before=("taskset", "-c", str(core))) as pid:
            yield Running(folder, sip, pid)


def cpu_s(supervisor: int) -> dict[str, float]:
    """CPU seconds so far of the line, its media workers and the centre that this supervisor keeps, from /proc."""
    spent: dict[str, float] = {}
    left = _children(supervisor)
    while left:
        child = left.pop()
        left += _children(child)
        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        ticks = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[11:13]
        name = next(word for word in words if word.startswith(b"tenfour.")).decode().removeprefix("tenfour.")
        spent[name] = spent.get(name, 0.0) + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return spent


def _children(process: int) -> list[int]:
    return list(map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()))


# ---- the callers ----


def call_in(sipp: str, centre: Running, calls: int, *, at_once: int, core: int, first: int) -> None:
    """So many calls by SIPp, each from a number and a place of its own. Raises `Unavailable` when one failed."""
    _write_callers(centre.folder / "callers.csv", first, calls)
    (centre.folder / "voice.ulaw").write_bytes(bytes((0x10, 0x90)) * 4000)
    process = subprocess.run(  # noqa: S603
        (
            *("taskset", "-c", str(core), sipp, "-sf", str(SCENARIO), "-inf", "callers.csv", "-i", "127.0.0.1"),
            *("-mi", "127.0.0.1", "-p", str(free_port()), "-m", str(calls), "-l", str(at_once), "-r", "2000"),
            *("-nostdin", "-timeout", str(int(PATIENCE_S)), "-timeout_error", centre.sip),
        ),
        cwd=centre.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if process.returncode != 0:
        raise Unavailable(f"SIPp's calls failed: {process.stderr.decode(errors='replace')[-300:]}")


def _write_callers(path: Path, first: int, calls: int) -> None:
    """A line for each call: a number, and five places near each other, somewhere in the county."""
    dice = random.Random(911 + first)  # noqa: S311
    lines = ["SEQUENTIAL"]
    for number in range(first, first + calls):
        lat, lon = 39.96 + dice.uniform(-0.08, 0.08), -83.0 + dice.uniform(-0.1, 0.1)
        places = (f"{lat + dice.uniform(-0.002, 0.002):.5f} {lon + dice.uniform(-0.002, 0.002):.5f}" for _ in range(5))
        lines.append(f"{6142000000 + 7 * number};{';'.join(places)};")
    path.write_text("\n".join(lines) + "\n")


# ---- the record ----


def wait_for_recordings(centre: Running, calls: int) -> None:
    """Until the journal holds the closed recording of each call. Raises `Unavailable` when it does not come to that."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if _counted(centre).get("RecordingEnded", 0) >= calls:
            return
        time.sleep(0.02)
    raise Unavailable(f"Of {calls} calls the record holds {_counted(centre)} after {PATIENCE_S:.0f} s.")


def events_a_call(centre: Running, calls: int) -> float:
    """Events a call in a journal that verifies. Raises `Unavailable` where a call is not whole or they are too few."""
    counted = _counted(centre)
    if any(counted.get(name) != calls for name in BEGINS_AND_ENDS):
        raise Unavailable(f"Of {calls} calls the record holds {counted}.")
    journal, verifier, events = JournalFile(centre.folder / "data/journal.sqlite", Codec(CATALOGUE)), Verifier(), 0
    for header, payload, salt in journal.entries():
        events += header.stream.startswith(("call/", "incident/"))
        if (altered := verifier.check(header, payload, salt)) is not None:
            raise Unavailable(f"Event {altered.seq} does not verify: {altered.problem}.")
    journal.close()
    if events < EVENTS_A_CALL * calls:
        raise Unavailable(f"{calls} calls left {events} events, fewer than {EVENTS_A_CALL} each.")
    return events / calls


def _counted(centre: Running) -> dict[str, int]:
    """How many events of each type the journal holds now."""
    connection = apsw.Connection(str(centre.folder / "data/journal.sqlite"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return dict(connection.execute("SELECT type, count(*) FROM event GROUP BY type"))
    finally:
        connection.close()


# ---- beside ----


def bare_calls_per_s(core: int) -> float:
    """What SQLite itself does on that core: the rows of a call in one transaction, fsynced, and nothing else."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        with tempfile.TemporaryDirectory(prefix="bench-whole-", dir="build") as folder:
            connection = apsw.Connection(str(Path(folder, "bare.sqlite")))
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)")
            began = time.perf_counter()
            for _ in range(CALLS):
                with connection:
                    connection.executemany("INSERT INTO row (body) VALUES (zeroblob(?))", [(700,)] * EVENTS_A_CALL)
            took_s = time.perf_counter() - began
            connection.close()
    finally:
        os.sched_setaffinity(0, cores)
    return CALLS / took_s
