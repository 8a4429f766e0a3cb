"""What every answer carries and what every request must be: headers, host, origin.

The role picker of a demo centre gives a login to whoever asks, so a web page elsewhere must not be able to ask:
the `Host` must be a name of this machine (against DNS rebinding), and a command that relies on the cookie must come
from our own pages (`Origin`).
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from tenfour.desk.session import DESK_COOKIE, UNIT_COOKIE, NotLoggedIn
from tenfour.vocabulary.errors import NotPermitted

HEADERS = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BEARER = "bearer "
FORBIDDEN = 403
LOGIN_HEADER, LOGIN_PARAMETER, UNIT_PAGE = "tenfour-login", "login", "unit"

Connection = ASGIConnection[Any, Any, Any, Any]


class Guarded:
    """Around the whole application: refuses foreign hosts, and puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app, self._hosts = app, LOOPBACK_NAMES | frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        host = dict(scope.get("headers", ())).get(b"host", b"").decode("latin-1")
        if _name(f"//{host}") in self._hosts:
            await self._app(scope, receive, send_guarded)
        elif scope["type"] == ScopeType.HTTP:
            refusal = f"This centre is not called {host!r}."
            await ASGIResponse(
                body=msgspec.json.encode({"error": refusal, "status": FORBIDDEN}),
                status_code=FORBIDDEN,
                media_type="application/json",
            )(scope, receive, send_guarded)
        else:
            await send({"type": "websocket.close", "code": 4403, "reason": "not called so"})


def token_of(connection: Connection) -> str:
    """The login that came with a request: bearer token, or cookie from our own pages. Raises `NotLoggedIn`.

    A page of a unit says so in `Tenfour-Login: unit`, its live feed (which can send no header) in `?login=unit`.
    """
    given = connection.headers.get("authorization", "")
    if given.lower().startswith(BEARER):
        return given[len(BEARER) :].strip()
    page = connection.headers.get(LOGIN_HEADER) or connection.query_params.get(LOGIN_PARAMETER)
    cookie = connection.cookies.get(UNIT_COOKIE if page == UNIT_PAGE else DESK_COOKIE)
    if not cookie:
        raise NotLoggedIn("Log in first: there is no login with this request.")
    if connection.scope.get("method", "GET") not in SAFE or "upgrade" in connection.headers:
        require_own_origin(connection)
    return cookie


def require_own_origin(connection: Connection) -> None:
    """Raises `NotPermitted` unless `Origin` is where we are ourselves (RFC 6454)."""
    origin, host = connection.headers.get("origin", ""), connection.headers.get("host", "")
    if not origin or urlsplit(origin).netloc != host:
        raise NotPermitted(f"A command with a cookie must come from this centre's own pages, not from {origin!r}.")


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
