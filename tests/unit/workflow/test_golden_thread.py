"""The golden story as facts alone: DOMAIN section 2, steps 1 to 9."""

from tenfour.calltaking import decision as calls
from tenfour.calltaking.event import CallbackRefused, CallJoinedIncident, HandsetRecognised, KindAdvised
from tenfour.calltaking.placing import call_back
from tenfour.incident import decision as incidents
from tenfour.incident.event import CallLinked, IncidentStatus, StatusMoved
from tenfour.incident.proposal import Circumstances, propose
from tenfour.location.door import Candidate, rank_doors
from tenfour.location.event import FixClass
from tenfour.location.fix import in_use
from tenfour.units.event import UnitStatus
from tenfour.vocabulary.ids import CallId, PersonId, PositionId, call_stream, incident_stream
from tenfour.vocabulary.place import Point
from tenfour.workflow.clock import clock_facts

S = UnitStatus


def test_a_boy_who_wanted_a_hug_is_visited_and_the_incident_closes_by_one_line(centre):
    call_id = centre.ring("hug")
    card = centre.events(centre.facts, HandsetRecognised)[0]
    assert card.reason == "No service plan: cannot be called back or texted."

    centre.pass_time(3)
    batch = centre.answer(call_id)
    assert "IncidentOpened" in centre.said(batch)
    centre.locate(call_id, 900, "Cell")
    centre.tell(
        call_stream(call_id), calls.hear(centre.world.call(call_id), ["child_voice", "laughter", "no_distress"])
    )
    centre.locate(call_id, 38, how="rebid")
    centre.pass_time(49)
    advice = centre.events(centre.drop(call_id), KindAdvised)[0]
    assert (advice.kind, advice.priority, advice.rule) == ("911H", 2, "hangup.nsi.voice")
    assert advice.next_step == "send a unit within 60 s of the drop"

    refused = call_back(
        centre.world.call(call_id), "voice", PositionId("04"), PersonId("adeyemi"),
        new_id=CallId("c" * 20), host="larkspur.demo", places_calls=True,
    )  # fmt: skip
    assert isinstance(refused, CallbackRefused)
    centre.tell(call_stream(call_id), refused)

    fix = in_use(centre.world.locations[call_id])
    assert fix is not None
    assert (fix.fix_class, fix.uncertainty_m, fix.source) == (FixClass.PHASE_II, 38, "rebid")
    doors = rank_doors([Candidate("9417", "9417 Kendall Place", Point(39.9574, -82.9401))], fix, centre.policy.location)

    codes = centre.policy.incident.codes
    incident = centre.incident_of(call_id)
    stream = incident_stream(incident.incident_id)
    centre.tell(
        stream,
        incidents.set_kind(incident, advice.kind, advice.rule, codes=codes),
        incidents.set_priority(incident, advice.priority),
        incidents.set_place(incident, doors[0].place(), door_rank=1),
    )
    made = centre.recommend(incident.incident_id, _12A3=250, _14B2=310)
    assert [unit.unit for unit in made.units] == ["12A3"]
    assert made.passed_over[0].reason == "one minute longer by road (5:10)"
    centre.tell(stream, incidents.read_back(centre.world.incident(incident.incident_id)))
    centre.send(incident.incident_id, "12A3")
    centre.status("12A3", S.ACKNOWLEDGED)
    centre.status("12A3", S.EN_ROUTE)

    second = centre.ring("again")
    linked = centre.world.call(second)
    assert (linked.incident_id, linked.link_certain) == (incident.incident_id, False)
    assert "Possibly the same handset" in linked.link_words
    centre.answer(second)
    centre.drop(second)
    assert len(centre.world.incidents) == 1

    centre.status("12A3", S.ON_SCENE)
    here = centre.world.incident(incident.incident_id)
    assert here.status is IncidentStatus.RESOURCES_ONSCENE
    for item in ("adult_seen", "child_seen", "call_log_matches"):
        centre.tell(stream, incidents.mark(here, item, True))
    centre.status("12A3", S.COMMUNITY_CONTACT)

    here = centre.world.incident(incident.incident_id)
    proposal = propose(here, "Just wanted a hug", Circumstances(deactivated_phone=True, child=True))
    assert (proposal.dispositions, proposal.cause) == (("18", "02"), "child_deactivated_phone")
    closed = incidents.close(here, proposal.words, proposal.dispositions, proposal.cause, codes=codes)
    batch = centre.tell(stream, closed)
    assert centre.world.unit("12A3").status is S.AVAILABLE
    assert "UnitStatusChanged" in centre.said(batch)
    assert centre.world.incident(incident.incident_id).status is IncidentStatus.CLOSED
    assert centre.events(centre.facts, CallLinked)[0].call_id == second
    assert len(centre.events(centre.facts, CallJoinedIncident)) == 2
    assert [m.status.value for m in centre.events(centre.facts, StatusMoved)] == [
        "ResourcesAssigned",
        "ResourcesEnroute",
        "ResourcesOnscene",
    ]


def test_every_clock_fact_that_reports_need_can_be_derived(centre):
    incident = centre.opened()
    centre.recommend(incident.incident_id, _12A3=250)
    for step in (lambda: centre.send(incident.incident_id, "12A3"),):
        centre.pass_time(10)
        step()
    for status in (S.ACKNOWLEDGED, S.EN_ROUTE, S.ON_SCENE):
        centre.pass_time(10)
        centre.status("12A3", status)
    centre.pass_time(10)
    stream = incident_stream(incident.incident_id)
    here = centre.world.incident(incident.incident_id)
    centre.tell(stream, incidents.mark(here, "adult_seen", True))
    centre.pass_time(10)
    here = centre.world.incident(incident.incident_id)
    closed = incidents.close(here, "all well", ["18"], "unknown", codes=centre.policy.incident.codes)
    centre.tell(stream, closed)

    facts = clock_facts(centre.world, incident.incident_id)
    later = [
        facts.received_at, facts.ringing_at, facts.answered_at, facts.connected_at, facts.call_ended_at,
        facts.recommended_at, facts.dispatched_at, facts.acknowledged_at, facts.en_route_at, facts.on_scene_at,
        facts.contact_at, facts.closed_at,
    ]  # fmt: skip
    assert None not in later
    assert later == sorted(later)
    assert (facts.closed_at - facts.dispatched_at).total_seconds() == 50
