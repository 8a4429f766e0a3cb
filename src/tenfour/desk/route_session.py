"""Logging in and out, and what this centre is."""

from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody

from tenfour.desk.answer import CentreView, SessionView
from tenfour.desk.given import GivenDesk, GivenPrincipal
from tenfour.desk.principal import Principal
from tenfour.desk.request import LogIn
from tenfour.desk.security import require_own_origin, token_of
from tenfour.desk.session import COOKIE, LIVE, Choice, real_now


@post("/api/session", summary="Log in with the role picker", tags=["session"], status_code=200)
async def log_in(request: Request[Any, Any, Any], desk: GivenDesk, data: JSONBody[LogIn]) -> Response[SessionView]:
    """Outside live mode only. Answers a bearer token and sets it as a cookie (HttpOnly, SameSite=Strict)."""
    if "origin" in request.headers:
        require_own_origin(request)
    principal = desk.sessions.pick(Choice(data.role, data.person, data.position, data.unit))
    token = desk.sessions.token(principal, real_now())
    cookie = Cookie(
        COOKIE, value=token, httponly=True, samesite="strict", path="/", secure=request.url.scheme == "https"
    )
    return Response(session_view(principal, token), cookies=[cookie])


@get("/api/session", summary="Who is logged in", tags=["session"])
async def who(principal: GivenPrincipal) -> SessionView:
    """The login of this request, with what it may do."""
    return session_view(principal)


@delete("/api/session", summary="Log out", tags=["session"], status_code=204)
async def log_out(desk: GivenDesk, principal: GivenPrincipal) -> Response[None]:
    """The token is refused from now on."""
    desk.sessions.end(principal)
    return Response(None, status_code=204, cookies=[Cookie(COOKIE, value="", max_age=0, path="/", httponly=True)])


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
