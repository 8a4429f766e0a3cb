"""The journal's file: its tables, how it is opened for writing and reading, how rows become records.

docs/journal.md documents every table and column (a test fails where it does not).
"""

import fcntl
import os
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import apsw

from tenfour.journal.codec import Codec
from tenfour.journal.digest import COLUMNS, GENESIS
from tenfour.journal.port import Head
from tenfour.vocabulary.envelope import Access, Actor, ActorKind, Header, Recorded
from tenfour.vocabulary.errors import BadInput, NotFound, RecordBroken, Refused, Unavailable
from tenfour.vocabulary.ids import StreamName

APPLICATION_ID = 0x10F0_0911
"""SQLite's `application_id` of a Tenfour journal."""

FILE_VERSION = 1
"""SQLite's `user_version` of a Tenfour journal: the version of its tables."""

SOUND_SQLITE = (3, 51, 3)
"""SQLite 3.7.0 to 3.51.2 can corrupt a WAL file when two connections write or checkpoint at once."""

SCHEMA = """
CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    type TEXT NOT NULL,
    schema INTEGER NOT NULL,
    agency TEXT NOT NULL,
    access TEXT NOT NULL,
    at TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_role TEXT NOT NULL,
    actor_position TEXT NOT NULL,
    command_id TEXT,
    cause TEXT,
    node TEXT NOT NULL,
    payload_digest TEXT NOT NULL,
    digest TEXT NOT NULL,
    UNIQUE (stream, version)
) STRICT;
CREATE TABLE payload (
    seq INTEGER PRIMARY KEY REFERENCES event (seq),
    salt BLOB NOT NULL,
    body BLOB
) STRICT;
"""

_SELECT = (
    f"SELECT {', '.join('event.' + column for column in COLUMNS)}, event.digest, payload.body, payload.salt "  # noqa: S608
    "FROM event LEFT JOIN payload ON payload.seq = event.seq "
)
_AFTER = _SELECT + "WHERE event.seq > ? ORDER BY event.seq LIMIT ?"
_OF_STREAM = _SELECT + "WHERE event.stream = ? AND event.version > ? ORDER BY event.version"
_OF_IDS = _SELECT + "WHERE event.id IN (SELECT value FROM json_each(?))"  # noqa: S608
_HEAD = "SELECT seq, digest FROM event ORDER BY seq DESC LIMIT 1"
_ORPHAN = "SELECT seq FROM payload WHERE seq NOT IN (SELECT seq FROM event) ORDER BY seq LIMIT 1"

Entry = tuple[Header, bytes | None, bytes]


def require_sound_sqlite(version: str | None = None) -> None:
    """Refuse to work with an SQLite library that can corrupt a WAL file. Raises `Refused`."""
    version = version or apsw.sqlite_lib_version()
    if tuple(int(part) for part in version.split(".")[:3]) < SOUND_SQLITE:
        wanted = ".".join(map(str, SOUND_SQLITE))
        raise Refused(f"SQLite {version} can damage a journal; Tenfour needs SQLite {wanted} or newer (apsw has it).")


def writer_lock(path: Path) -> int:
    """Take the lock that makes this process the one writer of a journal; the descriptor holds it until closed.

    Raises `Refused` when another holds it, `Unavailable` where the disk does not let us.
    """
    try:
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _sentence(path, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise Refused(f"The journal {path} is already open for writing; only one process may write it.") from error
    return lock


def open_writer(path: Path) -> apsw.Connection:
    """The one connection that writes and checkpoints. Makes the file (mode 0600) where there is none.

    Raises `Refused` for another application's file, `Unavailable` where the disk does not let us.
    """
    require_sound_sqlite()
    try:
        _make_private(path)
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    except (apsw.Error, OSError) as error:
        raise _sentence(path, error) from error
    return connection


def open_reader(path: Path) -> apsw.Connection:
    """A connection that can only read. Raises `NotFound` without a file, `Refused` for another application's."""
    require_sound_sqlite()
    if not path.exists():
        raise NotFound("journal", str(path), "A centre makes it when it first runs.")
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(2000)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        try:
            _require_ours(connection, path)
        except BaseException:
            connection.close()
            raise
    except apsw.Error as error:
        raise _sentence(path, error) from error
    return connection


class JournalRows:
    """Reads records through one connection; used by one thread at a time."""

    def __init__(self, connection: apsw.Connection, codec: Codec) -> None:
        self._connection = connection
        self._codec = codec

    def head(self) -> Head:
        """The last event's `seq` and digest."""
        row = self._connection.execute(_HEAD).fetchone()
        return Head(0, GENESIS) if row is None else Head(row[0], row[1])

    def version(self, stream: StreamName) -> int:
        """The version of a stream, 0 where there is none."""
        row = self._connection.execute("SELECT max(version) FROM event WHERE stream = ?", (stream,)).fetchone()
        return (row and row[0]) or 0

    def read(self, after: int, limit: int) -> list[Recorded]:
        """Up to `limit` records after `after`."""
        return [self._record(row) for row in self._connection.execute(_AFTER, (after, limit)).fetchall()]

    def read_stream(self, stream: StreamName, newest: int | None = None) -> list[Recorded]:
        """The records of a stream, by version; or only the `newest` so many."""
        after = 0 if newest is None else self.version(stream) - newest
        return [self._record(row) for row in self._connection.execute(_OF_STREAM, (stream, after)).fetchall()]

    def with_ids(self, ids_json: str) -> list[Recorded]:
        """The records whose ids stand in a JSON array."""
        return [self._record(row) for row in self._connection.execute(_OF_IDS, (ids_json,)).fetchall()]

    def entries(self, after: int, limit: int) -> Iterator[Entry]:
        """Up to `limit` headers with payload bytes and salt, one by one. Raises `RecordBroken` at one that is none.

        All rows are fetched at first: a reader who takes long over them does not keep the journal from checkpointing.
        """
        for row in self._connection.execute(_AFTER, (after, limit)).fetchall():
            yield _entry(row)

    def orphan(self) -> int | None:
        """The first `seq` that has a payload and no event: an event that was taken out. None where there is none."""
        row = self._connection.execute(_ORPHAN).fetchone()
        return None if row is None else int(row[0])

    def _record(self, row: tuple[Any, ...]) -> Recorded:
        header, payload, _ = _entry(row)
        return Recorded(header, None if payload is None else self._codec.decode(header.type, header.schema, payload))


def _entry(row: tuple[Any, ...]) -> Entry:
    try:
        return header_of(row), row[-2], row[-1] or b""
    except (ValueError, TypeError) as error:
        raise RecordBroken(f"Event {row[0]} of the journal is not a header any more: {error}.") from error


def header_of(row: tuple[Any, ...]) -> Header:
    """A header out of its columns (`COLUMNS`, then the digest). Raises `ValueError` where one is not a header's."""
    return Header(
        seq=row[0],
        id=row[1],
        stream=row[2],
        version=row[3],
        type=row[4],
        schema=row[5],
        agency=row[6],
        access=Access(row[7]),
        at=datetime.fromisoformat(row[8]),
        recorded_at=datetime.fromisoformat(row[9]),
        actor=_actor(row[10], row[11], row[12], row[13]),
        command_id=row[14],
        cause=row[15],
        node=row[16],
        payload_digest=row[17],
        digest=row[18],
    )


@lru_cache(maxsize=1000)
def _actor(kind: str, name: str, role: str, position: str) -> Actor:
    """The same few act again and again."""
    return Actor(ActorKind(kind), name, role, position)


def _make_private(path: Path) -> None:
    """Make an empty file that only its owner reads, and make its name durable."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _prepare(connection: apsw.Connection, path: Path) -> None:
    connection.set_busy_timeout(2000)
    if connection.execute("SELECT count(*) FROM sqlite_schema").get == 0:
        _found(connection)
    _require_ours(connection, path)
    if connection.execute("PRAGMA journal_mode = WAL").get != "wal":
        raise Unavailable(f"The journal {path} cannot be kept in WAL mode on this file system.")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
    connection.execute("PRAGMA cache_size = -65536")


def _found(connection: apsw.Connection) -> None:
    with connection:
        connection.execute(SCHEMA)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FILE_VERSION}")


def _require_ours(connection: apsw.Connection, path: Path) -> None:
    if connection.execute("PRAGMA application_id").get != APPLICATION_ID:
        raise Refused(f"{path} is not a Tenfour journal; it belongs to another application.")
    version = connection.execute("PRAGMA user_version").get
    if version != FILE_VERSION:
        raise Refused(f"The journal {path} has table version {version}; this Tenfour reads version {FILE_VERSION}.")


def _sentence(path: Path, error: Exception) -> BadInput | Refused | Unavailable:
    if isinstance(error, apsw.NotADBError):
        return Refused(f"{path} is not a Tenfour journal; it is not even an SQLite file.")
    return Unavailable(f"The journal {path} cannot be opened: {error}.")
