"""Rules about calls: recognised, located, answered by themselves, belonging to an incident, advised."""

import pytest
from msgspec.structs import replace

from tenfour.calltaking import decision as calls
from tenfour.calltaking.call import CallState
from tenfour.calltaking.event import (
    CallAbandoned,
    CallAnswered,
    CallerDisconnected,
    CallFailed,
    CallJoinedIncident,
    CallReleased,
    Handset,
    HandsetRecognised,
    KindAdvised,
    LocationConveyed,
    Signal,
)
from tenfour.incident import decision as incidents
from tenfour.incident.event import CallLinked, IncidentOpened
from tenfour.location.event import FixClass, FixRecorded, LocationUnreadable
from tenfour.vocabulary.errors import NotFound, Refused
from tenfour.vocabulary.ids import PersonId, PositionId, call_stream, incident_stream
from tenfour.workflow.joining import join

CALLABLE = "614-555-0137"


def abandon(centre, call_id, signal=Signal.CANCEL):
    return centre.tell(call_stream(call_id), CallAbandoned(signal))


def close(centre, incident_id):
    incident = centre.world.incident(incident_id)
    closed = incidents.close(
        incident, "all well", ["18"], "unknown", seen=("adult_seen",), codes=centre.policy.incident.codes
    )
    return centre.tell(incident_stream(incident_id), closed)


def test_call_is_recognised_at_the_first_ring(centre):
    call_id = centre.ring("a")
    assert centre.world.call(call_id).handset is Handset.NSI
    assert centre.world.call(centre.ring("b", CALLABLE)).may_call_back


def test_tower_fix_tells_that_an_unknown_phone_is_wireless_and_nothing_about_one_without_service(centre):
    unknown, nsi = centre.ring("a", CALLABLE), centre.ring("b")
    for call_id in (unknown, nsi):
        centre.locate(call_id, 900, "Cell")
    assert centre.world.call(unknown).handset is Handset.WIRELESS
    assert centre.world.call(nsi).handset is Handset.NSI
    assert len(centre.events(centre.locate(unknown, 900, "Cell"), HandsetRecognised)) == 0


def test_conveyed_location_becomes_a_row_that_says_how_it_came(centre):
    call_id = centre.ring("a")
    first = centre.events(centre.locate(call_id, 900, "Cell"), FixRecorded)
    second = centre.events(centre.locate(call_id, 38, how="rebid"), FixRecorded)
    assert [(fix.fix_class, fix.source) for fix in first + second] == [
        (FixClass.PHASE_I, "by value"),
        (FixClass.PHASE_II, "rebid"),
    ]
    assert len(centre.world.locations[call_id].fixes) == 2


def test_location_that_cannot_be_read_is_said_and_the_call_goes_on(centre):
    call_id = centre.ring("a")
    batch = centre.tell(call_stream(call_id), LocationConveyed("<presence"))
    assert "is no XML" in centre.events(batch, LocationUnreadable)[0].problem
    assert centre.world.call(call_id).state is CallState.RINGING


# ---- belonging to an incident ----


def test_answered_call_opens_an_incident_under_the_identifier_it_came_with(centre):
    call_id = centre.ring("a")
    opened = centre.events(centre.answer(call_id), IncidentOpened)[0]
    call = centre.world.call(call_id)
    assert (opened.incident_id, opened.number, opened.call_id) == (call.i3_incident_id, 1, call_id)
    assert (call.incident_id, call.link_certain) == (opened.incident_id, True)


def test_abandoned_call_opens_an_incident_so_that_nobody_is_dropped(centre):
    call_id = centre.ring("a")
    batch = abandon(centre, call_id)
    assert centre.events(batch, IncidentOpened)[0].why == "abandoned call"
    assert centre.events(batch, KindAdvised)[0].rule == "abandoned.nsi"


def test_failed_call_opens_an_incident_too(centre):
    call_id = centre.ring("a")
    batch = centre.tell(call_stream(call_id), CallFailed("no common codec"))
    assert len(centre.events(batch, IncidentOpened)) == 1


def test_call_that_was_answered_opens_no_second_incident_when_it_ends(centre):
    call_id = centre.ring("a")
    centre.answer(call_id)
    assert centre.events(centre.drop(call_id), IncidentOpened) == []
    assert len(centre.world.incidents) == 1


@pytest.mark.parametrize(("ani", "certain"), [("911-442-7186", False), (CALLABLE, True)])
def test_redial_of_the_same_number_joins_the_open_incident_while_it_still_rings(centre, ani, certain):
    first = centre.ring("a", ani)
    abandon(centre, first)
    second = centre.ring("b", ani)
    incident = centre.incident_of(first)
    assert centre.world.call(second).incident_id == incident.incident_id
    assert centre.world.call(second).link_certain is certain
    assert incident.call_ids == (first, second)
    centre.answer(second)
    centre.drop(second)
    assert len(centre.world.incidents) == 1
    assert len(centre.events(centre.facts, CallLinked)) == 1


def test_two_calls_of_one_number_ringing_together_become_one_incident(centre):
    first, second = centre.ring("a", CALLABLE), centre.ring("b", CALLABLE)
    centre.answer(first)
    centre.answer(second, "06")
    assert centre.incident_of(first) == centre.incident_of(second)
    assert len(centre.world.incidents) == 1


def test_two_handsets_with_one_911_number_are_said_to_be_possibly_the_same(centre):
    centre.answer(centre.ring("a"))
    second = centre.ring("b")
    assert "Possibly the same handset" in centre.world.call(second).link_words


def test_number_that_many_old_phones_show_alike_links_nothing(centre):
    first, second = centre.ring("a", "123-456-7890"), centre.ring("b", "123-456-7890")
    abandon(centre, first)
    abandon(centre, second)
    assert len(centre.world.incidents) == 2


def test_calls_without_a_number_are_not_linked(centre):
    for name in ("a", "b"):
        abandon(centre, centre.ring(name, "anonymous"))
    assert len(centre.world.incidents) == 2


def test_call_that_carries_the_identifier_of_an_open_incident_joins_it(centre):
    first = centre.ring("a", CALLABLE)
    centre.answer(first)
    incident = centre.incident_of(first)
    transferred = centre.ring("b", "614-555-0999", i3=incident.incident_id)
    assert centre.world.call(transferred).link_certain
    assert "identifier" in centre.world.call(transferred).link_words


def test_call_after_the_incident_was_closed_is_a_new_matter_even_under_the_same_identifier(centre):
    first = centre.ring("a", CALLABLE)
    centre.answer(first)
    closed = centre.incident_of(first)
    close(centre, closed.incident_id)
    later = centre.ring("b", CALLABLE, i3=closed.incident_id)
    centre.answer(later)
    fresh = centre.incident_of(later)
    assert fresh.incident_id != closed.incident_id
    assert (fresh.number, 10 <= len(fresh.incident_id) <= 32, fresh.incident_id.isalnum()) == (2, True, True)


def test_call_that_joined_while_ringing_gets_its_own_incident_when_that_one_closed_meanwhile(centre):
    first = centre.ring("a", CALLABLE)
    centre.answer(first)
    incident = centre.incident_of(first)
    second = centre.ring("b", CALLABLE)
    close(centre, incident.incident_id)
    centre.answer(second, "06")
    assert centre.incident_of(second).number == 2


def test_test_call_opens_nothing_is_not_advised_and_not_answered_by_itself(centre):
    centre.auto_answer("01")
    call_id = centre.ring("t", test=True)
    abandon(centre, call_id)
    assert centre.world.incidents == {}
    assert centre.events(centre.facts, KindAdvised) == centre.events(centre.facts, CallAnswered) == []


@pytest.mark.parametrize("end", [CallerDisconnected(), CallReleased(), CallFailed("The line restarted.")])
def test_test_call_that_was_looped_opens_nothing_however_it_ends(centre, end):
    centre.auto_answer("01")
    call_id = centre.looped("t", end)
    assert centre.world.calls_in_progress == set()
    assert centre.world.incidents == {}
    assert centre.events(centre.facts, KindAdvised) == centre.events(centre.facts, CallAnswered) == []
    assert centre.world.call(call_id).answered_at is None


def test_call_to_an_administrative_line_opens_nothing_by_itself(centre):
    answered, left = centre.ring("a", CALLABLE, admin_line="front desk"), centre.ring("b", admin_line="front desk")
    centre.answer(answered)
    centre.drop(answered)
    abandon(centre, left)
    assert centre.world.incidents == {}
    assert centre.events(centre.facts, KindAdvised) == []


def test_call_to_an_administrative_line_joins_no_incident_by_itself_and_a_person_may_say_so(centre):
    centre.answer(centre.ring("a", CALLABLE))
    admin = centre.ring("b", CALLABLE, admin_line="front desk")
    centre.answer(admin, "06")
    assert centre.world.call(admin).incident_id is None
    (incident,) = centre.world.incidents.values()
    centre.draft(*join(centre.world, admin, incident.incident_id, "the caller's neighbour"))
    assert centre.world.call(admin).incident_id == incident.incident_id


def test_position_that_answers_by_itself_takes_an_emergency_before_an_administrative_call(centre):
    admin, emergency = centre.ring("a", CALLABLE, admin_line="front desk"), centre.ring("b")
    centre.auto_answer("01")
    assert centre.world.call(emergency).position == "01"
    assert centre.world.call(admin).position is None


def test_person_joins_a_call_to_another_incident(centre):
    first, second = centre.ring("a", CALLABLE), centre.ring("b", "614-555-0999")
    centre.answer(first)
    centre.answer(second, "06")
    target = centre.incident_of(first)
    centre.draft(*join(centre.world, second, target.incident_id, "same crash"))
    assert centre.world.call(second).incident_id == target.incident_id
    assert second in centre.world.incident(target.incident_id).call_ids
    with pytest.raises(Refused, match="belongs to Incident 1 already"):
        join(centre.world, second, target.incident_id)
    with pytest.raises(NotFound):
        join(centre.world, "nobody", target.incident_id)


def test_possible_link_is_made_certain_by_a_person(centre):
    centre.answer(centre.ring("a"))
    second = centre.ring("b")
    incident = centre.incident_of(second)
    centre.draft(*join(centre.world, second, incident.incident_id, "the same boy"))
    assert centre.world.call(second).link_certain
    assert [call.certain for call in centre.world.incident(incident.incident_id).calls] == [True, True]


# ---- answering by itself ----


def answered(facts):
    return [(f.stream, f.event.position) for f in facts if isinstance(f.event, CallAnswered) and f.event.by_itself]


def test_position_that_was_set_so_answers_by_itself(centre):
    centre.auto_answer("04")
    call_id = centre.ring("a")
    assert answered(centre.facts) == [(call_stream(call_id), "04")]
    assert centre.world.call(call_id).person == "adeyemi"
    assert centre.world.call(call_id).answered_by_itself


def test_no_position_answers_by_itself_unless_it_was_set_so(centre):
    centre.auto_answer("04", on=False)
    assert centre.world.call(centre.ring("a")).state is CallState.RINGING


def test_free_position_of_the_lowest_number_goes_first_and_each_takes_one_call(centre):
    for position in ("06", "02"):
        centre.auto_answer(position)
    a, b, c = (centre.ring(name, f"614-555-010{n}") for n, name in enumerate("abc"))
    assert [centre.world.call(call).position for call in (a, b, c)] == ["02", "06", None]
    centre.drop(b)
    assert centre.world.call(c).position == "06"


def test_position_set_to_answer_takes_the_call_that_has_rung_longest(centre):
    first = centre.ring("z", "614-555-0100")
    centre.pass_time(1)
    centre.ring("a", "614-555-0101")
    centre.auto_answer("04")
    assert centre.world.call(first).position == "04"


def test_position_takes_several_calls_only_where_the_policy_says_so(centre):
    taking = replace(centre.policy.calltaking, calls_answered_by_itself=2)
    centre.policy = replace(centre.policy, calltaking=taking)
    centre.auto_answer("04")
    made = [centre.ring(name, f"614-555-010{n}") for n, name in enumerate("abc")]
    assert [centre.world.call(call).position for call in made] == ["04", "04", None]


def test_call_that_a_person_answered_is_left_alone(centre):
    call_id = centre.ring("a")
    centre.answer(call_id, "01")
    centre.auto_answer("04")
    assert centre.world.call(call_id).position == "01"


# ---- advice ----


def test_dropped_call_gets_advice_once_and_again_only_when_it_changes(centre):
    call_id = centre.ring("a")
    centre.answer(call_id)
    assert [a.rule for a in centre.events(centre.drop(call_id), KindAdvised)] == ["hangup.nsi.silent"]

    def hear(*codes):
        heard = calls.hear(centre.world.call(call_id), codes)
        return [a.rule for a in centre.events(centre.tell(call_stream(call_id), heard), KindAdvised)]

    assert hear("child_voice") == ["hangup.nsi.voice"]
    assert hear("struggle") == ["open_line.distress"]
    assert hear("struggle") == []
    assert hear("calm") == ["open_line.distress"]
    assert centre.world.call(call_id).advice.priority == 1


def test_second_end_of_a_call_that_has_ended_moves_nothing(centre):
    call_id = centre.ring("a")
    abandon(centre, call_id)
    before = centre.world.call(call_id)
    centre.tell(call_stream(call_id), CallerDisconnected())
    assert centre.world.call(call_id) == before


def test_pickup_that_crossed_the_callers_leaving_keeps_both(centre):
    call_id = centre.ring("a")
    picked = calls.answer(centre.world.call(call_id), PositionId("04"), PersonId("adeyemi"))
    centre.tell(call_stream(call_id), picked)
    abandon(centre, call_id)
    call = centre.world.call(call_id)
    assert (call.state, call.position) == (CallState.ABANDONED, "04")
    assert len(centre.events(centre.facts, CallJoinedIncident)) == 1
    assert call.advice.rule == "abandoned.nsi"
