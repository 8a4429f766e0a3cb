"""The road network as frozen arrays: junctions, edges with their shape, and who may drive which way.

An *edge* is a piece of street between two junctions; it may be driven forward (from -> to), backward, or both.
An *arc* is one permitted direction of an edge: what travel times are computed on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

ROAD_CLASSES = (
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "road",
    "service",
    "track",
    "pedestrian",
    "footway",
    "cycleway",
    "path",
)
"""OpenStreetMap `highway` values that can be in a network; `edge_class` counts into this."""

METRES_PER_DEGREE = 111_195.08
"""Along a meridian, on the sphere of `vocabulary.place`."""


@dataclass(frozen=True)
class Arcs:
    """Directed pieces: `tail` and `head` junctions, `time_ms`, the `edge` each runs along, and whether `forward`."""

    tail: Ints
    head: Ints
    time_ms: Ints
    edge: Ints
    forward: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class RoadGraph:
    """A road network. Degrees WGS 84, metres, milliseconds of a responding unit.

    `edge_forward_ms` and `edge_backward_ms` are 0 where that direction may not be driven. The shape of edge `e` is
    the points `shape_start[e]` to `shape_start[e + 1]`, both ends included. `names[0]` is "", no name.
    `order` is the contraction order of the junctions (computed once, at import). `source` is the attribution to show.
    """

    node_lat: Floats
    node_lon: Floats
    edge_from: Ints
    edge_to: Ints
    edge_length_m: Floats
    edge_forward_ms: Ints
    edge_backward_ms: Ints
    edge_name: Ints
    edge_class: Ints
    shape_start: Ints
    shape_lat: Floats
    shape_lon: Floats
    order: Ints
    names: tuple[str, ...]
    source: str

    def __post_init__(self) -> None:
        for field in fields(self):
            value: Any = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @property
    def node_count(self) -> int:
        """How many junctions there are."""
        return len(self.node_lat)

    @property
    def edge_count(self) -> int:
        """How many edges there are."""
        return len(self.edge_from)

    @cached_property
    def arcs(self) -> Arcs:
        """Every permitted direction: all forward ones, then all backward ones."""
        forward = np.flatnonzero(self.edge_forward_ms > 0).astype(np.int32)
        backward = np.flatnonzero(self.edge_backward_ms > 0).astype(np.int32)
        edge = np.concatenate([forward, backward])
        return Arcs(
            tail=np.concatenate([self.edge_from[forward], self.edge_to[backward]]),
            head=np.concatenate([self.edge_to[forward], self.edge_from[backward]]),
            time_ms=np.concatenate([self.edge_forward_ms[forward], self.edge_backward_ms[backward]]),
            edge=edge,
            forward=np.arange(len(edge)) < len(forward),
        )

    @cached_property
    def plane(self) -> "Plane":
        """The flat map of this network."""
        return Plane(float(self.shape_lat.mean()), float(self.shape_lon.mean()))

    def street(self, edge: int) -> str:
        """The name of the street an edge is part of, or ""."""
        return self.names[int(self.edge_name[edge])]

    def shape(self, edge: int) -> tuple[Floats, Floats]:
        """Latitudes and longitudes along an edge, from its `from` to its `to` junction."""
        start, end = int(self.shape_start[edge]), int(self.shape_start[edge + 1])
        return self.shape_lat[start:end], self.shape_lon[start:end]


@dataclass(frozen=True)
class Plane:
    """A flat map in metres around a point (equirectangular: right to 0.1 % over a county)."""

    lat: float
    lon: float

    @cached_property
    def _metres_per_lon(self) -> float:
        return METRES_PER_DEGREE * float(np.cos(np.radians(self.lat)))

    def xy(self, lat: npt.ArrayLike, lon: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Metres east and north."""
        x = (np.asarray(lon, dtype=np.float64) - self.lon) * self._metres_per_lon
        y = (np.asarray(lat, dtype=np.float64) - self.lat) * METRES_PER_DEGREE
        return x, y

    def lat_lon(self, x: float, y: float) -> tuple[float, float]:
        """Back to degrees."""
        return self.lat + y / METRES_PER_DEGREE, self.lon + x / self._metres_per_lon


def name_table(names: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    """Distinct names ("" first, then in order of appearance) and each name's place among them."""
    places: dict[str, int] = {"": 0}
    numbers = np.array([places.setdefault(name, len(places)) for name in names], dtype=np.int32)
    return tuple(places), numbers
