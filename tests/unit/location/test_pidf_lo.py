"""PIDF-LO documents read as fixes: every shape, civic addresses, confidence, and whatever is broken."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.location.event import FixClass, FixRecorded
from tenfour.location.pidf import LARGEST_DOCUMENT, MOST_FIXES, PidfLoUnreadable, read_pidf_lo
from tenfour.vocabulary.place import Circle, CivicAddress, Point, Polygon, Spot

CRS = 'srsName="urn:ogc:def:crs:EPSG::4326"'
METRE = 'uom="urn:ogc:def:uom:EPSG::9001"'
PLACE = "<gml:pos>39.9573 -82.9401</gml:pos>"
RADIUS = f"<gs:radius {METRE}> 38 </gs:radius>"
CIRCLE = f"<gs:Circle {CRS}>{PLACE}{RADIUS}</gs:Circle>"
P = Point(39.9573, -82.9401)
CIVIC = """<ca:civicAddress xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"><ca:country>US</ca:country>
<ca:A1>OH</ca:A1><ca:A3>Columbus</ca:A3><ca:PRD>E</ca:PRD><ca:RD>Kendall</ca:RD><ca:STS>Place</ca:STS>
<ca:HNO>9417</ca:HNO><ca:PC>43205</ca:PC><ca:odd>x</ca:odd></ca:civicAddress>"""


def geopriv(info, method="A-GPS"):
    """A geopriv element around location-info."""
    said = f"<gp:method>{method}</gp:method>" if method else ""
    return f"<gp:geopriv><gp:location-info>{info}</gp:location-info><gp:usage-rules/>{said}</gp:geopriv>"


def document(*inner, stamp="2026-11-14T21:41:12Z"):
    """A presence document with one tuple for each inner geopriv."""
    tuples = "".join(
        f'<tuple id="t{n}"><status>{one}</status><timestamp>{stamp}</timestamp></tuple>' for n, one in enumerate(inner)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" '
        'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gml="http://www.opengis.net/gml" '
        'xmlns:gs="http://www.opengis.net/pidflo/1.0" xmlns:con="urn:ietf:params:xml:ns:geopriv:conf" '
        f'entity="pres:a@example.com">{tuples}</presence>'
    )


def read(text, tower_radius_m=1000.0):
    return read_pidf_lo(text, source="by value", tower_radius_m=tower_radius_m)


def shape_of(element):
    (fix,) = read(document(geopriv(element)))
    return fix.shape


def test_circle_gives_its_radius_as_uncertainty_with_time_and_method():
    assert read(document(geopriv(CIRCLE))) == (
        FixRecorded(
            FixClass.PHASE_II, Circle(P, 38.0), 38.0, 95.0, "A-GPS", "by value",
            fixed_at=datetime(2026, 11, 14, 21, 41, 12, tzinfo=UTC),
        ),
    )  # fmt: skip


def test_point_states_no_uncertainty_and_none_is_invented():
    (fix,) = read(document(geopriv(f"<gml:Point {CRS}>{PLACE}</gml:Point>")))
    assert (fix.shape, fix.uncertainty_m, fix.confidence_pct) == (Spot(P), None, None)


def test_point_in_three_dimensions_keeps_latitude_and_longitude():
    crs = 'srsName="urn:ogc:def:crs:EPSG::4979"'
    assert shape_of(f"<gml:Point {crs}><gml:pos>39.9573 -82.9401 240.5</gml:pos></gml:Point>") == Spot(P)


RING = "39.95 -82.95 39.95 -82.94 39.96 -82.94 39.96 -82.95 39.95 -82.95"


def polygon(ring):
    return f"<gml:Polygon {CRS}><gml:exterior><gml:LinearRing>{ring}</gml:LinearRing></gml:exterior></gml:Polygon>"


def test_polygon_by_list_and_by_positions_is_the_same_area():
    numbers = RING.split()
    positions = "".join(f"<gml:pos>{a} {b}</gml:pos>" for a, b in zip(numbers[::2], numbers[1::2], strict=True))
    listed = shape_of(polygon(f"<gml:posList>{RING}</gml:posList>"))
    assert listed == shape_of(polygon(positions))
    assert listed == Polygon((Point(39.95, -82.95), Point(39.95, -82.94), Point(39.96, -82.94), Point(39.96, -82.95)))


def test_polygon_reaches_from_its_middle_to_its_farthest_corner():
    (fix,) = read(document(geopriv(polygon(f"<gml:posList>{RING}</gml:posList>"))))
    assert 650 < fix.uncertainty_m < 750


@pytest.mark.parametrize(
    ("name", "inner", "radius"),
    [
        ("Sphere", f"<gs:radius {METRE}>38</gs:radius>", 38.0),
        ("Ellipse", "<gs:semiMajorAxis>127</gs:semiMajorAxis><gs:semiMinorAxis>67</gs:semiMinorAxis>", 127.0),
        ("Ellipsoid", "<gs:semiMajorAxis>7.7</gs:semiMajorAxis><gs:verticalAxis>28</gs:verticalAxis>", 7.7),
        ("ArcBand", "<gs:innerRadius>100</gs:innerRadius><gs:outerRadius>414</gs:outerRadius>", 414.0),
    ],
)
def test_other_shapes_are_searched_as_the_circle_around_them(name, inner, radius):
    assert shape_of(f"<gs:{name} {CRS}>{PLACE}{inner}</gs:{name}>") == Circle(P, radius)


def test_prism_is_its_ground():
    ring = "39.95 -82.95 36 39.95 -82.94 36 39.96 -82.94 36 39.95 -82.95 36"
    corners = f"<gml:LinearRing><gml:posList>{ring}</gml:posList></gml:LinearRing>"
    base = f"<gml:Polygon><gml:exterior>{corners}</gml:exterior></gml:Polygon>"
    prism = (
        f'<gs:Prism srsName="urn:ogc:def:crs:EPSG::4979"><gs:base>{base}</gs:base><gs:height>2</gs:height></gs:Prism>'
    )
    assert len(shape_of(prism).corners) == 3


def test_civic_address_alone_is_an_address_on_record():
    (fix,) = read(document(geopriv(CIVIC, "Manual")))
    assert (fix.fix_class, fix.shape, fix.uncertainty_m) == (FixClass.CIVIC, None, None)
    assert fix.civic == CivicAddress(
        house_number="9417", street="E Kendall Place", city="Columbus", state="OH", postal_code="43205", country="US"
    )


def test_civic_address_beside_a_shape_goes_with_it():
    (fix,) = read(document(geopriv(CIRCLE + CIVIC)))
    assert fix.shape == Circle(P, 38.0)
    assert fix.civic.line() == "9417 E Kendall Place"


def test_several_tuples_are_several_fixes_in_their_order():
    tower = f"<gs:Circle {CRS}>{PLACE}<gs:radius>900</gs:radius></gs:Circle>"
    fixes = read(document(geopriv(tower, "Cell"), geopriv(CIRCLE)))
    assert [(fix.fix_class, fix.uncertainty_m) for fix in fixes] == [
        (FixClass.PHASE_I, 900.0),
        (FixClass.PHASE_II, 38.0),
    ]


@pytest.mark.parametrize(
    ("method", "radius", "kind"),
    [
        ("Cell", 300, FixClass.PHASE_I), ("cell", 300, FixClass.PHASE_I), ("A-GPS", 38, FixClass.PHASE_II),
        ("A-GPS", 999, FixClass.PHASE_II), ("OTDOA", 1000, FixClass.PHASE_I), ("", 50, FixClass.PHASE_II),
    ],
)  # fmt: skip
def test_tower_alone_is_phase_one_by_method_or_by_size(method, radius, kind):
    circle = f"<gs:Circle {CRS}>{PLACE}<gs:radius>{radius}</gs:radius></gs:Circle>"
    assert read(document(geopriv(circle, method)))[0].fix_class is kind


@pytest.mark.parametrize(
    ("said", "confidence"),
    [('<con:confidence pdf="normal">90</con:confidence>', 90.0), ("<con:confidence>unknown</con:confidence>", 95.0),
     ("<con:confidence>400</con:confidence>", 95.0), ("", 95.0)],
)  # fmt: skip
def test_confidence_is_taken_where_stated_and_ninety_five_where_not(said, confidence):
    assert read(document(geopriv(CIRCLE + said)))[0].confidence_pct == confidence


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-11-14T21:41:12"])
def test_time_that_cannot_be_read_is_no_time(stamp):
    assert read(document(geopriv(CIRCLE), stamp=stamp))[0].fixed_at is None


def test_time_of_another_zone_is_told_in_utc():
    fix = read(document(geopriv(CIRCLE), stamp="2026-11-14T16:41:12-05:00"))[0]
    assert fix.fixed_at == datetime(2026, 11, 14, 21, 41, 12, tzinfo=UTC)


def test_one_broken_shape_does_not_cost_the_others():
    broken = f"<gs:Circle {CRS}>{PLACE}<gs:radius>wide</gs:radius></gs:Circle>"
    assert len(read(document(geopriv(broken), geopriv(CIRCLE)))) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is no XML"),
        ("hello", "is no XML: line 1, column 0"),
        ("<presence", "is no XML"),
        ("<presence/>", "neither a shape nor an address"),
        (document(geopriv("")), "neither a shape nor an address"),
        (document(geopriv(f"<gs:Circle {CRS}>{RADIUS}</gs:Circle>")), "has no position"),
        (document(geopriv(f"<gs:Circle {CRS}>{PLACE}</gs:Circle>")), "has no radius"),
        (document(geopriv(CIRCLE.replace("38", "-3"))), "no length in metres"),
        (document(geopriv(CIRCLE.replace("38", "nan"))), "no length in metres"),
        (document(geopriv(CIRCLE.replace("39.9573", "99.9573"))), "is no place on earth"),
        (document(geopriv(CIRCLE.replace("39.9573", "nan"))), "is no place on earth"),
        (document(geopriv(CIRCLE.replace("39.9573", "north"))), "expected numbers"),
        (document(geopriv(CIRCLE.replace("39.9573 ", ""))), "has 1 numbers"),
        (document(geopriv(CIRCLE.replace("4326", "27700"))), "expected WGS 84"),
        (document(geopriv(polygon("<gml:posList>1 2 3 4 1 2</gml:posList>"))), "has 2 corners"),
        (document(geopriv(polygon("<gml:posList>1 2 3</gml:posList>"))), "not groups of 2"),
        ("<presence>" + "x" * LARGEST_DOCUMENT, "too long"),
    ],
)
def test_broken_document_is_told_in_a_sentence(text, problem):
    with pytest.raises(PidfLoUnreadable) as unreadable:
        read(text)
    assert problem in str(unreadable.value)


def test_document_with_entities_is_not_expanded():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><presence>&a;</presence>'
    with pytest.raises(PidfLoUnreadable, match="unsafe"):
        read(bomb)


def test_byte_order_mark_and_leading_blanks_do_no_harm():
    assert read("\ufeff \n" + document(geopriv(CIRCLE)).partition("?>")[2])


def test_encoding_that_the_document_names_is_that_of_bytes_long_decoded():
    for encoding in ("UTF-16", "ISO-8859-1", "nothing-known"):
        assert read(document(geopriv(CIRCLE)).replace("UTF-8", encoding))


def test_document_of_very_many_shapes_or_nested_elements_gives_a_few_rows_quickly():
    assert len(read(document(geopriv(CIRCLE * 500)))) == MOST_FIXES
    nested = "<gp:geopriv>" * 8000 + "</gp:geopriv>" * 8000
    with pytest.raises(PidfLoUnreadable, match="neither a shape"):
        read(document(nested))
    ring = " ".join(f"{39 + n / 20000:.4f} {-82 - n % 100 / 1000:.3f}" for n in range(10_000))
    (fix,) = read(document(geopriv(polygon(f"<gml:posList>{ring}</gml:posList>"))))
    assert len(fix.shape.corners) == 10_000


@given(st.text(max_size=200))
def test_any_text_gives_fixes_or_a_sentence(text):
    for whole in (text, f"<presence>{text}</presence>", document(geopriv(text)), document(geopriv(CIRCLE + text))):
        try:
            assert read(whole)
        except PidfLoUnreadable as error:
            assert str(error).endswith(".")


@given(st.data())
def test_damaged_document_gives_fixes_or_a_sentence(data):
    whole = document(geopriv(CIRCLE + CIVIC))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    try:
        read(whole[:start] + data.draw(st.text(max_size=5)) + whole[end:])
    except PidfLoUnreadable as error:
        assert str(error)


UNREADABLE_SAMPLES = {"DeviceDynamicOnly1.xml", "XMLFile1.xml", "XMLFile2.xml"}
"""Two are empty; one says how a thing moves, and not where it is."""


@pytest.mark.parametrize(
    "written", ["37:46:30N 122:25:10W", "37:46:30n,122:25:10w", "37.775,-122.4194444", "+37:46.5 -122:25:10"]
)
def test_coordinates_of_the_old_form_are_read(written):
    point = shape_of(f'<gml:Point srsName="epsg:4326"><gml:coordinates>{written}</gml:coordinates></gml:Point>').at
    assert (point.lat, point.lon) == pytest.approx((37.775, -122.41944), abs=1e-4)


@pytest.mark.parametrize("written", ["", "37:46:30N", "north west", "1..2 3", "37:46:30N 122:25:10W 1 2"])
def test_coordinates_that_are_none_are_said_to_be_so(written):
    with pytest.raises(PidfLoUnreadable):
        shape_of(f"<gml:Point><gml:coordinates>{written}</gml:coordinates></gml:Point>")


def test_longitude_comes_first_where_the_reference_system_says_so():
    turned = 'srsName="urn:ogc:def:crs:OGC:1.3:CRS84"'
    assert shape_of(f"<gml:Point {turned}><gml:pos>-82.9401 39.9573</gml:pos></gml:Point>") == Spot(P)
    ring = "-83 40 -83 41 -82 41 -83 40"
    polygon = f"<gml:Polygon {turned}><gml:exterior><gml:posList>{ring}</gml:posList></gml:exterior></gml:Polygon>"
    assert shape_of(polygon) == Polygon((Point(40, -83), Point(41, -83), Point(41, -82)))


@pytest.mark.needs_shared
def test_published_samples_are_read(shared_data):
    unreadable = set()
    for path in sorted((shared_data / "location" / "pidf").glob("*.xml")):
        try:
            assert read(path.read_text(encoding="utf-8-sig"))
        except PidfLoUnreadable:
            unreadable.add(path.name)
    assert unreadable == UNREADABLE_SAMPLES
