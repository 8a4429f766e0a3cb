"""Beats and areas of agencies."""

import json
from pathlib import Path

import pytest

from tenfour.adapters.boundaries import Boundaries
from tenfour.adapters.boundary_import import import_boundaries
from tenfour.vocabulary.errors import BadFile
from tenfour.vocabulary.place import Point

SQUARE = [[[-83.0, 40.0], [-82.9, 40.0], [-82.9, 40.1], [-83.0, 40.1], [-83.0, 40.0]]]
EASTERN = [[[-82.9, 40.0], [-82.8, 40.0], [-82.8, 40.1], [-82.9, 40.1], [-82.9, 40.0]]]
BOW_TIE = [[[-83.0, 40.0], [-82.9, 40.1], [-82.9, 40.0], [-83.0, 40.1], [-83.0, 40.0]]]


def area(coordinates: object, kind: str = "Polygon", **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def write(path: Path, *areas: object) -> Path:
    lines = ",\n".join(json.dumps(one) for one in areas)
    path.write_text('{"type": "FeatureCollection", "features": [\n' + lines + "\n]}")
    return path


def test_beat_of_a_point_is_told(tmp_path: Path) -> None:
    county = area(SQUARE, DsplayName="Sheriff", Agency_ID="sheriff")
    source = write(
        tmp_path / "in.geojson", county, area(SQUARE, beat="12A"), area(EASTERN, DsplayName="East", beat="13B")
    )
    assert import_boundaries(source, tmp_path / "data" / "boundaries.geojson") == 3
    boundaries = Boundaries(tmp_path / "data" / "boundaries.geojson")
    assert boundaries.beat_of(Point(40.05, -82.95)) == "12A"
    assert boundaries.beat_of(Point(40.05, -82.85)) == "13B"
    assert boundaries.beat_of(Point(41.0, -82.95)) is None
    assert [found.DsplayName for found in boundaries.at(Point(40.05, -82.95))] == ["Sheriff", "12A"]


def test_point_on_a_shared_edge_is_in_the_first_beat_of_the_file(tmp_path: Path) -> None:
    import_boundaries(
        write(tmp_path / "in.geojson", area(EASTERN, beat="13B"), area(SQUARE, beat="12A")), tmp_path / "b"
    )
    assert Boundaries(tmp_path / "b").beat_of(Point(40.05, -82.9)) == "13B"


def test_beat_of_several_parts_is_one_beat(tmp_path: Path) -> None:
    import_boundaries(
        write(tmp_path / "in.geojson", area([SQUARE, EASTERN], "MultiPolygon", beat="12A")), tmp_path / "b"
    )
    assert Boundaries(tmp_path / "b").beat_of(Point(40.05, -82.85)) == "12A"


def test_centre_without_boundaries_knows_no_beats(tmp_path: Path) -> None:
    assert Boundaries(tmp_path / "boundaries.geojson").beat_of(Point(40.05, -82.95)) is None


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (area(SQUARE), "in.geojson:3: the area has neither DsplayName nor beat; expected one of them."),
        (area([-83.0, 40.0], "Point", beat="1"), "in.geojson:3: expected a Polygon or MultiPolygon; found Point."),
        (area(BOW_TIE, beat="12B"), "in.geojson:3: 12B: Self-intersection"),
        (area([[[1000, 40.0], [1001, 40.0], [1001, 41.0], [1000, 40.0]]], beat="1"), "expected longitude, latitude"),
        (area([[[1.0, 40.0]]], beat="1"), "in.geojson:3: the coordinates are no Polygon"),
        (area("everywhere", beat="1"), "in.geojson:3: the coordinates are no Polygon"),
        (area([SQUARE[0][:-1]], beat="12B"), "in.geojson:3: 12B: a ring does not end at its first corner."),
        (
            area([SQUARE, [EASTERN[0][:-1]]], "MultiPolygon", beat="12B"),
            "12B: a ring does not end at its first corner.",
        ),
    ],
)
def test_error_names_its_line_and_leaves_the_boundaries_as_they_were(tmp_path: Path, bad: object, said: str) -> None:
    target = tmp_path / "boundaries.geojson"
    import_boundaries(write(tmp_path / "in.geojson", area(SQUARE, beat="12A")), target)
    before = target.read_bytes()
    with pytest.raises(BadFile) as caught:
        import_boundaries(write(tmp_path / "in.geojson", area(EASTERN, beat="13B"), bad), target)
    assert said in str(caught.value)
    assert target.read_bytes() == before


def test_file_without_areas_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="has no areas"):
        import_boundaries(write(tmp_path / "in.geojson"), tmp_path / "boundaries.geojson")
