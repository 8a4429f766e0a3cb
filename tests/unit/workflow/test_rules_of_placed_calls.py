"""What follows from calls that the centre places."""

from tenfour.calltaking.event import CallConnected, CallerDisconnected, CallJoinedIncident, KindAdvised, PositionSet
from tenfour.calltaking.outgoing_event import CallNotTaken, CallPlaced
from tenfour.calltaking.placing import dial
from tenfour.calltaking.policy import CalltakingPolicy
from tenfour.calltaking.queue import CallQueue, Distribution
from tenfour.incident.event import CallLinked, IncidentOpened
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId, call_stream, position_stream
from tenfour.workflow.clock import clock_facts
from tenfour.workflow.policy import Policy
from tenfour.workflow.world import World


def place(centre, *, incident_id=None, position="04"):
    call_id = CallId("out".ljust(20, "0"))
    event = dial(
        "614-555-0137", PositionId(position), PersonId("adeyemi"), new_id=call_id,
        i3_incident_id=IncidentId("iout".ljust(20, "0")), host="larkspur.demo", incident_id=incident_id,
    )  # fmt: skip
    assert isinstance(event, CallPlaced)
    return call_id, centre.tell(call_stream(call_id), event)


def test_placed_call_joins_its_incident_and_changes_none_of_its_clocks(centre):
    incident = centre.opened()
    before = clock_facts(centre.world, incident.incident_id)
    centre.pass_time(60)
    call_id, batch = place(centre, incident_id=incident.incident_id)
    assert [type(fact.event) for fact in batch] == [CallPlaced, CallJoinedIncident, CallLinked]
    assert centre.world.call(call_id).incident_id == incident.incident_id
    centre.tell(call_stream(call_id), CallConnected("PCMU/8000", "x"), CallerDisconnected())
    assert clock_facts(centre.world, incident.incident_id) == before


def test_placed_call_opens_no_incident_and_gets_no_advice(centre):
    call_id, batch = place(centre)
    batch += centre.tell(call_stream(call_id), CallNotTaken(486, "busy (486 Busy Here)"))
    assert [type(fact.event) for fact in batch] == [CallPlaced, CallNotTaken]
    assert not centre.events(centre.facts, IncidentOpened)
    assert not centre.events(centre.facts, KindAdvised)


def test_position_that_calls_is_in_a_call_and_is_offered_none(centre):
    queue = CallQueue("emergency", Distribution.LONGEST_IDLE, emergency=True)
    centre.policy = Policy(calltaking=CalltakingPolicy(queue=(queue,)))
    for name in ("04", "05"):
        event = PositionSet(PositionId(name), False, PersonId(f"p{name}"))
        centre.tell(position_stream(PositionId(name)), event)
        centre.pass_time(1)
    waiting = centre.ring("a")
    assert centre.world.call(waiting).rings_at == "04"
    ours, _ = place(centre)
    assert centre.world.call(waiting).rings_at == "05"
    centre.tell(call_stream(ours), CallNotTaken(486, "busy (486 Busy Here)"))
    assert centre.world.call(centre.ring("b", "614-555-0199")).rings_at == "04"


def test_replay_knows_placed_calls(centre):
    incident = centre.opened()
    place(centre, incident_id=incident.incident_id)
    again = World()
    for fact in centre.facts:
        again.apply(fact)
    assert (again.calls, again.incidents) == (centre.world.calls, centre.world.incidents)
