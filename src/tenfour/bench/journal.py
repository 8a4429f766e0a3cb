"""`tenfour bench journal`: durable appends to the SQLite journal, as multiples of the nation's peak.

The whole United States is about 7.6 calls a second; at five times that and 30 events a call, 1,141 events a second.
Each event is a `CallReceived` of some 700 bytes, in a batch of its own, acknowledged when it is on disk and fsynced.
Beside it stands, from the same run, what bare SQLite does on this disk: one small row a commit, and nothing else.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import apsw

from tenfour.adapters.sqlite_journal import SqliteJournal
from tenfour.bench.figure import report, three
from tenfour.journal.codec import Codec
from tenfour.journal.port import Batch
from tenfour.testing.sample_fact import SampleFacts
from tenfour.vocabulary.ids import NodeId
from tenfour.workflow.catalogue import CATALOGUE

US_PEAK_PER_S = 1141.0
AIM_X = 10.0
WRITERS = 200
FACTS_A_WRITER = 150
FACTS_ONE_BY_ONE = 1000
BARE_COMMITS = 1000


def main() -> None:
    """Measure and print both figures."""
    bare = bare_commits_per_s()
    grouped = three(lambda: appends_per_s(WRITERS, FACTS_A_WRITER))
    single = three(lambda: appends_per_s(1, FACTS_ONE_BY_ONE))
    beside = f"bare SQLite, one small row a commit, fsynced: {bare:.0f}/s ({bare / US_PEAK_PER_S:.2f} x)"
    report(
        "journal",
        "grouped_appends_x_us_peak",
        [rate / US_PEAK_PER_S for rate in grouped],
        "x",
        aim=AIM_X,
        beside=f"{WRITERS} writers at once; {beside}",
    )
    report(
        "journal",
        "one_by_one_x_us_peak",
        [rate / US_PEAK_PER_S for rate in single],
        "x",
        aim=None,
        beside=f"one writer that waits for each acknowledgement; {beside}",
    )


def appends_per_s(writers: int, facts_a_writer: int) -> float:
    """Acknowledged facts a second, each writer waiting for one acknowledgement before its next fact."""
    with _folder() as folder:
        return asyncio.run(_appends_per_s(folder / "journal.sqlite", writers, facts_a_writer))


async def _appends_per_s(path: Path, writers: int, facts_a_writer: int) -> float:
    journal = await SqliteJournal.open(path, node=NodeId("bench"), codec=Codec(CATALOGUE))
    facts = SampleFacts()
    recorded_at = datetime.now(UTC)
    queues = [[Batch((facts.call(),)) for _ in range(facts_a_writer)] for _ in range(writers)]

    async def write(batches: list[Batch]) -> None:
        for batch in batches:
            await journal.append(batch, recorded_at=recorded_at)

    began = time.perf_counter()
    await asyncio.gather(*(write(batches) for batches in queues))
    took_s = time.perf_counter() - began
    head = await journal.head()
    await journal.close()
    if head.seq != writers * facts_a_writer:
        raise RuntimeError(f"{head.seq} facts were recorded, not {writers * facts_a_writer}")
    return head.seq / took_s


def bare_commits_per_s() -> float:
    """What SQLite itself does here: WAL, `synchronous=FULL`, one row of 700 bytes a commit, one connection."""
    with _folder() as folder:
        connection = apsw.Connection(str(folder / "bare.sqlite"))
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)")
        began = time.perf_counter()
        for _ in range(BARE_COMMITS):
            connection.execute("INSERT INTO row (body) VALUES (zeroblob(700))")
        took_s = time.perf_counter() - began
        connection.close()
    return BARE_COMMITS / took_s


@contextmanager
def _folder() -> Iterator[Path]:
    """A temporary folder on the disk of the working folder: a memory file system would make fsync a lie."""
    build = Path("build")
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-journal-", dir=build) as folder:
        yield Path(folder)
