"""The part of a network in which everything reaches everything."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from tenfour.roads.component import strongest_part


def strongest(node_count: int, arcs: list[tuple[int, int]]) -> list[bool]:
    tail, head = (np.array([arc[side] for arc in arcs], dtype=np.int32) for side in (0, 1))
    return [bool(inside) for inside in strongest_part(node_count, tail, head)]


def test_stub_that_cannot_be_left_again_is_not_in_it() -> None:
    assert strongest(4, [(0, 1), (1, 2), (2, 0), (2, 3)]) == [True, True, True, False]


def test_larger_of_two_islands_is_kept() -> None:
    assert strongest(5, [(0, 1), (1, 0), (2, 3), (3, 4), (4, 2)]) == [False, False, True, True, True]


def test_network_without_junctions_has_no_part() -> None:
    assert strongest(0, []) == []


def test_long_road_does_not_exhaust_the_stack() -> None:
    long = 50_000
    there = [(n, n + 1) for n in range(long - 1)]
    assert all(strongest(long, there + [(b, a) for a, b in there]))


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_it_is_a_largest_strong_component_as_scipy_sees_it(network: tuple[int, list[tuple[int, int]]]) -> None:
    node_count, arcs = network
    inside = np.array(strongest(node_count, arcs))
    tail, head = (np.array([arc[side] for arc in arcs], dtype=int) for side in (0, 1))
    matrix = csr_array((np.ones(len(arcs)), (tail, head)), shape=(node_count, node_count))
    _, label = connected_components(matrix, directed=True, connection="strong")
    assert len(set(label[inside])) == 1
    assert inside.sum() == np.bincount(label).max()
