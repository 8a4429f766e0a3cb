"""Writes PIDF-LO documents (RFC 4119, RFC 5491, RFC 7459), as a caller's network does."""

from collections.abc import Iterable
from datetime import datetime
from math import cos, radians, sin
from xml.sax.saxutils import escape, quoteattr

from tenfour.play.fix import AddressGiven, CircleGiven, Corner, Fix, PointGiven, PolygonGiven, SectorGiven
from tenfour.vocabulary.place import EARTH_RADIUS_M

CONTENT_TYPE = "application/pidf+xml"

_WGS84 = "urn:ogc:def:crs:EPSG::4326"
_METRES = "urn:ogc:def:uom:EPSG::9001"
_DEGREES_PER_CORNER = 15.0
_CIVIC_ELEMENTS = (
    ("country", "country"),
    ("A1", "state"),
    ("A3", "city"),
    ("RD", "street"),
    ("HNO", "house_number"),
    ("UNIT", "unit"),
    ("PC", "postal_code"),
)


def document(fix: Fix, *, entity: str, now: datetime) -> str:
    """The PIDF-LO of `fix` for the telephone `entity` (`tel:…`, `sip:…` or `pres:…`), timed at `now`."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
 xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gbp="urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy"
 xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr" xmlns:con="urn:ietf:params:xml:ns:geopriv:conf"
 xmlns:gml="http://www.opengis.net/gml" xmlns:gs="http://www.opengis.net/pidflo/1.0" entity={quoteattr(entity)}>
<dm:device id="handset">
<gp:geopriv><gp:location-info>{_shape(fix)}{_confidence(fix)}</gp:location-info>
<gp:usage-rules><gbp:retransmission-allowed>true</gbp:retransmission-allowed></gp:usage-rules>
<gp:method>{escape(fix.method)}</gp:method></gp:geopriv>
<dm:timestamp>{now:%Y-%m-%dT%H:%M:%SZ}</dm:timestamp>
</dm:device>
</presence>
"""


def sector_corners(sector: SectorGiven) -> tuple[Corner, ...]:
    """The corners of a tower's sector: its far arc, and the tower (or the near arc) behind it."""
    corners = max(2, int(sector.opening_deg // _DEGREES_PER_CORNER) + 1)
    bearings = [sector.start_deg + sector.opening_deg * i / (corners - 1) for i in range(corners)]
    far = [_away(sector.lat, sector.lon, bearing, sector.outer_m) for bearing in bearings]
    if sector.inner_m == 0:
        return (*far, (sector.lat, sector.lon))
    return (*far, *(_away(sector.lat, sector.lon, bearing, sector.inner_m) for bearing in reversed(bearings)))


def _shape(fix: Fix) -> str:
    match fix:
        case PointGiven():
            return f'<gml:Point srsName="{_WGS84}">{_pos(fix.lat, fix.lon)}</gml:Point>'
        case CircleGiven():
            radius = f'<gs:radius uom="{_METRES}">{fix.radius_m:g}</gs:radius>'
            return f'<gs:Circle srsName="{_WGS84}">{_pos(fix.lat, fix.lon)}{radius}</gs:Circle>'
        case PolygonGiven():
            return _polygon(fix.corners)
        case SectorGiven():
            return _polygon(sector_corners(fix))
        case AddressGiven():
            return _civic(fix)


def _polygon(corners: tuple[Corner, ...]) -> str:
    ring = _ring((*corners, corners[0]))
    return (
        f'<gml:Polygon srsName="{_WGS84}"><gml:exterior><gml:LinearRing>{ring}</gml:LinearRing></gml:exterior>'
        "</gml:Polygon>"
    )


def _ring(corners: Iterable[Corner]) -> str:
    return "".join(_pos(lat, lon) for lat, lon in corners)


def _civic(address: AddressGiven) -> str:
    said = ((element, str(getattr(address, field))) for element, field in _CIVIC_ELEMENTS)
    inside = "".join(f"<ca:{element}>{escape(value)}</ca:{element}>" for element, value in said if value)
    return f"<ca:civicAddress>{inside}</ca:civicAddress>"


def _confidence(fix: Fix) -> str:
    if fix.confidence_pct is None:
        return ""
    return f'<con:confidence pdf="normal">{fix.confidence_pct:g}</con:confidence>'


def _pos(lat: float, lon: float) -> str:
    return f"<gml:pos>{lat:.6f} {lon:.6f}</gml:pos>"


def _away(lat: float, lon: float, bearing_deg: float, distance_m: float) -> Corner:
    """The point `distance_m` away; flat-earth is within a metre over a tower's reach."""
    north_m, east_m = distance_m * cos(radians(bearing_deg)), distance_m * sin(radians(bearing_deg))
    per_degree_m = EARTH_RADIUS_M * radians(1)
    return lat + north_m / per_degree_m, lon + east_m / (per_degree_m * cos(radians(lat)))
