"""Where a caller of a story says to be: the shapes that its telephone's network gives away (RFC 5491 section 5)."""

import msgspec

Corner = tuple[float, float]
"""Latitude, longitude in degrees, WGS 84."""


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="shape"):
    """What every location says: by which method (`Cell`, `GPS`, `A-GPS`, `Manual`), how sure, how late it comes.

    `delay_s` is how long the location server takes to answer with it; it means nothing for the location in the call.
    """

    method: str = "GPS"
    confidence_pct: float | None = None
    delay_s: float = 0.0


class PointGiven(Given, frozen=True, kw_only=True, tag="point"):
    """A point without uncertainty."""

    lat: float
    lon: float


class CircleGiven(Given, frozen=True, kw_only=True, tag="circle"):
    """A point known to within `radius_m`."""

    lat: float
    lon: float
    radius_m: float


class PolygonGiven(Given, frozen=True, kw_only=True, tag="polygon"):
    """An area by its corners, at least three, in order."""

    corners: tuple[Corner, ...]


class SectorGiven(Given, frozen=True, kw_only=True, tag="sector"):
    """The sector of a tower at `lat`, `lon`: from `start_deg` clockwise over `opening_deg`, out to `outer_m`.

    It is sent as the polygon a carrier sends for it, `inner_m` away from the tower at its near edge.
    """

    lat: float
    lon: float
    outer_m: float
    start_deg: float
    opening_deg: float
    inner_m: float = 0.0


class AddressGiven(Given, frozen=True, kw_only=True, tag="address"):
    """A civic address, as a landline or a fixed VoIP line gives it (RFC 4119, RFC 5139): written down by somebody."""

    house_number: str = ""
    street: str = ""
    unit: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = "US"
    method: str = "Manual"


Fix = PointGiven | CircleGiven | PolygonGiven | SectorGiven | AddressGiven


def problem_of(fix: Fix) -> str | None:
    """What is wrong with a location, as a sentence; None when it can be sent."""
    if fix.confidence_pct is not None and not 0 < fix.confidence_pct <= 100:
        return f"`confidence_pct` is {fix.confidence_pct}; expected more than 0 and at most 100."
    if fix.delay_s < 0:
        return f"`delay_s` is {fix.delay_s}; expected 0 or more."
    match fix:
        case PolygonGiven(corners=corners):
            if len(corners) < 3:
                return f"`corners` has {len(corners)}; expected three or more."
            return next((problem for lat, lon in corners if (problem := _off_earth(lat, lon))), None)
        case AddressGiven():
            return None if fix.street else "`street` is missing in an address."
        case CircleGiven() if fix.radius_m <= 0:
            return f"`radius_m` is {fix.radius_m}; expected more than 0."
        case SectorGiven() if not (0 < fix.opening_deg <= 360 and 0 <= fix.inner_m < fix.outer_m):
            return "a sector needs `opening_deg` of more than 0 to 360 and `inner_m` less than `outer_m`."
        case _:
            return _off_earth(fix.lat, fix.lon)


def _off_earth(lat: float, lon: float) -> str | None:
    if abs(lat) <= 90 and abs(lon) <= 180:
        return None
    return f"{lat}, {lon} is no place on earth; expected latitude, then longitude, in degrees."
