"""The journal of a centre in one SQLite file (WAL, `synchronous=FULL`): one writer thread, readers beside it."""

import asyncio
import os
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar

import apsw

from tenfour.adapters.sqlite_appender import Answer, Appender, Waiting
from tenfour.adapters.sqlite_journal_file import JournalRows, open_reader, require_sound_sqlite, writer_lock
from tenfour.journal.admission import SALT_BYTES, prepare
from tenfour.journal.codec import Codec
from tenfour.journal.port import Appended, Batch, Conflicted, Head
from tenfour.vocabulary.envelope import Header, Recorded
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import NodeId, StreamName

READERS = 2
RECENT = 4096
"""So many of the last records stay in memory, so that subscribers who keep up never touch the disk."""

PAGE = 500

T = TypeVar("T")


class SqliteJournal:
    """Implements `tenfour.journal.port.Journal`; see there for what each method promises.

    Made by `await SqliteJournal.open(path, node=..., codec=...)`; belongs to the event loop it was opened in.
    """

    def __init__(self, path: Path, node: NodeId, codec: Codec, loop: asyncio.AbstractEventLoop) -> None:
        """Open, without waiting for anything; `open` does this in a thread. Same errors."""
        require_sound_sqlite()
        self._path = path
        self._codec = codec
        self._loop = loop
        self._lock = writer_lock(path)
        try:
            self._appender = Appender(path, node, codec, self._settle_soon)
        except BaseException:
            os.close(self._lock)
            raise
        self._head = self._appender.head
        self._recent: deque[Recorded] = deque(maxlen=RECENT)
        self._gathered: list[Waiting] = []
        self._doorbells: set[asyncio.Future[None]] = set()
        self._closed = False
        self._readers = _Readers(path, codec)

    @classmethod
    async def open(cls, path: Path, *, node: NodeId, codec: Codec) -> Self:
        """Open the journal at `path` for writing, making it if it is not there. `node` names this writer.

        Raises `Refused` (another writer, another application's file, an unsound SQLite) or `Unavailable`.
        """
        return await asyncio.to_thread(cls, path, node, codec, asyncio.get_running_loop())

    async def append(self, batch: Batch, *, recorded_at: datetime) -> Appended | Conflicted:
        """Append durably. Raises `BadInput` for what can never be recorded, `Unavailable` when the disk does not."""
        prepared = prepare(batch, recorded_at, self._codec, os.urandom(SALT_BYTES * len(batch.facts)))
        if self._closed:
            raise Unavailable(f"The journal {self._path} is closed; nothing was recorded.")
        answer: asyncio.Future[Appended | Conflicted] = self._loop.create_future()
        if not self._gathered:
            self._loop.call_soon(self._hand_in)
        self._gathered.append(Waiting(prepared, answer))
        return await answer

    async def read(self, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """Up to `limit` events with `seq` > `after`, in order."""
        return await self._reading(lambda rows: rows.read(after, limit))

    async def read_stream(self, stream: StreamName, newest: int | None = None) -> Sequence[Recorded]:
        """All events of one stream, by version; or only the `newest` so many."""
        return await self._reading(lambda rows: rows.read_stream(stream, newest))

    async def headers(self, after: int = 0, limit: int = 1000) -> Sequence[tuple[Header, bytes | None, bytes]]:
        """Headers with stored payload bytes (None if erased) and salt. Raises `RecordBroken` at what is no header."""
        return await self._reading(lambda rows: list(rows.entries(after, limit)))

    async def head(self) -> Head:
        """Where the journal ends: everything acknowledged is before it."""
        return self._head

    async def subscribe(self, after: int = 0) -> AsyncIterator[Recorded]:
        """Every event after `after`, in order: those there, then those that come, until the journal is closed."""
        while not self._closed:
            if after >= self._head.seq:
                await self._next_ring()
                continue
            for record in self._recent_after(after) or await self.read(after, PAGE):
                yield record
                after = record.seq

    async def close(self) -> None:
        """Write what was handed in, end the subscriptions and let go of the file."""
        if self._closed:
            return
        self._hand_in()
        self._closed = True
        self._ring()
        await asyncio.to_thread(self._let_go)

    def _let_go(self) -> None:
        self._readers.close()
        self._appender.close()
        os.close(self._lock)

    async def _reading(self, read: "Callable[[JournalRows], T]") -> T:
        if self._closed:
            raise Unavailable(f"The journal {self._path} is closed.")
        return await self._loop.run_in_executor(self._readers.pool, self._readers.run, read)

    def _hand_in(self) -> None:
        """All batches that came in one turn of the loop go to the appender together."""
        gathered, self._gathered = self._gathered, []
        if gathered:
            self._appender.put(gathered)

    def _settle_soon(
        self, group: Sequence[Waiting], answers: Sequence[Answer], records: Sequence[Recorded], head: Head
    ) -> None:
        """From the appender's thread: one wake-up of the loop a group. A loop that is gone has nobody to tell."""
        try:
            self._loop.call_soon_threadsafe(self._settle, group, answers, records, head)
        except RuntimeError:
            if not self._loop.is_closed():
                raise

    def _settle(
        self, group: Sequence[Waiting], answers: Sequence[Answer], records: Sequence[Recorded], head: Head
    ) -> None:
        self._head = head
        if records and self._recent and self._recent[-1].seq + 1 != records[0].seq:
            self._recent.clear()
        self._recent.extend(records)
        for waiting, answer in zip(group, answers, strict=True):
            if waiting.answer.done():
                continue
            if isinstance(answer, Unavailable):
                waiting.answer.set_exception(answer)
            else:
                waiting.answer.set_result(answer)
        if records:
            self._ring()

    def _ring(self) -> None:
        doorbells, self._doorbells = self._doorbells, set()
        for doorbell in doorbells:
            if not doorbell.done():
                doorbell.set_result(None)

    async def _next_ring(self) -> None:
        doorbell: asyncio.Future[None] = self._loop.create_future()
        self._doorbells.add(doorbell)
        try:
            await doorbell
        finally:
            self._doorbells.discard(doorbell)

    def _recent_after(self, after: int) -> list[Recorded]:
        """The next page out of memory; empty when it is not all there."""
        if not self._recent or self._recent[0].seq > after + 1:
            return []
        skip = after + 1 - self._recent[0].seq
        return [self._recent[place] for place in range(skip, min(skip + PAGE, len(self._recent)))]


class _Readers:
    """A few threads, each with a read-only connection of its own."""

    def __init__(self, path: Path, codec: Codec) -> None:
        self._path = path
        self._codec = codec
        self._mine = threading.local()
        self._opened: list[apsw.Connection] = []
        self.pool = ThreadPoolExecutor(READERS, thread_name_prefix="journal-reader")

    def run(self, read: Callable[[JournalRows], T]) -> T:
        """Run a reading in this thread. Raises `Unavailable` when the disk does not give it."""
        try:
            return read(self._rows())
        except apsw.Error as error:
            raise Unavailable(f"The journal {self._path} cannot be read just now ({error}).") from error

    def close(self) -> None:
        """Wait for readings under way, then close the connections."""
        self.pool.shutdown()
        for connection in self._opened:
            connection.close()

    def _rows(self) -> JournalRows:
        rows: JournalRows | None = getattr(self._mine, "rows", None)
        if rows is None:
            connection = open_reader(self._path)
            self._opened.append(connection)
            rows = self._mine.rows = JournalRows(connection, self._codec)
        return rows
