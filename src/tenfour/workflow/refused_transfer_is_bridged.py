"""A caller's side that passes no call on is no reason to leave the caller here: we connect the two ourselves."""

from collections.abc import Iterator
from hashlib import sha256

from tenfour.calltaking.call import Call, CallState
from tenfour.calltaking.conference_decision import Target, handed_over, place
from tenfour.calltaking.conference_event import CalledInto, ThirdPartyCalled, ThirdPartyJoined
from tenfour.calltaking.outgoing_event import CallPlaced
from tenfour.calltaking.third_party import PSAP
from tenfour.calltaking.transfer import uri_of
from tenfour.calltaking.transfer_event import TransferFailed, TransferOrdered
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId, PersonId, PositionId, call_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.told_along import told_along
from tenfour.workflow.world import World

NO_REFER = "the caller's side did not pass it on: {why}"


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """Whom the call taker has spoken with already is there: both stay connected, and the position is free. Anybody
    else is called, and has the call when it answers; not one who was asked and refused by itself.
    """
    event, call = fact.event, world.calls.get(CallId(fact.stream.partition("/")[2]))
    if not isinstance(event, TransferFailed) or call is None or call.state is not CallState.TALKING:
        return
    ordered = call.transfer.ordered if call.transfer is not None else None
    if ordered is None or call.release_ordered_at is not None or call.conference.handed_over_to is not None:
        return
    why = NO_REFER.format(why=event.why)
    if ordered.to_call is not None:
        yield from _left_to(call, ordered.to_call, ordered.position, why, world)
    elif ordered.bridge and not event.by_other:
        yield from _called(call, ordered, fact, why, world)


def _left_to(call: Call, to_call: CallId, position: PositionId, why: str, world: World) -> Iterator[Draft]:
    other, stream = world.calls.get(to_call), call_stream(call.call_id)
    if other is None or other.state is not CallState.TALKING or other.outgoing is None:
        return
    if position not in (call.position, *(one.position for one in call.voice.speaking)):
        return  # somebody else has the caller by now
    party = call.conference.party(to_call)
    if party is None or not party.is_live:
        yield Draft(CalledInto(call.call_id), call_stream(to_call))
        yield Draft(ThirdPartyCalled(to_call, other.ani, PSAP, position), stream)
        yield Draft(ThirdPartyJoined(to_call), stream)
    name = party.name if party is not None else other.ani
    yield from (Draft(event, stream) for event in handed_over(call, to_call, name, position, why))


def _called(call: Call, ordered: TransferOrdered, fact: Fact, why: str, world: World) -> Iterator[Draft]:
    if any(one.name == ordered.name for one in call.conference.live):
        return
    new_id = CallId(sha256(f"{fact.id}\n{call.call_id}".encode()).hexdigest()[:24])
    host = world.founded.centre_id if world.founded is not None else ""
    target = Target(ordered.name, PSAP, uri_of(ordered.target))
    person = call.person or PersonId("")
    told = told_along(world, call)
    placed = place(call, target, ordered.position, person, new_id=new_id, host=host, told=told)
    if isinstance(placed, CallPlaced):
        called = ThirdPartyCalled(new_id, ordered.name, PSAP, ordered.position, then_leave=True, why=why)
        yield Draft(called, call_stream(call.call_id))
        yield Draft(placed, call_stream(new_id))
