"""The clocks that run out: what is said, how often, and when to look again."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfour.calltaking import decision as calls
from tenfour.calltaking.event import RingOverdue
from tenfour.calltaking.policy import CalltakingPolicy
from tenfour.dispatch import decision as dispatching
from tenfour.dispatch.event import SupervisorAlerted
from tenfour.incident import decision as incidents
from tenfour.incident.event import IncidentClosed, KindSet
from tenfour.outreach import visit as visits
from tenfour.outreach.event import VisitDone, VisitFellDue
from tenfour.units import decision as units
from tenfour.units.event import AcknowledgementOverdue, SafetyCheckDue, UnitStatus
from tenfour.vocabulary.ids import UnitId, call_stream, incident_stream, unit_stream, visit_stream
from tenfour.workflow import timer
from tenfour.workflow.document import workflow_page
from tenfour.workflow.policy import Policy
from tenfour.workflow.world import Key, Kind

S = UnitStatus


def due_in(centre):
    """Seconds until the next clock runs out; None when none runs."""
    due_at = timer.next_due(centre.world, centre.policy)
    return None if due_at is None else (due_at - centre.now).total_seconds()


def whys(facts):
    return [fact.event.why for fact in facts if isinstance(fact.event, SupervisorAlerted)]


def test_centre_where_nothing_runs_has_no_clock(centre):
    assert due_in(centre) is None
    assert centre.wait(3600) == []


def test_call_that_rings_too_long_is_told_once(centre):
    centre.ring("a")
    assert due_in(centre) == 10
    assert centre.wait(9.9) == []
    (told,) = centre.wait(0.3)
    assert (told.event, told.actor.id) == (RingOverdue(10.2), timer.RING)
    assert centre.wait(60) == []
    assert due_in(centre) is None


def test_answered_call_and_test_call_run_no_ring_clock(centre):
    centre.answer(centre.ring("a"))
    centre.ring("t", "614-555-0137", test=True)
    assert centre.wait(60) == []


def test_administrative_line_has_the_ring_clock_that_the_policy_gives_it(centre):
    first = centre.ring("a", admin_line="front desk")
    assert centre.wait(600) == []
    centre.answer(first)
    centre.policy = Policy(calltaking=CalltakingPolicy(admin_ring_overdue_s=30))
    centre.ring("b", admin_line="front desk")
    assert centre.wait(29) == []
    assert [told.event for told in centre.wait(2)] == [RingOverdue(31.0)]


def test_unit_that_does_not_acknowledge_is_alerted_again_and_then_the_supervisor_told(centre):
    incident = centre.opened()
    centre.send(incident.incident_id, "12A3")
    assert due_in(centre) == 30
    said = [centre.wait(30) for _ in range(4)]
    alerts = [centre.events(batch, AcknowledgementOverdue)[0] for batch in said]
    assert [(alert.alert, alert.waited_s) for alert in alerts] == [(1, 30.0), (2, 60.0), (3, 90.0), (4, 120.0)]
    assert [whys(batch) for batch in said] == [
        [], [], ["Unit 12A3 has not acknowledged incident 1 in 90 s."], [],
    ]  # fmt: skip
    assert said[0][0].stream == "unit/12A3"
    assert said[0][0].agency == "sheriff"


def test_acknowledgement_stops_the_alerts(centre):
    incident = centre.opened()
    centre.send(incident.incident_id, "12A3")
    centre.wait(31)
    centre.status("12A3", S.ACKNOWLEDGED)
    assert centre.wait(300) == []


def test_safety_check_is_due_on_scene_and_asked_for_again_until_somebody_checked(centre):
    incident = centre.opened()
    centre.send(incident.incident_id, "12A3")
    centre.status("12A3", S.ON_SCENE)
    assert due_in(centre) == 600
    said = [centre.wait(600), centre.wait(60), centre.wait(60)]
    assert [centre.events(batch, SafetyCheckDue)[0].alert for batch in said] == [1, 2, 3]
    assert whys(said[2]) == ["Nobody has checked on unit 12A3 for 720 s."]
    centre.tell(unit_stream(UnitId("12A3")), units.check_safety(centre.world.unit("12A3"), "10-4"))
    assert due_in(centre) == 600
    centre.status("12A3", S.AVAILABLE)
    assert due_in(centre) is None


def test_kind_of_incident_shortens_the_safety_timer(centre):
    incident = centre.opened()
    centre.send(incident.incident_id, "12A3")
    centre.status("12A3", S.ON_SCENE)
    centre.tell(incident_stream(incident.incident_id), KindSet("911OPN"))
    assert due_in(centre) == 300


def test_unit_on_a_contact_of_its_own_is_checked_on_too(centre):
    centre.status("12A3", S.COMMUNITY_CONTACT)
    batch = centre.wait(600)
    assert centre.events(batch, SafetyCheckDue)[0].incident_id is None
    for _ in range(4):
        assert whys(centre.wait(60)) == []


def test_incident_without_a_unit_a_minute_after_the_call_is_told_once(centre):
    incident = centre.opened()
    assert due_in(centre) == 60
    assert whys(centre.wait(60)) == ["Incident 1 has no unit 60 s after the call."]
    assert centre.wait(600) == []
    assert incident.incident_id in centre.world.open_incidents


def test_no_clock_to_send_runs_while_the_call_taker_is_with_the_caller(centre):
    call_id = centre.ring("a")
    centre.answer(call_id)
    assert centre.wait(600) == []
    centre.drop(call_id)
    assert due_in(centre) == 60


def test_struggle_on_an_open_line_starts_the_clock_to_send_and_its_later_end_does_not_start_it_again(centre):
    call_id = centre.ring("a")
    centre.answer(call_id)
    centre.tell(call_stream(call_id), calls.hear(centre.world.call(call_id), ["struggle"]))
    assert due_in(centre) == 60
    assert len(whys(centre.wait(60))) == 1
    centre.drop(call_id)
    assert centre.wait(120) == []


def test_sending_or_holding_stops_the_clock_to_send(centre):
    incident = centre.opened()
    held = dispatching.hold(centre.world.assignment(incident.incident_id), "no police unit is free")
    centre.tell(incident_stream(incident.incident_id), held)
    assert due_in(centre) == 300
    assert whys(centre.wait(300)) == ["Incident 1 is held without a unit: no police unit is free"]
    assert centre.wait(600) == []
    centre.send(incident.incident_id, "12A3")
    assert due_in(centre) == 30


def test_incident_held_a_second_time_is_told_again(centre):
    incident = centre.opened()
    stream = incident_stream(incident.incident_id)
    for _ in range(2):
        centre.tell(stream, dispatching.hold(centre.world.assignment(incident.incident_id), "none free"))
        assert len(whys(centre.wait(300))) == 1
        centre.send(incident.incident_id, "12A3")
        centre.status("12A3", S.AVAILABLE)
        centre.pass_time(1)


def test_incident_opened_by_hand_is_to_get_a_unit_from_its_opening_on(centre):
    codes = centre.policy.incident.codes
    opened = incidents.open_incident("i900", 9, "WELFARE", why="at the desk", codes=codes)
    centre.tell(incident_stream("i900"), *opened)
    assert due_in(centre) == 60


def test_clock_that_was_said_late_says_how_long_it_really_waited(centre):
    incident = centre.opened()
    centre.send(incident.incident_id, "12A3")
    alert = centre.events(centre.wait(400), AcknowledgementOverdue)
    assert [(row.alert, row.waited_s) for row in alert] == [(1, 400.0)]
    assert due_in(centre) == 30


def test_asked_twice_at_once_the_clocks_state_the_same_facts(centre):
    incident = centre.opened()
    centre.send(incident.incident_id, "12A3")
    centre.pass_time(90)
    first = timer.due(centre.world, centre.policy, centre.now)
    assert first == timer.due(centre.world, centre.policy, centre.now)
    assert centre.settle(first)
    assert centre.settle(first) == []


@settings(max_examples=30, deadline=None)
@given(waits=st.lists(st.floats(0.1, 500), min_size=1, max_size=12))
def test_whatever_was_said_is_not_due_again_at_once(new_centre, waits):
    centre = new_centre()
    incident = centre.opened()
    centre.ring("b", "614-555-0100")
    centre.send(incident.incident_id, "12A3")
    centre.status("14B2", S.ON_SCENE)
    for wait in waits:
        centre.wait(wait)
        assert timer.due(centre.world, centre.policy, centre.now) == []
        due_at = timer.next_due(centre.world, centre.policy)
        assert due_at is None or due_at > centre.now


@pytest.mark.parametrize("rule", [timer.RING, timer.ACKNOWLEDGE, timer.SAFETY, timer.HOLD, timer.SEND_UNIT])
def test_every_clock_is_named_in_the_documentation(rule):
    assert f"`{rule}`" in workflow_page()


# ---- promised visits ----


def promised_visit(centre, incident, seconds):
    due_at = centre.now + timedelta(seconds=seconds)
    event = visits.promise(incident.incident_id, 1, "12A3", due_at, "Comes by.", now=centre.now)
    centre.tell(visit_stream(event.visit_id), event)
    return centre.world.casework_of(incident.incident_id).visits[0]


def test_promised_visit_falls_due_once_also_when_its_incident_is_long_closed(centre):
    incident = centre.opened()
    centre.tell(incident_stream(incident.incident_id), IncidentClosed("Settled.", ("18",), "unknown", ("adult_seen",)))
    visit = promised_visit(centre, incident, 3 * 86_400)
    assert centre.wait(3 * 86_400 - 1) == []
    assert Key(Kind.INCIDENT, incident.incident_id) not in centre.world.finished(centre.now)
    (told,) = centre.wait(2)
    assert (told.event, told.actor.id) == (VisitFellDue(incident.incident_id, visit.due_at), timer.VISIT)
    assert centre.wait(86_400) == []
    centre.tell(visit_stream(visit.visit_id), VisitDone(incident.incident_id))
    assert due_in(centre) is None
    assert Key(Kind.CASEWORK, incident.incident_id) in centre.world.finished(centre.now)


def test_moved_visit_falls_due_again(centre):
    incident = centre.opened()
    centre.send(incident.incident_id, "12A3")
    visit = promised_visit(centre, incident, 10)
    assert VisitFellDue in {type(fact.event) for fact in centre.wait(11)}
    moved = visits.move(visit, centre.now + timedelta(seconds=20), "Away.", now=centre.now)
    centre.tell(visit_stream(visit.visit_id), moved)
    centre.pass_time(9)
    assert VisitFellDue not in {type(fact.event) for fact in centre.wait(1)}
    assert VisitFellDue in {type(fact.event) for fact in centre.wait(11)}
