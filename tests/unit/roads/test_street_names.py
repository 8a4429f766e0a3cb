"""Which street a point is at, and between which cross streets."""

from tenfour.roads.graph import RoadGraph
from tenfour.roads.near import CrossStreets, StreetNames
from tenfour.vocabulary.place import Point

HALF_BLOCK = 0.0117 / 2


def test_unit_is_near_the_street_it_stands_at(town: RoadGraph) -> None:
    assert StreetNames(town).near(Point(40.0002, -83.0 + HALF_BLOCK)) == "South Street"


def test_unit_far_from_every_street_is_near_none(town: RoadGraph) -> None:
    assert StreetNames(town).near(Point(40.0045, -83.0 + HALF_BLOCK)) == ""


def test_door_lies_between_the_streets_that_cross_its_own_nearer_one_first(town: RoadGraph) -> None:
    names = StreetNames(town)
    western, eastern = Point(40.0001, -83.0 + 0.002), Point(40.0001, -83.0 + 0.0097)
    assert names.cross_streets(western) == CrossStreets("South Street", "First Avenue", "Second Avenue")
    found = names.cross_streets(eastern)
    assert found is not None
    assert found.words() == "Between Second Avenue and First Avenue"


def test_cross_streets_of_a_street_that_is_not_the_nearest_are_not_guessed(town: RoadGraph) -> None:
    names = StreetNames(town)
    assert names.cross_streets(Point(40.0001, -82.995), street="North Street") is None
    assert names.cross_streets(Point(40.0001, -82.995), street="SOUTH STREET") is not None


def test_street_is_followed_over_nameless_junctions_to_the_next_crossing(build_graph) -> None:
    nodes = [(40.0, -83.0), (40.0, -82.99), (40.0, -82.98), (40.009, -82.98)]
    streets = [(0, 1, "Oak Street", 1, 1), (1, 2, "Oak Street", 1, 1), (2, 3, "Gift Street", 1, 1)]
    found = StreetNames(build_graph(nodes, streets)).cross_streets(Point(40.0, -82.998))
    assert found == CrossStreets("Oak Street", "", "Gift Street")
    assert found.words() == "Near Gift Street"


def test_ring_street_without_crossings_has_none(build_graph) -> None:
    nodes = [(40.0, -83.0), (40.0, -82.99), (40.009, -82.995)]
    ring = [(0, 1, "Ring", 1, 1), (1, 2, "Ring", 1, 1), (2, 0, "Ring", 1, 1)]
    found = StreetNames(build_graph(nodes, ring)).cross_streets(Point(40.0, -82.995))
    assert found is not None
    assert found.words() == ""
