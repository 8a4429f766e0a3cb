"""Origins and tokens of requests, without a server."""

from typing import Any

import pytest
from litestar.connection import ASGIConnection

from tenfour.desk.security import require_own_origin, token_of
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
