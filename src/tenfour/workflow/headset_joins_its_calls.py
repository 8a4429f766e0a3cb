"""A position's headset is in the call that it answered or placed: at once, or as soon as it is connected."""

from collections.abc import Iterator
from datetime import datetime

from tenfour.calltaking.call import Call, CallState
from tenfour.calltaking.event import CallAnswered, CallConnected
from tenfour.calltaking.voice_event import HeadsetConnected, PartyJoined
from tenfour.telephony.party import Role
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId, PersonId, PositionId, call_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """Of several calls that wait for a headset, the one that was answered last; the others wait for the call taker.

    Not in one that is written: a caller who is spoken with is not put on hold for it.
    """
    match fact.event:
        case CallAnswered(position=position_id, person=person):
            position = world.positions.get(position_id)
            call = world.calls.get(CallId(fact.stream.partition("/")[2]))
            if call is not None and _wants_voice(call) and position is not None and position.headset:
                yield _joins(call, position_id, person)
        case CallConnected():
            call = world.calls.get(CallId(fact.stream.partition("/")[2]))
            position = world.positions.get(call.position) if call is not None and call.position else None
            if call is not None and call.outgoing is not None and position is not None and position.headset:
                yield _joins(call, position.position_id, call.person or PersonId(""))
        case HeadsetConnected(position=position_id, person=person):
            waiting = sorted(_waiting(world, position_id), key=lambda call: (_taken_at(call), call.call_id))
            if waiting:
                yield _joins(waiting[-1], position_id, person)


def _waiting(world: World, position: PositionId) -> Iterator[Call]:
    """Calls in this position's hand with whom nobody speaks, though none of them is on hold."""
    for call_id in world.calls_in_progress:
        call = world.calls[call_id]
        mine = call.position == position and call.state in (CallState.CONNECTING, CallState.TALKING)
        if mine and _wants_voice(call) and call.voice.held_at is None and not call.voice.is_two_way:
            yield call


def _wants_voice(call: Call) -> bool:
    return call.in_progress and not call.is_written


def _taken_at(call: Call) -> datetime:
    return call.answered_at or call.connected_at or call.received_at


def _joins(call: Call, position: PositionId, person: PersonId) -> Draft:
    return Draft(PartyJoined(position, person, Role.CALL_TAKER), call_stream(call.call_id))
