"""Commands and questions about a call."""

from datetime import datetime

from litestar import get, post
from litestar.params import FromPath, JSONBody

from tenfour.calltaking import decision as calls
from tenfour.calltaking.call import Call
from tenfour.calltaking.event import LocationConveyed, LocationNotGiven
from tenfour.desk.call_change import change_call
from tenfour.desk.conversation_view import ConversationView, conversation_view
from tenfour.desk.desk import Desk
from tenfour.desk.given import GivenDesk, GivenPrincipal, Key
from tenfour.desk.permission import Permission
from tenfour.desk.principal import Principal
from tenfour.desk.request import Heard, Join, Nothing, TypeText
from tenfour.desk.view import CallView
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.errors import Refused, TenfourError
from tenfour.vocabulary.ids import CallId, call_stream
from tenfour.workflow.joining import join as join_incident
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


@get("/api/calls/{call_id:str}", summary="A call", tags=["call"])
async def read_call(desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str]) -> CallView:
    """The call with all its fixes and recordings. A crew sees the calls of its own incident only."""
    desk.require_call(principal, call_id)
    return desk.call(principal.reads, call_id)


@post("/api/calls/{call_id:str}/answer", summary="Answer a ringing call", tags=["call"], status_code=200)
async def answer(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[Nothing], key: Key = None
) -> CallView:
    """Pick the call up at the position one is logged in at."""
    principal.require(Permission.ANSWER_CALL)
    position = principal.at_position()
    return await change_call(
        desk, principal, call_id, key, lambda call, _: calls.answer(call, position, principal.person)
    )


@post("/api/calls/{call_id:str}/release", summary="End an answered call", tags=["call"], status_code=200)
async def release(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[Nothing], key: Key = None
) -> CallView:
    """The line is told to end the call; a call that nobody answered is never dropped."""
    principal.require(Permission.ANSWER_CALL)
    position = principal.at_position()
    return await change_call(desk, principal, call_id, key, lambda call, _: calls.release(call, position))


@post("/api/calls/{call_id:str}/heard", summary="Note what was heard", tags=["call"], status_code=200)
async def heard(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[Heard], key: Key = None
) -> CallView:
    """Codes (see `heard` of /api/centre) and words; also later, from the recording."""
    principal.require(Permission.WORK_CALL)
    codes = desk.ledger.policy.calltaking.heard

    def decided(call: Call, _: World) -> Event:
        return calls.hear(call, data.heard, data.text, codes=codes)

    return await change_call(desk, principal, call_id, key, decided, at=desk.true_time(data.at))


@get("/api/calls/{call_id:str}/conversation", summary="All text of a call", tags=["call"])
async def conversation(desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str]) -> ConversationView:
    """Every line that caller and centre typed; a call's row has the last 200."""
    desk.require_call(principal, call_id)
    return conversation_view(desk.ledger.shown.call(call_id), None)


@post("/api/calls/{call_id:str}/text", summary="Type to the caller", tags=["call"], status_code=200)
async def type_text(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[TypeText], key: Key = None
) -> CallView:
    """Goes by whatever text the call has (`answers_by` of its conversation). Pieces go in the order they are asked for.

    Real-time text and TTY take a few characters at a time, as they are typed; a new line ends the line. By MESSAGE and
    MSRP each piece is a message."""
    principal.require(Permission.ANSWER_CALL)
    position = principal.at_position()
    return await change_call(
        desk,
        principal,
        call_id,
        key,
        lambda call, _: calls.type_text(call, data.text, data.ago_ms, position),
        at=desk.true_time(data.at),
    )


@post("/api/calls/{call_id:str}/rebid", summary="Ask for a better location", tags=["call"], status_code=200)
async def rebid(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[Nothing], key: Key = None
) -> CallView:
    """Asks the location server named in the call (HELD). What it gives is one more fix; none is replaced."""
    principal.require(Permission.WORK_CALL)
    stream = call_stream(CallId(call_id))

    def decide(world: World, _: datetime) -> list[Draft]:
        asked = calls.rebid(world.call(call_id))
        if not desk.location_server.may_ask(asked.uri):
            raise Refused("The location server named in this call is not one that this centre may ask.")
        return [Draft(asked, stream)]

    done = await desk.do(principal, key, stream, decide)
    if not done.again:
        await _ask_location_server(desk, principal, call_id)
    return desk.call(principal.reads, call_id)


async def _ask_location_server(desk: Desk, principal: Principal, call_id: str) -> None:
    uri = desk.ledger.shown.call(call_id).location_uri
    try:
        event: LocationConveyed | LocationNotGiven = LocationConveyed(await desk.location_server.ask(uri), how="rebid")
    except TenfourError as error:
        event = LocationNotGiven(str(error))
    await desk.do(principal, None, None, lambda _, __: [Draft(event, call_stream(CallId(call_id)))])


@post("/api/calls/{call_id:str}/join", summary="Put a call to an incident", tags=["call"], status_code=200)
async def join(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[Join], key: Key = None
) -> CallView:
    """This call belongs to that incident; a person says so, so it is certain."""
    principal.require(Permission.WORK_CALL)
    stream = call_stream(CallId(call_id))
    why = f"joined by {principal.name}"

    def decide(world: World, _: datetime) -> tuple[Draft, ...]:
        return join_incident(world, call_id, data.incident_id, why)

    await desk.do(principal, key, stream, decide)
    return desk.call(principal.reads, call_id)


ROUTES = (read_call, answer, release, heard, conversation, type_text, rebid, join)
