"""Laws of the world: replay equals live, reactions are deterministic, saving and restoring lose nothing."""

import re
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from msgspec.structs import replace

from tenfour.calltaking import decision as calls
from tenfour.calltaking.call import CallState
from tenfour.calltaking.event import CallAbandoned, Signal
from tenfour.incident import decision as incidents
from tenfour.incident.event import IncidentClosed
from tenfour.journal.codec import UnknownEvent
from tenfour.units import decision as units
from tenfour.units.event import UnitStatus
from tenfour.units.status import WITHOUT_INCIDENT
from tenfour.vocabulary.envelope import ActorKind, Header, Recorded
from tenfour.vocabulary.errors import Refused, TenfourError
from tenfour.vocabulary.ids import EventId, NodeId, UnitId, call_stream, incident_stream, unit_stream
from tenfour.workflow.joining import join
from tenfour.workflow.reaction import derived_id
from tenfour.workflow.settle import react_all, settle
from tenfour.workflow.world import Key, Kind, World

MAPS = ("calls", "locations", "positions", "incidents", "assignments", "units")
DERIVED = ("calls_in_progress", "open_incidents", "next_number", "founded", "clock", "_by_number")


def same(one, other):
    """Two worlds hold the same state, and find the same things."""
    for name in (*MAPS, *DERIVED):
        assert getattr(one, name) == getattr(other, name), name
    ids = one.incidents
    assert {i: set(one._units_on.get(i, ())) for i in ids} == {i: set(other._units_on.get(i, ())) for i in ids}
    return True


def recorded(seq, fact, event=True):
    """A fact as the journal gives it back; without its event when the payload was erased."""
    header = Header(
        seq, fact.id, fact.stream, seq, type(fact.event).__name__, 1, fact.agency, fact.access, fact.at, fact.at,
        fact.actor, fact.command_id, fact.cause, NodeId("center-1"), "0" * 64, "0" * 64,
    )  # fmt: skip
    return Recorded(header, fact.event if event else None)


class Day(RuleBasedStateMachine):
    """A day of calls: rings, answers, drops, sends, statuses, closings, clocks, in any order."""

    make = None

    def __init__(self):
        super().__init__()
        self.centre = type(self).make()
        self.names = 0

    @property
    def world(self):
        return self.centre.world

    def some(self, things, pick):
        things = sorted(things)
        return things[pick % len(things)] if things else None

    @rule(
        ani=st.sampled_from(["911-442-7186", "614-555-0137", "123-456-7890"]), test=st.booleans(), admin=st.booleans()
    )
    def ring(self, ani, test, admin):
        self.names += 1
        self.centre.ring(f"n{self.names}", ani, test=test, admin_line="front desk" if admin else "")

    @rule(pick=st.integers(0, 9), position=st.sampled_from(["04", "06"]))
    def answer(self, pick, position):
        call_id = self.some(self.world.calls_in_progress, pick)
        if call_id and self.world.calls[call_id].state is CallState.RINGING:
            self.centre.answer(call_id, position)

    @rule(pick=st.integers(0, 9), abandoned=st.booleans())
    def leave(self, pick, abandoned):
        call_id = self.some(self.world.calls_in_progress, pick)
        if call_id and abandoned:
            self.centre.tell(call_stream(call_id), CallAbandoned(Signal.CANCEL))
        elif call_id:
            self.centre.drop(call_id)

    @rule(pick=st.integers(0, 9), codes=st.sets(st.sampled_from(["child_voice", "calm", "struggle"]), min_size=1))
    def hear(self, pick, codes):
        call_id = self.some(self.world.calls, pick)
        if call_id:
            self.centre.tell(call_stream(call_id), calls.hear(self.world.calls[call_id], sorted(codes)))

    @rule(position=st.sampled_from(["04", "06"]), on=st.booleans())
    def set_position(self, position, on):
        self.centre.auto_answer(position, on)

    @rule(pick=st.integers(0, 9), unit=st.sampled_from(["12A3", "14B2"]), reason=st.sampled_from(["", "near"]))
    def send(self, pick, unit, reason):
        incident_id = self.some(self.world.open_incidents, pick)
        if incident_id:
            try:
                self.centre.send(incident_id, unit, reason=reason)
            except Refused:
                return

    @rule(unit=st.sampled_from(["12A3", "14B2"]), pick=st.integers(0, 9))
    def change_status(self, unit, pick):
        possible = units.may_become(self.world.unit(unit))
        self.centre.status(unit, possible[pick % len(possible)])

    @rule(unit=st.sampled_from(["12A3", "14B2"]))
    def emergency(self, unit):
        self.centre.tell(unit_stream(UnitId(unit)), units.raise_emergency(self.world.unit(unit)))

    @rule(pick=st.integers(0, 9), seen=st.booleans())
    def close(self, pick, seen):
        incident_id = self.some(self.world.open_incidents, pick)
        if not incident_id:
            return
        incident = self.world.incidents[incident_id]
        if seen:
            self.centre.tell(incident_stream(incident_id), incidents.mark(incident, "adult_seen", True))
            incident = self.world.incidents[incident_id]
        try:
            closed = incidents.close(incident, "x", ["18"], "unknown", codes=self.centre.policy.incident.codes)
        except Refused:
            assert not seen
            return
        self.centre.tell(incident_stream(incident_id), closed)

    @rule(pick=st.integers(0, 9))
    def reopen(self, pick):
        closed = set(self.world.incidents) - self.world.open_incidents
        incident_id = self.some(closed, pick)
        if incident_id:
            event = incidents.reopen(self.world.incidents[incident_id], "again")
            self.centre.tell(incident_stream(incident_id), event)

    @rule(seconds=st.sampled_from([1.0, 31.0, 700.0]))
    def wait(self, seconds):
        self.centre.wait(seconds)

    @invariant()
    def replay_equals_live(self):
        replayed = World()
        for fact in self.centre.facts:
            assert replayed.apply(fact)
        assert same(replayed, self.world)

    @invariant()
    def saved_world_comes_back_whole(self):
        keys = [Key(kind, name) for kind, name in _keys(self.world)]
        assert same(World.restore(self.world.seq, self.world.states(keys)), self.world)

    @invariant()
    def nothing_closed_without_contact(self):
        for fact in self.centre.facts:
            if isinstance(fact.event, IncidentClosed):
                assert fact.event.seen or (fact.event.tried and "14" in fact.event.dispositions)

    @invariant()
    def nothing_was_closed_by_a_rule(self):
        closings = [fact for fact in self.centre.facts if isinstance(fact.event, IncidentClosed)]
        assert all(fact.actor.kind is ActorKind.PERSON for fact in closings)

    @invariant()
    def every_call_that_was_answered_or_has_ended_has_an_incident(self):
        for call in self.world.calls.values():
            ringing = call.state is CallState.RINGING
            assert not call.is_emergency or ringing or call.incident_id in self.world.incidents
            assert call.is_emergency or call.incident_id is None

    @invariant()
    def numbers_of_incidents_are_those_of_one_row(self):
        numbers = [incident.number for incident in self.world.incidents.values()]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
        assert self.world.next_number == len(numbers) + 1

    @invariant()
    def units_on_no_incident_are_in_no_incidents_list(self):
        for unit in self.world.units.values():
            holding = [i for i in self.world.incidents if unit in self.world.units_on(i)]
            assert holding == ([unit.incident_id] if unit.incident_id else [])
            assert unit.incident_id is None or unit.status not in WITHOUT_INCIDENT

    @precondition(lambda self: self.centre.facts)
    @invariant()
    def ids_are_all_different(self):
        ids = [fact.id for fact in self.centre.facts]
        assert len(ids) == len(set(ids))


def _keys(world):
    yield from ((Kind.CALL, name) for name in world.calls)
    yield from ((Kind.LOCATION, name) for name in world.locations)
    yield from ((Kind.POSITION, name) for name in world.positions)
    yield from ((Kind.INCIDENT, name) for name in world.incidents)
    yield from ((Kind.ASSIGNMENT, name) for name in world.assignments)
    yield from ((Kind.UNIT, name) for name in world.units)
    yield from (((Kind.CENTRE, ""),) if world.founded else ())


def test_whatever_happens_in_a_day_the_laws_hold(new_centre):
    machine = type("OneDay", (Day,), {"make": staticmethod(new_centre)})
    run_state_machine_as_test(machine, settings=settings(max_examples=25, stateful_step_count=25, deadline=None))


def test_same_facts_settled_twice_give_the_same_batch_to_the_last_id(centre, new_centre):
    centre.opened()
    given_facts = [fact for fact in centre.facts if fact.actor.kind is not ActorKind.RULE]
    again = new_centre()
    batch = settle(given_facts, World(), again.policy, now=centre.now)
    assert [(fact.id, fact.event) for fact in batch] == [(fact.id, fact.event) for fact in centre.facts]


def test_reaction_names_its_cause_its_rule_and_its_time(centre):
    call_id = centre.ring("a")
    batch = centre.answer(call_id)
    opened = next(fact for fact in batch if type(fact.event).__name__ == "IncidentOpened")
    assert opened.cause == batch[0].id
    assert (opened.actor.kind, opened.actor.id) == (ActorKind.RULE, "answered_call_opens_incident")
    assert (opened.at, opened.agency) == (centre.now, batch[0].agency)


def test_reacting_folds_nothing(centre):
    centre.ring("a")
    before = centre.world.copy()
    centre.pass_time(1)
    facts = [f for fact in centre.facts for f in react_all(fact, centre.world, centre.policy, now=centre.now)]
    assert facts
    assert same(before, centre.world)


def test_derived_ids_have_the_shape_of_a_uuid_and_differ_by_cause_rule_and_place():
    ids = [derived_id("c", "r", 0), derived_id("c", "r", 1), derived_id("c", "q", 0), derived_id("d", "r", 0)]
    assert len(set(ids)) == 4
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", i) for i in ids)
    assert derived_id("c", "r", 0) == ids[0]


def test_redelivered_fact_is_neither_folded_nor_returned(centre):
    call_id = centre.ring("a")
    batch = centre.answer(call_id)
    before = centre.world.copy()
    assert settle(batch, centre.world, centre.policy, now=centre.now) == []
    assert same(before, centre.world)
    assert centre.world.knows(batch[0].id)


def test_restored_world_knows_again_what_it_is_told_to_recall(centre):
    fact = centre.fact(call_stream("c" * 20), CallAbandoned(Signal.CANCEL))
    world = World()
    world.recall([fact.id])
    assert not world.apply(fact)


def test_copy_goes_its_own_way(centre):
    call_id = centre.ring("a")
    copy = centre.world.copy()
    centre.answer(call_id)
    assert copy.calls[call_id].state is CallState.RINGING
    assert copy.open_incidents == set()
    assert copy.next_number == 1
    assert same(copy.copy(), copy)


def test_recorded_facts_fold_like_given_ones_and_carry_the_journal_position(centre):
    call_id = centre.ring("a")
    centre.answer(call_id)
    centre.tell(call_stream(call_id), calls.hear(centre.world.call(call_id), ["child_voice"]))
    world = World()
    for seq, fact in enumerate(centre.facts, start=1):
        assert world.apply(recorded(seq, fact))
    assert world.seq == len(centre.facts)
    assert world.calls[call_id].hearings[0].seq == len(centre.facts)
    assert world.calls.keys() == centre.world.calls.keys()
    assert replace(world.calls[call_id], hearings=()) == replace(centre.world.calls[call_id], hearings=())


def test_erased_payload_is_passed_by_and_the_position_goes_on(centre):
    call_id = centre.ring("a")
    world = World()
    for seq, fact in enumerate(centre.facts, start=1):
        world.apply(recorded(seq, fact, event=call_id not in fact.stream))
    assert world.calls == {}
    assert world.seq == len(centre.facts)


def test_event_nobody_knows_any_more_changes_nothing(centre):
    call_id = centre.ring("a")
    before = centre.world.copy()
    for stream in (call_stream(call_id), unit_stream(UnitId("12A3")), incident_stream("i1"), "odd/1", "centre/x"):
        centre.tell(stream, UnknownEvent("{}", "from the future"))
    assert same(before, centre.world)


def test_changed_names_what_was_touched_since_it_was_asked(centre):
    centre.world.changed()
    call_id = centre.ring("a")
    assert centre.world.changed() == {Key(Kind.CALL, call_id)}
    assert centre.world.changed() == frozenset()
    centre.answer(call_id)
    incident_id = centre.world.calls[call_id].incident_id
    assert centre.world.changed() == {
        Key(Kind.CALL, call_id),
        Key(Kind.INCIDENT, incident_id),
        Key(Kind.NUMBERING, ""),
    }


def test_things_that_are_not_there_are_named(centre):
    for ask in (centre.world.call, centre.world.incident, centre.world.unit):
        try:
            ask("nobody")
        except TenfourError as error:
            assert "'nobody'" in str(error)
        else:
            raise AssertionError("expected NotFound")


def test_open_incident_of_a_number_is_found_until_it_is_closed(centre):
    incident = centre.opened()
    stream = incident_stream(incident.incident_id)
    assert centre.world.open_incident_of_number("911-442-7186") == centre.world.incident(incident.incident_id)
    assert centre.world.open_incident_of_number("614-555-0000") is None
    closed = incidents.close(incident, "x", ["18"], "unknown", seen=("adult_seen",), codes=centre.policy.incident.codes)
    centre.tell(stream, closed)
    assert centre.world.open_incident_of_number("911-442-7186") is None
    centre.tell(stream, incidents.reopen(centre.world.incident(incident.incident_id), "again"))
    assert centre.world.open_incident_of_number("911-442-7186").number == 1


def test_number_with_two_open_incidents_means_the_one_linked_last(centre):
    older = centre.opened()
    second = centre.ring("b", "614-555-0137")
    centre.answer(second)
    centre.pass_time(5)
    repeat = centre.ring("c", "614-555-0137")
    assert centre.world.open_incident_of_number("614-555-0137").number == 2
    centre.pass_time(5)
    centre.draft(*join(centre.world, repeat, older.incident_id))
    assert centre.world.open_incident_of_number("614-555-0137").number == 1
    keys = [Key(kind, name) for kind, name in _keys(centre.world)]
    again = World.restore(0, centre.world.states(keys))
    assert again.open_incident_of_number("614-555-0137").number == 1


@given(st.lists(st.text(min_size=1, max_size=5), max_size=30))
def test_ids_are_remembered_each_once(ids):
    world = World()
    world.recall(EventId(name) for name in ids)
    assert all(world.knows(EventId(name)) for name in ids)


def test_late_fact_of_the_line_keeps_its_true_time(centre):
    call_id = centre.ring("a")
    left = replace(
        centre.fact(call_stream(call_id), CallAbandoned(Signal.CANCEL)), at=centre.now + timedelta(seconds=4)
    )
    centre.pass_time(900)
    centre.settle([left])
    call = centre.world.call(call_id)
    assert (call.ended_at - call.received_at).total_seconds() == 4
    assert centre.incident_of(call_id).opened_at == centre.now


def test_status_of_a_unit_that_was_queued_in_a_gap_keeps_its_order(centre):
    incident = centre.opened()
    centre.send(incident.incident_id, "12A3")
    for status in (UnitStatus.EN_ROUTE, UnitStatus.ON_SCENE):
        centre.status("12A3", status)
    run = centre.world.assignment(incident.incident_id).run(UnitId("12A3"))
    assert run.en_route_at is not None
    assert run.on_scene_at is not None
