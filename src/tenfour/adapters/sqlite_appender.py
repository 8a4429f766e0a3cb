"""The one thread that writes the journal. Whatever waits is committed in one transaction, with one fsync."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import apsw
import msgspec

from tenfour.adapters.sqlite_journal_file import JournalRows, open_writer
from tenfour.adapters.sqlite_rows import insert_rows, transaction
from tenfour.journal.admission import Admission, Entry, PreparedBatch, ids_of
from tenfour.journal.codec import Codec
from tenfour.journal.digest import COLUMNS
from tenfour.journal.port import Appended, Conflicted, Head
from tenfour.vocabulary.envelope import Recorded
from tenfour.vocabulary.errors import RecordBroken, Unavailable
from tenfour.vocabulary.ids import EventId, NodeId, StreamName

GROUP_BATCHES = 1000
"""At most so many batches share one transaction, so that nobody waits long behind a flood."""

STREAMS_REMEMBERED = 100_000

_INTO_EVENT = f"INSERT INTO event ({', '.join(COLUMNS)}, digest)"
_INTO_PAYLOAD = "INSERT INTO payload (seq, salt, body)"

Answer = Appended | Conflicted | Unavailable


class Waiting(msgspec.Struct, frozen=True):
    """A batch, and the caller who waits for its answer."""

    batch: PreparedBatch
    answer: "asyncio.Future[Appended | Conflicted]"


class Appender:
    """Owns the writing connection, in a thread of its own.

    `settled` is called in this thread after each group, with the answers, the records that are now durable and the
    new end; it must not wait.
    """

    def __init__(
        self,
        path: Path,
        node: NodeId,
        codec: Codec,
        settled: Callable[[Sequence[Waiting], Sequence[Answer], Sequence[Recorded], Head], None],
    ) -> None:
        self._path = path
        self._node = node
        self._settled = settled
        self._connection = open_writer(path)
        self._rows = JournalRows(self._connection, codec)
        self.head = self._rows.head()
        self._doubtful = False
        self._ended = False
        self._versions: dict[StreamName, int] = {}
        self._queue: queue.SimpleQueue[list[Waiting] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal-appender", daemon=True)
        self._thread.start()

    def put(self, waiting: list[Waiting]) -> None:
        """Hand in batches; they are committed together, in this order."""
        self._queue.put(waiting)
        if self._ended:
            self._refuse([])

    def close(self) -> None:
        """Write what was handed in, checkpoint, and end. Waits for the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        group: list[Waiting] = []
        try:
            while True:
                group, last = self._next_group()
                if group:
                    self._write(group)
                    group = []
                if last:
                    return
        finally:
            self._ended = True
            self._connection.close()
            self._refuse(group)

    def _next_group(self) -> tuple[list[Waiting], bool]:
        """Whatever waits now, at least one batch unless this is the end; and is this the end?"""
        taken = self._queue.get()
        group: list[Waiting] = []
        while taken is not None:
            group += taken
            if len(group) >= GROUP_BATCHES:
                return group, False
            try:
                taken = self._queue.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

    def _write(self, group: list[Waiting]) -> None:
        answers: Sequence[Answer]
        records: list[Recorded] = []
        try:
            answers, records = self._committed([waiting.batch for waiting in group])
        except (apsw.Error, RecordBroken) as error:
            answers = [self._unavailable(error)] * len(group)
        self._settled(group, answers, records, self.head)

    def _committed(self, batches: list[PreparedBatch]) -> tuple[list[Answer], list[Recorded]]:
        if self._doubtful:
            self.head, self._doubtful = self._rows.head(), False
        admission = Admission(self.head, self._node, version_of=self._version, known=self._known(batches))
        answers: list[Answer] = [admission.admit(batch) for batch in batches]
        if admission.entries:
            self._insert(admission.entries)
            self.head = admission.head
            self._remember(admission.versions)
        return answers, admission.records

    def _known(self, batches: list[PreparedBatch]) -> dict[EventId, Recorded]:
        ids_json = msgspec.json.encode(ids_of(batches)).decode()
        return {record.header.id: record for record in self._rows.with_ids(ids_json)}

    def _version(self, stream: StreamName) -> int:
        version = self._versions.get(stream)
        return self._rows.version(stream) if version is None else version

    def _remember(self, versions: dict[StreamName, int]) -> None:
        if len(self._versions) > STREAMS_REMEMBERED:
            self._versions.clear()
        self._versions.update(versions)

    def _insert(self, entries: Sequence[Entry]) -> None:
        events = [(*entry.columns, entry.digest) for entry in entries]
        payloads = [(entry.columns[0], entry.salt, entry.payload) for entry in entries]
        with transaction(self._connection):
            insert_rows(self._connection, _INTO_EVENT, events)
            insert_rows(self._connection, _INTO_PAYLOAD, payloads)

    def _unavailable(self, error: Exception) -> Unavailable:
        """The disk said no. Whether the last write reached it is unknown: the same ids tell, when it works again."""
        self._versions.clear()
        self._doubtful = True
        return Unavailable(
            f"The journal {self._path} cannot be written just now ({error}); try again with the same ids."
        )

    def _refuse(self, group: Sequence[Waiting]) -> None:
        """The thread has ended: nobody may wait for ever."""
        waiting = list(group)
        with contextlib.suppress(queue.Empty):
            while True:
                waiting += self._queue.get_nowait() or []
        if waiting:
            gone = Unavailable(f"The journal {self._path} is closed; nothing was recorded.")
            self._settled(waiting, [gone] * len(waiting), [], self.head)
