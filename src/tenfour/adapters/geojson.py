"""GeoJSON files (RFC 7946) feature by feature, each with the line it begins at."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from tenfour.vocabulary.errors import BadFile

_FEATURES = re.compile(r'"features"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


class Feature(msgspec.Struct, frozen=True):
    """One feature: the line it begins at (from 1), its properties, and its geometry's type and coordinates."""

    line: int
    properties: dict[str, Any]
    kind: str
    coordinates: Any


def text_of(path: Path) -> str:
    """The text of a file; raises `BadFile` when it is not there, empty, or not UTF-8."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadFile(path, None, f"cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadFile(path, line, f"is not UTF-8 text (byte {error.start}).") from error
    if not text.strip():
        raise BadFile(path, None, "is empty.")
    return text


def features(path: Path) -> Iterator[Feature]:
    """The features of a FeatureCollection; raises `BadFile` with the line of what is wrong."""
    text = text_of(path)
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadFile(path, error.lineno, f"not JSON: {error.msg}.") from error
    found = _FEATURES.search(text)
    listed = whole.get("features") if isinstance(whole, dict) else None
    if not isinstance(listed, list) or whole.get("type") != "FeatureCollection" or found is None:
        raise BadFile(path, 1, "expected a GeoJSON FeatureCollection.")
    at, decoder, line, counted = found.end(), json.JSONDecoder(), 1, 0
    for feature in listed:
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        line, counted = line + text.count("\n", counted, at), at
        yield _feature(path, line, feature)
        _, at = decoder.raw_decode(text, at)


def _feature(path: Path, line: int, feature: Any) -> Feature:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise BadFile(path, line, "expected a GeoJSON Feature.")
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or "coordinates" not in geometry:
        raise BadFile(path, line, "the feature has no geometry with coordinates.")
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise BadFile(path, line, "the feature's properties are not an object.")
    return Feature(line, properties, str(geometry.get("type")), geometry["coordinates"])
