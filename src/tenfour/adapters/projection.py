"""The read side: what screens and reports ask for, in an SQLite file that can be thrown away at any time.

It is fed with records in the order of the journal and remembers how far it came (`last_seq`), so that a restarted
centre goes on from there. Every method may be called from any thread; one at a time works.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from math import cos, degrees, radians
from pathlib import Path
from typing import Any, Self

import apsw
import msgspec

from tenfour.adapters.projection_file import make_anew, open_glance, open_read_side
from tenfour.adapters.projection_row import (
    EarlierNumber,
    EarlierPlace,
    FactRow,
    Found,
    payload_text,
    place_of,
    quoted_for_search,
    words_of,
)
from tenfour.adapters.sqlite_journal_file import header_of
from tenfour.adapters.sqlite_rows import insert_rows, transaction
from tenfour.calltaking.event import CallReceived
from tenfour.incident.event import DoorRuledOut, PlaceSet
from tenfour.journal.digest import COLUMNS, GENESIS, columns_of, instant
from tenfour.journal.port import Head
from tenfour.vocabulary.envelope import Access, Actor, ActorKind, Header, Recorded
from tenfour.vocabulary.errors import RecordBroken, Unavailable
from tenfour.vocabulary.ids import CommandId, StreamName
from tenfour.vocabulary.place import EARTH_RADIUS_M, Place, Point, distance_m

EVERYTHING = frozenset(Access)

_HEADER = ", ".join((*COLUMNS, "digest"))
_INTO_FACT = f"INSERT INTO fact ({_HEADER}, payload)"
_ROW = (
    "SELECT seq, id, stream, version, type, at, recorded_at, actor_kind, actor_id, actor_role, actor_position, "
    "access, cause, command_id, payload FROM fact "
)
_READABLE = "access IN (SELECT value FROM json_each(?)) "
_PLACE = "SELECT seq, stream, at, access, address_id, label, lat, lon FROM place "


class Projection:
    """The read side of one centre. `Projection.open(path)`; `head` says how far it has come."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self._path = path
        self._connection = connection
        self._glance = open_glance(path)
        self._lock, self._glancing = threading.RLock(), threading.RLock()
        self.head = self._found_head()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the read side at `path`; a missing, damaged or older one is made anew, and empty."""
        return cls(path, open_read_side(path))

    @property
    def last_seq(self) -> int:
        """The last event taken in, 0 for none: go on with the one after it."""
        return self.head.seq

    def begin_anew(self) -> None:
        """Throw everything away, as when it turns out to belong to another journal (`head` says otherwise).

        Raises `Unavailable` where the disk does not let a new one be made; then try again.
        """
        with self._lock, self._glancing:
            self._glance.close()
            self._connection.close()
            self.head = Head(0, GENESIS)
            try:
                self._connection = make_anew(self._path)
                self._glance = open_glance(self._path)
            except apsw.Error as error:
                raise Unavailable(f"The read side cannot be made anew just now ({error}).") from error

    def apply(
        self,
        records: Sequence[Recorded],
        states: Mapping[tuple[str, str], bytes],
        finished: Mapping[tuple[str, str], datetime] | None = None,
    ) -> None:
        """Take in the next records and, with them, the states (kind, id) that they led to, all or nothing.

        Records already taken in are passed over. `finished` names those of the states that are over, and since when,
        which `states(since=…)` leaves out. Raises `RecordBroken` where records are missing in between, and
        `Unavailable` when the file turns out damaged: then it has begun anew, and `last_seq` is 0.
        """
        with self._lock, _Healing(self):
            fresh = [record for record in records if record.seq > self.last_seq]
            if fresh and fresh[0].seq != self.last_seq + 1:
                raise RecordBroken(f"The read side has come to event {self.last_seq} and was given {fresh[0].seq}.")
            head = Head(fresh[-1].seq, fresh[-1].header.digest) if fresh else self.head
            with transaction(self._connection):
                self._take_in(fresh)
                self._save(states, finished or {}, head)
            self.head = head

    def states(self, *, since: datetime | None = None) -> dict[tuple[str, str], bytes]:
        """The states (kind, id) as JSON, as they were at `last_seq`; `since`: only what was not finished by then."""
        which = "" if since is None else "WHERE finished_at IS NULL OR finished_at > ?"
        rows = self._rows(f"SELECT kind, id, json FROM state {which}", () if since is None else (instant(since),))  # noqa: S608
        return {(kind, name): json for kind, name, json in rows}

    def state(self, kind: str, name: str) -> bytes | None:
        """One state as JSON, as last saved; None for what was never saved. Waits for nothing that is being taken in."""
        sql = "SELECT json FROM state WHERE kind = ? AND id = ?"
        with _Healing(self), self._glancing:  # healing takes the other lock first, so it must come after
            found = self._glance.execute(sql, (kind, name)).fetchone()
        return None if found is None else bytes(found[0])

    def facts(
        self,
        stream: StreamName | None = None,
        after: int = 0,
        limit: int = 1000,
        access: Collection[Access] = EVERYTHING,
    ) -> list[FactRow]:
        """Up to `limit` facts after `after`, of one stream or of all, in order, of the access classes given."""
        of_stream = "" if stream is None else "stream = ? AND "
        sql = _ROW + f"WHERE {of_stream} seq > ? AND {_READABLE} ORDER BY seq LIMIT ?"
        values = (*(() if stream is None else (stream,)), after, _json(access), limit)
        return [_fact_row(row) for row in self._rows(sql, values)]

    def search(self, text: str, access: Collection[Access] = EVERYTHING, limit: int = 50) -> list[Found]:
        """Facts with all these words (the last may be a beginning), best first. Nothing in `text` is syntax."""
        query = quoted_for_search(text)
        if not query:
            return []
        sql = (
            "SELECT fact.seq, stream, type, at, access, snippet(words, 0, '', '', '…', 16) FROM words "  # noqa: S608
            f"JOIN fact ON fact.seq = words.rowid WHERE words MATCH ? AND {_READABLE} ORDER BY rank LIMIT ?"
        )
        return [
            Found(row[0], row[1], row[2], datetime.fromisoformat(row[3]), Access(row[4]), row[5])
            for row in self._rows(sql, (query, _json(access), limit))
        ]

    def earlier_at(
        self, address_id: str, access: Collection[Access] = EVERYTHING, limit: int = 50
    ) -> list[EarlierPlace]:
        """Incidents whose place is this address, newest first. One that moved on to another door is not there."""
        sql = _PLACE + f"WHERE address_id = ? AND holds AND {_READABLE} ORDER BY seq DESC LIMIT ?"
        return [_earlier(row) for row in self._rows(sql, (address_id, _json(access), limit))]

    def earlier_near(
        self, point: Point, radius_m: float, access: Collection[Access] = EVERYTHING, limit: int = 50
    ) -> list[EarlierPlace]:
        """Calls and incidents within `radius_m` metres of a point, nearest first."""
        sql = (
            f"{_PLACE} WHERE seq IN (SELECT seq FROM place_box WHERE lat_max >= ? AND lat_min <= ? "  # noqa: S608
            f"AND lon_max >= ? AND lon_min <= ?) AND holds AND {_READABLE}"
        )
        found = [_earlier(row, point) for row in self._rows(sql, (*_box(point, radius_m), _json(access)))]
        near = [place for place in found if place.distance_m is not None and place.distance_m <= radius_m]
        return sorted(near, key=lambda place: place.distance_m or 0.0)[:limit]

    def earlier_of(self, ani: str, access: Collection[Access] = EVERYTHING, limit: int = 50) -> list[EarlierNumber]:
        """Calls that showed this number, newest first."""
        sql = f"SELECT seq, stream, at, access FROM number WHERE ani = ? AND {_READABLE} ORDER BY seq DESC LIMIT ?"  # noqa: S608
        rows = self._rows(sql, (ani, _json(access), limit))
        return [EarlierNumber(row[0], row[1], datetime.fromisoformat(row[2]), Access(row[3])) for row in rows]

    def command(self, command_id: CommandId) -> list[Header]:
        """The headers of what a command led to, by its idempotency key; empty for one that was never given."""
        sql = f"SELECT {_HEADER} FROM fact WHERE command_id = ? ORDER BY seq"  # noqa: S608
        return [header_of(row) for row in self._rows(sql, (command_id,))]

    def close(self) -> None:
        """Let go of the file."""
        with self._lock, self._glancing:
            self._glance.close()
            self._connection.close()

    def _found_head(self) -> Head:
        rows: list[tuple[Any, ...]] = self._connection.execute("SELECT seq, digest FROM progress").fetchall()
        return Head(rows[0][0], rows[0][1]) if rows else Head(0, GENESIS)

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock, _Healing(self):
            return self._connection.execute(sql, values).fetchall()

    def _take_in(self, records: Sequence[Recorded]) -> None:
        put = partial(insert_rows, self._connection)
        put(_INTO_FACT, [(*columns_of(r.header), r.header.digest, payload_text(r.event)) for r in records])
        words = ((record.seq, words_of(record.event)) for record in records)
        put("INSERT INTO words (rowid, text)", [row for row in words if row[1]])
        numbers = ((r.header, r.event.ani) for r in records if isinstance(r.event, CallReceived))
        put("INSERT INTO number", [(h.seq, ani, h.stream, instant(h.at), h.access.value) for h, ani in numbers])
        self._put_places(records)

    def _put_places(self, records: Sequence[Recorded]) -> None:
        """The newest place of an incident holds; those before it stay in the record, not in an address's history."""
        waiting: list[tuple[Header, Place]] = []
        for record in records:
            header, event, place = record.header, record.event, place_of(record.event)
            if isinstance(event, DoorRuledOut | PlaceSet):
                self._insert_places(waiting)
                waiting.clear()
            if isinstance(event, DoorRuledOut):
                gone = "UPDATE place SET holds = 0 WHERE stream = ? AND address_id = ?"
                self._connection.execute(gone, (header.stream, event.address_id))
            elif isinstance(event, PlaceSet) and place is not None:
                self._connection.execute("UPDATE place SET holds = 0 WHERE stream = ?", (header.stream,))
            if place is not None:
                waiting.append((header, place))
        self._insert_places(waiting)

    def _insert_places(self, places: Sequence[tuple[Header, Place]]) -> None:
        rows = [
            (h.seq, h.stream, instant(h.at), h.access.value, place.address_id, place.label, *_lat_lon(place), 1)
            for h, place in places
        ]
        insert_rows(self._connection, "INSERT INTO place", rows)
        points = [(h.seq, place.point) for h, place in places if place.point is not None]
        boxes = [(seq, point.lat, point.lat, point.lon, point.lon) for seq, point in points]
        insert_rows(self._connection, "INSERT INTO place_box", boxes)

    def _save(
        self, states: Mapping[tuple[str, str], bytes], finished: Mapping[tuple[str, str], datetime], head: Head
    ) -> None:
        rows = [
            (*key, head.seq, instant(finished[key]) if key in finished else None, json) for key, json in states.items()
        ]
        insert_rows(self._connection, "INSERT OR REPLACE INTO state", rows)
        self._connection.execute("INSERT OR REPLACE INTO progress VALUES (1, ?, ?)", (head.seq, head.digest))


def _lat_lon(place: Place) -> tuple[float | None, float | None]:
    return (None, None) if place.point is None else (place.point.lat, place.point.lon)


class _Healing:
    """Around every use of the file: a damaged one is made anew, and the caller told to begin again."""

    def __init__(self, projection: Projection) -> None:
        self._projection = projection

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, apsw.CorruptError | apsw.NotADBError):
            self._projection.begin_anew()
            raise Unavailable("The read side was damaged and begins anew from the journal; ask again soon.") from error
        if isinstance(error, apsw.Error):
            raise Unavailable(f"The read side cannot be used just now ({error}).") from error


def _json(access: Collection[Access]) -> str:
    return msgspec.json.encode(sorted(one.value for one in access)).decode()


def _fact_row(row: tuple[Any, ...]) -> FactRow:
    return FactRow(
        seq=row[0],
        id=row[1],
        stream=row[2],
        version=row[3],
        type=row[4],
        at=datetime.fromisoformat(row[5]),
        recorded_at=datetime.fromisoformat(row[6]),
        actor=Actor(ActorKind(row[7]), row[8], row[9], row[10]),
        access=Access(row[11]),
        cause=row[12],
        command_id=row[13],
        payload=None if row[14] is None else msgspec.Raw(row[14]),
    )


def _earlier(row: tuple[Any, ...], asked: Point | None = None) -> EarlierPlace:
    seq, stream, at, access, address_id, label, lat, lon = row
    point = None if lat is None else Point(lat, lon)
    away_m = None if asked is None or point is None else distance_m(asked, point)
    return EarlierPlace(seq, stream, datetime.fromisoformat(at), Access(access), address_id, label, point, away_m)


def _box(point: Point, radius_m: float) -> tuple[float, float, float, float]:
    """Latitudes and longitudes that a circle reaches, with a metre to spare for the R*Tree's short numbers."""
    up = degrees((radius_m + 1.0) / EARTH_RADIUS_M)
    across = up / max(cos(radians(point.lat)), 1e-6)
    return point.lat - up, point.lat + up, point.lon - across, point.lon + across
