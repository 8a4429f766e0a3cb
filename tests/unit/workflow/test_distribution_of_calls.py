"""Calls come to positions: offered, passed on, never hidden, never lost; and the laws of it."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from msgspec.structs import replace

from tenfour.calltaking import decision as calls
from tenfour.calltaking.distribution_event import (
    CallOffered,
    CallPutInQueue,
    CallRingsEverywhere,
    OfferPassed,
    PositionLeft,
    PositionReady,
    WrapUpBegun,
)
from tenfour.calltaking.event import CallAnswered, CallReleased, PositionSet
from tenfour.calltaking.policy import CalltakingPolicy
from tenfour.calltaking.position import PositionState
from tenfour.calltaking.queue import CallQueue, Distribution, Skills
from tenfour.vocabulary.envelope import Actor, ActorKind
from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.ids import PersonId, PositionId, call_stream, position_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.staffing import ready_positions, state_of, waiting_calls
from tenfour.workflow.world import World

LONGEST_IDLE = CallQueue("emergency", Distribution.LONGEST_IDLE, offer_s=8, offers=2, emergency=True)
NUMBERS = ("614-555-0137", "614-555-0138", "614-555-0139")


def by(*queues, **more):
    return Policy(calltaking=CalltakingPolicy(queue=queues or (LONGEST_IDLE,), **more))


def sit(centre, position, person="adeyemi"):
    """Somebody logs in at a position."""
    actor = Actor(ActorKind.PERSON, person, "call_taker", position)
    event = PositionSet(PositionId(position), False, PersonId(person))
    facts = centre.tell(position_stream(PositionId(position)), event, actor=actor)
    centre.pass_time(1)
    return facts


def say(centre, event):
    return centre.tell(position_stream(event.position), event)


def rings_at(centre, call_id):
    return centre.world.call(call_id).rings_at


def test_without_queues_every_call_rings_everywhere_and_nothing_is_said_of_it(centre):
    sit(centre, "01")
    call_id = centre.ring("a")
    assert rings_at(centre, call_id) is None
    assert not {"CallPutInQueue", "CallOffered"} & set(centre.said(centre.facts))


def test_call_is_offered_to_the_longest_idle_as_soon_as_it_comes(centre):
    centre.policy = by()
    sit(centre, "01"), sit(centre, "02")
    first = centre.ring("a")
    assert rings_at(centre, first) == "01"
    centre.answer(first, "01")
    centre.drop(first)
    assert rings_at(centre, centre.ring("b", NUMBERS[0])) == "02"
    assert [offer.why for offer in centre.events(centre.facts, CallOffered)] == ["longest idle"] * 2


def test_call_that_is_not_taken_goes_to_the_next_and_then_rings_everywhere(centre):
    centre.policy = by()
    for position in ("01", "02", "03"):
        sit(centre, position)
    call_id = centre.ring("a")
    assert not centre.wait(7)
    said = centre.said(centre.wait(1))
    assert said == ["OfferPassed", "CallOffered"] and rings_at(centre, call_id) == "02"
    said = centre.said(centre.wait(8))
    assert said == ["RingOverdue", "OfferPassed", "CallRingsEverywhere"] and rings_at(centre, call_id) is None
    assert centre.world.call(call_id).waiting.everywhere_why == "positions 01 and 02 did not take it"


def test_ring_clock_counts_from_the_invite_whatever_happens_inside(centre):
    centre.policy = by()
    sit(centre, "01"), sit(centre, "02")
    call_id = centre.ring("a")
    centre.wait(8)
    assert "RingOverdue" in centre.said(centre.wait(2))
    assert centre.world.call(call_id).ring_overdue_at == centre.world.call(call_id).received_at + timedelta(seconds=10)


def test_anyone_may_pick_up_what_is_offered_to_another_who_keeps_the_turn(centre):
    centre.policy = by()
    sit(centre, "01"), sit(centre, "02")
    call_id = centre.ring("a")
    centre.answer(call_id, "02")
    assert centre.world.call(call_id).position == "02"
    assert rings_at(centre, centre.ring("b", NUMBERS[0])) == "01"


def test_offer_is_taken_back_when_the_position_takes_another_call_or_is_not_ready(centre):
    centre.policy = by()
    sit(centre, "01")
    first = centre.ring("a")
    second = centre.ring("b", NUMBERS[0])
    assert (rings_at(centre, first), centre.world.call(second).waiting.everywhere_why) == ("01", "nobody is ready")
    centre.answer(second, "01")
    assert centre.world.call(first).waiting.everywhere_why == "nobody is ready"
    passed = centre.events(centre.facts, OfferPassed)
    assert passed == [OfferPassed(PositionId("01"), False, "position 01 is in a call")]
    sit(centre, "02")
    third = centre.ring("c", NUMBERS[1])
    assert rings_at(centre, third) == "02"
    say(centre, calls.not_ready(PositionId("02"), "Break"))
    assert rings_at(centre, third) is None
    assert centre.world.call(third).waiting.everywhere_why == "nobody is ready"


def test_nothing_is_offered_where_nobody_sits_or_the_position_answers_by_itself(centre):
    centre.policy = by()
    sit(centre, "01")
    say(centre, PositionLeft(PositionId("01")))
    assert centre.world.call(centre.ring("a")).waiting.everywhere_why == "nobody is ready"
    centre.auto_answer("05")
    assert centre.world.call(centre.ring("b", NUMBERS[0])).answered_at is None, "one call at a time"
    assert len(centre.events(centre.facts, CallOffered)) == 0
    assert [one.position for one in centre.events(centre.facts, CallAnswered)] == ["05"]


def test_position_that_is_not_ready_does_not_answer_by_itself_until_it_is(centre):
    centre.auto_answer("05")
    say(centre, calls.not_ready(PositionId("05"), "Break"))
    call_id = centre.ring("a")
    assert centre.world.call(call_id).answered_at is None
    say(centre, calls.ready(PositionId("05")))
    assert centre.world.call(call_id).answered_by_itself


def test_reason_is_asked_of_who_is_not_ready():
    with pytest.raises(BadInput, match="say why"):
        calls.not_ready(PositionId("01"), "  ")


def test_skilled_person_is_offered_the_call_and_without_one_it_overflows(centre):
    spanish = CallQueue(
        "spanish", Distribution.LONGEST_IDLE, skills=("es",), trunks=("south",), overflow_to="emergency", offers=1
    )
    skills = Skills(person={"castellanos": ("es",)}, words={"es": "speaks Spanish"})
    centre.policy = by(spanish, LONGEST_IDLE, skills=skills)
    sit(centre, "01"), sit(centre, "03", "castellanos")
    call_id = ring_by(centre, "a", "south")
    assert rings_at(centre, call_id) == "03"
    assert centre.world.call(call_id).waiting.offer.why == "the only one ready, speaks Spanish"
    centre.wait(8)
    assert (centre.world.call(call_id).waiting.queue, rings_at(centre, call_id)) == ("emergency", "01")
    moved = centre.events(centre.facts, CallPutInQueue)[-1]
    assert moved.why == "position 03 did not take it in queue spanish"


def ring_by(centre, name, trunk):
    call_id = centre.ring(name, NUMBERS[2])
    facts = [fact for fact in centre.facts if fact.stream == call_stream(call_id)]
    received = replace(facts[0].event, call_id=type(call_id)(f"{name}{trunk}".ljust(20, "0")), trunk=trunk)
    centre.answer(call_id, "06")
    centre.tell(call_stream(received.call_id), received)
    return received.call_id


def test_call_that_waited_long_in_a_queue_goes_on(centre):
    centre.policy = by(replace(LONGEST_IDLE, offer_s=30, overflow_after_s=12))
    sit(centre, "01")
    call_id = centre.ring("a")
    centre.wait(12)
    assert centre.world.call(call_id).waiting.everywhere_why == "waited 12 s"
    assert rings_at(centre, call_id) is None


def test_wrap_up_ends_by_itself_and_by_key(centre):
    centre.policy = by(wrap_up_s=20)
    sit(centre, "01")
    for name, end in (("a", lambda: centre.wait(20)), ("b", lambda: say(centre, calls.ready(PositionId("01"))))):
        call_id = centre.ring(name, NUMBERS[0])
        centre.answer(call_id, "01")
        assert state_of(centre.world, centre.world.positions["01"]) is PositionState.IN_CALL
        assert centre.events(centre.drop(call_id), WrapUpBegun)
        assert state_of(centre.world, centre.world.positions["01"]) is PositionState.WRAP_UP
        assert centre.events(end(), PositionReady)
        assert state_of(centre.world, centre.world.positions["01"]) is PositionState.READY


def test_call_picked_up_during_the_wrap_up_ends_it(centre):
    centre.policy = by(wrap_up_s=20)
    sit(centre, "01")
    first, second = centre.ring("a"), centre.ring("b", NUMBERS[0])
    centre.answer(first, "01"), centre.drop(first)
    centre.answer(second, "01")
    assert not centre.events(centre.wait(30), PositionReady)
    assert centre.world.positions["01"].wrap_up_until is None


def test_what_overtook_a_policy_change_still_rings_on(centre):
    """Offered by a policy that the centre no longer has: the offer passes in its time, then it rings everywhere."""
    centre.policy = by()
    sit(centre, "01")
    call_id = centre.ring("a")
    centre.policy = Policy()
    centre.wait(8)
    assert rings_at(centre, call_id) is None


PEOPLE = {"01": "adeyemi", "02": "castellanos", "03": "novak"}


class Distributing(RuleBasedStateMachine):
    """Calls ring, are answered, end; people come, go, are ready or not; clocks run out: in any order."""

    make = None
    POSITIONS = ("01", "02", "03")

    def __init__(self):
        super().__init__()
        self.centre = type(self).make()
        spanish = CallQueue(
            "spanish", Distribution.LONGEST_IDLE, skills=("es",), offers=1, offer_s=5, overflow_to="emergency",
            admin_lines=("Front desk",), overflow_after_s=9,
        )  # fmt: skip
        skills = Skills(person={"castellanos": ("es",), "novak": ("es",)})
        self.centre.policy = by(spanish, LONGEST_IDLE, skills=skills, wrap_up_s=6)
        self.names = 0

    @property
    def world(self):
        return self.centre.world

    @rule(admin=st.booleans())
    def ring(self, admin):
        self.names += 1
        number = f"614-555-{self.names:04}"
        self.centre.ring(f"c{self.names}", number, admin_line="Front desk" if admin else "")

    @rule(position=st.sampled_from(POSITIONS))
    def sit(self, position):
        sit(self.centre, position, PEOPLE[position])

    @rule(position=st.sampled_from(POSITIONS))
    def leave(self, position):
        say(self.centre, PositionLeft(PositionId(position)))

    @rule(position=st.sampled_from(POSITIONS), ready=st.booleans())
    def set_ready(self, position, ready):
        name = PositionId(position)
        say(self.centre, calls.ready(name) if ready else calls.not_ready(name, "Break"))

    @rule(position=st.sampled_from(POSITIONS), on=st.booleans())
    def answer_by_itself(self, position, on):
        self.centre.auto_answer(position, on)

    @precondition(lambda self: waiting_calls(self.world))
    @rule(data=st.data(), position=st.sampled_from(POSITIONS))
    def pick_up(self, data, position):
        """Anyone may pick up anything that rings."""
        names = sorted(call.call_id for call in waiting_calls(self.world))
        self.centre.answer(data.draw(st.sampled_from(names)), position)

    @precondition(lambda self: self.world.calls_in_progress)
    @rule(data=st.data(), released=st.booleans())
    def end(self, data, released):
        call_id = data.draw(st.sampled_from(sorted(self.world.calls_in_progress)))
        if released:
            self.centre.tell(call_stream(call_id), CallReleased())
        else:
            self.centre.drop(call_id)

    @rule(seconds=st.sampled_from([0.5, 3, 5, 8, 20]))
    def wait(self, seconds):
        self.centre.wait(seconds)

    @invariant()
    def every_waiting_call_rings_somewhere(self):
        """At one position that is ready for it, or at all of them."""
        ready = ready_positions(self.world)
        for call in waiting_calls(self.world):
            assert call.rings_at is None or call.rings_at in ready, call

    @invariant()
    def nobody_is_offered_two_calls(self):
        offered = [call.rings_at for call in waiting_calls(self.world) if call.rings_at is not None]
        assert len(offered) == len(set(offered))

    @invariant()
    def every_waiting_call_is_offered_or_rings_everywhere(self):
        for call in waiting_calls(self.world):
            assert (call.waiting.offer is None) is bool(call.waiting.everywhere_why), call

    @invariant()
    def no_call_starves(self):
        """Three offers in all, of which each lasts as long as the longest wait here; then it rings everywhere."""
        for call in waiting_calls(self.world):
            if call.received_at + timedelta(seconds=3 * 20 + 30) < self.centre.now:
                assert call.waiting.everywhere_why, call

    @invariant()
    def replay_gives_the_same_world(self):
        again = World()
        for fact in self.centre.facts:
            again.apply(fact)
        assert (again.calls, again.positions) == (self.world.calls, self.world.positions)

    def teardown(self):
        """Left alone, each call that waits comes to ring everywhere: nothing is hidden for good."""
        for _ in range(8):
            self.centre.wait(10)
        for call in waiting_calls(self.world):
            assert call.waiting.everywhere_why and call.rings_at is None, call


def test_laws_of_distribution_hold_in_any_order(new_centre):
    Distributing.make = staticmethod(new_centre)
    run_state_machine_as_test(Distributing, settings=settings(max_examples=60, stateful_step_count=30, deadline=None))


def test_saved_world_knows_offers_and_states(centre):
    centre.policy = by(wrap_up_s=20)
    sit(centre, "01"), sit(centre, "02")
    centre.ring("a")
    say(centre, calls.not_ready(PositionId("02"), "Break"))
    keys = centre.world.changed()
    again = World.restore(1, centre.world.states(keys))
    assert (again.calls, again.positions) == (centre.world.calls, centre.world.positions)
    assert CallRingsEverywhere.__name__ not in centre.said(centre.facts)
