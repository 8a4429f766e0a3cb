"""Putting a point on the nearest road."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import shapely

from tenfour.roads.graph import Floats, Longs, RoadGraph
from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.place import Point

REACH_M = 1_000.0
"""A point farther than this from every road is not on the network."""

AT_JUNCTION_M = 0.5
"""A point this near to the end of an edge is at the junction and may leave it by any street."""


class Snapped(msgspec.Struct, frozen=True):
    """A point on the network: how far along an edge (0 at its `from` end, 1 at its `to` end), how far it was off."""

    edge: int
    fraction: float
    snapped_m: float
    point: Point


@dataclass(frozen=True)
class SnappedMany:
    """Many snapped points, one row each: `edge`, `fraction` along it, `snapped_m` from the point to the road."""

    edge: Longs
    fraction: Floats
    snapped_m: Floats


class RoadIndex:
    """Every straight piece of road in an R-tree (shapely STRtree), to find the nearest."""

    def __init__(self, graph: RoadGraph, *, named_only: bool = False) -> None:
        """Index `graph`, or only its edges that have a street name."""
        self.graph = graph
        x, y = graph.plane.xy(graph.shape_lat, graph.shape_lon)
        edge_of_point = np.repeat(np.arange(graph.edge_count), np.diff(graph.shape_start))
        start = np.flatnonzero(edge_of_point[:-1] == edge_of_point[1:])
        if named_only:
            start = start[graph.edge_name[edge_of_point[start]] > 0]
        self._edge: Longs = edge_of_point[start]
        self._x, self._y = x[start], y[start]
        self._dx, self._dy = x[start + 1] - x[start], y[start + 1] - y[start]
        self._length = np.hypot(self._dx, self._dy)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
        edge_start = along[graph.shape_start[:-1]]
        edge_end = along[graph.shape_start[1:] - 1]
        self._from_start = along[start] - edge_start[self._edge]
        self._edge_length = np.maximum(edge_end - edge_start, 1e-9)[self._edge]
        ends = np.stack([np.stack([x[start], y[start]], -1), np.stack([x[start + 1], y[start + 1]], -1)], 1)
        self._tree = shapely.STRtree(shapely.linestrings(ends))

    def nearest(self, point: Point, *, reach_m: float = REACH_M) -> Snapped:
        """Snap one point; raises `BadInput` when every road is farther than `reach_m`."""
        found = self.nearest_many([point])
        distance = float(found.snapped_m[0])
        if distance > reach_m:
            raise BadInput(off_network(point, distance))
        edge, fraction = int(found.edge[0]), float(found.fraction[0])
        return Snapped(edge, fraction, distance, along_edge(self.graph, edge, fraction))

    def nearest_many(self, points: Sequence[Point]) -> SnappedMany:
        """Snap points whatever their distance (`inf` from a network without roads)."""
        if not points or not len(self._edge):
            none = np.zeros(len(points), dtype=np.int64)
            return SnappedMany(none, np.zeros(len(points)), np.full(len(points), np.inf))
        x, y = self.graph.plane.xy([p.lat for p in points], [p.lon for p in points])
        piece = np.asarray(self._tree.nearest(shapely.points(x, y)))
        px, py = x - self._x[piece], y - self._y[piece]
        dx, dy, length = self._dx[piece], self._dy[piece], self._length[piece]
        share = np.clip((px * dx + py * dy) / np.maximum(length, 1e-9) ** 2, 0.0, 1.0)
        distance = np.hypot(px - share * dx, py - share * dy)
        along = self._from_start[piece] + share * length
        whole = self._edge_length[piece]
        along = np.where(along < AT_JUNCTION_M, 0.0, np.where(along > whole - AT_JUNCTION_M, whole, along))
        return SnappedMany(self._edge[piece], along / whole, distance)


def along_edge(graph: RoadGraph, edge: int, fraction: float) -> Point:
    """The point at `fraction` of an edge's length."""
    lat, lon = part_of_edge(graph, edge, fraction, fraction)
    return Point(lat[0], lon[0])


def part_of_edge(graph: RoadGraph, edge: int, start: float, end: float) -> tuple[list[float], list[float]]:
    """Latitudes and longitudes along an edge from fraction `start` to `end` (either way round)."""
    lat, lon = graph.shape(edge)
    x, y = graph.plane.xy(lat, lon)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    along /= max(float(along[-1]), 1e-9)
    low, high = min(start, end), max(start, end)
    inner = along[(along > low) & (along < high)]
    wanted = np.concatenate([[low], inner, [high]]) if high > low else np.array([low])
    if start > end:
        wanted = wanted[::-1]
    return np.interp(wanted, along, lat).tolist(), np.interp(wanted, along, lon).tolist()


def off_network(point: Point, distance_m: float) -> str:
    """The sentence for a point that is too far from every road."""
    where = f"The place {point.lat:.5f}, {point.lon:.5f}"
    if not np.isfinite(distance_m):
        return f"{where} cannot be put on the network: it has no roads."
    return f"{where} is {distance_m / 1000:.1f} km from the nearest road of the network."
