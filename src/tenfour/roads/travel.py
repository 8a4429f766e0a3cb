"""Travel times of all units to one place, and the route of one of them.

Computed on a customizable contraction hierarchy (RoutingKit's CCH): the units stay pinned as sources, and one sweep
answers for all of them. Positions along an edge count: a unit leaves its edge by either end that it may drive to, the
target is entered from either end, and a unit on the target's own edge may drive straight there.
Not modelled: turn restrictions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import msgspec
import numpy as np
import numpy.typing as npt
from routingkit_cch import CCH, CCHManyToOne, CCHMetric, CCHQuery

from tenfour.roads.graph import Floats, Longs, RoadGraph
from tenfour.roads.placement import Placement, place, ways_in, ways_out
from tenfour.roads.snap import REACH_M, RoadIndex, Snapped, part_of_edge
from tenfour.vocabulary.errors import BadInput, NotFound
from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Point

Leg = tuple[int, float, float]
"""A piece of a route: an edge, driven from one fraction of it to another."""

_NEVER = np.int64(1) << 40
"""More milliseconds than any journey: unreachable."""


_CLOSED_MS = 2**31 - 1
"""RoutingKit's infinite weight."""


class Travel(msgspec.Struct, frozen=True):
    """How long a unit takes, and how far it was from the road it was put on."""

    travel_time_s: float
    snapped_m: float


class Route(msgspec.Struct, frozen=True):
    """The quickest way: seconds, metres, the streets in order, and the line to draw."""

    travel_time_s: float
    distance_m: float
    streets: tuple[str, ...]
    line: tuple[Point, ...]


class Travels(Mapping[UnitId, Travel]):
    """Travel by unit, of those that can get there; `unreachable` says in words why the others cannot.

    `travel_time_s` has a row for each of `units` (`inf`: cannot get there); `nearest` picks without looking at each.
    """

    def __init__(self, placement: Placement, travel_time_s: Floats, target: Snapped) -> None:
        self.units: Sequence[UnitId] = placement.units
        self.travel_time_s = travel_time_s
        self.target = target
        self._placement = placement

    def __getitem__(self, unit: UnitId) -> Travel:
        row = self._placement.row_of.get(unit)
        if row is None or not np.isfinite(self.travel_time_s[row]):
            raise KeyError(unit)
        return Travel(float(self.travel_time_s[row]), float(self._placement.snapped_m[row]))

    def __iter__(self) -> Iterator[UnitId]:
        return (self.units[row] for row in np.flatnonzero(np.isfinite(self.travel_time_s)).tolist())

    def __len__(self) -> int:
        return int(np.isfinite(self.travel_time_s).sum())

    @property
    def unreachable(self) -> dict[UnitId, str]:
        """Units that cannot get there, and why."""
        stuck = np.flatnonzero(np.isinf(self.travel_time_s)).tolist()
        why = {self.units[row]: "No way by road is open from where it is." for row in stuck}
        return why | dict(self._placement.off_network)

    def nearest(self, count: int) -> list[tuple[UnitId, Travel]]:
        """The `count` quickest units, quickest first (units equally quick: in the order of their call signs)."""
        times = self.travel_time_s
        if count < len(times):
            limit = np.partition(times, count - 1)[count - 1] if count > 0 else -np.inf
            rows = np.flatnonzero((times <= limit) & np.isfinite(times))
        else:
            rows = np.flatnonzero(np.isfinite(times))
        ranked = sorted(rows.tolist(), key=lambda row: (times[row], self.units[row]))
        return [(self.units[row], self[self.units[row]]) for row in ranked[:count]]


class TravelTimes:
    """The network ready for questions. Use from one thread: a pinned query and a weight update must never meet."""

    def __init__(self, graph: RoadGraph, index: RoadIndex | None = None, *, reach_m: float = REACH_M) -> None:
        """Make ready (tenths of a second for a county). A point farther than `reach_m` from a road is off it."""
        self.graph = graph
        self.index = index or RoadIndex(graph)
        self.reach_m = reach_m
        arcs = graph.arcs
        self._cch = CCH(graph.order.tolist(), arcs.tail.tolist(), arcs.head.tolist(), False)
        self._metric = CCHMetric(self._cch, arcs.time_ms.tolist())
        self._placement = place(graph, {}, self.index, reach_m)
        self._pinned: CCHManyToOne | None = None
        self._query: CCHQuery | None = None

    def place_units(self, units: Mapping[UnitId, Point]) -> dict[UnitId, str]:
        """Put these units, and no others, on the network; returns those that are off it, and why in words."""
        self._placement = place(self.graph, units, self.index, self.reach_m)
        self._pin()
        return dict(self._placement.off_network)

    def move_unit(self, unit: UnitId, point: Point) -> str | None:
        """Move one unit (or add it); returns why in words when it is now off the network."""
        self._placement = self._placement.moved(self.graph, unit, point, self.index, self.reach_m)
        self._pin()
        return self._placement.off_network.get(unit)

    def to(self, target: Point) -> Travels:
        """Travel of every placed unit to `target`; raises `BadInput` when that is off the network."""
        return self.to_snapped(self.index.nearest(target, reach_m=self.reach_m))

    def to_snapped(self, target: Snapped) -> Travels:
        """Travel of every placed unit to a place already on the network."""
        placement = self._placement
        if not placement.units or self._pinned is None:
            return Travels(placement, np.zeros(0), target)
        entries = ways_in(self.graph, target.edge, target.fraction)
        time_ms = placement.cheapest(_as_array(self._pinned.distances_to_multi(entries)))
        self._drive_along(time_ms, target)
        return Travels(placement, np.where(time_ms >= _NEVER, np.inf, time_ms / 1000.0), target)

    def route(self, start: Point, target: Point, *, drawn: bool = True) -> Route:
        """The quickest way between two points, with its line where it is to be `drawn`.

        Raises `BadInput` off the network, `NotFound` where no way is open.
        """
        here = self.index.nearest(start, reach_m=self.reach_m)
        there = self.index.nearest(target, reach_m=self.reach_m)
        legs, time_ms = self._quickest(here, there)
        length_m = sum(abs(end - begin) * float(self.graph.edge_length_m[edge]) for edge, begin, end in legs)
        line = self._line(legs) if drawn else ()
        return Route(time_ms / 1000.0, length_m, self._streets(legs), line)

    def _quickest(self, here: Snapped, there: Snapped) -> tuple[list[Leg], int]:
        """The edges to drive, each from fraction to fraction, and milliseconds in all."""
        along_ms = self._along_edge_ms(here.edge, here.fraction, there.edge, there.fraction)
        if self._query is None:
            self._query = CCHQuery(self._metric)
        leave = ways_out(self.graph, here.edge, here.fraction)
        found = self._query.run_multi(leave, ways_in(self.graph, there.edge, there.fraction))
        if along_ms is not None and (found.distance is None or along_ms <= found.distance):
            return [(here.edge, here.fraction, there.fraction)], along_ms
        if found.distance is None:
            raise NotFound("open way by road", f"{here.point} to {there.point}")
        return list(self._legs(here, there, found.node_path, found.arc_path)), found.distance

    def close_edges(self, edges: Iterable[int]) -> None:
        """Close these edges to through traffic, and open all others; a unit on one may leave, a target be reached."""
        closed = frozenset(edges)
        if not closed <= frozenset(range(self.graph.edge_count)):
            raise BadInput(f"Edges {sorted(closed)[:5]} are not all in the network of {self.graph.edge_count} edges.")
        shut = np.isin(self.graph.arcs.edge, np.array(sorted(closed), dtype=np.int64))
        self._reweigh(np.where(shut, _CLOSED_MS, self.graph.arcs.time_ms).astype(np.int64))

    def _reweigh(self, time_ms: Longs) -> None:
        """New weights; no query may be alive meanwhile (`PanicException`, which is no `Exception`, if one were)."""
        self._pinned, self._query = None, None
        self._metric.reset(time_ms.tolist())
        self._pin()

    def _pin(self) -> None:
        sources = self._placement.nodes.tolist()
        if not sources:
            self._pinned = None
        elif self._pinned is None:
            self._pinned = CCHManyToOne(self._metric, sources)
        else:
            self._pinned.repin_sources(sources)

    def _drive_along(self, time_ms: Longs, target: Snapped) -> None:
        """Units on the target's own edge may go straight there."""
        placement = self._placement
        for row in np.flatnonzero(placement.edge == target.edge).tolist():
            along = self._along_edge_ms(target.edge, float(placement.fraction[row]), target.edge, target.fraction)
            if along is not None and along < time_ms[row]:
                time_ms[row] = along

    def _along_edge_ms(self, edge: int, start: float, target_edge: int, end: float) -> int | None:
        """Milliseconds without leaving the edge, or None when that may not be driven."""
        if edge != target_edge:
            return None
        if start == end:
            return 0
        full = self.graph.edge_forward_ms[edge] if start < end else self.graph.edge_backward_ms[edge]
        return round(abs(end - start) * int(full)) if full > 0 else None

    def _legs(self, here: Snapped, there: Snapped, nodes: Sequence[int], arcs: Sequence[int]) -> Iterator[Leg]:
        graph = self.graph
        yield here.edge, here.fraction, _end(graph, here.edge, nodes[0], here.fraction)
        for arc in arcs:
            forward = bool(graph.arcs.forward[arc])
            yield int(graph.arcs.edge[arc]), 0.0 if forward else 1.0, 1.0 if forward else 0.0
        yield there.edge, _end(graph, there.edge, nodes[-1], there.fraction), there.fraction

    def _streets(self, legs: Sequence[Leg]) -> tuple[str, ...]:
        """Names in the order they are driven, without those that have none."""
        names = (self.graph.street(edge) for edge, start, end in legs if start != end)
        return tuple(name for name, _ in groupby(name for name in names if name))

    def _line(self, legs: Sequence[Leg]) -> tuple[Point, ...]:
        line: list[Point] = []
        for edge, start, end in legs:
            points = [Point(*at) for at in zip(*part_of_edge(self.graph, edge, start, end), strict=True)]
            line.extend(points[1:] if line else points)
        return tuple(line)


def _end(graph: RoadGraph, edge: int, node: int, fraction: float) -> float:
    """Which end of the edge a junction is: 0 or 1 (the nearer one when it is both)."""
    at_from, at_to = int(graph.edge_from[edge]) == node, int(graph.edge_to[edge]) == node
    if at_from and at_to:
        return float(round(fraction))
    return 0.0 if at_from else 1.0


def _as_array(distances: list[int | None]) -> npt.NDArray[np.int64]:
    """Distances as an array; what cannot be reached is `_NEVER`."""
    try:
        return np.array(distances, dtype=np.int64)
    except TypeError:
        return np.array([_NEVER if d is None else d for d in distances], dtype=np.int64)
