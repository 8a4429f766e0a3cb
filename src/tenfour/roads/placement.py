"""Where all units are on the network: for each, the junctions it can drive to along its own edge, and at what cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tenfour.roads.graph import Floats, Longs, RoadGraph
from tenfour.roads.snap import RoadIndex, off_network
from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Point


@dataclass(frozen=True)
class Placement:
    """Units on the network, one row each.

    Each has two ways out (the same twice where there is one): `first_ms` to the junction `nodes[first]`, `second_ms`
    to `nodes[second]`. `nodes` are the distinct junctions in use. Units off the network are in `off_network`, with why.
    """

    units: Sequence[UnitId]
    row_of: Mapping[UnitId, int]
    edge: Longs
    fraction: Floats
    snapped_m: Floats
    first: Longs
    first_ms: Longs
    second: Longs
    second_ms: Longs
    nodes: Longs
    off_network: Mapping[UnitId, str]

    def moved(self, graph: RoadGraph, unit: UnitId, point: Point, index: RoadIndex, reach_m: float) -> "Placement":
        """The same with one unit elsewhere (or added)."""
        alone = place(graph, {unit: point}, index, reach_m)
        off = {name: why for name, why in self.off_network.items() if name != unit} | dict(alone.off_network)
        row = self.row_of.get(unit, len(self.units))
        units = [*self.units[:row], *alone.units, *self.units[row + 1 :]]
        edge = np.concatenate([self.edge[:row], alone.edge, self.edge[row + 1 :]])
        fraction = np.concatenate([self.fraction[:row], alone.fraction, self.fraction[row + 1 :]])
        snapped_m = np.concatenate([self.snapped_m[:row], alone.snapped_m, self.snapped_m[row + 1 :]])
        return _placed(graph, units, edge, fraction, snapped_m, off=off)

    def cheapest(self, to_node_ms: Longs) -> Longs:
        """Milliseconds for each unit, given those from each of `nodes`."""
        by_first = to_node_ms[self.first] + self.first_ms
        by_second = to_node_ms[self.second] + self.second_ms
        return np.asarray(np.minimum(by_first, by_second), dtype=np.int64)


def place(graph: RoadGraph, units: Mapping[UnitId, Point], index: RoadIndex, reach_m: float) -> Placement:
    """Put units on the network; those farther than `reach_m` from a road are in `off_network` instead."""
    found = index.nearest_many(list(units.values()))
    on = found.snapped_m <= reach_m
    off = {}
    placed = []
    for (unit, point), there, distance in zip(units.items(), on.tolist(), found.snapped_m.tolist(), strict=True):
        if there:
            placed.append(unit)
        else:
            off[unit] = off_network(point, distance)
    return _placed(graph, placed, found.edge[on], found.fraction[on], found.snapped_m[on], off=off)


def _placed(
    graph: RoadGraph,
    units: Sequence[UnitId],
    edge: Longs,
    fraction: Floats,
    snapped_m: Floats,
    *,
    off: Mapping[UnitId, str],
) -> Placement:
    forward, backward = graph.edge_forward_ms[edge], graph.edge_backward_ms[edge]
    by_to = (fraction == 1.0) | ((forward > 0) & (fraction > 0.0))
    by_from = (fraction == 0.0) | ((backward > 0) & (fraction < 1.0))
    to_node, to_ms = graph.edge_to[edge], np.rint((1.0 - fraction) * forward).astype(np.int64)
    from_node, from_ms = graph.edge_from[edge], np.rint(fraction * backward).astype(np.int64)
    first, first_ms = np.where(by_to, to_node, from_node), np.where(by_to, to_ms, from_ms)
    second, second_ms = np.where(by_from, from_node, to_node), np.where(by_from, from_ms, to_ms)
    nodes, rows = np.unique(np.concatenate([first, second]), return_inverse=True)
    return Placement(
        units=units,
        row_of={unit: row for row, unit in enumerate(units)},
        edge=edge,
        fraction=fraction,
        snapped_m=snapped_m,
        first=rows[: len(units)],
        first_ms=first_ms,
        second=rows[len(units) :],
        second_ms=second_ms,
        nodes=nodes,
        off_network=off,
    )


def ways_out(graph: RoadGraph, edge: int, fraction: float) -> list[tuple[int, int]]:
    """Junctions that a place on an edge can be left by, each with the milliseconds to get there."""
    forward, backward = int(graph.edge_forward_ms[edge]), int(graph.edge_backward_ms[edge])
    return _ways(graph, edge, fraction, from_ms=backward, to_ms=forward)


def ways_in(graph: RoadGraph, edge: int, fraction: float) -> list[tuple[int, int]]:
    """Junctions that a place on an edge can be reached from, each with the milliseconds from there."""
    forward, backward = int(graph.edge_forward_ms[edge]), int(graph.edge_backward_ms[edge])
    return _ways(graph, edge, fraction, from_ms=forward, to_ms=backward)


def _ways(graph: RoadGraph, edge: int, fraction: float, *, from_ms: int, to_ms: int) -> list[tuple[int, int]]:
    """The ends of an edge and the time between each and the place (whole edge: `from_ms`, `to_ms`; 0: no way)."""
    at_from, at_to = int(graph.edge_from[edge]), int(graph.edge_to[edge])
    if fraction == 0.0:
        return [(at_from, 0)]
    if fraction == 1.0:
        return [(at_to, 0)]
    ways = [(at_from, round(fraction * from_ms), from_ms), (at_to, round((1.0 - fraction) * to_ms), to_ms)]
    return [(node, time_ms) for node, time_ms, whole_ms in ways if whole_ms > 0]
