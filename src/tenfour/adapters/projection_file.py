"""The read side's file: its tables, and opening it. It is disposable: whatever is wrong with it, it is made anew.

docs/journal.md documents every table and column (a test fails where it does not).
"""

from pathlib import Path

import apsw

from tenfour.adapters.sqlite_journal_file import require_sound_sqlite

APPLICATION_ID = 0x10F0_0912
"""SQLite's `application_id` of a read side."""

FILE_VERSION = 2
"""Counts the shapes of the tables below: a file of another shape is deleted and made anew."""

SCHEMA = """
CREATE TABLE progress (only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER NOT NULL, digest TEXT NOT NULL) STRICT;
CREATE TABLE fact (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
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
    payload TEXT
) STRICT;
CREATE INDEX fact_by_stream ON fact (stream, version);
CREATE INDEX fact_by_command ON fact (command_id) WHERE command_id IS NOT NULL;
CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');
CREATE TABLE place (
    seq INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    at TEXT NOT NULL,
    access TEXT NOT NULL,
    address_id TEXT,
    label TEXT NOT NULL,
    lat REAL,
    lon REAL,
    holds INTEGER NOT NULL
) STRICT;
CREATE INDEX place_by_address ON place (address_id, seq) WHERE address_id IS NOT NULL;
CREATE INDEX place_by_stream ON place (stream);
CREATE VIRTUAL TABLE place_box USING rtree (seq, lat_min, lat_max, lon_min, lon_max);
CREATE TABLE state (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    finished_at TEXT,
    json BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX state_by_end ON state (finished_at);
CREATE TABLE number (
    seq INTEGER PRIMARY KEY,
    ani TEXT NOT NULL,
    stream TEXT NOT NULL,
    at TEXT NOT NULL,
    access TEXT NOT NULL
) STRICT;
CREATE INDEX number_by_ani ON number (ani, seq);
"""


def open_read_side(path: Path) -> apsw.Connection:
    """Open the read side, or make it anew where it is missing, of another shape or damaged."""
    require_sound_sqlite()
    try:
        return _opened(path)
    except (apsw.Error, _OfAnotherShape):
        return make_anew(path)


def make_anew(path: Path) -> apsw.Connection:
    """Delete the read side and begin an empty one."""
    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    return _opened(path)


class _OfAnotherShape(Exception):
    """The file is sound, and its tables are not ours, or not those of today."""


def _opened(path: Path) -> apsw.Connection:
    path.touch(mode=0o600)
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -32768")
        _require_shape(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_glance(path: Path) -> apsw.Connection:
    """A second connection that only reads, for short looks that must not wait for a page being taken in."""
    glance = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    glance.set_busy_timeout(1000)
    return glance


def _require_shape(connection: apsw.Connection) -> None:
    if connection.execute("SELECT count(*) FROM sqlite_schema").get == 0:
        with connection:
            connection.execute(SCHEMA)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {FILE_VERSION}")
    found = (connection.execute("PRAGMA application_id").get, connection.execute("PRAGMA user_version").get)
    if found != (APPLICATION_ID, FILE_VERSION):
        raise _OfAnotherShape
    connection.execute("SELECT seq FROM fact ORDER BY seq DESC LIMIT 1").fetchone()
