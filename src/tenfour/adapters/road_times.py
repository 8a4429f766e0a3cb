"""How long units take by road, as the desk asks for it."""

from collections.abc import Mapping

from tenfour.roads.travel import Travels, TravelTimes
from tenfour.vocabulary.errors import BadInput, Refused
from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Point
from tenfour.workflow.sending import Travel

TOLD_IN_FULL = 24
"""Of so many of the nearest units the streets and metres are told too; of the others only the time."""

MOVED_ONE_BY_ONE = 8
"""When more have moved, placing all at once is quicker."""


class RoadTimes:
    """All units' travel to a place. Takes milliseconds, on the caller's thread, one question at a time."""

    def __init__(self, travel_times: TravelTimes) -> None:
        self._travel_times = travel_times
        self._placed: dict[UnitId, Point] = {}

    async def travels(self, units: Mapping[UnitId, Point], target: Point) -> Mapping[UnitId, Travel]:
        """Travel of those units that have a road to `target`; raises `Refused` when that lies off the road network."""
        self._place(units)
        try:
            found = self._travel_times.to(target)
        except BadInput as error:
            raise Refused(str(error)) from error
        near = {unit: self._in_full(unit, target) for unit, _ in found.nearest(TOLD_IN_FULL)}
        return _times(found) | near

    def _place(self, units: Mapping[UnitId, Point]) -> None:
        """Move the units that moved; place all anew when many did, or when others are asked for."""
        moved = [unit for unit, point in units.items() if self._placed.get(unit) != point]
        if units.keys() != self._placed.keys() or len(moved) > MOVED_ONE_BY_ONE:
            self._travel_times.place_units(units)
        else:
            for unit in moved:
                self._travel_times.move_unit(unit, units[unit])
        self._placed = dict(units)

    def _in_full(self, unit: UnitId, target: Point) -> Travel:
        route = self._travel_times.route(self._placed[unit], target, drawn=False)
        return Travel(route.travel_time_s, route.distance_m, route.streets)


class NoRoads:
    """What a centre without a road network answers: it takes calls, and cannot say who is near."""

    def __init__(self, why: str = "import one with `tenfour import roads FILE.osm.pbf DIR`") -> None:
        self._why = why

    def close(self) -> None:
        """There is nothing to let go of."""

    async def travels(self, units: Mapping[UnitId, Point], target: Point) -> Mapping[UnitId, Travel]:
        """Raises `Refused`, saying what is to be done."""
        raise Refused(f"This centre has no road network: {self._why.rstrip('.')}.")


def _times(found: Travels) -> dict[UnitId, Travel]:
    return {unit: Travel(travel.travel_time_s) for unit, travel in found.items()}
