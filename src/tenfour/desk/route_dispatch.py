"""Sending help: recommend, send, hold, order an area check, ask for a second unit."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from litestar import post
from litestar.params import FromPath, JSONBody

from tenfour.desk.given import GivenDesk, GivenPrincipal, Key
from tenfour.desk.incident_row import recommendation_row
from tenfour.desk.permission import Permission
from tenfour.desk.request import AreaCheck, AskHelp, Dispatch, Hold, Nothing
from tenfour.desk.route_incident import PATH, change
from tenfour.desk.view import IncidentView, RecommendationView
from tenfour.dispatch.decision import ask_help, order_area_check
from tenfour.incident.decision import must_be_open
from tenfour.incident.incident import Incident
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.errors import Refused
from tenfour.vocabulary.ids import IncidentId, incident_stream
from tenfour.workflow import sending
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


@post(f"{PATH}/recommend", summary="Which units to send, and why", tags=["dispatch"], status_code=200)
async def recommend(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[Nothing], key: Key = None
) -> RecommendationView:
    """By road times from where the units are now. It says who was passed over and why, and it decides nothing."""
    principal.require(Permission.SEND_UNIT)
    world = desk.ledger.shown
    incident = world.incident(incident_id)
    sending.plan_of(incident, desk.ledger.policy.dispatch)
    if incident.place is None or incident.place.point is None:
        raise Refused(
            f"{incident.name} has no place with a point yet: choose an address, and units can be recommended."
        )
    positions = {unit.unit_id: sending.position_of(unit, world) for unit in world.units.values()}
    travels = await desk.roads.travels(positions, incident.place.point)
    stream = incident_stream(IncidentId(incident_id))

    def decide(then: World, now: datetime) -> list[Draft]:
        made = sending.recommend_units(
            then,
            then.incident(incident_id),
            travels,
            desk.ledger.policy.dispatch,
            recommendation_id=f"r-{secrets.token_hex(6)}",
            now=now,
        )
        return [Draft(made, stream)]

    done = await desk.do(principal, key, stream, decide)
    made_at = {header.seq for header in done.headers}
    made = desk.ledger.shown.assignment(IncidentId(incident_id)).recommendations
    found = next((one for one in made if one.seq in made_at), made[-1])
    return recommendation_row(found, desk.ledger.shown.incident(incident_id), desk.scene(principal.reads))


@post(f"{PATH}/dispatch", summary="Send units", tags=["dispatch"], status_code=200)
async def dispatch(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[Dispatch], key: Key = None
) -> IncidentView:
    """A person decides. Other units than recommended, or a unit taken from another run, need `override_reason`."""
    principal.require(Permission.SEND_UNIT)

    def decided(incident: Incident, world: World) -> Sequence[Event]:
        sent = sending.dispatch(
            world,
            incident,
            data.units,
            recommendation_id=data.recommendation_id,
            override_reason=data.override_reason,
        )
        return (sent,)

    return await change(desk, principal, incident_id, key, decided)


@post(f"{PATH}/hold", summary="Hold an incident without a unit", tags=["dispatch"], status_code=200)
async def hold(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[Hold], key: Key = None
) -> IncidentView:
    """No unit can be sent now: the hold timer runs, then the supervisor is told. Sending a unit ends it."""
    principal.require(Permission.SEND_UNIT)

    def decided(incident: Incident, world: World) -> Sequence[Event]:
        return (sending.hold(world, incident, data.reason),)

    return await change(desk, principal, incident_id, key, decided)


@post(f"{PATH}/area-check", summary="Order an area check", tags=["dispatch"], status_code=200)
async def area_check(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[AreaCheck], key: Key = None
) -> IncidentView:
    """No usable address: the area is searched, and a supervisor is told."""
    principal.require(Permission.REPORT_FROM_SCENE)

    def decided(incident: Incident, _: World) -> Sequence[Event]:
        must_be_open(incident)
        return (order_area_check(data.area),)

    return await change(desk, principal, incident_id, key, decided)


@post(f"{PATH}/help", summary="Ask for a second unit", tags=["dispatch"], status_code=200)
async def help_wanted(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[AskHelp], key: Key = None
) -> IncidentView:
    """A unit on this incident asks; the next recommendation counts it in."""
    principal.require(Permission.REPORT_FROM_SCENE)
    if principal.unit is not None:
        principal.require_unit_itself(data.unit)

    def decided(incident: Incident, world: World) -> Sequence[Event]:
        return (ask_help(world.unit(data.unit), incident.incident_id, data.text),)

    return await change(desk, principal, incident_id, key, decided, at=data.at)


ROUTES = (recommend, dispatch, hold, area_check, help_wanted)
