"""What the world lets go of it finds again on its shelf, and carries again when something is folded on it."""

from datetime import timedelta

import pytest

from tenfour.calltaking.event import CallerAudioStopped, CallJoinedIncident, RecordingEnded
from tenfour.incident import decision as incidents
from tenfour.incident.event import CallLinked
from tenfour.vocabulary.ids import call_stream, incident_stream
from tenfour.workflow.shelf import Carried
from tenfour.workflow.world import Key, Kind, World


class DictShelf:
    """States in a dict; counts how often it is asked."""

    def __init__(self):
        self.states = {}
        self.asked = 0

    def state(self, kind, name):
        self.asked += 1
        return self.states.get(Key(kind, name))

    def keep(self, world, keys):
        self.states.update(world.states(keys))


@pytest.fixture
def shelf():
    return DictShelf()


@pytest.fixture
def centre(new_centre, shelf):
    made = new_centre()
    world = World(shelf)
    for fact in made.facts:
        world.apply(fact)
    made.world = world
    return made


def closed_incident(centre):
    incident = centre.opened()
    codes = centre.policy.incident.codes
    closed = incidents.close(incident, "x", ["18"], "unknown", seen=("adult_seen",), codes=codes)
    centre.tell(incident_stream(incident.incident_id), closed)
    return centre.world.incident(incident.incident_id)


def let_go(centre, shelf, after_s=3600):
    centre.pass_time(after_s)
    keys = centre.world.finished(centre.now - timedelta(seconds=60))
    shelf.keep(centre.world, centre.world.changed())
    shelf.keep(centre.world, keys)
    centre.world.let_go(keys)
    return keys


def test_open_incident_keeps_its_ended_calls_and_itself(centre, shelf):
    incident = centre.opened()
    assert let_go(centre, shelf) == frozenset()
    assert centre.world.calls.carries(incident.call_ids[0])


def test_what_is_just_finished_is_carried_on(centre, shelf):
    incident = closed_incident(centre)
    assert let_go(centre, shelf, after_s=30) == frozenset()
    assert incident.incident_id in centre.world.incidents


def test_closed_incident_with_a_unit_still_on_it_is_carried_on(centre, shelf):
    incident = centre.opened()
    centre.send(incident.incident_id, "12A3")
    world = centre.world
    units = dict(world.units)
    codes = centre.policy.incident.codes
    closed = incidents.close(
        world.incident(incident.incident_id), "x", ["18"], "unknown", seen=("adult_seen",), codes=codes
    )
    world.apply(centre.fact(incident_stream(incident.incident_id), closed))
    assert world.units == units
    centre.pass_time(3600)
    assert Key(Kind.INCIDENT, incident.incident_id) not in world.finished(centre.now)


def test_closed_incident_stays_as_long_as_its_last_call(centre, shelf):
    incident = closed_incident(centre)
    centre.pass_time(3000)
    repeat = centre.ring("b", i3="other")
    centre.answer(repeat)
    centre.drop(repeat)
    centre.tell(incident_stream(incident.incident_id), CallLinked(repeat, True, "the same matter"))
    centre.tell(call_stream(repeat), CallJoinedIncident(incident.incident_id, True, "the same matter"))
    assert Key(Kind.INCIDENT, incident.incident_id) not in let_go(centre, shelf, after_s=30)
    assert Key(Kind.INCIDENT, incident.incident_id) in let_go(centre, shelf)


def test_finished_call_and_closed_incident_are_let_go_of_and_found_by_name(centre, shelf):
    incident = closed_incident(centre)
    call = centre.world.call(incident.call_ids[0])
    keys = let_go(centre, shelf)
    assert {key.kind for key in keys} == {Kind.CALL, Kind.LOCATION, Kind.INCIDENT, Kind.ASSIGNMENT, Kind.CASEWORK}
    world = centre.world
    assert (dict(world.calls), dict(world.incidents), dict(world.locations), dict(world.assignments)) == (
        {},
        {},
        {},
        {},
    )
    assert world.incident(incident.incident_id) == incident
    assert world.call(call.call_id) == world.calls[call.call_id] == world.calls.get(call.call_id) == call
    assert call.call_id in world.calls
    assert world.calls.get("nobody") is None
    assert "nobody" not in world.calls
    assert len(world.calls) == 0, "a look does not make it carried"
    assert world._by_number == {}
    assert world._units_on == {}


def test_late_fact_of_a_call_that_was_let_go_is_folded_on_what_it_was(centre, shelf):
    incident = closed_incident(centre)
    call_id = incident.call_ids[0]
    before = centre.world.call(call_id)
    let_go(centre, shelf)
    centre.tell(call_stream(call_id), RecordingEnded("a.wav", 1, 12.0, "0" * 64))
    after = centre.world.call(call_id)
    assert (after.ended_at, after.ani, len(after.recordings)) == (before.ended_at, before.ani, 1)
    assert centre.world.calls.carries(call_id)
    assert Key(Kind.CALL, call_id) in centre.world.changed()


def test_incident_that_was_let_go_is_reopened_and_found_by_its_number(centre, shelf):
    incident = closed_incident(centre)
    let_go(centre, shelf)
    reopened = incidents.reopen(centre.world.incident(incident.incident_id), "the caller rang again")
    centre.tell(incident_stream(incident.incident_id), reopened)
    assert centre.world.open_incident_of_number("911-442-7186").incident_id == incident.incident_id
    repeat = centre.ring("b")
    assert centre.world.call(repeat).incident_id == incident.incident_id


def test_identifier_of_an_incident_that_was_let_go_is_not_taken_twice(centre, shelf):
    incident = closed_incident(centre)
    let_go(centre, shelf)
    again = centre.ring("z", i3=incident.incident_id)
    centre.answer(again)
    assert centre.incident_of(again).incident_id != incident.incident_id
    assert centre.world.incident(incident.incident_id) == incident


def test_numbers_of_incidents_go_on_after_letting_go_and_after_a_restart(centre, shelf):
    closed_incident(centre)
    let_go(centre, shelf)
    assert centre.world.next_number == 2
    numbering = Key(Kind.NUMBERING, "")
    again = World.restore(0, {numbering: shelf.states[numbering]}, shelf)
    assert again.next_number == 2


def test_copy_finds_on_the_same_shelf(centre, shelf):
    incident = closed_incident(centre)
    let_go(centre, shelf)
    assert centre.world.copy().incident(incident.incident_id) == incident


def test_world_without_a_shelf_lets_nothing_go(new_centre):
    centre = new_centre()
    incident = closed_incident(centre)
    centre.world.let_go(centre.world.finished(centre.now))
    assert centre.world.incidents.carries(incident.incident_id)


def test_twenty_thousand_finished_calls_leave_nothing_behind_in_memory(centre, shelf):
    """Counts what the world carries: it must follow what goes on, not what has ever been."""
    most = 0
    for number in range(2_000):
        calls = [centre.ring(f"n{number}.{i}", f"614-{number:03}-{i:04}") for i in range(10)]
        for call_id in calls:
            centre.tell(call_stream(call_id), CallerAudioStopped(1.0))
            centre.drop(call_id)
            incident_id = centre.world.call(call_id).incident_id
            if incident_id is not None:
                codes = centre.policy.incident.codes
                incident = centre.world.incident(incident_id)
                closed = incidents.close(incident, "x", ["18"], "unknown", seen=("adult_seen",), codes=codes)
                centre.tell(incident_stream(incident_id), closed)
        shelf.keep(centre.world, centre.world.changed())
        centre.world.let_go(centre.world.finished(centre.now))
        shelf.states = {key: state for key, state in shelf.states.items() if key.kind == Kind.NUMBERING}
        centre.facts.clear()
        world = centre.world
        held = (world.calls, world.locations, world.incidents, world.assignments, world._by_number, world._units_on)
        most = max(most, sum(len(one) for one in held))
        assert not world.calls_in_progress
        assert not world.open_incidents
    assert centre.world.next_number == 20_001
    assert most == 0


def test_mapping_asks_its_shelf_only_for_what_it_does_not_carry():
    asked = []
    carried = Carried(asked.append)
    carried["a"] = 1
    assert (carried["a"], carried.get("a"), "a" in carried) == (1, 1, True)
    assert asked == []
    with pytest.raises(KeyError):
        carried["b"]
    assert carried.get("b", 7) == 7


def test_shelf_is_asked_for_a_new_name_only_once(shelf):
    carried = Carried(lambda name: shelf.state("call", name))
    for _ in range(3):
        carried.carry("new")
        assert carried.carried("new") is None
        assert "new" not in carried
    assert shelf.asked == 1


def test_what_was_new_once_is_found_again_when_it_was_let_go_of(shelf):
    carried = Carried(lambda name: shelf.state("call", name))
    carried.carry("new")
    carried["new"] = "as it was"
    shelf.states[Key("call", "new")] = "as it was"
    carried.let_go("new")
    assert not carried.carries("new")
    assert carried["new"] == "as it was"


def test_nothing_was_sent_to_an_incident_that_is_carried_and_the_shelf_is_not_asked(centre, shelf):
    incident = centre.opened()
    asked = shelf.asked
    assert centre.world.assignment(incident.incident_id).runs == ()
    assert shelf.asked == asked
