"""Travel times on a real network, against SciPy's Dijkstra."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tenfour.bench.recommend import PLAN, random_places, recommend_to
from tenfour.roads.graph import RoadGraph
from tenfour.roads.placement import ways_in, ways_out
from tenfour.roads.travel import TravelTimes
from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Point


@pytest.fixture(scope="module")
def travel_times(columbus: RoadGraph) -> TravelTimes:
    return TravelTimes(columbus)


@pytest.fixture(scope="module")
def fleet(columbus: RoadGraph) -> dict[UnitId, Point]:
    """300 units along the roads of the county."""
    return {UnitId(f"U{n}"): at for n, at in enumerate(random_places(columbus, 300, np.random.default_rng(7)))}


def against_the_arrows(graph: RoadGraph) -> csr_array:
    """Quickest arc between any two junctions, reversed."""
    arcs, quickest = graph.arcs, dict[tuple[int, int], int]()
    for tail, head, time_ms in zip(arcs.tail.tolist(), arcs.head.tolist(), arcs.time_ms.tolist(), strict=True):
        quickest[head, tail] = min(time_ms, quickest.get((head, tail), time_ms))
    rows, columns = zip(*quickest, strict=True)
    return csr_array((np.array(list(quickest.values()), dtype=float), (rows, columns)), shape=(graph.node_count,) * 2)


def test_times_of_a_fleet_are_those_of_dijkstra(
    columbus: RoadGraph, travel_times: TravelTimes, fleet: dict[UnitId, Point]
) -> None:
    matrix = against_the_arrows(columbus)
    travel_times.place_units(fleet)
    placed = {unit: travel_times.index.nearest(at) for unit, at in fleet.items()}
    for target in random_places(columbus, 5, np.random.default_rng(11)):
        there = travel_times.index.nearest(target)
        enter = ways_in(columbus, there.edge, there.fraction)
        from_node = np.min([dijkstra(matrix, indices=node) + ms for node, ms in enter], axis=0)
        travels = travel_times.to(target)
        for unit, here in placed.items():
            if here.edge == there.edge:
                continue
            expected = min(from_node[node] + ms for node, ms in ways_out(columbus, here.edge, here.fraction))
            assert travels[unit].travel_time_s * 1000 == pytest.approx(expected, abs=1)


def test_route_takes_as_long_as_was_told_and_joins_up(travel_times: TravelTimes, fleet: dict[UnitId, Point]) -> None:
    target = Point(39.9586, -82.9644)
    travel_times.place_units(fleet)
    travels = travel_times.to(target)
    for unit in list(fleet)[:25]:
        route = travel_times.route(fleet[unit], target)
        assert route.travel_time_s == pytest.approx(travels[unit].travel_time_s, abs=0.002)
        assert route.streets[-1] == "Kendall Place"
        assert len(route.line) > 2
        undrawn = travel_times.route(fleet[unit], target, drawn=False)
        assert (undrawn.distance_m, undrawn.streets, undrawn.line) == (route.distance_m, route.streets, ())


def test_benchmark_recommends_the_quickest_of_all(travel_times: TravelTimes, fleet: dict[UnitId, Point]) -> None:
    target = Point(39.9586, -82.9644)
    travel_times.place_units(fleet)
    travels = travel_times.to(target)
    ranked = sorted(travels, key=lambda unit: travels[unit].travel_time_s)
    made = recommend_to(travel_times, fleet, target)
    assert [row.unit for row in made.units] == ranked[: PLAN.needs[0].units]
    assert [row.unit for row in made.passed_over] == ranked[2 : 2 + len(made.passed_over)]
