"""A unit as a row."""

from datetime import datetime

from tenfour.desk.clock_row import overdue, unit_clocks
from tenfour.desk.scene import Scene
from tenfour.desk.view import UnitView
from tenfour.units.decision import may_become
from tenfour.units.event import UnitStatus
from tenfour.units.status import SENDABLE, WORDS, letter
from tenfour.units.unit import Unit
from tenfour.vocabulary.place import Point


def unit_row(unit: Unit, scene: Scene) -> UnitView:
    """The row of one unit."""
    incident = scene.world.incidents.get(unit.incident_id) if unit.incident_id else None
    clocks = unit_clocks(unit, scene.world, scene.policy)
    point, point_at = whereabouts(unit, scene)
    return UnitView(
        seq=scene.seq,
        unit_id=unit.unit_id,
        agency=scene.agencies.get(unit.agency, unit.agency),
        service=unit.service.value,
        beat=unit.beat,
        crew=unit.crew,
        status=unit.status.value,
        status_words=_status_words(unit),
        letter=letter(unit.status, emergency=unit.emergency_since is not None),
        since=unit.since,
        incident_id=unit.incident_id,
        incident_number=incident.number if incident else None,
        point=point,
        point_at=point_at,
        near=scene.places.street(point) if point_at else unit.post_name or scene.places.street(point),
        clocks=clocks,
        may_become=_may_become(unit),
        overdue=overdue(clocks, scene.now) or unit.acknowledge_alerts > 0 or unit.safety_alerts > 0,
        emergency=unit.emergency_since is not None,
        emergency_since=unit.emergency_since,
    )


def whereabouts(unit: Unit, scene: Scene) -> tuple[Point, datetime | None]:
    """Where it was last measured and when; never measured: its post."""
    sighting = scene.world.sightings.get(unit.unit_id)
    return (sighting.point, sighting.at) if sighting else (unit.post, None)


def _status_words(unit: Unit) -> str:
    """The status, and why it is not available: a free unit needs no reason."""
    words = WORDS[unit.status]
    return f"{words}: {unit.reason}" if unit.reason and unit.status is not UnitStatus.AVAILABLE else words


def _may_become(unit: Unit) -> tuple[str, ...]:
    """What a button may set, and `Dispatched` where the unit may be sent."""
    sent = (UnitStatus.DISPATCHED,) if unit.status in SENDABLE and unit.emergency_since is None else ()
    return tuple(status.value for status in (*sent, *may_become(unit)))
