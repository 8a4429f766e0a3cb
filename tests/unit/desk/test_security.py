"""Origins and tokens of requests, without a server."""

from typing import Any

import pytest
from litestar.connection import ASGIConnection

from tenfour.desk.security import Guarded, require_own_origin, token_of
from tenfour.desk.session import NotLoggedIn
from tenfour.vocabulary.errors import NotPermitted


def request(method: str = "POST", query: str = "", **headers: str) -> ASGIConnection[Any, Any, Any, Any]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: Any = {"type": "http", "method": method, "headers": raw, "path": "/", "state": {}}
    scope["query_string"] = query.encode()
    return ASGIConnection(scope)


COOKIE = "tenfour_desk=tok; tenfour_unit=crew"


def test_bearer_token_needs_no_origin() -> None:
    assert token_of(request(authorization="Bearer tok")) == "tok"
    assert token_of(request(authorization="bearer  tok ")) == "tok"


def test_cookie_reads_without_an_origin_and_commands_with_our_own() -> None:
    assert token_of(request("GET", cookie=COOKIE, host="127.0.0.1:8911")) == "tok"
    own = request(cookie=COOKIE, host="127.0.0.1:8911", origin="http://127.0.0.1:8911")
    assert token_of(own) == "tok"


def test_desk_and_unit_stand_side_by_side_in_one_browser() -> None:
    host = "127.0.0.1:8911"
    assert token_of(request("GET", cookie=COOKIE, host=host)) == "tok"
    assert token_of(request("GET", cookie=COOKIE, host=host, tenfour_login="unit")) == "crew"
    assert token_of(request("GET", "login=unit", cookie=COOKIE, host=host)) == "crew"
    with pytest.raises(NotLoggedIn):
        token_of(request("GET", cookie="tenfour_desk=tok", host=host, tenfour_login="unit"))


def test_login_named_by_a_foreign_page_helps_it_nothing() -> None:
    with pytest.raises(NotPermitted):
        token_of(request(cookie=COOKIE, host="127.0.0.1:8911", origin="http://evil.example", tenfour_login="unit"))


@pytest.mark.parametrize("origin", ["", "null", "http://evil.example", "http://127.0.0.1:8912", "http://127.0.0.1"])
def test_command_with_a_cookie_from_elsewhere_is_refused(origin: str) -> None:
    with pytest.raises(NotPermitted, match="own pages"):
        require_own_origin(request(cookie=COOKIE, host="127.0.0.1:8911", origin=origin))


def test_feed_with_a_cookie_must_come_from_our_own_pages_too() -> None:
    with pytest.raises(NotPermitted):
        token_of(
            request("GET", cookie=COOKIE, host="127.0.0.1:8911", upgrade="websocket", origin="http://evil.example")
        )


def test_request_without_a_login_says_so() -> None:
    with pytest.raises(NotLoggedIn, match="Log in first"):
        token_of(request())


async def guarded(kind: str, host: str) -> list[Any]:
    """What a request to this `Host` is sent; the application behind the guard answers `hello`."""
    sent: list[Any] = []

    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"referrer-policy", b"origin")]})
        await send({"type": "http.response.body", "body": b"hello"})

    async def receive() -> Any:
        raise AssertionError("nobody reads the request")

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", host.encode("latin-1"))]
    scope: Any = {"type": kind, "method": "GET", "path": "/", "query_string": b"", "headers": headers, "state": {}}
    await Guarded(application, hosts=("psap.example",))(scope, receive, send)
    return sent


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8911", "127.0.0.1:8911", "[::1]:8911", "psap.example", "psap.example:443"]
)
async def test_host_that_is_ours_is_let_in(host: str) -> None:
    start, body = await guarded("http", host)
    assert (start["status"], body["body"]) == (200, b"hello")


@pytest.mark.parametrize(
    "host", ["", "evil.example", "127.0.0.1.evil.example", "[", "localhost@evil.example", "x" * 999]
)
async def test_other_host_is_refused_before_the_application_hears_of_it(host: str) -> None:
    start, body = await guarded("http", host)
    assert start["status"] == 403
    assert b"not called" in body["body"]
    (closed,) = await guarded("websocket", host)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4403)


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
async def test_security_headers_are_on_answers_and_refusals_unless_the_answer_says_its_own(host: str) -> None:
    start, _ = await guarded("http", host)
    headers = dict(start["headers"])
    assert b"default-src 'self'" in headers[b"content-security-policy"]
    assert headers[b"x-frame-options"] == b"DENY"
    assert headers[b"referrer-policy"] == (b"origin" if host == "localhost" else b"no-referrer")
