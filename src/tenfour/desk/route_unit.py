"""Commands and questions about a unit. A crew acts for its own unit, a dispatcher for any."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from tenfour.desk.desk import Desk
from tenfour.desk.device_time import believed_time
from tenfour.desk.given import GivenDesk, GivenPrincipal, Key
from tenfour.desk.permission import Permission
from tenfour.desk.principal import Principal
from tenfour.desk.request import SetStatus, UnitAt, UnitWords
from tenfour.desk.unit_history import LONGEST_HISTORY, history_of
from tenfour.desk.view import NarrativeView, UnitView
from tenfour.units import decision as units
from tenfour.units.unit import Unit
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import IncidentId, UnitId, unit_stream
from tenfour.vocabulary.place import Point
from tenfour.workflow import sending
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

PATH = "/api/units/{unit_id:str}"
Lines = Annotated[int, QueryParameter(ge=1, le=LONGEST_HISTORY)]


@get(PATH, summary="A unit", tags=["unit"])
async def read_unit(desk: GivenDesk, principal: GivenPrincipal, unit_id: FromPath[str]) -> UnitView:
    """Status, place, timers, and what it may become next."""
    desk.require_unit(principal, unit_id)
    return desk.unit(principal.reads, unit_id)


@get(f"{PATH}/history", summary="What a unit did last", tags=["unit"])
async def read_history(
    desk: GivenDesk, principal: GivenPrincipal, unit_id: FromPath[str], limit: Lines = 20
) -> tuple[NarrativeView, ...]:
    """Its newest facts in words, oldest first; only what one may read."""
    principal.require(Permission.READ_RECORD)
    desk.require_unit(principal, unit_id)
    return await history_of(desk, principal, UnitId(unit_id), limit)


async def change(
    desk: Desk,
    principal: Principal,
    unit_id: str,
    key: str | None,
    decision: Callable[[Unit, World], Event],
    *,
    at: datetime | None,
) -> UnitView:
    """Carry a decision on one unit out, and answer its row. `at`: when it was; None: now."""
    desk.require_unit(principal, unit_id)
    principal.require_unit(UnitId(unit_id))
    stream = unit_stream(UnitId(unit_id))

    def decide(world: World, _: datetime) -> list[Draft]:
        unit = world.unit(unit_id)
        return [Draft(decision(unit, world), stream, agency=unit.agency)]

    await desk.do(principal, key, stream, decide, at=at)
    return desk.unit(principal.reads, unit_id)


@post(f"{PATH}/status", summary="Set a unit's status", tags=["unit"], status_code=200)
async def set_status(
    desk: GivenDesk, principal: GivenPrincipal, unit_id: FromPath[str], data: JSONBody[SetStatus], key: Key = None
) -> UnitView:
    """A status word of the table (`may_become`). `at`: the true time, where the device could not say it at once."""
    incident_id = IncidentId(data.incident_id) if data.incident_id else None
    if incident_id is not None:
        desk.ledger.shown.incident(incident_id)
    status = units.parse_status(data.status)

    def decided(unit: Unit, world: World) -> Event:
        return sending.set_status(world, unit, status, incident_id, data.reason)

    return await change(desk, principal, unit_id, key, decided, at=desk.true_time(data.at))


@post(f"{PATH}/position", summary="Say where a unit is", tags=["unit"], status_code=200)
async def set_position(
    desk: GivenDesk, principal: GivenPrincipal, unit_id: FromPath[str], data: JSONBody[UnitAt]
) -> UnitView:
    """A measurement, kept in the unit's track; not a fact of the record. Degrees WGS 84."""
    desk.require_unit(principal, unit_id)
    principal.require_unit(UnitId(unit_id))
    at = desk.true_time(data.at) or desk.clock.now()
    desk.sight(UnitId(unit_id), Point(data.lat, data.lon), at)
    return desk.unit(principal.reads, unit_id)


@post(f"{PATH}/emergency", summary="Press the emergency button", tags=["unit"], status_code=200)
async def emergency(
    desk: GivenDesk, principal: GivenPrincipal, unit_id: FromPath[str], data: JSONBody[UnitWords], key: Key = None
) -> UnitView:
    """Never refused, in whatever status; a supervisor is told. An `at` that cannot be true is taken for now."""
    at = believed_time(data.at, desk.clock.now())
    return await change(desk, principal, unit_id, key, lambda unit, _: units.raise_emergency(unit, data.words), at=at)


@post(f"{PATH}/emergency-clear", summary="The emergency is over", tags=["unit"], status_code=200)
async def emergency_clear(
    desk: GivenDesk, principal: GivenPrincipal, unit_id: FromPath[str], data: JSONBody[UnitWords], key: Key = None
) -> UnitView:
    """`words` say how that was found; a dispatcher clears it, not the unit itself."""
    principal.require(Permission.SET_ANY_UNIT)
    at = desk.true_time(data.at)
    return await change(desk, principal, unit_id, key, lambda unit, _: units.clear_emergency(unit, data.words), at=at)


@post(f"{PATH}/safety-check", summary="The unit is all right", tags=["unit"], status_code=200)
async def safety_check(
    desk: GivenDesk, principal: GivenPrincipal, unit_id: FromPath[str], data: JSONBody[UnitWords], key: Key = None
) -> UnitView:
    """Starts the safety timer anew."""
    at = desk.true_time(data.at)
    return await change(desk, principal, unit_id, key, lambda unit, _: units.check_safety(unit, data.words), at=at)


ROUTES = (read_unit, read_history, set_status, set_position, emergency, emergency_clear, safety_check)
