"""The caller is gone: whoever was called in goes, too, unless a call taker is speaking with them."""

from collections.abc import Iterator

from tenfour.calltaking.call import Call
from tenfour.calltaking.event import CallReleased, CallReleaseOrdered
from tenfour.calltaking.voice_event import PartyJoined
from tenfour.telephony.party import Role
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId, PositionId, call_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """The call taker goes on with the first of those who are in the call, in that one's own call."""
    call = world.calls.get(CallId(fact.stream.partition("/")[2]))
    if call is None or call.in_progress:
        return
    stays = None if isinstance(fact.event, CallReleased) else _speaks_on(call, world)
    for party in call.conference.live:
        stream = call_stream(party.call_id)
        third = world.calls.get(party.call_id)
        if third is None or not third.in_progress or third.release_ordered_at is not None:
            continue
        if stays is not None and party in call.conference.joined:
            yield Draft(stays, stream)
            stays = None
        else:
            yield Draft(CallReleaseOrdered(call.position or PositionId("")), stream)


def _speaks_on(call: Call, world: World) -> PartyJoined | None:
    """The call taker whose headset is in this call, and in no other that goes on."""
    for one in call.voice.members:
        position = world.positions.get(one.position)
        if one.role is Role.CALL_TAKER and position is not None and position.headset:
            elsewhere = (world.calls[call_id].voice for call_id in world.calls_in_progress)
            if not any(other.member(one.position) and other.held_at is None for other in elsewhere):
                return PartyJoined(one.position, one.person, Role.CALL_TAKER)
    return None
