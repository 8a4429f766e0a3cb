"""Positions: do they answer by themselves, and does whoever sits there take calls?"""

from collections.abc import Callable
from datetime import datetime

from litestar import post
from litestar.params import FromPath, JSONBody

from tenfour.calltaking import decision as calls
from tenfour.calltaking.position import Position
from tenfour.desk.desk import Desk
from tenfour.desk.given import GivenDesk, GivenPrincipal, Key
from tenfour.desk.position_view import PositionView
from tenfour.desk.principal import Principal
from tenfour.desk.request import Nothing, NotReady, SetPosition
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.errors import NotFound
from tenfour.vocabulary.ids import PositionId, position_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

PATH = "/api/positions/{position_id:str}"


async def _change(
    desk: Desk, principal: Principal, position_id: str, key: str | None, decision: Callable[[Position | None], Event]
) -> PositionView:
    """Whoever sits there changes a position, or a supervisor; answers its row."""
    if position_id not in desk.card.positions:
        raise NotFound("position", position_id, f"Known: {', '.join(desk.card.positions)}.")
    principal.require_position(position_id)
    name = PositionId(position_id)

    def decide(world: World, _: datetime) -> list[Draft]:
        return [Draft(decision(world.positions.get(name)), position_stream(name))]

    await desk.do(principal, key, position_stream(name), decide)
    return next(row for row in desk.positions() if row.position_id == position_id)


@post(PATH, summary="Does this position answer by itself?", tags=["board"], status_code=200)
async def set_position(
    desk: GivenDesk, principal: GivenPrincipal, position_id: FromPath[str], data: JSONBody[SetPosition], key: Key = None
) -> PositionView:
    """With `auto_answer` a ringing call is answered at once, by rule, for whoever sits there.

    Whoever sits there sets it, or a supervisor.
    """
    name = PositionId(position_id)
    person = principal.person if principal.position == name else None

    def decided(position: Position | None) -> Event:
        return calls.set_position(position, name, auto_answer=data.auto_answer, person=person)

    return await _change(desk, principal, position_id, key, decided)


@post(f"{PATH}/ready", summary="This position takes calls", tags=["board"], status_code=200)
async def ready(
    desk: GivenDesk, principal: GivenPrincipal, position_id: FromPath[str], data: JSONBody[Nothing], key: Key = None
) -> PositionView:
    """Calls may be offered to it from now on; a wrap-up ends. Whoever sits there says so, or a supervisor."""
    return await _change(desk, principal, position_id, key, lambda _: calls.ready(PositionId(position_id)))


@post(f"{PATH}/not-ready", summary="This position takes no calls for a while", tags=["board"], status_code=200)
async def not_ready(
    desk: GivenDesk, principal: GivenPrincipal, position_id: FromPath[str], data: JSONBody[NotReady], key: Key = None
) -> PositionView:
    """Nothing is offered to it, and it answers nothing by itself; it may pick up any call all the same."""
    return await _change(
        desk, principal, position_id, key, lambda _: calls.not_ready(PositionId(position_id), data.reason)
    )


ROUTES = (set_position, ready, not_ready)
