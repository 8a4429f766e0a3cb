"""The location documents that a story's callers send."""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from tenfour.location.event import FixClass
from tenfour.location.pidf import read_pidf_lo
from tenfour.play.fix import AddressGiven, CircleGiven, Fix, PointGiven, PolygonGiven, SectorGiven, problem_of
from tenfour.play.pidf import document, sector_corners
from tenfour.vocabulary.place import Circle, Point, distance_m

NOW = datetime(2026, 11, 14, 21, 40, 42, tzinfo=UTC)
GS, GML = "{http://www.opengis.net/pidflo/1.0}", "{http://www.opengis.net/gml}"
GP, CA = "{urn:ietf:params:xml:ns:pidf:geopriv10}", "{urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr}"
CON = "{urn:ietf:params:xml:ns:geopriv:conf}"


def written(fix: Fix) -> Element:
    root: Element = fromstring(document(fix, entity="sip:9114427186@carrier.invalid", now=NOW))
    return root


def text_of(root: Element, name: str) -> str:
    found = root.find(f".//{name}")
    assert found is not None, name
    return found.text or ""


def test_a_circle_says_its_radius_and_confidence() -> None:
    root = written(CircleGiven(lat=39.95, lon=-82.98, radius_m=38, confidence_pct=90, method="GPS"))
    assert text_of(root, f"{GS}Circle/{GML}pos") == "39.950000 -82.980000"
    assert text_of(root, f"{GS}radius") == "38"
    assert text_of(root, f"{CON}confidence") == "90"
    assert text_of(root, f"{GP}method") == "GPS"
    assert text_of(root, "{urn:ietf:params:xml:ns:pidf:data-model}timestamp") == "2026-11-14T21:40:42Z"


def test_a_point_says_no_confidence_it_does_not_have() -> None:
    root = written(PointGiven(lat=39.95, lon=-82.98))
    assert root.find(f".//{GML}Point") is not None
    assert root.find(f".//{CON}confidence") is None


def test_a_polygon_is_closed() -> None:
    root = written(PolygonGiven(corners=((39.0, -82.0), (39.1, -82.0), (39.1, -82.1))))
    corners = [pos.text for pos in root.iter(f"{GML}pos")]
    assert len(corners) == 4
    assert corners[0] == corners[-1]


def test_an_address_says_only_what_is_known() -> None:
    root = written(AddressGiven(house_number="9417", street="Kendall Place", city="<Larkspur>"))
    assert text_of(root, f"{CA}HNO") == "9417"
    assert text_of(root, f"{CA}A3") == "<Larkspur>"
    assert root.find(f".//{CA}UNIT") is None
    assert text_of(root, f"{GP}method") == "Manual"


def test_a_sector_lies_on_its_side_of_the_tower() -> None:
    tower = Point(39.95, -82.98)
    corners = sector_corners(SectorGiven(lat=39.95, lon=-82.98, outer_m=900, start_deg=60, opening_deg=60))
    far = [Point(*corner) for corner in corners if corner != (39.95, -82.98)]
    assert len(far) == len(corners) - 1
    assert all(abs(distance_m(tower, corner) - 900) < 5 for corner in far)
    assert all(corner.lon > tower.lon for corner in far)


def test_a_sector_with_a_near_edge_leaves_the_tower_out() -> None:
    corners = sector_corners(SectorGiven(lat=39.95, lon=-82.98, outer_m=900, inner_m=300, start_deg=0, opening_deg=120))
    away = [distance_m(Point(39.95, -82.98), Point(*corner)) for corner in corners]
    assert min(away) == pytest.approx(300, abs=3)


@pytest.mark.parametrize(
    ("fix", "words"),
    [
        (PointGiven(lat=91, lon=0), "no place on earth"),
        (CircleGiven(lat=0, lon=0, radius_m=0), "`radius_m` is 0"),
        (CircleGiven(lat=0, lon=200, radius_m=5), "no place on earth"),
        (PolygonGiven(corners=((0.0, 0.0), (1.0, 1.0))), "three or more"),
        (PolygonGiven(corners=((0.0, 0.0), (1.0, 1.0), (99.0, 0.0))), "no place on earth"),
        (SectorGiven(lat=0, lon=0, outer_m=5, inner_m=9, start_deg=0, opening_deg=60), "`inner_m`"),
        (SectorGiven(lat=0, lon=0, outer_m=5, start_deg=0, opening_deg=0), "`opening_deg`"),
        (AddressGiven(house_number="3"), "`street` is missing"),
        (PointGiven(lat=0, lon=0, confidence_pct=0), "`confidence_pct`"),
        (PointGiven(lat=0, lon=0, delay_s=-1), "`delay_s`"),
    ],
)
def test_a_location_that_cannot_be_is_told(fix: Fix, words: str) -> None:
    assert words in str(problem_of(fix))


def test_sound_locations_have_no_problem() -> None:
    assert problem_of(CircleGiven(lat=39.95, lon=-82.98, radius_m=38, confidence_pct=100)) is None
    assert problem_of(AddressGiven(street="Kendall Place")) is None


LATITUDES = st.floats(-89.0, 89.0).map(lambda degrees: round(degrees, 6))
LONGITUDES = st.floats(-179.0, 179.0).map(lambda degrees: round(degrees, 6))


@given(lat=LATITUDES, lon=LONGITUDES, radius_m=st.integers(1, 290), confidence_pct=st.integers(1, 99))
def test_what_a_caller_s_network_writes_is_what_the_centre_reads(
    lat: float, lon: float, radius_m: int, confidence_pct: int
) -> None:
    fix = CircleGiven(lat=lat, lon=lon, radius_m=radius_m, confidence_pct=confidence_pct, method="A-GPS")
    text = document(fix, entity="sip:9114427186@carrier.invalid", now=NOW)
    [read] = read_pidf_lo(text, source="by value", tower_radius_m=300)
    assert read.shape == Circle(Point(lat, lon), radius_m)
    assert (read.uncertainty_m, read.confidence_pct, read.method) == (radius_m, confidence_pct, "A-GPS")
    assert (read.fix_class, read.fixed_at) == (FixClass.PHASE_II, NOW)


def test_the_centre_reads_a_sector_as_a_tower_and_an_address_as_an_address() -> None:
    sector = SectorGiven(lat=39.953, lon=-82.97, outer_m=900, start_deg=340, opening_deg=120, method="Cell")
    address = AddressGiven(house_number="9417", street="Kendall Place", city="Larkspur", state="OH")
    read = [
        *read_pidf_lo(document(sector, entity="x", now=NOW), source="by value", tower_radius_m=300),
        *read_pidf_lo(document(address, entity="x", now=NOW), source="by value", tower_radius_m=300),
    ]
    assert [fix.fix_class for fix in read] == [FixClass.PHASE_I, FixClass.CIVIC]
    assert read[1].civic is not None
    assert read[1].civic.line() == "9417 Kendall Place"
