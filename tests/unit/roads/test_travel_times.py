"""Travel times and routes, by hand on a small town and by law against SciPy's Dijkstra on random ones."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tenfour.roads.graph import RoadGraph
from tenfour.roads.snap import along_edge
from tenfour.roads.travel import Travel, TravelTimes
from tenfour.vocabulary.errors import BadInput, NotFound
from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Point, distance_m

from .conftest import Street, graph_of

ROUNDING_MS = 3
Position = tuple[int, float]
"""An edge, and how far along it."""


def at(row: float, column: float) -> Point:
    """A place in the town, counted in blocks from its south-western corner."""
    return Point(40.0 + row * 0.009, -83.0 + column * 0.0117)


def seconds(graph: RoadGraph, start: Point, end: Point) -> float:
    """Travel time from one place to another, told as all units' and as a route: they must agree."""
    travel_times = TravelTimes(graph)
    travel_times.place_units({UnitId("12A3"): start})
    told = travel_times.to(end)[UnitId("12A3")].travel_time_s
    assert travel_times.route(start, end).travel_time_s == pytest.approx(told, abs=0.002)
    return told


def test_unit_in_mid_block_drives_its_share_of_the_block(town: RoadGraph) -> None:
    assert seconds(town, at(0, 0.25), at(0, 2)) == pytest.approx(105, abs=0.01)


def test_place_in_mid_block_is_entered_from_the_nearer_end(town: RoadGraph) -> None:
    assert seconds(town, at(0, 2), at(0, 0.75)) == pytest.approx(75, abs=0.01)


def test_unit_and_place_on_one_edge_drive_straight(town: RoadGraph) -> None:
    assert seconds(town, at(1, 0.2), at(1, 0.7)) == pytest.approx(30, abs=0.01)
    assert seconds(town, at(1, 0.7), at(1, 0.2)) == pytest.approx(30, abs=0.01)


def test_place_behind_a_unit_on_a_one_way_street_is_reached_around_the_block(town: RoadGraph) -> None:
    ahead, behind = at(0.8, 0), at(0.2, 0)
    assert seconds(town, behind, ahead) == pytest.approx(36, abs=0.01)
    assert seconds(town, ahead, behind) == pytest.approx(12 + 60 + 60 + 60 + 12, abs=0.01)


def test_unit_at_a_junction_may_leave_it_by_any_street(town: RoadGraph) -> None:
    assert seconds(town, at(1, 0), at(1, 1)) == pytest.approx(60, abs=0.01)
    assert seconds(town, at(2, 0), at(2, 0)) == 0


def test_two_units_on_one_edge_each_have_their_own_time(town: RoadGraph) -> None:
    travel_times = TravelTimes(town)
    travel_times.place_units({UnitId("12A1"): at(2, 1.25), UnitId("12A3"): at(2, 1.75)})
    travels = travel_times.to(at(2, 0))
    assert travels[UnitId("12A1")].travel_time_s == pytest.approx(75, abs=0.01)
    assert travels[UnitId("12A3")].travel_time_s == pytest.approx(105, abs=0.01)
    assert [unit for unit, _ in travels.nearest(5)] == ["12A1", "12A3"]


def test_nearest_units_come_quickest_first_and_no_more_than_asked(town: RoadGraph) -> None:
    travel_times = TravelTimes(town)
    travel_times.place_units({UnitId(f"U{n}"): at(0, n / 10) for n in range(20)})
    nearest = travel_times.to(at(0, 0)).nearest(3)
    assert [unit for unit, _ in nearest] == ["U0", "U1", "U2"]
    assert travel_times.to(at(0, 0)).nearest(0) == []


def test_equally_quick_units_come_in_the_order_of_their_call_signs(town: RoadGraph) -> None:
    travel_times = TravelTimes(town)
    travel_times.place_units({UnitId(name): at(0, 1) for name in ("14B2", "12A3", "13B2")})
    assert [unit for unit, _ in travel_times.to(at(2, 1)).nearest(2)] == ["12A3", "13B2"]


def test_unit_off_the_network_is_told_why_and_the_others_are_placed(town: RoadGraph) -> None:
    travel_times = TravelTimes(town)
    off = travel_times.place_units({UnitId("12A3"): at(0, 0), UnitId("14B2"): Point(41.0, -83.0)})
    assert list(off) == ["14B2"]
    assert "109.2 km from the nearest road" in off[UnitId("14B2")]
    travels = travel_times.to(at(0, 1))
    assert list(travels) == ["12A3"]
    assert travels.unreachable == off
    assert UnitId("14B2") not in travels


def test_place_off_the_network_is_refused_and_nothing_is_told(town: RoadGraph) -> None:
    travel_times = TravelTimes(town)
    travel_times.place_units({UnitId("12A3"): at(0, 0)})
    with pytest.raises(BadInput, match="from the nearest road of the network"):
        travel_times.to(Point(39.0, -83.0))


def test_without_units_nobody_travels(town: RoadGraph) -> None:
    travels = TravelTimes(town).to(at(0, 0))
    assert len(travels) == 0
    assert travels.nearest(1) == []


def test_moved_unit_is_told_from_where_it_is_now(town: RoadGraph) -> None:
    travel_times = TravelTimes(town)
    travel_times.place_units({UnitId("12A1"): at(0, 1), UnitId("12A3"): at(2, 2)})
    assert travel_times.move_unit(UnitId("12A3"), at(0, 0.5)) is None
    travels = travel_times.to(at(0, 0))
    assert travels[UnitId("12A3")] == Travel(pytest.approx(30, abs=0.01), pytest.approx(0, abs=0.1))
    assert travels[UnitId("12A1")].travel_time_s == pytest.approx(60, abs=0.01)


def test_unit_that_was_not_placed_is_added_when_it_moves(town: RoadGraph) -> None:
    travel_times = TravelTimes(town)
    travel_times.move_unit(UnitId("12A3"), at(0, 1))
    assert travel_times.to(at(0, 0))[UnitId("12A3")].travel_time_s == pytest.approx(60, abs=0.01)


def test_unit_that_drives_off_the_network_and_back_is_told_again(town: RoadGraph) -> None:
    travel_times = TravelTimes(town)
    travel_times.place_units({UnitId("12A1"): at(0, 2), UnitId("12A3"): at(0, 1)})
    assert "nearest road" in (travel_times.move_unit(UnitId("12A3"), Point(39.0, -83.0)) or "")
    assert list(travel_times.to(at(0, 0))) == ["12A1"]
    assert travel_times.move_unit(UnitId("12A3"), at(0, 1)) is None
    assert travel_times.to(at(0, 0)).unreachable == {}


def test_route_names_its_streets_in_order_and_measures_itself(town: RoadGraph) -> None:
    route = TravelTimes(town).route(at(0, 0.5), at(1.5, 1))
    assert route.streets == ("South Street", "Second Avenue")
    assert route.travel_time_s == pytest.approx(120, abs=0.01)
    assert route.distance_m == pytest.approx(2000, rel=0.01)
    walked = sum(distance_m(a, b) for a, b in pairwise(route.line))
    assert walked == pytest.approx(route.distance_m, rel=0.002)
    assert distance_m(route.line[0], at(0, 0.5)) < 1
    assert distance_m(route.line[-1], at(1.5, 1)) < 1


def test_route_along_one_edge_has_that_street_only(town: RoadGraph) -> None:
    route = TravelTimes(town).route(at(1, 0.2), at(1, 0.7))
    assert route.streets == ("Middle Street",)
    assert route.travel_time_s == pytest.approx(30, abs=0.01)


def test_route_to_where_one_stands_is_nothing(town: RoadGraph) -> None:
    route = TravelTimes(town).route(at(1, 0.5), at(1, 0.5))
    assert (route.travel_time_s, route.distance_m, route.streets) == (0, 0, ())


def test_closed_street_is_driven_around_and_opens_again(town: RoadGraph) -> None:
    travel_times = TravelTimes(town)
    travel_times.place_units({UnitId("12A3"): at(0, 0)})
    middle_of_south_street = int(travel_times.index.nearest(at(0, 1.5)).edge)
    assert travel_times.route(at(0, 0), at(0, 2)).travel_time_s == pytest.approx(120)
    travel_times.close_edges([middle_of_south_street])
    assert travel_times.to(at(0, 2))[UnitId("12A3")].travel_time_s == pytest.approx(240)
    assert travel_times.route(at(0, 0), at(0, 2)).travel_time_s == pytest.approx(240)
    travel_times.close_edges([])
    assert travel_times.to(at(0, 2))[UnitId("12A3")].travel_time_s == pytest.approx(120)


def test_unit_cut_off_by_closures_is_unreachable_in_words(town: RoadGraph) -> None:
    travel_times = TravelTimes(town)
    travel_times.place_units({UnitId("12A3"): at(0, 0), UnitId("12A1"): at(2, 2)})
    around_corner = {travel_times.index.nearest(place).edge for place in (at(0, 0.5), at(0.5, 0))}
    travel_times.close_edges(around_corner)
    travels = travel_times.to(at(2, 1))
    assert list(travels) == ["12A1"]
    assert travels.unreachable == {"12A3": "No way by road is open from where it is."}
    assert len(travels.nearest(2)) == 1
    with pytest.raises(NotFound, match="no open way by road"):
        travel_times.route(at(0, 0), at(2, 1))


def test_closing_an_edge_that_is_not_there_is_refused(town: RoadGraph) -> None:
    with pytest.raises(BadInput, match="not all in the network of 12 edges"):
        TravelTimes(town).close_edges([99])


@st.composite
def towns(draw: st.DrawFn) -> RoadGraph:
    """A jittered grid with streets left out, one-way streets, and odd speeds; not always connected."""
    rows, columns = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    jitter = st.integers(-200, 200)
    nodes = [(40.0 + 1e-6 * (1000 * r + draw(jitter)), -83.0 + 1e-6 * (1000 * c + draw(jitter)))
             for r in range(rows) for c in range(columns)]  # fmt: skip
    between = [(r * columns + c, r * columns + c + 1) for r in range(rows) for c in range(columns - 1)]
    between += [(r * columns + c, (r + 1) * columns + c) for r in range(rows - 1) for c in range(columns)]
    kept = draw(st.lists(st.sampled_from(between), min_size=1, unique=True))
    time_ms = st.integers(1, 60_000)
    streets: list[Street] = []
    for start, end in kept:
        way = draw(st.sampled_from(["both", "forward", "backward"]))
        forward, backward = draw(time_ms), draw(time_ms)
        streets.append((start, end, "", 0 if way == "backward" else forward, 0 if way == "forward" else backward))
    return graph_of(nodes, streets)


def reference_ms(graph: RoadGraph, units: list[Position], target: Position) -> list[float]:
    """Times on the network with a junction of its own for every position, by SciPy's Dijkstra against the arrows."""
    node_of: dict[Position, int] = {}
    arcs: dict[tuple[int, int], float] = {}
    for edge in range(graph.edge_count):
        ends = {0.0: int(graph.edge_from[edge]), 1.0: int(graph.edge_to[edge])}
        stops = sorted({0.0, 1.0} | {fraction for on, fraction in [*units, target] if on == edge})
        for fraction in stops:
            node_of[edge, fraction] = ends.get(fraction, graph.node_count + len(node_of))
        for here, there in pairwise(stops):
            a, b = node_of[edge, here], node_of[edge, there]
            if graph.edge_forward_ms[edge] > 0:
                arcs[a, b] = (there - here) * graph.edge_forward_ms[edge]
            if graph.edge_backward_ms[edge] > 0:
                arcs[b, a] = (there - here) * graph.edge_backward_ms[edge]
    size = graph.node_count + len(node_of) + 1
    tail, head = (np.array([arc[side] for arc in arcs]) for side in (0, 1))
    backwards = csr_array((np.array(list(arcs.values())), (head, tail)), shape=(size, size))
    times = dijkstra(backwards, indices=node_of[target])
    return [float(times[node_of[unit]]) for unit in units]


@settings(max_examples=150, deadline=None)
@given(town=towns(), data=st.data())
def test_all_times_are_those_of_scipys_dijkstra_with_positions_along_edges(
    town: RoadGraph, data: st.DataObject
) -> None:
    # A tenth of a millimetre is the least that two points are apart: a latitude cannot tell neighbouring floats apart.
    fraction = st.one_of(st.sampled_from([0.0, 1.0]), st.integers(50_000, 950_000).map(lambda part: part / 1e6))
    position = st.tuples(st.integers(0, town.edge_count - 1), fraction)
    units, target = data.draw(st.lists(position, min_size=1, max_size=6)), data.draw(position)
    travel_times = TravelTimes(town)
    travel_times.place_units({UnitId(str(n)): along_edge(town, *unit) for n, unit in enumerate(units)})
    place = along_edge(town, *target)
    travels = travel_times.to(place)
    for n, expected in enumerate(reference_ms(town, units, target)):
        told = travels.get(UnitId(str(n)))
        if np.isinf(expected):
            assert told is None
        else:
            assert told is not None
            assert told.travel_time_s * 1000 == pytest.approx(expected, abs=ROUNDING_MS)
            route = travel_times.route(along_edge(town, *units[n]), place)
            assert route.travel_time_s == pytest.approx(told.travel_time_s, abs=0.002)


def test_a_network_given_other_speeds_tells_other_times(town: RoadGraph) -> None:
    slow = replace(town, edge_forward_ms=town.edge_forward_ms * 2, edge_backward_ms=town.edge_backward_ms * 2)
    assert seconds(slow, at(0, 0), at(0, 1)) == pytest.approx(120)
