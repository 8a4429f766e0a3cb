"""The line's outbox: facts on disk, in order, until the centre has journalled them.

One thread owns the file (SQLite, WAL, `synchronous=FULL`) and commits whatever has gathered in one
transaction. What a call must remember over a restart (table `dialog`) is written in the same transaction
as the facts that changed it, so that after SIGKILL no fact is made twice. The newest facts on disk stay in memory,
so that a centre that keeps up has them without the file; what it has taken leaves the file with the next commit.

Nothing on the call's side waits here. When the disk fails, facts wait in memory (at most `limit` of them), are
delivered from there, and the commit is tried again every `RETRY_S`; the failure is logged and counted.
"""

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

import apsw
import msgspec
import structlog

from tenfour.adapters.line_fact import CarriedFact, carry
from tenfour.adapters.sqlite_rows import insert_rows, transaction
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import CallId, EventId

RETRY_S = 0.5
"""How long to wait before a commit that failed is tried again."""

WAITING_LIMIT = 100_000
"""Facts that may wait in memory while the disk fails; those that come after are counted as lost."""

COMMITS_APART_S = 0.005
"""Commits begin at least so long after each other: what a busy line tells meanwhile goes with one fsync."""

IN_MEMORY = 10_000
"""So many of the newest facts on disk are delivered without being read from there."""

TRIM_WITHIN_S = 0.2
"""How long facts that the centre has taken may stay in the file where nothing new is written with which they go."""

TABLES = """
CREATE TABLE IF NOT EXISTS fact (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, carried BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS dialog (call_id TEXT PRIMARY KEY, kept BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS line (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
"""

log = structlog.get_logger(__name__)


Kept = bytes | msgspec.Struct
"""What a call must remember: bytes, or a frozen struct that is kept as JSON."""


class Waiting(msgspec.Struct, frozen=True):
    """A fact that the centre has not acknowledged, as JSON, and its place in the outbox."""

    n: int
    id: EventId
    encoded: bytes

    @property
    def carried(self) -> CarriedFact:
        """The fact, decoded as far as it travels."""
        return msgspec.json.decode(self.encoded, type=CarriedFact)


class _Change(msgspec.Struct):
    """What one `put` writes: facts, what a call keeps, which call is forgotten, what the line notes."""

    facts: list[Waiting]
    kept: tuple[CallId, Kept] | None = None
    forgotten: CallId | None = None
    note: tuple[str, bytes] | None = None
    durable: asyncio.Future[None] | None = None


class _Trim(msgspec.Struct):
    n: int


class _Read(msgspec.Struct):
    after: int
    limit: int
    answer: asyncio.Future[Sequence[Waiting]]


class _Close(msgspec.Struct):
    pass


_Job = _Change | _Trim | _Read | _Close


class Outbox:
    """Facts in order of `n`, kept until `trim`. Made and used inside a running event loop."""

    def __init__(self, path: Path, *, limit: int = WAITING_LIMIT) -> None:
        """Open or make the file at `path`.

        A file that cannot be opened, or is not what we wrote, is set aside as `<name>.broken-<time>`; where that
        fails too, this run keeps its facts in memory only (`on_disk` is False). Both are logged.
        """
        self._loop = asyncio.get_running_loop()
        self._limit = limit
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._backlog: list[_Change] = []
        self._failing = False
        self.lost = 0
        self.on_disk = True
        self.on_grown: Callable[[], None] = lambda: None
        self._file = self._open(path)
        self.kept_calls: dict[CallId, bytes] = dict(self._file.execute("SELECT call_id, kept FROM dialog"))
        self.notes: dict[str, bytes] = dict(self._file.execute("SELECT name, value FROM line"))
        self._last = self._highest()
        self._newest = _Newest(self._last)
        self._trimmed, self._in_file = 0, 0
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)
        self._thread.start()

    # ---- the event loop's side ----

    @property
    def last(self) -> int:
        """The highest `n` given out."""
        return self._last

    def put(
        self,
        facts: Sequence[Fact],
        *,
        kept: tuple[CallId, Kept] | None = None,
        forgotten: CallId | None = None,
        note: tuple[str, bytes] | None = None,
    ) -> "asyncio.Future[None]":
        """Queue facts in order, all or none; the answer completes when they are fsynced.

        `kept`: what a call must remember, replacing what it kept before; `forgotten`: a call that is over;
        `note`: a named value of the line itself. All are one transaction with the facts.
        """
        durable: asyncio.Future[None] = self._loop.create_future()
        waiting = []
        for fact in facts:
            self._last += 1
            waiting.append(Waiting(self._last, fact.id, msgspec.json.encode(carry(fact))))
        self._jobs.put(_Change(waiting, kept, forgotten, note, durable))
        return durable

    def trim(self, n: int) -> None:
        """The centre has journalled everything up to `n`: let go of it, on disk within `TRIM_WITHIN_S`."""
        self._jobs.put(_Trim(n))

    async def waiting(self, after: int = 0, limit: int = 256) -> Sequence[Waiting]:
        """Up to `limit` facts not yet trimmed with `n` > `after`, in order: fsynced ones, or all there are when the
        disk fails."""
        answer: asyncio.Future[Sequence[Waiting]] = self._loop.create_future()
        self._jobs.put(_Read(after, limit, answer))
        return await answer

    async def close(self) -> None:
        """Write what is queued and close the file.

        Raises `Unavailable` when the disk would not take the last facts.
        """
        self._jobs.put(_Close())
        await asyncio.to_thread(self._thread.join)
        await asyncio.sleep(0)
        if self._backlog:
            raise Unavailable(f"The outbox could not write its last {self._count_backlog()} facts.")

    def _grown(self) -> None:
        self.on_grown()

    # ---- opening ----

    def _open(self, path: Path) -> apsw.Connection:
        try:
            return self._connect(str(path))
        except (apsw.Error, OSError) as error:
            log.error("outbox cannot be opened; it is set aside", path=str(path), problem=str(error))
        try:
            _set_aside(path)
            return self._connect(str(path))
        except (apsw.Error, OSError) as error:
            log.error("no outbox on disk: facts wait in memory only", path=str(path), problem=str(error))
            self.on_disk = False
            return self._connect(":memory:")

    def _connect(self, name: str) -> apsw.Connection:
        if name != ":memory:":
            Path(name).parent.mkdir(parents=True, exist_ok=True)
        file = apsw.Connection(name)
        file.set_busy_timeout(2000)
        for setting in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            file.execute(f"PRAGMA {setting}").fetchall()  # a statement behind one that answers would not be run
        file.execute(TABLES)
        if name != ":memory:":
            Path(name).chmod(0o600)
        return file

    def _highest(self) -> int:
        """Above everything that waits, and above what earlier runs gave out (they counted microseconds too)."""
        highest = next(iter(self._file.execute("SELECT coalesce(max(n), 0) FROM fact")))[0]
        return max(int(highest), time.time_ns() // 1000)

    # ---- the thread's side ----

    def _work(self) -> None:
        committed = float("-inf")
        while True:
            jobs = self._gather(committed + COMMITS_APART_S)
            changes = [job for job in jobs if isinstance(job, _Change)]
            self._trimmed = max((job.n for job in jobs if isinstance(job, _Trim)), default=self._trimmed)
            self._newest.trim(self._trimmed)
            closing = any(isinstance(job, _Close) for job in jobs)
            if changes or self._backlog or (self._trimmed > self._in_file and (closing or not jobs)):
                committed = time.monotonic()
                self._commit(changes)
            for job in jobs:
                if isinstance(job, _Read):
                    self._tell(_set, job.answer, self._read(job.after, job.limit))
            if closing:
                self._file.close()
                return

    def _gather(self, not_before: float) -> list[_Job]:
        """Everything queued; waits for the first, but not past the time to try a failed commit again, or to trim."""
        patience_s = RETRY_S if self._backlog else TRIM_WITHIN_S if self._trimmed > self._in_file else None
        jobs: list[_Job] = []
        try:
            jobs.append(self._jobs.get(timeout=patience_s))
            time.sleep(max(0.0, not_before - time.monotonic()))
            while True:
                jobs.append(self._jobs.get_nowait())
        except queue.Empty:
            return jobs

    def _commit(self, changes: list[_Change]) -> None:
        self._backlog.extend(changes)
        grown = any(change.facts for change in changes)
        try:
            with transaction(self._file):
                self._write()
        except apsw.Error as error:
            self._failed(error)
        else:
            self._succeeded()
        if grown:
            self._tell(self._grown)

    def _write(self) -> None:
        facts = [(fact.n, fact.id, fact.encoded) for change in self._backlog for fact in change.facts]
        insert_rows(self._file, "INSERT OR IGNORE INTO fact", facts)
        last: dict[CallId, Kept | None] = {}
        notes: dict[str, bytes] = {}
        for change in self._backlog:
            if change.kept is not None:
                last[change.kept[0]] = change.kept[1]
            if change.forgotten is not None:
                last[change.forgotten] = None
            if change.note is not None:
                notes[change.note[0]] = change.note[1]
        kept = [(call_id, _as_bytes(one)) for call_id, one in last.items() if one is not None]
        insert_rows(self._file, "INSERT OR REPLACE INTO dialog", kept)
        for call_id in (call_id for call_id, one in last.items() if one is None):
            self._file.execute("DELETE FROM dialog WHERE call_id = ?", (call_id,))
        insert_rows(self._file, "INSERT OR REPLACE INTO line", list(notes.items()))
        if self._trimmed > self._in_file:
            self._file.execute("DELETE FROM fact WHERE n <= ?", (self._trimmed,))

    def _succeeded(self) -> None:
        done = [change.durable for change in self._backlog if change.durable is not None]
        self._newest.add(fact for change in self._backlog for fact in change.facts if fact.n > self._trimmed)
        self._in_file = self._trimmed
        self._backlog.clear()
        if self._failing:
            self._failing = False
            log.warning("the outbox writes again")
        if done:
            self._tell(_set_all, done)

    def _failed(self, error: apsw.Error) -> None:
        if not self._failing:
            self._failing = True
            log.error("the outbox cannot write: facts wait in memory, calls go on", problem=str(error))
        room = self._limit
        for change in self._backlog:
            change.facts = [fact for fact in change.facts if fact.n > self._trimmed]
            self.lost += max(0, len(change.facts) - room)
            change.facts = change.facts[:room]
            room -= len(change.facts)

    def _read(self, after: int, limit: int) -> list[Waiting]:
        after = max(after, self._trimmed)
        found = self._newest.after(after, limit)
        if found is None:
            found = self._read_file(after, limit)
        for change in self._backlog:
            found.extend(fact for fact in change.facts if fact.n > after)
        return found[:limit]

    def _read_file(self, after: int, limit: int) -> list[Waiting]:
        try:
            rows = self._file.execute("SELECT n, id, carried FROM fact WHERE n > ? ORDER BY n LIMIT ?", (after, limit))
            return [Waiting(n, id_, carried) for n, id_, carried in rows]
        except apsw.Error as error:
            log.error("the outbox cannot be read", problem=str(error))
            return []

    def _count_backlog(self) -> int:
        return sum(len(change.facts) for change in self._backlog)

    def _tell(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            log.warning("the outbox had news after its event loop was closed")


class _Newest:
    """The newest facts that are on disk, in order: every one above `after`, at most `IN_MEMORY` of them."""

    def __init__(self, after: int) -> None:
        self._after = after
        self._facts: deque[Waiting] = deque()
        self._ids: set[EventId] = set()

    def add(self, facts: Iterable[Waiting]) -> None:
        """These are on disk now; the file keeps a fact once, so it is kept once here."""
        for fact in facts:
            if fact.id not in self._ids:
                self._facts.append(fact)
                self._ids.add(fact.id)
        while len(self._facts) > IN_MEMORY:
            self._drop_first()

    def trim(self, n: int) -> None:
        """Let go of everything up to `n`."""
        while self._facts and self._facts[0].n <= n:
            self._drop_first()

    def after(self, n: int, limit: int) -> list[Waiting] | None:
        """Up to `limit` facts above `n`; None where not all of them are here."""
        if n < self._after:
            return None
        return list(islice((fact for fact in self._facts if fact.n > n), limit))

    def _drop_first(self) -> None:
        gone = self._facts.popleft()
        self._ids.discard(gone.id)
        self._after = gone.n


def _as_bytes(kept: Kept) -> bytes:
    return kept if isinstance(kept, bytes) else msgspec.json.encode(kept)


def _set(answer: "asyncio.Future[Sequence[Waiting]]", found: Sequence[Waiting]) -> None:
    if not answer.done():
        answer.set_result(found)


def _set_all(done: Sequence["asyncio.Future[None]"]) -> None:
    for durable in done:
        if not durable.done():
            durable.set_result(None)


def _set_aside(path: Path) -> None:
    """Rename the file and its WAL, for a person to look at."""
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        if name.exists():
            name.rename(f"{name}.broken-{time.time_ns()}")
