"""A call that waited long enough is offered to another centre, too; it rings on here until that one has answered."""

from collections.abc import Iterator
from hashlib import sha256

from tenfour.calltaking.call import UNANSWERED, Call
from tenfour.calltaking.conference_decision import Target, place
from tenfour.calltaking.conference_event import ThirdPartyCalled
from tenfour.calltaking.distribution_event import CallRingsEverywhere
from tenfour.calltaking.event import CallAnswered, CallReleaseOrdered
from tenfour.calltaking.outgoing_event import CallPlaced
from tenfour.calltaking.queue import named
from tenfour.calltaking.third_party import PSAP
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId, PersonId, PositionId, call_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.told_along import told_along
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """Somebody here who is quicker has the call, and the other centre is called no longer.

    Where two centres overflow to each other, a call that came back from the other one rings here and goes no further.
    """
    call = world.calls.get(CallId(fact.stream.partition("/")[2]))
    if call is None:
        return
    if isinstance(fact.event, CallAnswered):
        for party in call.conference.live:
            if party.by is None and party not in call.conference.joined:
                yield Draft(CallReleaseOrdered(fact.event.position), call_stream(party.call_id))
        return
    queue = named(policy.calltaking.queue, call.waiting.queue)
    uri = policy.centres.get(queue.overflow_to) if queue is not None else None
    if not isinstance(fact.event, CallRingsEverywhere) or queue is None or uri is None or call.state not in UNANSWERED:
        return
    if _has_been_outside(call, world):
        return
    new_id = CallId(sha256(f"{fact.id}\n{call.call_id}".encode()).hexdigest()[:24])
    host, target = world.founded.centre_id if world.founded is not None else "", Target(queue.overflow_to, PSAP, uri)
    placed = place(call, target, PositionId(""), PersonId(""), new_id=new_id, host=host, told=told_along(world, call))
    if isinstance(placed, CallPlaced):
        why = f"queue {queue.name}: {fact.event.why}"
        yield Draft(ThirdPartyCalled(new_id, target.name, PSAP, None, then_leave=True, why=why), fact.stream)
        yield Draft(placed, call_stream(new_id))


def _has_been_outside(call: Call, world: World) -> bool:
    """We call somebody of outside into a call with the same incident tracking identifier (NENA-STA-010.3)."""
    placed = ((other, other.outgoing) for other in map(world.calls.__getitem__, world.calls_in_progress))
    return any(
        outgoing is not None and outgoing.in_call is not None and other.i3_incident_id == call.i3_incident_id
        for other, outgoing in placed
    )
