"""Promised visits: dated tasks, shown on their incident and in one list until they are made."""

from collections.abc import Callable, Sequence
from datetime import datetime

from litestar import get, post
from litestar.params import FromPath, JSONBody

from tenfour.desk.casework_row import visit_row
from tenfour.desk.casework_view import VisitView
from tenfour.desk.desk import Desk
from tenfour.desk.given import GivenDesk, GivenPrincipal, Key
from tenfour.desk.permission import Permission, Role
from tenfour.desk.principal import Principal
from tenfour.desk.request import MoveVisit, PromiseVisit, VisitMade
from tenfour.outreach import visit as visits
from tenfour.outreach.visit import Visit
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import IncidentId, visit_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

Decision = Callable[[Visit, datetime], Event]
VISIT = "/api/visits/{visit_id:str}"


@get("/api/tasks", summary="Visits that are still to be made", tags=["visit"])
async def tasks(desk: GivenDesk, principal: GivenPrincipal) -> tuple[VisitView, ...]:
    """The first due first; overdue ones say so. A visit that was made is on its incident only."""
    principal.require(Permission.READ_BOARD)
    world, scene = desk.ledger.shown, desk.scene(principal.reads)
    open_ones = [one for name in world.visits_open for one in world.casework_of(name).visits if one.is_open]
    in_order = sorted(open_ones, key=lambda one: (one.due_at, one.visit_id))
    return tuple(visit_row(one, world.incidents[one.incident_id], scene) for one in in_order)


@post("/api/incidents/{incident_id:str}/visits", summary="Promise a visit", tags=["visit"], status_code=200)
async def promise_visit(
    desk: GivenDesk,
    principal: GivenPrincipal,
    incident_id: FromPath[str],
    data: JSONBody[PromiseVisit],
    key: Key = None,
) -> VisitView:
    """Who will come, by when, and what was promised. Also after the incident was closed."""
    principal.require(Permission.REPORT_FROM_SCENE)
    desk.require_told_incident(principal, incident_id)

    def decide(world: World, now: datetime) -> Sequence[Draft]:
        one = world.incident(incident_id).incident_id
        number = len(world.casework_of(one).visits) + 1
        promised = visits.promise(one, number, data.who, data.due_at, data.words, now=now)
        return [Draft(promised, visit_stream(promised.visit_id))]

    done = await desk.do(principal, key, None, decide)
    return _row(desk, principal, done.subject("visit") or "")


@post(f"{VISIT}/move", summary="Move a promised visit", tags=["visit"], status_code=200)
async def move_visit(
    desk: GivenDesk, principal: GivenPrincipal, visit_id: FromPath[str], data: JSONBody[MoveVisit], key: Key = None
) -> VisitView:
    """To another time, and why."""
    return await _change(
        desk, principal, visit_id, key, lambda one, now: visits.move(one, data.due_at, data.reason, now=now)
    )


@post(f"{VISIT}/done", summary="A promised visit was made", tags=["visit"], status_code=200)
async def visit_made(
    desk: GivenDesk, principal: GivenPrincipal, visit_id: FromPath[str], data: JSONBody[VisitMade], key: Key = None
) -> VisitView:
    """Somebody was there. A crew may say so of its own visit, however long ago it left the incident."""
    at = desk.true_time(data.at)
    return await _change(desk, principal, visit_id, key, lambda one, _: visits.done(one, data.words), at=at)


async def _change(
    desk: Desk, principal: Principal, visit_id: str, key: str | None, decision: Decision, *, at: datetime | None = None
) -> VisitView:
    principal.require(Permission.REPORT_FROM_SCENE)
    incident_id = visits.incident_of(visit_id)
    visit = desk.ledger.shown.casework_of(incident_id).visit(visit_id)
    if principal.role is not Role.UNIT or visit.who != principal.unit:
        desk.require_told_incident(principal, incident_id)
    stream = visit_stream(visit.visit_id)

    def decide(world: World, now: datetime) -> Sequence[Draft]:
        return [Draft(decision(world.casework_of(incident_id).visit(visit_id), now), stream)]

    await desk.do(principal, key, stream, decide, at=at)
    return _row(desk, principal, visit_id)


def _row(desk: Desk, principal: Principal, visit_id: str) -> VisitView:
    world, incident_id = desk.ledger.shown, visits.incident_of(visit_id)
    visit = world.casework_of(IncidentId(incident_id)).visit(visit_id)
    return visit_row(visit, world.incident(incident_id), desk.scene(principal.reads))


ROUTES = (tasks, promise_visit, move_visit, visit_made)
