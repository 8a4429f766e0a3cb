"""GML and PIDF-LO shapes (RFC 5491 section 5, OGC 06-142r1) read as the three shapes we search with."""

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.place import Circle, Point, Polygon, Shape, Spot

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

EARTH_WIDE_M: Final = 20_100_000.0
_CRS: Final = ("4326", "4979", "crs84")
_WITH_HEIGHT: Final = "4979"
_LONGITUDE_FIRST: Final = "crs84"
_OLD_ANGLE: Final = re.compile(r"([+-]?[\d.]+)(?::([\d.]+))?(?::([\d.]+))?\s*([NSEW]?)", re.IGNORECASE)
"""One angle of a GML 2 `coordinates` element, as RFC 4119 section 2.2.1 writes it: `37:46:30N`."""


class ShapeUnreadable(BadInput):
    """A shape that cannot be used; the sentence says why."""


def local_name(element: "Element") -> str:
    """The element's name in lower case, without its namespace: documents of the field mix namespaces up."""
    return str(element.tag).rpartition("}")[2].lower()


def read_shape(element: "Element") -> Shape:
    """The shape of one GML or PIDF-LO shape element. Raises `ShapeUnreadable`."""
    _must_be_wgs84(element)
    name = local_name(element)
    match name:
        case "point":
            return Spot(_position(element))
        case "circle" | "sphere":
            return Circle(_position(element), _metres(element, "radius"))
        case "ellipse" | "ellipsoid":
            return Circle(_position(element), _metres(element, "semimajoraxis"))
        case "arcband":
            return Circle(_position(element), _metres(element, "outerradius"))
        case "polygon" | "prism":
            return Polygon(_corners(element))
        case _:
            raise ShapeUnreadable(f"A shape {name!r} is not known here.")


def _must_be_wgs84(element: "Element") -> None:
    crs = element.get("srsName", "")
    if crs and not crs.lower().endswith(_CRS):
        raise ShapeUnreadable(f"The location is in the reference system {crs!r}; expected WGS 84 (EPSG 4326 or 4979).")


def _position(element: "Element") -> Point:
    for child in element.iter():
        if local_name(child) == "pos":
            return _point(_numbers(child), longitude_first=_longitude_first(element))
        if local_name(child) == "coordinates":
            return _point(_old_numbers(child), longitude_first=_longitude_first(element))
    raise ShapeUnreadable(f"The {local_name(element)} has no position that can be read.")


def _longitude_first(element: "Element") -> bool:
    """CRS84 has longitude before latitude, EPSG 4326 and 4979 after it."""
    return element.get("srsName", "").lower().endswith(_LONGITUDE_FIRST)


def _old_numbers(element: "Element") -> list[float]:
    """The angles of a GML 2 `coordinates` element, in degrees: decimal, or degrees, minutes, seconds and N, S, E, W."""
    text = " ".join(element.itertext()).replace(",", " ")
    numbers: list[float] = []
    for word in text.split():
        angle = _OLD_ANGLE.fullmatch(word)
        try:
            degrees, minutes, seconds = (
                (float(piece or 0) for piece in angle.groups()[:3]) if angle else (math.nan,) * 3
            )
        except ValueError:
            degrees = minutes = seconds = math.nan
        south_or_west = angle is not None and angle[4].upper() in ("S", "W")
        sign = -1 if south_or_west or word.startswith("-") else 1
        numbers.append(sign * (abs(degrees) + minutes / 60 + seconds / 3600))
    if not all(map(math.isfinite, numbers)):
        raise ShapeUnreadable(f"{text[:60]!r} is no position; expected two angles.")
    return numbers


def _point(numbers: Sequence[float], *, longitude_first: bool = False) -> Point:
    if len(numbers) not in {2, 3}:
        raise ShapeUnreadable(f"A position has {len(numbers)} numbers; expected latitude and longitude.")
    latitude, longitude = (numbers[1], numbers[0]) if longitude_first else (numbers[0], numbers[1])
    try:
        return Point(latitude, longitude)
    except ValueError as error:
        raise ShapeUnreadable(f"The position is wrong: {error}.") from None


def _numbers(element: "Element") -> list[float]:
    """Every number in the element, also between comments."""
    words = " ".join(element.itertext()).split()
    try:
        return [float(word) for word in words]
    except ValueError:
        raise ShapeUnreadable(f"{' '.join(words)!r} is no position; expected numbers.") from None


def _metres(element: "Element", name: str) -> float:
    """A length, always in metres (EPSG 9001, RFC 5491 section 5.1)."""
    for child in element.iter():
        if local_name(child) == name:
            numbers = _numbers(child)
            if len(numbers) == 1 and math.isfinite(numbers[0]) and 0 <= numbers[0] <= EARTH_WIDE_M:
                return numbers[0]
            raise ShapeUnreadable(f"The {name} of the {local_name(element)} is no length in metres.")
    raise ShapeUnreadable(f"The {local_name(element)} has no {name}.")


def _corners(element: "Element") -> tuple[Point, ...]:
    """The exterior ring, closed in the document (RFC 5491 section 5.2.2), open here."""
    rings = [child for child in element.iter() if local_name(child) == "exterior"] or [element]
    turned = _longitude_first(element)
    size = 3 if element.get("srsName", "").endswith(_WITH_HEIGHT) or local_name(element) == "prism" else 2
    corners: list[Point] = []
    for child in rings[0].iter():
        if local_name(child) == "pos":
            corners.append(_point(_numbers(child), longitude_first=turned))
        elif local_name(child) == "poslist":
            numbers = _numbers(child)
            size = {"2": 2, "3": 3}.get(child.get("srsDimension", ""), size)
            if len(numbers) % size:
                raise ShapeUnreadable(f"The corners of the {local_name(element)} are not groups of {size} numbers.")
            corners.extend(_point(numbers[i : i + size], longitude_first=turned) for i in range(0, len(numbers), size))
    opened = corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners
    if len(opened) < 3:
        raise ShapeUnreadable(f"The {local_name(element)} has {len(opened)} corners; expected three or more.")
    return tuple(opened)
