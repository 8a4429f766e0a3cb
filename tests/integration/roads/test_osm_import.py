"""A road network from an OpenStreetMap extract."""

from pathlib import Path

import pytest

from tenfour.adapters.osm_import import ATTRIBUTION, import_roads, read_roads
from tenfour.adapters.road_store import load_roads
from tenfour.demo.make import EXTRACT
from tenfour.roads.graph import RoadGraph
from tenfour.roads.travel import TravelTimes
from tenfour.vocabulary.errors import BadFile
from tenfour.vocabulary.place import Point

SQUARE = {1: (40.0, -83.0), 2: (40.0, -82.99), 3: (40.01, -82.99), 4: (40.01, -83.0)}
RING = ([1, 2, 3, 4, 1], {"highway": "residential", "name": "Ring Road"})


def test_ways_are_cut_where_another_way_meets_them(write_extract) -> None:
    across = ([2, 4], {"highway": "tertiary", "name": "Cross Street"})
    graph = read_roads(write_extract(SQUARE, [RING, across]))
    assert (graph.node_count, graph.edge_count) == (3, 4)
    assert sorted(set(graph.names)) == ["", "Cross Street", "Ring Road"]
    assert graph.source == ATTRIBUTION


def test_ring_that_meets_nothing_is_cut_in_its_middle(write_extract) -> None:
    graph = read_roads(write_extract(SQUARE, [RING]))
    assert graph.node_count == 2
    assert (graph.edge_from != graph.edge_to).all()


def test_order_of_the_file_does_not_matter(write_extract) -> None:
    across = ([2, 4], {"highway": "tertiary"})
    sorted_file = read_roads(write_extract(SQUARE, [RING, across], name="a.osm"))
    unordered = read_roads(write_extract(SQUARE, [RING, across], unordered=True, name="b.osm"))
    for name in ("node_lat", "edge_from", "edge_to", "edge_forward_ms", "edge_length_m", "shape_lat"):
        assert getattr(sorted_file, name).tolist() == getattr(unordered, name).tolist()


@pytest.mark.parametrize("own", [lambda n: -n, lambda n: n + 2**62], ids=["negative", "huge"])
def test_ids_that_an_editor_made_up_are_taken(write_extract, own) -> None:
    nodes = {own(n): place for n, place in SQUARE.items()}
    graph = read_roads(write_extract(nodes, [([own(n) for n in RING[0]], RING[1])]))
    assert graph.edge_length_m.sum() == pytest.approx(853 + 853 + 1112 + 1112, abs=5)


def test_point_twice_in_a_row_and_a_way_that_turns_back_do_no_harm(write_extract) -> None:
    graph = read_roads(write_extract(SQUARE, [([1, 1, 2, 2, 3, 2, 4], {"highway": "residential"})]))
    assert (graph.edge_length_m > 0).all()


def test_length_and_time_are_those_of_the_street(write_extract) -> None:
    nodes = {1: (40.0, -83.0), 2: (40.009, -83.0)}
    graph = read_roads(write_extract(nodes, [([1, 2], {"highway": "motorway", "oneway": "no", "maxspeed": "100"})]))
    assert graph.edge_length_m[0] == pytest.approx(1000.76, abs=0.1)
    assert graph.edge_forward_ms[0] == graph.edge_backward_ms[0] == pytest.approx(36_027, abs=5)


def test_oneway_against_the_way_is_driven_backward_only(write_extract) -> None:
    back = ([1, 2], {"highway": "residential", "oneway": "-1", "name": "Back Street"})
    graph = read_roads(write_extract(SQUARE, [RING, back]))
    edge = [graph.street(e) for e in range(graph.edge_count)].index("Back Street")
    assert graph.edge_forward_ms[edge] == 0
    assert graph.edge_backward_ms[edge] > 0


def test_stub_that_cannot_be_left_again_is_dropped(write_extract) -> None:
    stub = ([1, 5], {"highway": "residential", "oneway": "yes", "name": "Nowhere Lane"})
    graph = read_roads(write_extract(SQUARE | {5: (39.99, -83.0)}, [RING, stub]))
    assert "Nowhere Lane" not in [graph.street(edge) for edge in range(graph.edge_count)]


def test_way_is_cut_where_its_points_are_not_in_the_extract(write_extract) -> None:
    graph = read_roads(write_extract(SQUARE, [([1, 2, 99, 3, 4, 1], {"highway": "residential"})]))
    assert graph.edge_length_m.sum() == pytest.approx(853 + 853 + 1112, abs=5)


def test_roads_that_a_unit_may_not_drive_are_not_there(write_extract) -> None:
    closed = ([2, 4], {"highway": "residential", "access": "no", "name": "Closed Street"})
    assert "Closed Street" not in read_roads(write_extract(SQUARE, [RING, closed])).names


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty; an OpenStreetMap extract (.osm.pbf) was expected."),
        (b"no extract at all " * 50, "is not a readable OpenStreetMap extract"),
        (EXTRACT.read_bytes()[:500_000], "is not a readable OpenStreetMap extract"),
        (
            EXTRACT.read_bytes()[:400_000] + bytes(200) + EXTRACT.read_bytes()[400_200:],
            "is not a readable OpenStreetMap",
        ),
    ],
    ids=["empty", "no pbf", "cut off", "damaged"],
)
def test_unusable_extract_is_one_sentence_and_leaves_the_network_as_it_was(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    extract, target = tmp_path / "bad.osm.pbf", tmp_path / "data" / "roads.npz"
    extract.write_bytes(content)
    target.parent.mkdir()
    target.write_bytes(b"what was there")
    with pytest.raises(BadFile) as caught:
        import_roads(extract, target)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert target.read_bytes() == b"what was there"
    assert [path.name for path in target.parent.iterdir()] == ["roads.npz"]


@pytest.mark.parametrize(
    ("nodes", "ways", "sentence"),
    [
        (SQUARE, [], "has no roads that a unit may drive."),
        (SQUARE, [([1, 2], {"highway": "footway"})], "has no roads that a unit may drive."),
        ({}, [RING], "has 1 roads but not the points that they run through."),
        (SQUARE, [([1, 2], {"highway": "residential", "oneway": "yes"})], "no two places with a way there and back."),
    ],
    ids=["nothing", "footpaths only", "no points", "one-way only"],
)
def test_extract_without_usable_roads_says_what_it_lacks(write_extract, nodes, ways, sentence: str) -> None:
    with pytest.raises(BadFile, match=sentence.replace(".", r"\.")):
        read_roads(write_extract(nodes, ways))


def test_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="there is no such file"):
        read_roads(tmp_path / "nowhere.osm.pbf")


def test_steps_are_told_as_they_begin(write_extract, tmp_path: Path) -> None:
    steps: list[str] = []
    import_roads(write_extract(SQUARE, [RING]), tmp_path / "roads.npz", steps.append)
    assert steps == [
        "reading the ways",
        "reading the points of 1 ways",
        "cutting the ways at their junctions",
        "ordering 2 junctions",
        "storing the network",
    ]
    assert load_roads(tmp_path / "roads.npz").node_count == 2


def test_columbus_is_a_county_of_streets_on_which_everything_reaches_everything(columbus: RoadGraph) -> None:
    assert columbus.node_count > 20_000
    assert {"Kendall Place", "Carrie Avenue", "Main Street"} <= set(columbus.names)
    travel_times = TravelTimes(columbus)
    step = columbus.node_count // 200
    places = zip(columbus.node_lat[::step].tolist(), columbus.node_lon[::step].tolist(), strict=True)
    travel_times.place_units({str(n): Point(*place) for n, place in enumerate(places)})
    travels = travel_times.to(Point(39.9586, -82.9644))
    assert travels.unreachable == {}


@pytest.mark.needs_shared
def test_another_city_imports_as_well(shared_data: Path, tmp_path: Path) -> None:
    graph = import_roads(shared_data / "roads" / "baltimore.osm.pbf", tmp_path / "roads.npz")
    assert graph.node_count > 5_000
    assert TravelTimes(graph).route(Point(39.30, -76.61), Point(39.29, -76.60)).travel_time_s > 60
