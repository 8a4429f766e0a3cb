"""Further parties of a call: called in by name or number, dropped, and left with the caller."""

from datetime import datetime
from functools import partial

from litestar import post
from litestar.params import FromPath, JSONBody

from tenfour.calltaking import conference_decision as conferences
from tenfour.calltaking.conference_decision import Target
from tenfour.calltaking.outgoing_event import NumberRefused
from tenfour.desk.conference_row import was_heard
from tenfour.desk.desk import Desk
from tenfour.desk.given import GivenDesk, GivenPrincipal, Key
from tenfour.desk.permission import Permission
from tenfour.desk.request import CallIn, DropThird, HandOver, Nothing
from tenfour.desk.route_outgoing import NOT_SET_UP
from tenfour.desk.view import CallView
from tenfour.vocabulary.errors import BadInput, NotFound, Refused
from tenfour.vocabulary.ids import CallId, call_stream, position_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.told_along import told_along
from tenfour.workflow.world import World

LINE_AWAY = "The line process is away: nobody was called."


@post("/api/calls/{call_id:str}/third-parties", summary="Call a third party in", tags=["conference"], status_code=200)
async def call_in(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[CallIn], key: Key = None
) -> CallView:
    """Calls `to`, one of `third_parties` or `transfers` of /api/centre, or a `number` into the call: as soon as it has
    answered all hear each other. With `hold` the caller waits, and one speaks with the third party alone."""
    principal.require(Permission.ANSWER_CALL)
    position = principal.at_position()
    target = _target(desk, data)
    stream, refused = call_stream(CallId(call_id)), list[str]()

    def decide(world: World, _: datetime) -> list[Draft]:
        if not desk.line.connected:
            raise Refused(LINE_AWAY)
        new_id, host = CallId(desk.new_i3_id()), desk.card.centre_id
        call = world.call(call_id)
        called = conferences.call_in(
            call,
            target,
            position,
            principal.person,
            new_id=new_id,
            host=host,
            hold=data.hold,
            told=told_along(world, call),
        )
        if isinstance(called, NumberRefused):
            refused.append(f"{called.number} is not called. {called.why}")
            return [Draft(called, position_stream(position))]
        return [*(Draft(event, stream) for event in called.of_call), Draft(called.placed, call_stream(new_id))]

    await desk.do(principal, key, None, decide)
    if refused:
        raise Refused(refused[-1])
    return desk.call(principal.reads, call_id)


@post(
    "/api/calls/{call_id:str}/third-parties/drop", summary="Let a third party go", tags=["conference"], status_code=200
)
async def drop(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[DropThird], key: Key = None
) -> CallView:
    """It is in the call no more, or called no longer; the call goes on."""
    principal.require(Permission.ANSWER_CALL)
    position, third = principal.at_position(), CallId(data.third)
    stream = call_stream(third)

    def decide(world: World, _: datetime) -> list[Draft]:
        return [Draft(conferences.drop(world.call(call_id), third, position), stream)]

    await desk.do(principal, key, stream, decide)
    return desk.call(principal.reads, call_id)


@post(
    "/api/calls/{call_id:str}/hand-over",
    summary="Leave the caller to a third party",
    tags=["conference"],
    status_code=200,
)
async def hand_over(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[HandOver], key: Key = None
) -> CallView:
    """Caller and third party stay connected through us, recorded, until either hangs up; the position is free. A caller
    on hold hears the third party from then on. Where the third party goes first the caller rings at every position.
    `reason`: why, though nothing was heard of it."""
    principal.require(Permission.ANSWER_CALL)
    position, stream = principal.at_position(), call_stream(CallId(call_id))
    third = CallId(data.third) if data.third is not None else None

    def decide(world: World, _: datetime) -> list[Draft]:
        heard = partial(was_heard, world=world)
        left = conferences.hand_over(world.call(call_id), third, position, was_heard=heard, reason=data.reason)
        return [Draft(event, stream) for event in left]

    await desk.do(principal, key, stream, decide)
    return desk.call(principal.reads, call_id)


@post("/api/calls/{call_id:str}/take-back", summary="Take a caller back", tags=["conference"], status_code=200)
async def take_back(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[Nothing], key: Key = None
) -> CallView:
    """A caller who was left to a third party has this position again, and both speak; the third party stays in the
    call. Any position with a headset may, not only the one that left the caller there."""
    principal.require(Permission.ANSWER_CALL)
    at, person, stream = principal.at_position(), principal.person, call_stream(CallId(call_id))

    def decide(world: World, _: datetime) -> list[Draft]:
        taken = conferences.take_back(world.call(call_id), world.positions.get(at), at, person)
        return [Draft(event, stream) for event in taken]

    await desk.do(principal, key, stream, decide)
    return desk.call(principal.reads, call_id)


def _target(desk: Desk, data: CallIn) -> Target:
    """Raises `BadInput` unless exactly one is named, `NotFound` for a name that nobody has."""
    if (data.to is None) is (data.number is None):
        raise BadInput("Say either `to`, somebody whom the settings name, or a `number`.")
    if data.to is None:
        if not desk.card.places_calls:
            raise Refused(NOT_SET_UP)
        return Target(name="", number=data.number or "")
    found = desk.outside.get(data.to)
    if found is None:
        raise NotFound("third party", data.to, f"Known: {', '.join(desk.outside) or 'none'}.")
    return Target(found.name, found.kind, found.uri, found.number)


ROUTES = (call_in, drop, hand_over, take_back)
