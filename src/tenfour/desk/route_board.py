"""The board and its live feed, addresses, the record's facts, the domain clock."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from litestar import WebSocket, get, post, websocket
from litestar.config.compression import CompressionConfig
from litestar.exceptions import WebSocketDisconnect
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.params import JSONBody, QueryParameter

from tenfour.desk.answer import AddressView, ClockState
from tenfour.desk.board import viewer_of
from tenfour.desk.desk import Desk
from tenfour.desk.feed import Client
from tenfour.desk.given import GivenDesk, GivenFeed, GivenPrincipal, Key
from tenfour.desk.permission import Permission
from tenfour.desk.port import FactView, FoundView
from tenfour.desk.request import SetClock
from tenfour.desk.security import token_of
from tenfour.desk.session import LIVE, NotLoggedIn
from tenfour.desk.view import Board
from tenfour.journal.event import ClockSet
from tenfour.vocabulary.errors import NotFound, Refused, TenfourError
from tenfour.vocabulary.ids import CentreId, StreamName, centre_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

LONGEST_PAGE = 1000
FELL_BEHIND, NOT_LOGGED_IN, NOT_PERMITTED = 4008, 4401, 4403
"""WebSocket close codes of our own."""
LOOK_AT_LOGIN_EVERY_S = 3.0

Limit = Annotated[int, QueryParameter(ge=1, le=LONGEST_PAGE)]
Seq = Annotated[int, QueryParameter(ge=0, le=2**63 - 1)]
Words = Annotated[str, QueryParameter(max_length=200)]


SQUEEZED = DefineMiddleware(CompressionMiddleware, config=CompressionConfig(backend="gzip", gzip_compress_level=1))
"""A board of a large county is a hundred kilobytes: a millisecond's work makes a tenth of it."""


@get("/api/board", summary="Everything on the desk", tags=["board"], middleware=[SQUEEZED])
async def read_board(feed: GivenFeed, principal: GivenPrincipal) -> Board:
    """The snapshot at `seq`; follow it with the WebSocket /api/live?after=seq. A crew sees its own run."""
    return feed.board(viewer_of(principal))


@websocket("/api/live")
async def live(socket: WebSocket[Any, Any, Any], desk: GivenDesk, feed: GivenFeed) -> None:
    """Frames (see `Frame`) of what changed after `?after=`; closes with 4008 a client that falls behind.

    Ends with its login, within seconds: with 4401.
    """
    try:
        token = token_of(socket)
        principal = desk.sessions.read(token)
        after = int(socket.query_params.get("after", "0"))
    except (TenfourError, ValueError) as error:
        code = NOT_LOGGED_IN if isinstance(error, NotLoggedIn) else NOT_PERMITTED
        await socket.accept()
        await socket.close(code, str(error)[:120])
        return
    await socket.accept()
    client = feed.join(viewer_of(principal), after)
    parts = (_send(socket, client), _until_gone(socket), _until_logged_out(socket, desk, token))
    talk = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.wait(talk, return_when=asyncio.FIRST_COMPLETED)
    finally:
        feed.leave(client)
        for task in talk:
            task.cancel()
        await asyncio.gather(*talk, return_exceptions=True)


async def _send(socket: WebSocket[Any, Any, Any], client: Client) -> None:
    while (frame := await client.frames.get()) is not None:
        await socket.send_data(frame, mode="text")
    await socket.close(FELL_BEHIND, "You fell behind; take the board and follow again.")


async def _until_logged_out(socket: WebSocket[Any, Any, Any], desk: Desk, token: str) -> None:
    try:
        while True:
            await asyncio.sleep(LOOK_AT_LOGIN_EVERY_S)
            desk.sessions.read(token)
    except NotLoggedIn as error:
        await socket.close(NOT_LOGGED_IN, str(error)[:120])


async def _until_gone(socket: WebSocket[Any, Any, Any]) -> None:
    """A viewer has nothing to say here; what it says is not read further than that."""
    try:
        while True:
            await socket.receive_data(mode="text")
    except WebSocketDisconnect:
        return


@get("/api/addresses", summary="Find an address", tags=["place"])
async def addresses(desk: GivenDesk, principal: GivenPrincipal, q: Words = "") -> list[AddressView]:
    """Addresses that begin so; usual abbreviations are understood."""
    principal.require(Permission.READ_RECORD)
    return [AddressView(one.address_id, one.label, one.point) for one in desk.places.find(q, 12)]


@get("/api/facts", summary="Facts of the record", tags=["record"])
async def facts(
    desk: GivenDesk, principal: GivenPrincipal, stream: str | None = None, after: Seq = 0, limit: Limit = 200
) -> list[FactView]:
    """In the order of the journal, after `after`, of one stream or of all; only what one may read."""
    principal.require(Permission.READ_RECORD)
    streams = desk.streams_of(principal)
    if streams is not None and (stream is None or stream not in streams):
        raise NotFound("stream", stream or "of all", f"Yours are {', '.join(sorted(streams))}.")
    await desk.read_side.caught_up(desk.ledger.shown.seq)
    return list(await desk.read_side.facts(StreamName(stream) if stream else None, after, limit, principal.reads))


@get("/api/search", summary="Search the record", tags=["record"])
async def search(desk: GivenDesk, principal: GivenPrincipal, q: Words = "") -> list[FoundView]:
    """Facts that hold all these words, best first; only what one may read."""
    principal.require(Permission.READ_BOARD)
    await desk.read_side.caught_up(desk.ledger.shown.seq)
    return list(await desk.read_side.search(q, principal.reads, 50))


@get("/api/clock", summary="The domain clock", tags=["centre"])
async def read_clock(desk: GivenDesk, principal: GivenPrincipal) -> ClockState:
    """Facts carry this time. In a live centre it is the real time."""
    principal.require(Permission.READ_RECORD)
    return ClockState(desk.clock.now(), desk.clock.speed)


@post("/api/clock", summary="Speed the domain clock up, or jump", tags=["centre"], status_code=200)
async def set_clock(
    desk: GivenDesk, principal: GivenPrincipal, data: JSONBody[SetClock], key: Key = None
) -> ClockState:
    """Not in a live centre. Calls and audio keep real time; the centre's timers follow this clock."""
    if desk.card.mode == LIVE:
        raise Refused("The clock of a live centre cannot be set.")
    principal.require(Permission.SET_CLOCK)
    stream = centre_stream(CentreId(desk.card.centre_id))

    def decide(_: World, now: datetime) -> list[Draft]:
        return [Draft(ClockSet(datetime.now(UTC), now + timedelta(seconds=data.jump_s), data.speed), stream)]

    await desk.do(principal, key, stream, decide)
    return ClockState(desk.clock.now(), desk.clock.speed)


ROUTES = (read_board, live, addresses, facts, search, read_clock, set_clock)
