"""GML and PIDF-LO shapes (RFC 5491 section 5, OGC 06-142r1) read as the three shapes we search with."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.place import Circle, Point, Polygon, Shape, Spot

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

EARTH_WIDE_M: Final = 20_100_000.0
_CRS: Final = ("4326", "4979", "crs84")
_WITH_HEIGHT: Final = "4979"


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
            return _point(_numbers(child))
    raise ShapeUnreadable(f"The {local_name(element)} has no position that can be read.")


def _point(numbers: Sequence[float]) -> Point:
    if len(numbers) not in {2, 3}:
        raise ShapeUnreadable(f"A position has {len(numbers)} numbers; expected latitude and longitude.")
    try:
        return Point(numbers[0], numbers[1])
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
    size = 3 if element.get("srsName", "").endswith(_WITH_HEIGHT) or local_name(element) == "prism" else 2
    corners: list[Point] = []
    for child in rings[0].iter():
        if local_name(child) == "pos":
            corners.append(_point(_numbers(child)))
        elif local_name(child) == "poslist":
            numbers = _numbers(child)
            size = {"2": 2, "3": 3}.get(child.get("srsDimension", ""), size)
            if len(numbers) % size:
                raise ShapeUnreadable(f"The corners of the {local_name(element)} are not groups of {size} numbers.")
            corners.extend(_point(numbers[i : i + size]) for i in range(0, len(numbers), size))
    opened = corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners
    if len(opened) < 3:
        raise ShapeUnreadable(f"The {local_name(element)} has {len(opened)} corners; expected three or more.")
    return tuple(opened)
