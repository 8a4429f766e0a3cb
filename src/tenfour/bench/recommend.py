"""`tenfour bench recommend`: CPU milliseconds per incident for the travel times of all units and the choice among them.

The network is the demo county's; units stand at random places along its roads and are placed beforehand. One incident
is: put the place on the network, tell every unit's travel time, and recommend from the quickest ones, with their
reasons and those passed over. Beside it, in the same run: one Dijkstra of SciPy from one end of the same place's
road, on the same arcs reversed, which tells every junction's time and recommends nothing.
"""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np

from tenfour.adapters.osm_import import import_roads
from tenfour.adapters.progress import Progress
from tenfour.bench.figure import report, three
from tenfour.demo.make import EXTRACT
from tenfour.dispatch.event import RecommendationMade
from tenfour.dispatch.policy import DispatchPolicy, Need, Plan
from tenfour.dispatch.recommend import Candidate, recommend
from tenfour.roads.graph import RoadGraph
from tenfour.roads.placement import ways_in
from tenfour.roads.snap import along_edge
from tenfour.roads.travel import TravelTimes
from tenfour.units.event import UnitStatus
from tenfour.vocabulary.code import Service
from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Point

AIMS_MS = {200: 1.0, 2_000: 3.0, 10_000: 5.0}
INCIDENTS = 60
SEED = 911
LOOKED_AT = 40
"""Of so many of the quickest units it is asked whether they are free and able."""

PLAN = Plan("bench", (), (Need(Service.POLICE, units=2),))
BESIDE_INCIDENTS = 10


def main() -> None:
    """Print the three figures."""
    with Progress("bench recommend") as tell, tempfile.TemporaryDirectory() as folder:
        graph = import_roads(EXTRACT, Path(folder) / "roads.npz", tell)
        tell("measuring")
        travel_times = TravelTimes(graph)
        random = np.random.default_rng(SEED)
        places = random_places(graph, INCIDENTS, random)
        beside_ms = None
        if find_spec("scipy") is not None:
            beside_ms = median(three(partial(_ms_each, dijkstra(travel_times), places[:BESIDE_INCIDENTS])))

        for count, aim in AIMS_MS.items():
            standing = random_places(graph, count, random)
            units = {UnitId(f"U{n}"): at for n, at in enumerate(standing)}
            travel_times.place_units(units)
            values = three(partial(_ms_each, partial(recommend_to, travel_times, units), places))
            report(
                "recommend",
                f"ms_{count}_units",
                values,
                "ms CPU",
                aim=aim,
                beside=_beside(graph, beside_ms, median(values)),
                more_is_better=False,
            )


def recommend_to(travel_times: TravelTimes, units: Mapping[UnitId, Point], place: Point) -> RecommendationMade:
    """One incident: the travel times of all units, and two of them recommended."""
    travels = travel_times.to(place)
    candidates = [
        Candidate(
            unit_id=unit,
            status=UnitStatus.AVAILABLE,
            service=Service.POLICE,
            capabilities=(),
            beat="",
            position=units[unit],
            position_age_s=2.0,
            travel_time_s=travel.travel_time_s,
            distance_m=None,
            incident_number=None,
        )
        for unit, travel in travels.nearest(LOOKED_AT)
    ]
    further = len(travels) - len(candidates)
    return recommend(PLAN, candidates, recommendation_id="bench", policy=DispatchPolicy(), further=further)


def random_places(graph: RoadGraph, count: int, random: np.random.Generator) -> list[Point]:
    """Places spread along the roads, by length."""
    share = graph.edge_length_m / graph.edge_length_m.sum()
    edges = random.choice(graph.edge_count, size=count, p=share)
    fractions = random.random(count)
    return [along_edge(graph, edge, at) for edge, at in zip(edges.tolist(), fractions.tolist(), strict=True)]


def dijkstra(travel_times: TravelTimes) -> Callable[[Point], object]:
    """SciPy's Dijkstra from a place to all junctions, against the arrows."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - a peer to measure against, not a dependency
    from scipy.sparse.csgraph import dijkstra as of_scipy  # noqa: PLC0415

    graph, arcs = travel_times.graph, travel_times.graph.arcs
    order = np.lexsort((arcs.time_ms, arcs.tail, arcs.head))
    tail, head, time_ms = arcs.tail[order], arcs.head[order], arcs.time_ms[order]
    first = np.concatenate([[True], (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])])
    shape = (graph.node_count, graph.node_count)
    reversed_arcs = csr_array((time_ms[first].astype(float), (head[first], tail[first])), shape=shape)

    def from_place(at: Point) -> object:
        snapped = travel_times.index.nearest(at)
        return of_scipy(reversed_arcs, indices=ways_in(graph, snapped.edge, snapped.fraction)[0][0])

    return from_place


def _ms_each(answer: Callable[[Point], object], places: Sequence[Point]) -> float:
    """CPU milliseconds per place."""
    answer(places[0])
    began = time.process_time()
    for place in places:
        answer(place)
    return (time.process_time() - began) * 1000 / len(places)


def _beside(graph: RoadGraph, dijkstra_ms: float | None, own_ms: float) -> str:
    if dijkstra_ms is None:
        return "SciPy is not installed"
    return (
        f"SciPy Dijkstra on the same {graph.node_count:,} junctions and {len(graph.arcs.tail):,} arcs: "
        f"{dijkstra_ms:.2f} ms ({dijkstra_ms / own_ms:.0f}x)"
    )
