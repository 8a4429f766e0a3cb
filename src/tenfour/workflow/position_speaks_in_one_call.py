"""A headset is in one call at a time: the others in its hand are held, or go on without it."""

from collections.abc import Iterator

from tenfour.calltaking.voice_event import CallHeld, CallResumed, PartyJoined, PartyLeft
from tenfour.telephony.party import HEARS, Role
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import call_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

WHY = "Position {} went on in another call."


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """A call in which somebody else speaks with the caller is not held for one who goes, nor one that was handed over:
    the caller speaks with whoever has it.
    """
    if not isinstance(fact.event, PartyJoined | CallResumed):
        return
    position, why = fact.event.position, WHY.format(fact.event.position)
    for call_id in sorted(world.calls_in_progress):
        call, stream = world.calls[call_id], call_stream(call_id)
        voice = call.voice
        member = voice.member(position)
        if member is None or voice.held_at is not None or stream == fact.stream:
            continue
        alone = call.conference.handed_over_to is None and all(one.position == position for one in voice.speaking)
        if member.role in HEARS[Role.CALLER] and alone:
            yield Draft(CallHeld(position, why), stream)
        else:
            yield Draft(PartyLeft(position, why), stream)
