"""What happened on the wire of a call: as rows for a screen, and as text."""

import asyncio
from pathlib import Path

from litestar import Response, get
from litestar.params import FromPath

from tenfour.desk.desk import Desk
from tenfour.desk.given import GivenDesk, GivenPrincipal
from tenfour.desk.permission import Permission
from tenfour.desk.principal import Principal
from tenfour.desk.signalling import ladder_from, signalling_view
from tenfour.desk.view import SignallingView
from tenfour.telephony.ladder import as_text
from tenfour.vocabulary.errors import NotFound

TEXT = "text/plain"
NOT_KEPT = {"cache-control": "private, no-store"}


@get("/api/calls/{call_id:str}/signalling", summary="The SIP messages of a call", tags=["call"])
async def signalling(desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str]) -> Response[SignallingView]:
    """Every message and every decision on it, in order, also while the call goes on; broken messages are there whole.

    Credentials and media keys are masked. Bodies are there, and with them locations: crews may not read it.
    """
    ladder, unreadable = await asyncio.to_thread(ladder_from, _file(desk, principal, call_id))
    return Response(signalling_view(call_id, ladder, unreadable), headers=NOT_KEPT)


@get(
    "/api/calls/{call_id:str}/signalling.txt",
    summary="The SIP messages of a call, drawn as text",
    tags=["call"],
    media_type=TEXT,
)
async def signalling_text(desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str]) -> Response[str]:
    """A ladder in 100 columns: a lane for each party, arrows, seconds after the first INVITE, decisions beside it.

    It shows no bodies.
    """
    ladder, _ = await asyncio.to_thread(ladder_from, _file(desk, principal, call_id))
    title = f"Signalling of call {call_id} from {desk.ledger.shown.call(call_id).ani or 'a number not delivered'}"
    return Response(as_text(ladder, title), headers=NOT_KEPT, media_type=TEXT)


def _file(desk: Desk, principal: Principal, call_id: str) -> Path:
    """Where the line keeps the call. Raises `NotPermitted`, and `NotFound` for a call that is not there."""
    principal.require(Permission.READ_SIGNALLING)
    desk.require_call(principal, call_id)
    if not call_id.isalnum():
        raise NotFound("signalling", call_id)
    return desk.signalling / f"{call_id}.jsonl"


ROUTES = (signalling, signalling_text)
