"""Rules about units and incidents: statuses follow, closing frees, supervisors are told."""

from datetime import timedelta

import pytest

from tenfour.dispatch import decision as dispatching
from tenfour.dispatch.event import HelpAsked, SupervisorAlerted
from tenfour.incident import decision as incidents
from tenfour.incident.event import IncidentStatus as Status
from tenfour.incident.event import StatusMoved
from tenfour.units import decision as units
from tenfour.units.event import UnitStatus, UnitStatusChanged
from tenfour.vocabulary.errors import IllegalTransition, NotFound, Refused
from tenfour.vocabulary.ids import UnitId, incident_stream, unit_stream
from tenfour.vocabulary.place import Point
from tenfour.workflow import sending

S = UnitStatus


def test_units_sent_are_dispatched_on_their_own_streams_for_their_agency(centre):
    incident = centre.opened()
    batch = centre.send(incident.incident_id, "12A3", "M7")
    changes = [fact for fact in batch if isinstance(fact.event, UnitStatusChanged)]
    assert [(fact.stream, fact.agency, fact.event.status) for fact in changes] == [
        ("unit/12A3", "sheriff", S.DISPATCHED),
        ("unit/M7", "sheriff", S.DISPATCHED),
    ]
    assert [unit.unit_id for unit in centre.world.units_on(incident.incident_id)] == ["12A3", "M7"]


def test_status_of_the_incident_is_that_of_the_unit_farthest_on(centre):
    incident = centre.opened()
    centre.send(incident.incident_id, "12A3", "14B2")

    def status():
        return centre.world.incident(incident.incident_id).status

    assert status() is Status.RESOURCES_ASSIGNED
    centre.status("12A3", S.EN_ROUTE)
    centre.status("14B2", S.ON_SCENE)
    assert status() is Status.RESOURCES_ONSCENE
    centre.status("14B2", S.AVAILABLE)
    assert status() is Status.RESOURCES_ENROUTE
    centre.status("12A3", S.ASSIGNMENT_CANCELLED)
    assert status() is Status.ACTIVE


def test_status_that_does_not_change_is_not_said_again(centre):
    incident = centre.opened()
    centre.send(incident.incident_id, "12A3")
    assert centre.events(centre.status("12A3", S.ACKNOWLEDGED), StatusMoved) == []


def test_diverted_unit_leaves_one_incident_and_is_assigned_to_the_other(centre):
    first = centre.opened()
    call_id = centre.ring("x", "614-555-0137")
    centre.answer(call_id)
    other = centre.incident_of(call_id)
    centre.send(first.incident_id, "12A3")
    centre.status("12A3", S.EN_ROUTE)
    with pytest.raises(Refused, match="needs a reason"):
        centre.send(other.incident_id, "12A3")
    centre.send(other.incident_id, "12A3", reason="a struggle was heard")
    assert centre.world.incident(first.incident_id).status is Status.ACTIVE
    assert centre.world.incident(other.incident_id).status is Status.RESOURCES_ASSIGNED
    assert centre.world.assignment(first.incident_id).run(UnitId("12A3")).cleared_at == centre.now
    assert centre.world.units_on(first.incident_id) == ()


def test_closed_incident_frees_its_units_and_says_why(centre):
    incident = centre.opened()
    centre.send(incident.incident_id, "12A3", "14B2")
    centre.status("12A3", S.ON_SCENE)
    here = centre.world.incident(incident.incident_id)
    closed = incidents.close(here, "a hug", ["18"], "unknown", seen=["child_seen"], codes=centre.policy.incident.codes)
    centre.tell(incident_stream(incident.incident_id), closed)
    for name in ("12A3", "14B2"):
        assert (centre.world.unit(name).status, centre.world.unit(name).reason) == (S.AVAILABLE, "Incident 1 closed")
    assert centre.world.incident(incident.incident_id).status is Status.CLOSED


def test_emergency_outlives_the_closing_of_the_incident(centre):
    incident = centre.opened()
    centre.send(incident.incident_id, "12A3")
    batch = centre.tell(unit_stream(UnitId("12A3")), units.raise_emergency(centre.world.unit("12A3"), "shots"))
    assert centre.events(batch, SupervisorAlerted)[0].why == "Unit 12A3 has raised an emergency."
    here = centre.world.incident(incident.incident_id)
    closed = incidents.close(here, "x", ["18"], "unknown", seen=["adult_seen"], codes=centre.policy.incident.codes)
    centre.tell(incident_stream(incident.incident_id), closed)
    assert centre.world.unit("12A3").emergency_since is not None


def test_emergency_of_a_unit_on_no_incident_stands_on_the_unit_alone(centre):
    batch = centre.tell(unit_stream(UnitId("12A3")), units.raise_emergency(centre.world.unit("12A3")))
    assert centre.said(batch) == ["EmergencyRaised"]


def test_help_asked_tells_the_supervisor_and_one_more_unit_is_recommended(centre):
    incident = centre.opened()
    centre.send(incident.incident_id, "12A3")
    centre.status("12A3", S.ON_SCENE)
    assert centre.recommend(incident.incident_id, _14B2=310).units == ()
    centre.pass_time(5)
    asked = dispatching.ask_help(centre.world.unit("12A3"), incident.incident_id, "two doors")
    batch = centre.tell(incident_stream(incident.incident_id), asked)
    assert centre.said(batch) == ["HelpAsked", "SupervisorAlerted"]
    assert centre.events(batch, SupervisorAlerted)[0].why == "Unit 12A3 asks for a second unit: two doors"
    made = centre.recommend(incident.incident_id, _14B2=310, _12A1=400)
    assert [row.unit for row in made.units] == ["14B2"]
    assert isinstance(centre.events(centre.facts, HelpAsked)[0], HelpAsked)


def test_area_check_tells_the_supervisor(centre):
    incident = centre.opened()
    ordered = dispatching.order_area_check("Kendall Place")
    batch = centre.tell(incident_stream(incident.incident_id), ordered)
    assert centre.events(batch, SupervisorAlerted)[0].why == "No usable address; area check: Kendall Place"


# ---- recommending and sending from the world ----


def test_recommendation_uses_the_latest_position_and_says_how_old_it_is(centre):
    incident = centre.opened()
    seen = Point(39.95, -82.94)
    centre.world.sight(UnitId("12A3"), seen, centre.now)
    centre.pass_time(2)
    (row,) = centre.recommend(incident.incident_id, _12A3=250).units
    assert (row.position, row.position_age_s) == (seen, 2.0)


def test_older_position_does_not_replace_a_newer_one(centre):
    newer, older = Point(39.95, -82.94), Point(39.0, -82.0)
    centre.world.sight(UnitId("12A3"), newer, centre.now)
    centre.world.sight(UnitId("12A3"), older, centre.now - timedelta(seconds=5))
    assert sending.position_of(centre.world.unit("12A3"), centre.world) == newer
    assert sending.position_of(centre.world.unit("14B2"), centre.world) == centre.world.unit("14B2").post


def test_incident_without_a_kind_gets_no_recommendation_but_a_sentence(centre):
    call_id = centre.ring("a")
    centre.answer(call_id)
    with pytest.raises(Refused, match="Incident 1 has no kind yet"):
        centre.recommend(centre.incident_of(call_id).incident_id)


def test_unknown_unit_is_said_to_be_unknown_and_nothing_is_done(centre):
    incident = centre.opened()
    with pytest.raises(NotFound, match="There is no unit '99X9'"):
        centre.send(incident.incident_id, "99X9")


def test_closed_incident_gets_neither_units_nor_recommendations(centre):
    incident = centre.opened()
    closed = incidents.close(incident, "x", ["18"], "unknown", seen=["adult_seen"], codes=centre.policy.incident.codes)
    centre.tell(incident_stream(incident.incident_id), closed)
    with pytest.raises(IllegalTransition, match="reopen it first"):
        centre.send(incident.incident_id, "12A3")
    with pytest.raises(IllegalTransition):
        centre.recommend(incident.incident_id)


def test_recommendation_is_stale_once_its_unit_has_gone_elsewhere(centre):
    incident = centre.opened()
    made = centre.recommend(incident.incident_id, _12A3=250)
    assert not sending.stale(made, incident, centre.world)
    centre.send(incident.incident_id, "12A3")
    assert not sending.stale(made, incident, centre.world)
    centre.status("12A3", S.AVAILABLE)
    centre.status("12A3", S.OUT_OF_SERVICE)
    assert sending.stale(made, incident, centre.world)
