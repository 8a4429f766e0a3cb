"""How far a third party has come is said in the call that it was called into, too: it rings, is in it, is gone."""

from collections.abc import Iterator

from tenfour.calltaking.call import UNANSWERED, Call
from tenfour.calltaking.call_words import end_words
from tenfour.calltaking.conference import ThirdParty, ThirdState
from tenfour.calltaking.conference_decision import handed_over
from tenfour.calltaking.conference_event import CallCameBack, ThirdPartyJoined, ThirdPartyLeft, ThirdPartyRinging
from tenfour.calltaking.event import CallConnected, CallReleaseOrdered
from tenfour.calltaking.outgoing_event import CalleeRinging
from tenfour.vocabulary.envelope import Event, Fact
from tenfour.vocabulary.ids import CallId, PositionId, call_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """A caller who was left to it rings again when it is gone, and is not left to one without audio: nobody is lost in
    silence.
    """
    third = world.calls.get(CallId(fact.stream.partition("/")[2]))
    if third is None or third.outgoing is None or third.outgoing.in_call is None:
        return
    call = world.calls.get(third.outgoing.in_call)
    party = call.conference.party(third.call_id) if call is not None else None
    if call is None or party is None:
        return
    if isinstance(fact.event, CallConnected) and party.by is None and not _may_have(call, fact.event):
        yield from _let_go(third)
    elif call.in_progress:
        stream = call_stream(call.call_id)
        yield from (Draft(event, stream) for event in _told(call, party, third, fact.event))
    elif isinstance(fact.event, CallConnected) and third.position is None:
        yield from _let_go(third)


def _may_have(call: Call, connected: CallConnected) -> bool:
    """A centre that a call overflows to has it while it still rings here, and with audio."""
    return call.state in UNANSWERED and bool(connected.codec)


def _let_go(third: Call) -> Iterator[Draft]:
    """The caller is gone, somebody here has the call, or the two could not hear each other."""
    if third.release_ordered_at is None:
        yield Draft(CallReleaseOrdered(PositionId("")), call_stream(third.call_id))


def _told(call: Call, party: ThirdParty, third: Call, event: Event | None) -> Iterator[Event]:
    match event:
        case CalleeRinging() if party.state is ThirdState.CALLED:
            yield ThirdPartyRinging(party.call_id)
        case CallConnected(codec=codec) if party.is_live and party.state is not ThirdState.IN_CALL:
            yield ThirdPartyJoined(party.call_id)
            if party.then_leave and codec and _is_left(call, party):
                yield from handed_over(call, party.call_id, party.name, call.position)
        case _ if not third.in_progress and party.is_live:
            yield from _left(call, party, third)


def _is_left(call: Call, party: ThirdParty) -> bool:
    """Nobody has the call, or whoever called this party in is still in it; somebody else speaks on."""
    ours = {call.position, *(one.position for one in call.voice.speaking)}
    return call.state in UNANSWERED or call.position is None or party.by in ours


def _left(call: Call, party: ThirdParty, third: Call) -> Iterator[Event]:
    why = end_words(third)
    yield ThirdPartyLeft(party.call_id, why)
    if call.conference.handed_over_to == party.call_id:
        yield CallCameBack(party.call_id, f"{party.name} is gone. {why}")
