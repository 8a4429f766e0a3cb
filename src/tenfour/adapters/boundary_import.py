"""Boundaries (beats, areas of agencies) from GeoJSON with NENA GIS field names. All of them are taken, or none."""

import os
from pathlib import Path
from typing import Any

import msgspec
import shapely
from shapely.geometry import shape as geometry_of

from tenfour.adapters.geojson import Feature, features
from tenfour.adapters.progress import Tell, silent
from tenfour.vocabulary.errors import BadFile


class BoundaryProperties(msgspec.Struct, frozen=True):
    """What is said of an area: its name, the agency it belongs to, and the beat it is (empty: no beat)."""

    DsplayName: str
    Agency_ID: str = ""
    beat: str = ""


def import_boundaries(source: Path, target: Path, tell: Tell = silent) -> int:
    """Replace `target` by the areas of `source`; returns how many. Raises `BadFile`; `target` is then as it was."""
    tell("checking the areas")
    areas = [_checked(source, feature) for feature in features(source)]
    if not areas:
        raise BadFile(source, None, "has no areas.")
    _write(target, {"type": "FeatureCollection", "features": areas})
    return len(areas)


def _checked(source: Path, feature: Feature) -> dict[str, Any]:
    properties = _properties(source, feature)
    if feature.kind not in {"Polygon", "MultiPolygon"}:
        raise BadFile(source, feature.line, f"expected a Polygon or MultiPolygon; found {feature.kind}.")
    geometry = {"type": feature.kind, "coordinates": feature.coordinates}
    try:
        area = geometry_of(geometry)
    except (ValueError, TypeError, IndexError, AttributeError, shapely.errors.GEOSException) as error:
        raise BadFile(source, feature.line, f"the coordinates are no {feature.kind} ({error}).") from error
    if not all(ring[0] == ring[-1] for ring in _rings(feature)):
        raise BadFile(source, feature.line, f"{properties.DsplayName}: a ring does not end at its first corner.")
    for part in shapely.get_parts(area):
        if not part.is_valid:
            raise BadFile(source, feature.line, f"{properties.DsplayName}: {shapely.is_valid_reason(part)}.")
    if area.is_empty:
        raise BadFile(source, feature.line, f"{properties.DsplayName} is an area without any corner.")
    west, south, east, north = area.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadFile(source, feature.line, f"{properties.DsplayName}: expected longitude, latitude in degrees.")
    return {"type": "Feature", "properties": msgspec.to_builtins(properties), "geometry": geometry}


def _rings(feature: Feature) -> list[Any]:
    """The rings of all parts (RFC 7946 section 3.1.6); of coordinates that have been read as an area already."""
    parts = [feature.coordinates] if feature.kind == "Polygon" else feature.coordinates
    return [ring for part in parts for ring in part if ring]


def _properties(source: Path, feature: Feature) -> BoundaryProperties:
    given = {name: str(value) for name, value in feature.properties.items() if value is not None}
    name = given.get("DsplayName") or given.get("beat")
    if not name:
        raise BadFile(source, feature.line, "the area has neither DsplayName nor beat; expected one of them.")
    return BoundaryProperties(name, given.get("Agency_ID", ""), given.get("beat", ""))


def _write(target: Path, collection: dict[str, Any]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            file.write(msgspec.json.encode(collection) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
