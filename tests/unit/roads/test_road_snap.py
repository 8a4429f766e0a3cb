"""Putting points on the nearest road."""

import numpy as np
import pytest

from tenfour.roads.graph import RoadGraph
from tenfour.roads.snap import RoadIndex, along_edge, part_of_edge
from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.place import Point, distance_m


def test_point_beside_a_street_lands_on_it_square(town: RoadGraph) -> None:
    beside = Point(40.0009, -83.0 + 0.0117 / 4)  # 100 m north of South Street, a quarter of the first block along
    snapped = RoadIndex(town).nearest(beside)
    assert town.street(snapped.edge) == "South Street"
    assert snapped.fraction == pytest.approx(0.25, abs=0.001)
    assert snapped.snapped_m == pytest.approx(100, abs=0.5)
    assert distance_m(snapped.point, beside) == pytest.approx(snapped.snapped_m, rel=0.001)


def test_place_within_half_a_metre_of_a_junction_is_at_the_junction(town: RoadGraph) -> None:
    assert RoadIndex(town).nearest(Point(40.0, -83.0 + 4e-6)).fraction in {0.0, 1.0}


def test_place_off_the_network_is_refused_with_its_distance(town: RoadGraph) -> None:
    with pytest.raises(
        BadInput, match=r"^The place 39\.95000, -83\.00000 is 5\.6 km from the nearest road of the netw"
    ):
        RoadIndex(town).nearest(Point(39.95, -83.0))


def test_index_of_named_streets_passes_over_the_nameless(build_graph) -> None:
    nodes = [(40.0, -83.0), (40.0, -82.99), (40.001, -83.0), (40.001, -82.99)]
    graph = build_graph(nodes, [(0, 1, "", 1000, 1000), (2, 3, "Oak Street", 1000, 1000)])
    point = Point(40.0001, -82.995)
    assert graph.street(RoadIndex(graph).nearest(point).edge) == ""
    assert graph.street(RoadIndex(graph, named_only=True).nearest(point).edge) == "Oak Street"


def test_network_without_named_streets_has_none_near(build_graph) -> None:
    graph = build_graph([(40.0, -83.0), (40.0, -82.99)], [(0, 1, "", 1000, 1000)])
    with pytest.raises(BadInput, match="has no roads"):
        RoadIndex(graph, named_only=True).nearest(Point(40.0, -82.995))


def test_nothing_to_snap_gives_nothing(town: RoadGraph) -> None:
    assert len(RoadIndex(town).nearest_many([]).edge) == 0


def test_every_place_along_every_edge_snaps_back_to_itself(town: RoadGraph) -> None:
    index = RoadIndex(town)
    for edge in range(town.edge_count):
        for fraction in (0.1, 0.5, 0.73):
            found = index.nearest(along_edge(town, edge, fraction))
            assert found.edge == edge
            assert found.fraction == pytest.approx(fraction, abs=1e-6)
            assert found.snapped_m < 0.01


def test_part_of_an_edge_can_be_driven_either_way_round(town: RoadGraph) -> None:
    there, back = part_of_edge(town, 0, 0.2, 0.9), part_of_edge(town, 0, 0.9, 0.2)
    assert np.allclose(there, [values[::-1] for values in back])
    assert len(part_of_edge(town, 0, 0.4, 0.4)[0]) == 1


def test_network_cannot_be_written_to(town: RoadGraph) -> None:
    with pytest.raises(ValueError, match="read-only"):
        town.edge_forward_ms[0] = 1
