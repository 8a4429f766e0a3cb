"""Passing a call on to another centre."""

from datetime import datetime

from litestar import post
from litestar.params import FromPath, JSONBody

from tenfour.calltaking.call import Call
from tenfour.calltaking.conference_decision import Target, call_in
from tenfour.calltaking.outgoing_event import NumberRefused
from tenfour.calltaking.placing import connect, may_be_passed_on
from tenfour.calltaking.placing import pass_on as decide_to_pass_on
from tenfour.desk.desk import Desk
from tenfour.desk.given import GivenDesk, GivenPrincipal, Key
from tenfour.desk.permission import Permission
from tenfour.desk.principal import Principal
from tenfour.desk.request import PassOn
from tenfour.desk.view import CallView
from tenfour.vocabulary.errors import BadInput, NotFound, Refused
from tenfour.vocabulary.ids import CallId, call_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.told_along import told_along
from tenfour.workflow.world import World

LINE_AWAY = "The line process is away: the call was not passed on."


@post("/api/calls/{call_id:str}/transfer", summary="Pass a call on", tags=["call"], status_code=200)
async def pass_on(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[PassOn], key: Key = None
) -> CallView:
    """Asks the caller's side to call the other centre (REFER), with the identifiers of call and incident; where it does
    not, or where the settings say so, we call there and connect the two. The caller stays on the line with us until
    that centre has answered, and where it is not taken (`transfer_words` says why)."""
    principal.require(Permission.ANSWER_CALL)
    position = principal.at_position()
    stream = call_stream(CallId(call_id))
    if (data.to is None) is (data.to_call is None):
        raise BadInput("Say either `to`, another centre, or `to_call`, another call of ours.")
    if data.to is not None and data.to not in desk.transfers:
        raise NotFound("centre", data.to, f"Known: {', '.join(desk.transfers) or 'none'}.")

    def decide(world: World, _: datetime) -> list[Draft]:
        call, host = world.call(call_id), desk.card.centre_id
        if data.to_call is not None:
            drafts = [Draft(connect(call, world.call(data.to_call), position, host=host), stream)]
        else:
            drafts = _passed_on(desk, principal, call, data.to or "", told_along(world, call))
        if not desk.line.connected:
            raise Refused(LINE_AWAY)
        return drafts

    await desk.do(principal, key, stream, decide)
    return desk.call(principal.reads, call_id)


def _passed_on(desk: Desk, principal: Principal, call: Call, to: str, told: str) -> list[Draft]:
    position = principal.at_position()
    other, host, stream = desk.outside[to], desk.card.centre_id, call_stream(call.call_id)
    if not other.bridged:
        return [Draft(decide_to_pass_on(call, to, other.uri, position, host=host, bridge=True), stream)]
    may_be_passed_on(call, position)
    target, new_id = Target(other.name, other.kind, other.uri), CallId(desk.new_i3_id())
    called = call_in(call, target, position, principal.person, new_id=new_id, host=host, then_leave=True, told=told)
    if isinstance(called, NumberRefused):
        raise Refused(called.why)
    return [*(Draft(event, stream) for event in called.of_call), Draft(called.placed, call_stream(new_id))]


ROUTES = (pass_on,)
