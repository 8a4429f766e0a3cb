"""Errors as answers: `{"error": sentence, "status": n}`. The sentence is shown to people as it stands."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import ClientException, HTTPException

from tenfour.desk.session import NotLoggedIn
from tenfour.vocabulary.errors import (
    BadInput,
    Conflict,
    NotFound,
    NotPermitted,
    Refused,
    TenfourError,
    Unavailable,
)

log = structlog.get_logger(__name__)

STATUS: tuple[tuple[type[TenfourError], int], ...] = (
    (NotLoggedIn, 401),
    (NotPermitted, 403),
    (NotFound, 404),
    (Refused, 409),
    (Conflict, 409),
    (Unavailable, 503),
    (BadInput, 400),
)
"""The first that fits; a `TenfourError` that is none of these is our own failure: 500."""


class Failure(msgspec.Struct, frozen=True):
    """Why nothing was done, in one sentence."""

    error: str
    status: int


AnyRequest = Request[Any, Any, Any]


class DeskRequest(Request[Any, Any, Any]):
    """A request whose body, if it is no text or nested without end, is the client's error and not ours."""

    async def json(self) -> Any:
        """The body's JSON. Raises `ClientException` (answered 400) where there can be none."""
        try:
            return await super().json()
        except UnicodeDecodeError as error:
            raise ClientException(f"The body is no UTF-8 text (byte {error.start})") from error
        except RecursionError as error:
            raise ClientException("The body is nested too deep") from error


def status_of(error: TenfourError) -> int:
    """The HTTP status that says what kind of error this is."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def tell_tenfour(_: AnyRequest, error: TenfourError) -> Response[Failure]:
    """Answer an error raised on purpose."""
    return _answer(str(error), status_of(error))


def tell_http(_: AnyRequest, error: HTTPException) -> Response[Failure]:
    """Answer an error of the HTTP layer: no such address, a body that does not fit."""
    return _answer(_sentence(error), error.status_code, error.headers)


def tell_unforeseen(request: AnyRequest, error: Exception) -> Response[Failure]:
    """Answer what nobody foresaw: logged here, without its details to the client. Calls go on."""
    log.error("a request failed", path=request.url.path, problem=repr(error), exc_info=error)
    return _answer("Something went wrong in the centre; nothing more is known here than what is in its log.", 500)


def _answer(sentence: str, status: int, headers: dict[str, str] | None = None) -> Response[Failure]:
    return Response(Failure(sentence, status), status_code=status, media_type="application/json", headers=headers)


def _sentence(error: HTTPException) -> str:
    extra = error.extra if isinstance(error.extra, list) else []
    problems = [_problem(item) for item in extra if isinstance(item, dict)]
    detail = "; ".join(problems) if problems else error.detail
    return detail if detail.endswith(".") else f"{detail}."


def _problem(item: dict[str, Any]) -> str:
    key, message = item.get("key"), str(item.get("message", "not understood"))
    if message == repr(key):
        return "A JSON body is expected" if key == "data" else f"{key} is missing"
    return f"{key}: {message}" if key else message


HANDLERS: dict[int | type[Exception], Any] = {
    TenfourError: tell_tenfour,
    HTTPException: tell_http,
    Exception: tell_unforeseen,
}
