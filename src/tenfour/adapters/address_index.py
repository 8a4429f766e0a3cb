"""The addresses of a centre, `data/addresses.sqlite`: by words as they are typed, by place, by id.

Columns carry the field names of the NENA GIS data model (site/structure address points), `NGUID` is the id, and
`synthetic` is 1 for a house number that was made up for a demo or training centre. The file is made whole by
`write_addresses` and only ever read afterwards.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from math import cos, radians
from pathlib import Path

import apsw
import msgspec
import shapely

from tenfour.adapters.street_words import long_form, words
from tenfour.roads.graph import METRES_PER_DEGREE
from tenfour.vocabulary.errors import BadFile, NotFound
from tenfour.vocabulary.place import CivicAddress, Point, Polygon, Shape, distance_m, middle, reach_m

SPOT_RADIUS_M = 100.0
"""Searched around a point that comes without any uncertainty."""


class AddressRow(msgspec.Struct, frozen=True):
    """One address under the field names of the NENA GIS data model. Degrees WGS 84."""

    NGUID: str
    Add_Number: int
    St_Name: str
    Long: float
    Lat: float
    AddNum_Suf: str = ""
    St_PreDir: str = ""
    St_PosTyp: str = ""
    St_PosDir: str = ""
    Unit: str = ""
    Inc_Muni: str = ""
    County: str = ""
    State: str = ""
    Country: str = ""
    Post_Code: str = ""
    Placement: str = ""
    synthetic: bool = False


COLUMNS = AddressRow.__struct_fields__


class Address(msgspec.Struct, frozen=True):
    """An address as the rest of Tenfour knows it. `placement`: what the point marks (NENA: Structure, Parcel, ...)."""

    address_id: str
    label: str
    point: Point
    civic: CivicAddress
    placement: str
    synthetic: bool


class NearAddress(msgspec.Struct, frozen=True):
    """An address inside a searched shape, and its distance in metres from the shape's middle."""

    address: Address
    distance_m: float


_SCHEMA = f"""
CREATE TABLE address (n INTEGER PRIMARY KEY, {", ".join(f'"{c}"' for c in COLUMNS)});
CREATE VIRTUAL TABLE address_place USING rtree (n, west, east, south, north);
CREATE VIRTUAL TABLE address_words USING fts5 (words, content='', tokenize='unicode61', prefix='2 3 4');
"""
_INDEXES = """
CREATE UNIQUE INDEX address_by_id ON address (NGUID);
INSERT INTO address_words (address_words) VALUES ('optimize');
"""
_SELECT = "SELECT " + ", ".join(f'a."{c}"' for c in COLUMNS) + " FROM address a"  # noqa: S608 - our own names


def address_id(row: AddressRow) -> str:
    """An id made of an address's own words: `9417-kendall-place`."""
    parts = (f"{row.Add_Number}{row.AddNum_Suf}", row.St_PreDir, row.St_Name, row.St_PosTyp, row.St_PosDir, row.Unit)
    return "-".join(word for part in parts for word in words(part))


def write_addresses(path: Path, rows: Iterable[AddressRow]) -> int:
    """Write an index of `rows` to `path`, whole or not at all; returns how many. What `rows` raises passes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    try:
        count = _filled(beside, rows)
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return count


def _filled(path: Path, rows: Iterable[AddressRow]) -> int:
    database = apsw.Connection(str(path))
    try:
        database.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF")
        count = 0
        with database:
            database.execute(_SCHEMA)
            for count, row in enumerate(rows, start=1):
                _insert(database, count, row)
            database.execute(_INDEXES)
    finally:
        database.close()
    return count


def _insert(database: apsw.Connection, number: int, row: AddressRow) -> None:
    values = [getattr(row, column) for column in COLUMNS]
    marks = ",".join("?" * (len(values) + 1))
    database.execute(f"INSERT INTO address VALUES ({marks})", (number, *values))  # noqa: S608 - question marks
    database.execute("INSERT INTO address_place VALUES (?,?,?,?,?)", (number, row.Long, row.Long, row.Lat, row.Lat))
    text = " ".join(_indexed_words(row))
    database.execute("INSERT INTO address_words (rowid, words) VALUES (?,?)", (number, text))


def _indexed_words(row: AddressRow) -> Iterator[str]:
    yield f"{row.Add_Number}{row.AddNum_Suf.strip()}".casefold()
    for part in (row.St_PreDir, row.St_Name, row.St_PosTyp, row.St_PosDir, row.Unit, row.Inc_Muni):
        for word in words(part):
            yield word
            if long_form(word) != word:
                yield long_form(word)


class AddressIndex:
    """Reads an index; use from one thread. A file that is not there is an index without addresses."""

    def __init__(self, path: Path | None) -> None:
        """Open `path` (None: no addresses); raises `BadFile` when it is there and is no address index."""
        there = path is not None and path.exists()
        self._database = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY) if there else _empty()
        try:
            self.count = int(next(self._database.execute("SELECT count(*) FROM address"))[0])
        except apsw.Error as error:
            self._database.close()
            again = f"is not an address index ({error}); import the addresses again."
            raise BadFile(path or Path(), None, again) from error

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def get(self, address_id: str) -> Address:
        """The address of that id; raises `NotFound`."""
        for values in self._database.execute(f"{_SELECT} WHERE NGUID = ?", (address_id,)):
            return _address(values)
        raise NotFound("address", address_id)

    def find(self, text: str, limit: int = 10) -> list[Address]:
        """Addresses that have every word of `text` (the last may be unfinished), those of that exact number first.

        Case, punctuation and the usual abbreviations do not matter: `9417 kendall pl` finds 9417 Kendall Place.
        """
        typed = words(text)
        if not typed or limit <= 0:
            return []
        number = int(typed[0]) if re.fullmatch(r"[0-9]{1,9}", typed[0]) else -1
        query = " AND ".join(_alternatives(word, last=place == len(typed) - 1) for place, word in enumerate(typed))
        found = self._database.execute(
            f"{_SELECT} JOIN address_words w ON w.rowid = a.n WHERE w.words MATCH ?"
            " ORDER BY a.Add_Number != ?, length(a.St_Name), a.St_Name, a.St_PreDir, a.Add_Number, a.NGUID LIMIT ?",
            (query, number, limit),
        )
        return [_address(values) for values in found]

    def inside(self, shape: Shape, limit: int = 10, *, spot_radius_m: float = SPOT_RADIUS_M) -> list[NearAddress]:
        """Addresses inside `shape`, nearest its middle first (a bare point: within `spot_radius_m` of it)."""
        centre, reach = middle(shape), reach_m(shape)
        reach = spot_radius_m if reach is None else reach
        contains = _containing(shape, centre, reach)
        found = self._points_around(centre, reach)
        ranked = sorted((distance_m(centre, point), own) for own, point in found if contains(point))
        return [NearAddress(self.get(own), away) for away, own in ranked[: max(limit, 0)]]

    def _points_around(self, centre: Point, reach: float) -> Iterator[tuple[str, Point]]:
        """Id and place of every address in the square around a circle."""
        north = reach / METRES_PER_DEGREE * 1.001 + 1e-5
        east = north / max(cos(radians(centre.lat)), 0.01)
        found = self._database.execute(
            "SELECT a.NGUID, a.Lat, a.Long FROM address_place p JOIN address a ON a.n = p.n"
            " WHERE p.east >= ? AND p.west <= ? AND p.north >= ? AND p.south <= ?",
            (centre.lon - east, centre.lon + east, centre.lat - north, centre.lat + north),
        )
        return ((str(own), Point(lat, lon)) for own, lat, lon in found)


def _containing(shape: Shape, centre: Point, reach: float) -> Callable[[Point], bool]:
    """Whether a point lies in the shape."""
    if not isinstance(shape, Polygon) or len(shape.corners) < 3:
        return lambda point: distance_m(centre, point) <= reach
    area = shapely.Polygon([(corner.lon, corner.lat) for corner in shape.corners])
    shapely.prepare(area)
    return lambda point: bool(shapely.intersects_xy(area, point.lon, point.lat))


def _alternatives(word: str, *, last: bool) -> str:
    """One word of a search, in FTS5's grammar: itself, its long form, and as a beginning when it is the last."""
    terms = dict.fromkeys([f'"{word}"', f'"{long_form(word)}"', *([f'"{word}"*'] if last else [])])
    return f"({' OR '.join(terms)})"


def _address(values: tuple[object, ...]) -> Address:
    row = msgspec.convert(dict(zip(COLUMNS, values, strict=True)), AddressRow, strict=False)
    number = f"{row.Add_Number}{row.AddNum_Suf and ' ' + row.AddNum_Suf}"
    street = " ".join(part for part in (row.St_PreDir, row.St_Name, row.St_PosTyp, row.St_PosDir) if part)
    civic = CivicAddress(
        house_number=number,
        street=street,
        unit=row.Unit,
        city=row.Inc_Muni,
        county=row.County,
        state=row.State,
        postal_code=row.Post_Code,
        country=row.Country,
    )
    label = f"{civic.line()}, {row.Unit}" if row.Unit else civic.line()
    return Address(row.NGUID, label, Point(row.Lat, row.Long), civic, row.Placement, row.synthetic)


def _empty() -> apsw.Connection:
    database = apsw.Connection(":memory:")
    database.execute(_SCHEMA)
    return database
