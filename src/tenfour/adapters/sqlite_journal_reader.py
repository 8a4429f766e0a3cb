"""A journal's file for reading only, also while a centre writes it: for the command line and for reports."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw

from tenfour.adapters.sqlite_journal_file import Entry, JournalRows, open_reader
from tenfour.journal.codec import Codec
from tenfour.journal.port import Head
from tenfour.vocabulary.envelope import Recorded
from tenfour.vocabulary.errors import RecordBroken, Unavailable
from tenfour.vocabulary.ids import StreamName

PAGE = 2000
"""Rows a reading transaction: a long walk must not keep the writer from checkpointing."""


class JournalFile:
    """Reads the journal at `path`. Raises `NotFound` without one, `Refused` where the file is something else."""

    def __init__(self, path: Path, codec: Codec) -> None:
        self._path = path
        self._connection = open_reader(path)
        self._rows = JournalRows(self._connection, codec)

    def head(self) -> Head:
        """Where the journal ends now."""
        with _Sentence(self._path):
            return self._rows.head()

    def records(self, after: int = 0) -> Iterator[Recorded]:
        """Every record after `after` that is there now, in order."""
        with _Sentence(self._path):
            while page := self._rows.read(after, PAGE):
                yield from page
                after = page[-1].seq

    def stream(self, stream: StreamName) -> Sequence[Recorded]:
        """Every record of one stream that is there now, by version."""
        with _Sentence(self._path):
            return self._rows.read_stream(stream)

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """Every header with payload bytes (None if erased) and salt, in order.

        Raises `RecordBroken` at an event that is no header any more.
        """
        with _Sentence(self._path):
            while True:
                before = after
                for entry in self._rows.entries(after, PAGE):
                    after = entry[0].seq
                    yield entry
                if after == before:
                    return

    def orphan(self) -> int | None:
        """The first event that was taken out while its payload was left behind; None where there is none."""
        with _Sentence(self._path):
            return self._rows.orphan()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


class _Sentence:
    """Around a reading: what SQLite says becomes a sentence for a person."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, apsw.CorruptError | apsw.NotADBError):
            raise RecordBroken(f"The journal {self._path} is damaged as a file: {error}.") from error
        if isinstance(error, apsw.Error):
            raise Unavailable(f"The journal {self._path} cannot be read just now ({error}).") from error
