"""House numbers made up along the named streets of a network, for demo and training centres only.

The same network always gives the same houses. Each is marked `synthetic`, so that no one takes it for a real door.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import hypot
from zlib import crc32

import msgspec
import numpy as np

from tenfour.adapters.address_index import AddressRow, address_id
from tenfour.adapters.street_words import street_parts
from tenfour.roads.graph import ROAD_CLASSES, RoadGraph

THROUGH_ROADS = frozenset({"primary", "secondary", "tertiary"})
LIVED_ON = THROUGH_ROADS | {"residential", "living_street", "unclassified"}
"""Road classes that houses stand on. A one-way through road may be half of a divided one: houses on its right only."""

LOT_M = ((4_000.0, 19.0), (8_000.0, 60.0), (float("inf"), 120.0))
"""Up to so many metres from the middle of the network: the width of a lot there. The country is not as dense."""

SET_BACK_M = 13.0
"""From the middle of the street to the door."""

CORNER_M = 8.0
"""Kept free of houses at both ends of a piece of street."""

NUMBERS_A_LOT = 4
"""9417 and its neighbour 9421: numbers go up by so many from lot to lot, odd ones on the left, even on the right."""


class County(msgspec.Struct, frozen=True):
    """What every made-up address has in common."""

    town: str
    county: str
    state: str


def synthesise(
    graph: RoadGraph, county: County, first_numbers: Mapping[str, int] | None = None
) -> Iterator[AddressRow]:
    """Houses on both sides of every lived-on street, street by street in the order of their names.

    `first_numbers` fixes the hundred in which a street's numbers begin; others get theirs from their name.
    """
    streets = _streets(graph)
    fixed = first_numbers or {}
    for name in sorted(streets):
        yield from _Numbering(graph, county, name, streets[name], fixed.get(name, _hundred(name))).houses()


def _hundred(name: str) -> int:
    return 100 * (1 + crc32(name.encode()) % 60)


def _streets(graph: RoadGraph) -> dict[str, list[int]]:
    """Lived-on edges by the name of their street."""
    classes = [ROAD_CLASSES.index(name) for name in sorted(LIVED_ON)]
    lived_on = np.flatnonzero(np.isin(graph.edge_class, classes) & (graph.edge_name > 0))
    streets: defaultdict[str, list[int]] = defaultdict(list)
    for edge in lived_on.tolist():
        streets[graph.street(edge)].append(edge)
    return streets


class _Numbering:
    """Numbers one street from its southern end on, piece by piece; a part that does not join begins a new hundred."""

    def __init__(self, graph: RoadGraph, county: County, name: str, edges: Sequence[int], first: int) -> None:
        self._graph, self._county = graph, county
        self._parts = street_parts(name)
        self._next = first
        self._middle = float(np.median(graph.node_lat)), float(np.median(graph.node_lon))
        self._at: defaultdict[int, list[int]] = defaultdict(list)
        for edge in edges:
            self._at[int(graph.edge_from[edge])].append(edge)
            self._at[int(graph.edge_to[edge])].append(edge)

    def houses(self) -> Iterator[AddressRow]:
        """Every house of the street."""
        walked: set[int] = set()
        for start in sorted(self._at, key=self._order_of_start):
            if any(edge not in walked for edge in self._at[start]):
                if walked:
                    self._next = -(-self._next // 100) * 100
                for edge, forward in self._walk(start, walked):
                    yield from self._along(edge, forward)

    def _order_of_start(self, node: int) -> tuple[bool, float, float, int]:
        """Ends of the street before junctions within it, then from south to north."""
        return len(self._at[node]) > 1, float(self._graph.node_lat[node]), float(self._graph.node_lon[node]), node

    def _walk(self, start: int, walked: set[int]) -> Iterator[tuple[int, bool]]:
        """Edges joined to `start`, each once, with the direction they are walked in."""
        waiting = [start]
        while waiting:
            node = waiting.pop()
            for edge in self._at[node]:
                if edge in walked:
                    continue
                walked.add(edge)
                forward = int(self._graph.edge_from[edge]) == node
                yield edge, forward
                waiting.append(int(self._graph.edge_to[edge] if forward else self._graph.edge_from[edge]))

    def _along(self, edge: int, forward: bool) -> Iterator[AddressRow]:
        lat, lon = self._graph.shape(edge)
        xs, ys = self._graph.plane.xy(lat, lon)
        line = list(zip(xs.tolist(), ys.tolist(), strict=True))
        if not forward:
            line.reverse()
        length = sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(line))
        lots = int((length - 2 * CORNER_M) / self._lot_m(line[0]))
        for lot in range(lots):
            at = CORNER_M + (lot + 0.5) * (length - 2 * CORNER_M) / lots
            if not self._divided(edge):
                yield self._house(self._next + 1, *_beside(line, at, -SET_BACK_M))
            yield self._house(self._next + 2, *_beside(line, at, SET_BACK_M))
            self._next += NUMBERS_A_LOT

    def _divided(self, edge: int) -> bool:
        one_way = self._graph.edge_forward_ms[edge] == 0 or self._graph.edge_backward_ms[edge] == 0
        return bool(one_way) and ROAD_CLASSES[int(self._graph.edge_class[edge])] in THROUGH_ROADS

    def _lot_m(self, at: tuple[float, float]) -> float:
        middle = self._graph.plane.xy(*self._middle)
        away = hypot(at[0] - float(middle[0]), at[1] - float(middle[1]))
        return next(width for reach, width in LOT_M if away <= reach)

    def _house(self, number: int, x: float, y: float) -> AddressRow:
        lat, lon = self._graph.plane.lat_lon(x, y)
        direction, name, kind = self._parts
        row = AddressRow(
            NGUID="",
            Add_Number=number,
            St_PreDir=direction,
            St_Name=name,
            St_PosTyp=kind,
            Inc_Muni=self._county.town,
            County=self._county.county,
            State=self._county.state,
            Country="US",
            Placement="Structure",
            Long=round(lon, 6),
            Lat=round(lat, 6),
            synthetic=True,
        )
        return msgspec.structs.replace(row, NGUID=address_id(row))


def _beside(line: Sequence[tuple[float, float]], along_m: float, right_m: float) -> tuple[float, float]:
    """The point `right_m` to the right of a line (negative: to the left), `along_m` from its start."""
    for (ax, ay), (bx, by) in pairwise(line):
        length = hypot(bx - ax, by - ay)
        if along_m <= length and length > 0:
            ux, uy = (bx - ax) / length, (by - ay) / length
            return ax + ux * along_m + uy * right_m, ay + uy * along_m - ux * right_m
        along_m -= length
    return line[-1]
