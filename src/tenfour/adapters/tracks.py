"""Where units were: measurements, not facts. One SQLite table a day (UTC), written in batches, the latest in memory.

`data/tracks.sqlite`, table `track_YYYYMMDD(unit TEXT, at TEXT, lat REAL, lon REAL)`: `at` is ISO 8601 UTC. A day is
dropped by dropping its table. A measurement is acknowledged when it is in memory: a crash may lose the last second
of the track, never a fact.
"""

import asyncio
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import apsw
import msgspec

from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Point

FLUSH_EVERY_S = 1.0
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
        self._db = apsw.Connection(str(path))
        self._db.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL")
        self._latest: dict[UnitId, Measurement] = {m.unit: m for m in self._newest_day()}
        self._waiting: list[Measurement] = []

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
        for table in self._tables():
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
        """Write what waits, in one transaction, outside the event loop."""
        batch, self._waiting = self._waiting, []
        if batch:
            await asyncio.get_running_loop().run_in_executor(self._writer, self._write, batch)

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

    def _tables(self) -> list[str]:
        rows = self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return [str(name) for (name,) in rows if TABLE.fullmatch(str(name))]

    def _newest_day(self) -> list[Measurement]:
        tables = self._tables()
        if not tables:
            return []
        rows = self._db.execute(f"SELECT unit, max(at), lat, lon FROM {tables[-1]} GROUP BY unit")  # noqa: S608
        return [_measurement(row) for row in rows]


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _measurement(row: tuple[object, ...]) -> Measurement:
    unit, at, lat, lon = row
    return Measurement(UnitId(str(unit)), Point(float(str(lat)), float(str(lon))), datetime.fromisoformat(str(at)))
