"""Addresses from a CSV or GeoJSON file with NENA GIS field names. All of them are taken, or none."""

import csv
import io
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tenfour.adapters.address_index import COLUMNS, AddressRow, address_id, write_addresses
from tenfour.adapters.geojson import features, text_of
from tenfour.adapters.progress import Tell, silent
from tenfour.vocabulary.errors import BadFile

NEEDED = ("Add_Number", "St_Name", "Long", "Lat")
"""Without these an address can be neither said nor found."""

OTHER_NAMES = {
    "longitude": "Long",
    "latitude": "Lat",
    "a1": "State",
    "a2": "County",
    "a3": "Inc_Muni",
    "st_predirectional": "St_PreDir",
    "site_nguid": "NGUID",
}
"""Names of the same fields in version 3 of the data model, and in older files."""

_BY_SMALL = {column.casefold(): column for column in COLUMNS} | OTHER_NAMES
_TRUE = frozenset({"1", "true", "yes"})


def import_addresses(source: Path, target: Path, tell: Tell = silent) -> int:
    """Replace the index at `target` by the addresses of `source`; returns how many.

    The file is CSV with a header, or GeoJSON points (`.geojson`, `.json`). Fields that are not ours are passed over.
    Raises `BadFile` with line and expectation; the index is then as it was.
    """
    rows = _from_geojson(source) if source.suffix.casefold() in {".geojson", ".json"} else _from_csv(source)
    tell("reading and indexing the addresses")
    return write_addresses(target, _distinct(source, rows))


def _distinct(source: Path, rows: Iterator[tuple[int, AddressRow]]) -> Iterator[AddressRow]:
    """Every row with an id of its own: its NGUID, or one made of its words (`9417-kendall-place`, then `...-2`)."""
    seen: dict[str, int] = {}
    for line, row in rows:
        if row.NGUID in seen:
            raise BadFile(source, line, f"NGUID {row.NGUID!r} was already used at line {seen[row.NGUID]}.")
        own = row if row.NGUID else replace(row, NGUID=_unused(address_id(row), seen))
        seen[own.NGUID] = line
        yield own
    if not seen:
        raise BadFile(source, None, "has no addresses.")


def _unused(wanted: str, seen: Mapping[str, int]) -> str:
    if wanted not in seen:
        return wanted
    return next(name for count in itertools.count(2) if (name := f"{wanted}-{count}") not in seen)


def _from_csv(source: Path) -> Iterator[tuple[int, AddressRow]]:
    reader = csv.reader(io.StringIO(text_of(source)), strict=True)
    try:
        header = [_BY_SMALL.get(name.strip().casefold(), "") for name in next(reader)]
        _check_header(source, header)
        for values in reader:
            if not any(values):
                continue
            if len(values) != len(header):
                raise BadFile(source, reader.line_num, f"has {len(values)} fields; expected {len(header)} as above.")
            given = {name: value.strip() for name, value in zip(header, values, strict=True) if name}
            yield reader.line_num, _row(source, reader.line_num, given)
    except csv.Error as error:
        raise BadFile(source, reader.line_num, f"is not CSV: {error}.") from error


def _check_header(source: Path, header: list[str]) -> None:
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise BadFile(source, 1, f"the header lacks {', '.join(missing)}; expected NENA GIS field names.")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise BadFile(source, 1, f"the header has {', '.join(twice)} twice.")


def _from_geojson(source: Path) -> Iterator[tuple[int, AddressRow]]:
    for feature in features(source):
        if feature.kind != "Point" or not isinstance(feature.coordinates, list) or len(feature.coordinates) < 2:
            raise BadFile(source, feature.line, f"an address must be a Point; found {feature.kind}.")
        given: dict[str, Any] = {"Long": feature.coordinates[0], "Lat": feature.coordinates[1]}
        for name, value in feature.properties.items():
            column = _BY_SMALL.get(name.casefold())
            if column and column not in given and value is not None:
                given[column] = value
        yield feature.line, _row(source, feature.line, given)


def _row(source: Path, line: int, given: Mapping[str, Any]) -> AddressRow:
    texts = {name: str(value).strip() for name, value in given.items()}
    number = texts.pop("Add_Number", "")
    if not number.isdecimal() or int(number) > 999_999:
        raise BadFile(source, line, f"Add_Number is {number!r}; expected a whole number from 0 to 999999.")
    if not texts.get("St_Name"):
        raise BadFile(source, line, "St_Name is empty; expected the name of a street.")
    lon, lat = (_degrees(source, line, name, texts.pop(name, ""), most) for name, most in (("Long", 180), ("Lat", 90)))
    synthetic = texts.pop("synthetic", "").casefold() in _TRUE
    return AddressRow(
        NGUID=texts.pop("NGUID", ""), Add_Number=int(number), Long=lon, Lat=lat, synthetic=synthetic, **texts
    )


def _degrees(source: Path, line: int, name: str, text: str, most: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) <= most:
        raise BadFile(source, line, f"{name} is {text!r}; expected degrees from -{most} to {most}.")
    return value
