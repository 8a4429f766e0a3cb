"""A call whose only voice is lost rings back to its position, and the caller is kept; other headsets just leave."""

from collections.abc import Iterator

from tenfour.calltaking.voice import Voice
from tenfour.calltaking.voice_event import CallRangBack, HeadsetLost, PartyLeft
from tenfour.telephony.party import HEARS, Role
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import PositionId, call_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """Whoever waits on hold rings back, too: nobody is there to take it up. Whoever was handed over is with another."""
    if not isinstance(fact.event, HeadsetLost):
        return
    position, why = fact.event.position, fact.event.why
    for call_id in sorted(world.calls_in_progress):
        call, stream = world.calls[call_id], call_stream(call_id)
        voice = call.voice
        member = voice.member(position)
        if member is None:
            continue
        ours = call.conference.handed_over_to is None and member.role in HEARS[Role.CALLER]
        if ours and not _another_speaks(voice, position, world):
            if voice.rang_back_at is None:
                yield Draft(CallRangBack(position, why), stream)
        else:
            yield Draft(PartyLeft(position, why), stream)


def _another_speaks(voice: Voice, lost: PositionId, world: World) -> bool:
    others = (world.positions.get(one.position) for one in voice.speaking if one.position != lost)
    return any(other is not None and other.headset for other in others)
