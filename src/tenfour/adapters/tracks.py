"""Where units were: measurements, not facts. One SQLite table a day (UTC), written in batches, the latest in memory.

`data/tracks.sqlite`, table `track_YYYYMMDD(unit TEXT, at TEXT, lat REAL, lon REAL)`: `at` is ISO 8601 UTC. A day is
dropped by dropping its table. A measurement is acknowledged when it is in memory: a crash may lose the last second
of the track, never a fact. No trouble with this file stops the centre: one that cannot be read is set aside, and what
cannot be written waits in memory.
"""

import asyncio
import re
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import apsw
import msgspec
import structlog

from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Point

log = structlog.get_logger(__name__)

FLUSH_EVERY_S = 1.0
WAITING_LIMIT = 100_000
"""While the disk takes nothing so many measurements wait; of more, the oldest are let go."""

TABLE = re.compile(r"track_\d{8}")


class Measurement(msgspec.Struct, frozen=True):
    """A unit was at `point` at `at` (aware, UTC)."""

    unit: UnitId
    point: Point
    at: datetime


class Tracks:
    """The tracks of one centre. Open it, run `flush_for_ever` as a task, close it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="tracks")
        self._db, latest = _opened(path)
        self._latest: dict[UnitId, Measurement] = {measured.unit: measured for measured in latest}
        self._waiting: list[Measurement] = []
        self._failing = False

    def latest(self, unit: UnitId) -> Measurement | None:
        """The newest measurement of a unit, by its own time; None when it never said."""
        return self._latest.get(unit)

    def add(self, measured: Measurement) -> bool:
        """Keep a measurement; False when a newer one is known (it is kept in the track all the same)."""
        self._waiting.append(measured)
        known = self._latest.get(measured.unit)
        if known is not None and known.at > measured.at:
            return False
        self._latest[measured.unit] = measured
        return True

    async def between(self, unit: UnitId, start: datetime, end: datetime) -> list[Measurement]:
        """The track of a unit from `start` to `end`, oldest first."""
        await self.flush()
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._read, unit, start, end)

    def _read(self, unit: UnitId, start: datetime, end: datetime) -> list[Measurement]:
        found: list[Measurement] = []
        for table in _tables(self._db):
            rows = self._db.execute(
                f"SELECT unit, at, lat, lon FROM {table} WHERE unit = ? AND at BETWEEN ? AND ? ORDER BY at",  # noqa: S608
                (unit, _text(start), _text(end)),
            )
            found.extend(_measurement(row) for row in rows)
        return found

    async def flush_for_ever(self) -> None:
        """Write what came in, about once a second."""
        while True:
            await asyncio.sleep(FLUSH_EVERY_S)
            await self.flush()

    async def flush(self) -> None:
        """Write what waits, in one transaction, outside the event loop. What the disk does not take waits on."""
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        try:
            await asyncio.get_running_loop().run_in_executor(self._writer, self._write, batch)
            self._failing = False
        except apsw.Error as error:
            self._waiting = [*batch, *self._waiting][-WAITING_LIMIT:]
            if not self._failing:
                self._failing = True
                log.error("where units were cannot be written; it waits in memory", problem=str(error))

    async def close(self) -> None:
        """Write what waits and let go of the file."""
        await self.flush()
        self._writer.shutdown(wait=True)
        self._db.close()

    def _write(self, batch: Iterable[Measurement]) -> None:
        by_table: dict[str, list[tuple[str, str, float, float]]] = {}
        for measured in batch:
            table = f"track_{measured.at.astimezone(UTC):%Y%m%d}"
            row = (measured.unit, _text(measured.at), measured.point.lat, measured.point.lon)
            by_table.setdefault(table, []).append(row)
        with self._db:
            for table, rows in by_table.items():
                self._db.execute(
                    f"CREATE TABLE IF NOT EXISTS {table}(unit TEXT, at TEXT, lat REAL, lon REAL);"
                    f"CREATE INDEX IF NOT EXISTS {table}_unit ON {table}(unit, at)"
                )
                self._db.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", rows)  # noqa: S608


def _opened(path: Path) -> tuple[apsw.Connection, list[Measurement]]:
    """The file and the newest measurement of each unit in it; in memory only where the disk gives no file."""
    try:
        return _connected(path)
    except (apsw.Error, OSError, ValueError) as error:
        log.error("the tracks cannot be read; they are set aside", path=str(path), problem=str(error))
    try:
        for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            if name.exists():
                name.rename(f"{name}.broken-{time.time_ns()}")
        return _connected(path)
    except (apsw.Error, OSError) as error:
        log.error("the tracks are kept in memory only", path=str(path), problem=str(error))
        return apsw.Connection(":memory:"), []


def _connected(path: Path) -> tuple[apsw.Connection, list[Measurement]]:
    path.touch(mode=0o600)
    database = apsw.Connection(str(path))
    try:
        database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL")
        return database, _newest_day(database)
    except BaseException:
        database.close()
        raise


def _tables(database: apsw.Connection) -> list[str]:
    rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [str(name) for (name,) in rows if TABLE.fullmatch(str(name))]


def _newest_day(database: apsw.Connection) -> list[Measurement]:
    tables = _tables(database)
    if not tables:
        return []
    rows = database.execute(f"SELECT unit, max(at), lat, lon FROM {tables[-1]} GROUP BY unit")  # noqa: S608
    return [_measurement(row) for row in rows]


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _measurement(row: tuple[object, ...]) -> Measurement:
    unit, at, lat, lon = row
    return Measurement(UnitId(str(unit)), Point(float(str(lat)), float(str(lon))), datetime.fromisoformat(str(at)))
