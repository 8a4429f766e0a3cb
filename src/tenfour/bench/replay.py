"""`tenfour bench replay`: how fast a centre that lost its read side makes all the desk's projections anew.

The journal holds a played story, told over and over. Out of it come, the way a centre starts: the world in memory, the
narratives of what it carries, and the read side's file with its facts, words, places, numbers and states. The clock
runs from the opening of the journal until the file holds its last event.

Beside it stands, from the same run, what bare SQLite does on this disk: as many rows of the same mean length put into
one table by `executemany`, a page of the journal a transaction.
"""

import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import apsw
import msgspec

from tenfour.adapters.garbage import leave_alone_what_is_there
from tenfour.adapters.projection import Projection
from tenfour.adapters.sqlite_journal import SqliteJournal
from tenfour.adapters.sqlite_journal_reader import JournalFile
from tenfour.bench.figure import report
from tenfour.bench.told_story import told_over_and_over
from tenfour.desk.chronicle import Chronicle
from tenfour.desk.ledger import READ_PAGE, Ledger
from tenfour.desk.read_side import KeptReadSide, restored
from tenfour.desk.story import tell_whole
from tenfour.incident.event import IncidentClosed
from tenfour.journal.codec import Codec
from tenfour.journal.port import Batch
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import AgencyId, EventId, NodeId
from tenfour.workflow.catalogue import CATALOGUE
from tenfour.workflow.policy import Policy

AIM_PER_S = 20_000.0
EVENTS = 50_000
FACTS_A_BATCH = 1000
KEEP_FINISHED = timedelta(minutes=60)
"""The preset of `desk.keep_finished_min`."""

NODE = NodeId("bench")


class Rebuilt(msgspec.Struct, frozen=True):
    """What one run took: seconds by the clock and of CPU; and what came of it."""

    wall_s: float
    cpu_s: float
    calls: int
    """In the read side's file."""
    carried: int
    """In memory: the others are finished and stand on the shelf."""


def main() -> None:
    """Measure and print the figure."""
    build = Path("build")
    build.mkdir(exist_ok=True)  # on the disk: a memory file system would say little
    with tempfile.TemporaryDirectory(prefix="bench-replay-", dir=build) as name:
        folder = Path(name)
        now = asyncio.run(write_journal(folder, EVENTS))
        runs, bare = [], []
        leave_alone_what_is_there()  # as a centre does when it starts
        for _ in range(3):
            runs.append(asyncio.run(rebuild(folder, EVENTS, now)))
            bare.append(bare_rows_per_s(folder, EVENTS))
    report(
        "replay",
        "events_per_s",
        [EVENTS / run.wall_s for run in runs],
        "1/s",
        aim=AIM_PER_S,
        beside=(
            f"{EVENTS} events of {runs[-1].calls} calls, {1e6 * min(run.cpu_s for run in runs) / EVENTS:.0f} us of CPU "
            f"each; bare SQLite, as many rows of the same length in one table: {sorted(bare)[1]:.0f}/s"
        ),
    )


async def write_journal(folder: Path, events: int) -> datetime:
    """A journal of so many events in `folder`; answers when the last incident in it was closed."""
    codec = Codec(CATALOGUE)
    journal = await SqliteJournal.open(folder / "journal.sqlite", node=NODE, codec=codec)
    facts, closed_at = islice(told_over_and_over(codec), events), datetime.min.replace(tzinfo=UTC)
    while some := tuple(islice(facts, FACTS_A_BATCH)):
        await journal.append(Batch(some), recorded_at=datetime.now(UTC))
        closed_at = max((fact.at for fact in some if isinstance(fact.event, IncidentClosed)), default=closed_at)
    await journal.close()
    return closed_at


async def rebuild(folder: Path, events: int, now: datetime) -> Rebuilt:
    """Make everything anew, without a read side's file. Raises `Unavailable` when it is not all there afterwards."""
    (folder / "projection.sqlite").unlink(missing_ok=True)
    began, cpu_before = time.perf_counter(), time.process_time()
    journal = await SqliteJournal.open(folder / "journal.sqlite", node=NODE, codec=Codec(CATALOGUE))
    journal_file = JournalFile(folder / "journal.sqlite", Codec(CATALOGUE))
    projection = Projection.open(folder / "projection.sqlite")
    read_side = KeptReadSide(projection, journal, journal_file.stream)
    ledger = _ledger(journal, read_side, now)
    chronicle = Chronicle(lambda person: person, lambda _, code: code)

    async def let_go() -> None:
        await read_side.keep_up(ledger)
        ledger.let_go(now - KEEP_FINISHED, read_side.unsaved)

    ledger.listen(read_side.on_records)
    await ledger.catch_up(await restored(projection, journal, read_side), let_go)
    for incident_id in sorted(ledger.shown.incidents):
        await tell_whole(ledger, chronicle, incident_id)
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_before
    calls = sum(kind == "call" for kind, _ in projection.states())
    found = (projection.last_seq, ledger.shown.seq, len(projection.facts(None, events - 1, 2)))
    projection.close()
    journal_file.close()
    await journal.close()
    if found != (events, events, 1):
        raise Unavailable(f"Of {events} events the read side holds {found[0]} and the world {found[1]}.")
    return Rebuilt(wall_s, cpu_s, calls, len(ledger.shown.calls))


def _ledger(journal: SqliteJournal, read_side: KeptReadSide, now: datetime) -> Ledger:
    return Ledger(
        journal,
        Policy(),
        agency=AgencyId("sheriff"),
        now=lambda: now,
        recorded_now=lambda: now,
        new_id=lambda: EventId(""),  # nothing is decided
        find_command=read_side.command,
    )


def bare_rows_per_s(folder: Path, rows: int) -> float:
    """What SQLite itself does here: WAL, `synchronous=NORMAL`, rows of the journal's mean length, pages of them."""
    mean = (folder / "journal.sqlite").stat().st_size // rows
    path = folder / "bare.sqlite"
    path.unlink(missing_ok=True)
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body TEXT)")
    body = "x" * mean
    began = time.perf_counter()
    for first in range(0, rows, READ_PAGE):
        with connection:
            connection.executemany(
                "INSERT INTO row (body) VALUES (?)", ((body,) for _ in range(min(READ_PAGE, rows - first)))
            )
    took_s = time.perf_counter() - began
    connection.close()
    return rows / took_s
