"""Places on earth: points, the shapes of an uncertain fix, civic addresses. WGS 84 degrees, metres."""

from math import asin, cos, isfinite, radians, sin, sqrt

import msgspec

EARTH_RADIUS_M = 6_371_008.8


class Point(msgspec.Struct, frozen=True):
    """A point: latitude and longitude in degrees, WGS 84."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (isfinite(self.lat) and isfinite(self.lon) and abs(self.lat) <= 90 and abs(self.lon) <= 180):
            raise ValueError(f"latitude {self.lat}, longitude {self.lon} is no place on earth")


class Circle(msgspec.Struct, frozen=True, tag="circle"):
    """A point known to within `radius_m`."""

    centre: Point
    radius_m: float


class Polygon(msgspec.Struct, frozen=True, tag="polygon"):
    """An area by its corners, in order, not repeated at the end."""

    corners: tuple[Point, ...]


class Spot(msgspec.Struct, frozen=True, tag="point"):
    """A point given without any uncertainty (which does not mean there is none)."""

    at: Point


Shape = Spot | Circle | Polygon


class CivicAddress(msgspec.Struct, frozen=True, omit_defaults=True):
    """An address in words. Fields follow NENA-STA-004 / RFC 4776 elements, as field names of our own."""

    house_number: str = ""
    street: str = ""
    unit: str = ""
    city: str = ""
    county: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    landmark: str = ""

    def line(self) -> str:
        """House number and street on one line, as a dispatcher reads it."""
        return " ".join(part for part in (self.house_number, self.street) if part) or self.landmark


class Place(msgspec.Struct, frozen=True):
    """Where an incident is: words that can be read back, and a point if there is one.

    `address_id` names the row of the address index it came from; `verified` only when a person
    stood there or the caller confirmed it.
    """

    label: str
    point: Point | None = None
    address_id: str | None = None
    verified: bool = False


def distance_m(a: Point, b: Point) -> float:
    """Great-circle distance in metres (haversine)."""
    dlat, dlon = radians(b.lat - a.lat), radians(b.lon - a.lon)
    h = sin(dlat / 2) ** 2 + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(dlon / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(h)))


def middle(shape: Shape) -> Point:
    """The point to start looking from: the centre, or the mean of the corners."""
    match shape:
        case Spot(at=at):
            return at
        case Circle(centre=centre):
            return centre
        case Polygon(corners=corners):
            return Point(sum(c.lat for c in corners) / len(corners), sum(c.lon for c in corners) / len(corners))


def reach_m(shape: Shape) -> float | None:
    """Metres from the middle to the farthest edge: the radius to search. None for a bare point."""
    match shape:
        case Spot():
            return None
        case Circle(radius_m=radius_m):
            return radius_m
        case Polygon(corners=corners):
            centre = middle(shape)
            return max(distance_m(centre, corner) for corner in corners)
