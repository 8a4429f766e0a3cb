"""A road network from an OpenStreetMap extract (.osm.pbf, or any other format that libosmium reads).

The file is read twice, first ways and then the points they need, so that its order does not matter. Ways are cut at
junctions (points that two ways share, ends of ways); points that lie outside the extract cut a way too. Of what
is left the largest part in which a unit can drive from everywhere to everywhere is kept: a stub that cannot be
left again, or an island cut off by the edge of the extract, would only ever give a unit that is never near.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import osmium
from routingkit_cch import compute_order_inertial

from tenfour.adapters.progress import Tell, silent
from tenfour.adapters.road_store import save_roads
from tenfour.roads.component import strongest_part
from tenfour.roads.graph import ROAD_CLASSES, Plane, RoadGraph, name_table
from tenfour.roads.highway import Drivable, drivable
from tenfour.vocabulary.errors import BadFile

ATTRIBUTION = "(c) OpenStreetMap contributors, ODbL 1.0"

_LONGEST_NAME = 200
_LARGEST_FILTERED_ID = 2**40
"""libosmium's filter takes no negative ids (editors make them up) and reserves memory up to the largest."""


class Way(msgspec.Struct, frozen=True):
    """A way that a unit may drive: its points' OpenStreetMap ids in order, and the street's name."""

    points: tuple[int, ...]
    name: str
    drivable: Drivable


class Piece(msgspec.Struct, frozen=True):
    """A piece of a way between two junctions."""

    points: tuple[int, ...]
    way: Way


Locations = Mapping[int, tuple[float, float]]


def import_roads(extract: Path, target: Path, tell: Tell = silent) -> RoadGraph:
    """Read `extract` and store the network at `target` (whole or not at all); raises `BadFile` in one sentence."""
    graph = read_roads(extract, tell)
    tell("storing the network")
    save_roads(graph, target)
    return graph


def read_roads(extract: Path, tell: Tell = silent) -> RoadGraph:
    """The network of an extract; raises `BadFile` when the file cannot be read or has no roads that join up."""
    _check_there(extract)
    try:
        tell("reading the ways")
        ways = list(_ways(extract))
        if not ways:
            raise BadFile(extract, None, "has no roads that a unit may drive.")
        tell(f"reading the points of {len(ways):,} ways")
        locations = _locations(extract, {point for way in ways for point in way.points})
    except (OSError, RuntimeError, ValueError) as error:
        raise BadFile(extract, None, f"is not a readable OpenStreetMap extract ({error}).") from error
    tell("cutting the ways at their junctions")
    pieces = list(_pieces(ways, locations))
    if not pieces:
        raise BadFile(extract, None, f"has {len(ways)} roads but not the points that they run through.")
    return _graph(extract, pieces, locations, tell)


def _check_there(extract: Path) -> None:
    if not extract.is_file():
        raise BadFile(extract, None, "there is no such file; an OpenStreetMap extract (.osm.pbf) was expected.")
    if extract.stat().st_size == 0:
        raise BadFile(extract, None, "is empty; an OpenStreetMap extract (.osm.pbf) was expected.")


def _ways(extract: Path) -> Iterator[Way]:
    tagged = osmium.filter.KeyFilter("highway")
    for way in osmium.FileProcessor(_opened(extract), osmium.osm.WAY).with_filter(tagged):
        if not isinstance(way, osmium.osm.Way):
            continue
        tags = {tag.k: tag.v for tag in way.tags}
        driven = drivable(tags)
        points = tuple(node.ref for node in way.nodes)
        if driven is not None and len(points) > 1:
            yield Way(points, _street_name(tags), driven)


def _opened(extract: Path) -> osmium.io.File:
    """The file; its format told by its name, and PBF where the name says nothing."""
    known = extract.name.endswith((".osm", ".osm.gz", ".osm.bz2", ".opl", ".o5m", ".pbf"))
    return osmium.io.File(str(extract)) if known else osmium.io.File(str(extract), "pbf")


def _street_name(tags: Mapping[str, str]) -> str:
    name = tags.get("name") or tags.get("ref") or ""
    return " ".join(name.split())[:_LONGEST_NAME]


def _locations(extract: Path, wanted: set[int]) -> dict[int, tuple[float, float]]:
    nodes = osmium.FileProcessor(_opened(extract), osmium.osm.NODE)
    if min(wanted) >= 0 and max(wanted) < _LARGEST_FILTERED_ID:
        nodes = nodes.with_filter(osmium.filter.IdFilter(wanted))
    return {
        node.id: (node.location.lat, node.location.lon)
        for node in nodes
        if isinstance(node, osmium.osm.Node) and node.id in wanted and node.location.valid()
    }


def _pieces(ways: Sequence[Way], locations: Locations) -> Iterator[Piece]:
    """Ways cut at junctions and at points that are not in the extract."""
    runs = [(way, run) for way in ways for run in _runs(way.points, locations)]
    uses = Counter(point for _, run in runs for point in run)
    ends = {point for _, run in runs for point in (run[0], run[-1])}
    for way, run in runs:
        cuts = [0, *(i for i in range(1, len(run) - 1) if uses[run[i]] > 1 or run[i] in ends), len(run) - 1]
        for start, end in pairwise(cuts):
            yield from (Piece(points, way) for points in _unlooped(run[start : end + 1]))


def _runs(points: Sequence[int], locations: Locations) -> Iterator[tuple[int, ...]]:
    """Unbroken runs of points that are there, without a point twice in a row."""
    run: list[int] = []
    for point in points:
        if point not in locations:
            if len(run) > 1:
                yield tuple(run)
            run = []
        elif not run or run[-1] != point:
            run.append(point)
    if len(run) > 1:
        yield tuple(run)


def _unlooped(points: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """A loop that begins and ends at one junction is cut in its middle: no edge joins a junction to itself."""
    if points[0] != points[-1]:
        yield points
    elif len(points) > 2:
        middle = len(points) // 2
        yield points[: middle + 1]
        yield points[middle:]


def _graph(extract: Path, pieces: Sequence[Piece], locations: Locations, tell: Tell) -> RoadGraph:
    ends = np.array([(piece.points[0], piece.points[-1]) for piece in pieces], dtype=np.int64)
    ways = np.array([(piece.way.drivable.forward, piece.way.drivable.backward) for piece in pieces])
    nodes, rows = np.unique(ends, return_inverse=True)
    rows = rows.reshape(ends.shape).astype(np.int32)
    tail = np.concatenate([rows[ways[:, 0], 0], rows[ways[:, 1], 1]])
    head = np.concatenate([rows[ways[:, 0], 1], rows[ways[:, 1], 0]])
    strong = strongest_part(len(nodes), tail, head)
    kept = np.flatnonzero(strong[rows[:, 0]] & strong[rows[:, 1]])
    if not len(kept):
        raise BadFile(extract, None, f"has {len(pieces)} pieces of road, but no two places with a way there and back.")
    junction = np.cumsum(strong) - 1
    tell(f"ordering {int(strong.sum()):,} junctions")
    return _assembled(
        [pieces[row] for row in kept.tolist()], nodes[strong], junction[rows[kept]].astype(np.int32), locations
    )


def _assembled(
    pieces: Sequence[Piece], nodes: np.typing.NDArray[np.int64], ends: np.typing.NDArray[np.int32], locations: Locations
) -> RoadGraph:
    node_at = np.array([locations[node] for node in nodes.tolist()])
    shape_at = np.array([locations[point] for piece in pieces for point in piece.points])
    sizes = np.array([len(piece.points) for piece in pieces])
    shape_start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    length_m = _lengths(shape_at, shape_start)
    speed_m_per_ms = np.array([piece.way.drivable.speed_kmh for piece in pieces]) / 3600.0
    time_ms = np.maximum(np.rint(length_m / speed_m_per_ms), 1).astype(np.int32)
    forward = np.array([piece.way.drivable.forward for piece in pieces])
    backward = np.array([piece.way.drivable.backward for piece in pieces])
    names, numbers = name_table([piece.way.name for piece in pieces])
    tail = np.concatenate([ends[forward, 0], ends[backward, 1]])
    head = np.concatenate([ends[forward, 1], ends[backward, 0]])
    lat, lon = node_at[:, 0], node_at[:, 1]
    order = compute_order_inertial(len(nodes), tail.tolist(), head.tolist(), lat.tolist(), lon.tolist())
    return RoadGraph(
        node_lat=lat.copy(),
        node_lon=lon.copy(),
        edge_from=ends[:, 0].copy(),
        edge_to=ends[:, 1].copy(),
        edge_length_m=length_m,
        edge_forward_ms=np.where(forward, time_ms, 0).astype(np.int32),
        edge_backward_ms=np.where(backward, time_ms, 0).astype(np.int32),
        edge_name=numbers,
        edge_class=np.array([ROAD_CLASSES.index(piece.way.drivable.road_class) for piece in pieces], dtype=np.int32),
        shape_start=shape_start,
        shape_lat=shape_at[:, 0].copy(),
        shape_lon=shape_at[:, 1].copy(),
        order=np.array(order, dtype=np.int32),
        names=names,
        source=ATTRIBUTION,
    )


def _lengths(
    shape_at: np.typing.NDArray[np.float64], shape_start: np.typing.NDArray[np.int32]
) -> "np.typing.NDArray[np.float64]":
    """Metres along each edge."""
    plane = Plane(float(shape_at[:, 0].mean()), float(shape_at[:, 1].mean()))
    x, y = plane.xy(shape_at[:, 0], shape_at[:, 1])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    return np.asarray(along[shape_start[1:] - 1] - along[shape_start[:-1]])
