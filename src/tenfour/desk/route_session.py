"""Logging in and out, and what this centre is."""

from datetime import datetime
from typing import Any

import structlog
from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody

from tenfour.calltaking.decision import set_position
from tenfour.calltaking.distribution_event import PositionLeft
from tenfour.desk.answer import CentreView, SessionView
from tenfour.desk.desk import Desk
from tenfour.desk.given import GivenDesk, GivenPrincipal
from tenfour.desk.principal import Principal
from tenfour.desk.request import LogIn
from tenfour.desk.security import require_own_origin, token_of
from tenfour.desk.session import LIVE, Choice, cookie_of, real_now
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import position_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

log = structlog.get_logger(__name__)


@post("/api/session", summary="Log in with the role picker", tags=["session"], status_code=200)
async def log_in(request: Request[Any, Any, Any], desk: GivenDesk, data: JSONBody[LogIn]) -> Response[SessionView]:
    """Outside live mode only. Answers a bearer token and sets it as a cookie (HttpOnly, SameSite=Strict).

    A unit's cookie has another name than a desk's: neither login ends the other.
    """
    if "origin" in request.headers:
        require_own_origin(request)
    principal = desk.sessions.pick(Choice(data.role, data.person, data.position, data.unit))
    await _sit_down(desk, principal)
    token = desk.sessions.token(principal, real_now())
    cookie = Cookie(
        cookie_of(principal.role),
        value=token,
        httponly=True,
        samesite="strict",
        path="/",
        secure=request.url.scheme == "https",
    )
    return Response(session_view(principal, token), cookies=[cookie])


async def _sit_down(desk: Desk, principal: Principal) -> None:
    """The record says who sits at a position, and nowhere else; a login does not depend on it."""
    position = principal.position
    if position is None:
        return

    def decide(world: World, _: datetime) -> list[Draft]:
        known = world.positions.get(position)
        left = [
            Draft(PositionLeft(other.position_id), position_stream(other.position_id))
            for other in world.positions.values()
            if other.person == principal.person and other.position_id != position
        ]
        if known is not None and known.person == principal.person:
            return left
        auto_answer = known is not None and known.auto_answer
        event = set_position(known, position, auto_answer=auto_answer, person=principal.person)
        return [*left, Draft(event, position_stream(position))]

    try:
        await desk.do(principal, None, None, decide)
    except Unavailable as error:
        log.warning("who sits at a position could not be recorded", position=position, problem=str(error))


async def _stand_up(desk: Desk, principal: Principal) -> None:
    """The record says that nobody sits there any more, where this person did; a logout does not depend on it."""
    position = principal.position
    if position is None:
        return

    def decide(world: World, _: datetime) -> list[Draft]:
        known = world.positions.get(position)
        if known is None or known.person != principal.person:
            return []
        return [Draft(PositionLeft(position), position_stream(position))]

    try:
        await desk.do(principal, None, None, decide)
    except Unavailable as error:
        log.warning("that a position was left could not be recorded", position=position, problem=str(error))


@get("/api/session", summary="Who is logged in", tags=["session"])
async def who(principal: GivenPrincipal) -> SessionView:
    """The login of this request, with what it may do."""
    return session_view(principal)


@delete("/api/session", summary="Log out", tags=["session"], status_code=204)
async def log_out(desk: GivenDesk, principal: GivenPrincipal) -> Response[None]:
    """The token is refused from now on."""
    desk.sessions.end(principal)
    await _stand_up(desk, principal)
    cookie = Cookie(cookie_of(principal.role), value="", max_age=0, path="/", httponly=True)
    return Response(None, status_code=204, cookies=[cookie])


@get("/api/centre", summary="What this centre is", tags=["centre"])
async def centre(request: Request[Any, Any, Any], desk: GivenDesk) -> CentreView:
    """Name, mode, people, units, codes. Needs no login where there is a role picker: the picker shows it."""
    if desk.card.mode == LIVE:
        desk.sessions.read(token_of(request))
    return desk.card


def session_view(principal: Principal, token: str = "") -> SessionView:
    """A login as it is answered."""
    return SessionView(
        role=principal.role.value,
        person=principal.person,
        name=principal.name,
        position=principal.position,
        unit=principal.unit,
        permissions=principal.permissions,
        token=token,
    )


ROUTES = (log_in, who, log_out, centre)
