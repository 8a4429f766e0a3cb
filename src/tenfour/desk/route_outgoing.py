"""Calls that the centre places: callbacks, and ordinary ones."""

from collections.abc import Callable
from datetime import datetime

from litestar import post
from litestar.params import FromPath, JSONBody

from tenfour.calltaking import placing
from tenfour.calltaking.decision import name
from tenfour.calltaking.event import CallbackRefused
from tenfour.calltaking.outgoing_event import CallPlaced, NumberRefused
from tenfour.desk.desk import Desk
from tenfour.desk.given import GivenDesk, GivenPrincipal, Key
from tenfour.desk.permission import Permission
from tenfour.desk.principal import Principal
from tenfour.desk.request import CallBack, Dial
from tenfour.desk.view import CallView
from tenfour.vocabulary.errors import Conflict, Refused
from tenfour.vocabulary.ids import CallId, IncidentId, PositionId, call_stream, position_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

LINE_AWAY = "The line process is away: nothing was dialled."
NOT_SET_UP = "This line places no calls: `[outgoing]` of centre.toml names nobody to send them to."

Decision = Callable[[World], CallPlaced | CallbackRefused | NumberRefused]


@post("/api/calls/{call_id:str}/callback", summary="Call or text back", tags=["call"], status_code=200)
async def call_back(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[CallBack], key: Key = None
) -> CallView:
    """Answers the call that is placed. Answered 409 with the reason, which is in the record, where a handset cannot be
    called, where it would be a text, and where this line places no calls."""
    principal.require(Permission.WORK_CALL)

    def decided(world: World) -> CallPlaced | CallbackRefused:
        call = world.call(call_id)
        under_way = [one for one in world.calls_in_progress if _is_callback(world, one, call.call_id)]
        if under_way:
            raise Refused(f"{name(call)} is being called back already, at position {_where(world, under_way[0])}.")
        return placing.call_back(
            call,
            data.means,
            principal.position or PositionId(""),
            principal.person,
            new_id=CallId(desk.new_i3_id()),
            host=desk.card.centre_id,
            places_calls=desk.card.places_calls,
        )

    return await _place(desk, principal, key, decided, CallId(call_id))


@post("/api/calls", summary="Call a number", tags=["call"], status_code=201)
async def dial(desk: GivenDesk, principal: GivenPrincipal, data: JSONBody[Dial], key: Key = None) -> CallView:
    """An ordinary call from the position one is logged in at. Numbers that only a telephone without service shows are
    refused, and the refusal is in the record."""
    principal.require(Permission.PLACE_CALL)
    position = principal.at_position()
    if not desk.card.places_calls:
        raise Refused(NOT_SET_UP)

    def decided(world: World) -> CallPlaced | NumberRefused:
        incident = world.incident(data.incident_id) if data.incident_id is not None else None
        return placing.dial(
            data.number,
            position,
            principal.person,
            new_id=CallId(desk.new_i3_id()),
            i3_incident_id=incident.incident_id if incident is not None else IncidentId(desk.new_i3_id()),
            host=desk.card.centre_id,
            incident_id=incident.incident_id if incident is not None else None,
        )

    return await _place(desk, principal, key, decided)


async def _place(
    desk: Desk, principal: Principal, key: str | None, decided: Decision, of: CallId | None = None
) -> CallView:
    """Carry the decision out: a call that is placed is answered, a refusal raised when it is in the record."""
    refusals: list[str] = []

    def decide(world: World, _: datetime) -> list[Draft]:
        event = decided(world)
        match event:
            case CallPlaced(call_id=call_id):
                principal.at_position()
                if not desk.line.connected:
                    raise Refused(LINE_AWAY)
                return [Draft(event, call_stream(call_id))]
            case CallbackRefused(reason=reason):
                refusals.append(reason)
                return [Draft(event, call_stream(of or CallId("")))]
            case NumberRefused(position=position, number=number, why=why):
                refusals.append(f"{number} is not called. {why}")
                return [Draft(event, position_stream(position))]

    done = await desk.do(principal, key, None, decide)
    placed = next((one.stream.partition("/")[2] for one in done.headers if one.type == CallPlaced.__name__), None)
    if placed is not None:
        return desk.call(principal.reads, placed)
    if of is not None and not refusals and desk.ledger.shown.call(of).refusals:
        refusals.append(desk.ledger.shown.call(of).refusals[-1].reason)
    if not refusals:
        raise Conflict("This idempotency key belongs to another command; nothing was done.")
    raise Refused(refusals[-1])


def _is_callback(world: World, call_id: CallId, of: CallId) -> bool:
    outgoing = world.calls[call_id].outgoing
    return outgoing is not None and outgoing.callback_of == of


def _where(world: World, call_id: CallId) -> str:
    return str(world.calls[call_id].position)


ROUTES = (call_back, dial)
