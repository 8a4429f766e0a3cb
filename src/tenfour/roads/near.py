"""Which street a point is at, and between which cross streets."""

from collections import defaultdict
from functools import lru_cache

import msgspec

from tenfour.roads.graph import RoadGraph
from tenfour.roads.snap import RoadIndex, Snapped
from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.place import Point

NEAR_M = 250.0
"""A street farther away than this does not say where somebody is."""

REMEMBERED = 4096
"""So many points are looked for once: a unit that stands, and an incident told of anew, are where they were."""


class CrossStreets(msgspec.Struct, frozen=True):
    """A street, and the streets crossing it on either side of a place ("" where it ends without one).

    `first` is the one at the nearer end of the piece of street that the place is on.
    """

    street: str
    first: str
    second: str

    def words(self) -> str:
        """As a dispatcher reads it: `Between Main Street and Carrie Avenue`, or the one known; "" when neither is."""
        if self.first and self.second and self.first != self.second:
            return f"Between {self.first} and {self.second}"
        known = self.first or self.second
        return f"Near {known}" if known else ""


class StreetNames:
    """Names of streets near a point."""

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph
        self._named = RoadIndex(graph, named_only=True)
        self._snapped = lru_cache(REMEMBERED)(self._snap)
        self._at_node: defaultdict[int, list[int]] = defaultdict(list)
        for edge in range(graph.edge_count):
            self._at_node[int(graph.edge_from[edge])].append(edge)
            self._at_node[int(graph.edge_to[edge])].append(edge)

    def near(self, point: Point, *, reach_m: float = NEAR_M) -> str:
        """The nearest street with a name, or "" when none is within `reach_m`."""
        found = self._snapped(point, reach_m)
        return "" if found is None else self._graph.street(found.edge)

    def cross_streets(self, point: Point, *, street: str = "", reach_m: float = NEAR_M) -> CrossStreets | None:
        """The nearest named street with the streets that cross it before and after `point`; None far from any.

        With `street` given, only an answer on that street: None when another one is nearer.
        """
        found = self._snapped(point, reach_m)
        if found is None or (street and self._graph.street(found.edge).casefold() != street.casefold()):
            return None
        ends = [int(self._graph.edge_from[found.edge]), int(self._graph.edge_to[found.edge])]
        if found.fraction > 0.5:
            ends.reverse()
        first, second = (self._crossing(found.edge, end) for end in ends)
        return CrossStreets(self._graph.street(found.edge), first, second)

    def _snap(self, point: Point, reach_m: float) -> Snapped | None:
        try:
            return self._named.nearest(point, reach_m=reach_m)
        except BadInput:
            return None

    def _crossing(self, edge: int, node: int) -> str:
        """Follow the street from `edge` over `node` to the first junction with another named street."""
        graph, street = self._graph, int(self._graph.edge_name[edge])
        driven = {edge}
        while True:
            here = self._at_node[node]
            others = sorted({graph.street(e) for e in here if graph.edge_name[e] not in (0, street)})
            if others:
                return others[0]
            onward = [e for e in here if graph.edge_name[e] == street and e not in driven]
            if not onward:
                return ""
            driven.add(onward[0])
            start, end = int(graph.edge_from[onward[0]]), int(graph.edge_to[onward[0]])
            node = end if start == node else start
