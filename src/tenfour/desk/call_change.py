"""A person's command about one call: decided, recorded, answered by the call's row."""

from collections.abc import Callable
from datetime import datetime

from tenfour.calltaking.call import Call
from tenfour.desk.desk import Desk
from tenfour.desk.principal import Principal
from tenfour.desk.view import CallView
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId, call_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

CallDecision = Callable[[Call, World], Event]
"""What follows for the call, in the world as it is; it refuses by raising."""


async def change_call(
    desk: Desk,
    principal: Principal,
    call_id: str,
    key: str | None,
    decision: CallDecision,
    *,
    at: datetime | None = None,
) -> CallView:
    """Carry a decision on one call out, and answer its row. `at`: when it was really done."""
    stream = call_stream(CallId(call_id))

    def decide(world: World, _: datetime) -> list[Draft]:
        return [Draft(decision(world.call(call_id), world), stream)]

    await desk.do(principal, key, stream, decide, at=at)
    return desk.call(principal.reads, call_id)
