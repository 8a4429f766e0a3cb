"""Passing a call on to another centre."""

from datetime import datetime

from litestar import post
from litestar.params import FromPath, JSONBody

from tenfour.calltaking.placing import connect
from tenfour.calltaking.placing import pass_on as decide_to_pass_on
from tenfour.desk.given import GivenDesk, GivenPrincipal, Key
from tenfour.desk.permission import Permission
from tenfour.desk.request import PassOn
from tenfour.desk.view import CallView
from tenfour.vocabulary.errors import BadInput, NotFound, Refused
from tenfour.vocabulary.ids import CallId, call_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

LINE_AWAY = "The line process is away: the call was not passed on."


@post("/api/calls/{call_id:str}/transfer", summary="Pass a call on", tags=["call"], status_code=200)
async def pass_on(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[PassOn], key: Key = None
) -> CallView:
    """Asks the caller's side to call the other centre (REFER), with the identifiers of call and incident. Until that
    centre has answered the caller stays on the line with us; where it is not taken, too (`transfer_words` says why)."""
    principal.require(Permission.ANSWER_CALL)
    position = principal.at_position()
    stream = call_stream(CallId(call_id))
    if (data.to is None) is (data.to_call is None):
        raise BadInput("Say either `to`, another centre, or `to_call`, another call of ours.")
    uri = desk.transfers.get(data.to or "")
    if data.to is not None and uri is None:
        raise NotFound("centre", data.to, f"Known: {', '.join(desk.transfers) or 'none'}.")

    def decide(world: World, _: datetime) -> list[Draft]:
        call, host = world.call(call_id), desk.card.centre_id
        if data.to_call is not None:
            event = connect(call, world.call(data.to_call), position, host=host)
        else:
            event = decide_to_pass_on(call, data.to or "", uri or "", position, host=host)
        if not desk.line.connected:
            raise Refused(LINE_AWAY)
        return [Draft(event, stream)]

    await desk.do(principal, key, stream, decide)
    return desk.call(principal.reads, call_id)


ROUTES = (pass_on,)
