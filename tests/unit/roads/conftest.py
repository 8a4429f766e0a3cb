"""Small networks made in the tests: streets by hand, and jittered grids."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from routingkit_cch import compute_order_degree

from tenfour.roads.graph import ROAD_CLASSES, RoadGraph, name_table

Street = tuple[int, int, str, int, int]
"""From and to junction, name, milliseconds forward and backward (0: not permitted)."""
BuildGraph = Callable[[Sequence[tuple[float, float]], Sequence[Street]], RoadGraph]


def graph_of(nodes: Sequence[tuple[float, float]], streets: Sequence[Street]) -> RoadGraph:
    """A network of straight streets between junctions at (latitude, longitude)."""
    lat, lon = (np.array(column, dtype=float) for column in zip(*nodes, strict=True))
    start, end = (np.array([street[side] for street in streets], dtype=np.int32) for side in (0, 1))
    names, numbers = name_table([street[2] for street in streets])
    forward, backward = (np.array([street[side] for street in streets], dtype=np.int32) for side in (3, 4))
    x, y = (lon * 111_195.08 * np.cos(np.radians(lat.mean())), lat * 111_195.08)
    tail = np.concatenate([start[forward > 0], end[backward > 0]]).tolist()
    head = np.concatenate([end[forward > 0], start[backward > 0]]).tolist()
    return RoadGraph(
        node_lat=lat,
        node_lon=lon,
        edge_from=start,
        edge_to=end,
        edge_length_m=np.hypot(x[end] - x[start], y[end] - y[start]),
        edge_forward_ms=forward,
        edge_backward_ms=backward,
        edge_name=numbers,
        edge_class=np.full(len(streets), ROAD_CLASSES.index("residential"), dtype=np.int32),
        shape_start=np.arange(0, 2 * len(streets) + 1, 2, dtype=np.int32),
        shape_lat=np.stack([lat[start], lat[end]], 1).ravel(),
        shape_lon=np.stack([lon[start], lon[end]], 1).ravel(),
        order=np.array(compute_order_degree(len(nodes), tail, head), dtype=np.int32),
        names=names,
        source="made in a test",
    )


@pytest.fixture(scope="session")
def build_graph() -> BuildGraph:
    """Builds a network by hand."""
    return graph_of


@pytest.fixture(scope="session")
def town() -> RoadGraph:
    """Three by three junctions 1 km apart: avenues run north, streets run east. First Avenue is one-way northward.

    Junction n lies in row n // 3 (from the south) and column n % 3 (from the west). A block takes 60 s.
    """
    nodes = [(40.0 + row * 0.009, -83.0 + column * 0.0117) for row in range(3) for column in range(3)]
    rows, columns = ("South Street", "Middle Street", "North Street"), ("First Avenue", "Second Avenue", "Third Avenue")
    streets: list[Street] = []
    for row, name in enumerate(rows):
        streets += [(3 * row + column, 3 * row + column + 1, name, 60_000, 60_000) for column in range(2)]
    for column, name in enumerate(columns):
        back = 0 if column == 0 else 60_000
        streets += [(3 * row + column, 3 * row + column + 3, name, 60_000, back) for row in range(2)]
    return graph_of(nodes, streets)
