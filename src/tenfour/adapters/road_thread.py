"""Road times in a thread of their own: nobody's call waits while routes are told, and queries never meet."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from tenfour.adapters.road_times import RoadTimes
from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Point
from tenfour.workflow.sending import Travel


class RoadThread:
    """Asks `RoadTimes` one question at a time, off the event loop.

    RoutingKit's queries are made in this thread and must be let go of in it: nobody else may hold `road_times`.
    """

    def __init__(self, road_times: RoadTimes) -> None:
        self._road_times: list[RoadTimes] = [road_times]
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="roads")

    async def travels(self, units: Mapping[UnitId, Point], target: Point) -> Mapping[UnitId, Travel]:
        """Travel of those units that have a road to `target`; raises `Refused` when that lies off the road network."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, dict(units), target)

    def close(self) -> None:
        """Let go of the queries and end the thread."""
        self._thread.submit(self._road_times.clear)
        self._thread.shutdown(wait=True)

    def _ask(self, units: Mapping[UnitId, Point], target: Point) -> Mapping[UnitId, Travel]:
        return asyncio.run(self._road_times[0].travels(units, target))
