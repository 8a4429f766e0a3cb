"""To whom a waiting call is offered, where it goes on, and in what order calls are answered."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from tenfour.calltaking.call import Call
from tenfour.calltaking.distribution import Free, distribute, first_queue, next_step
from tenfour.calltaking.distribution_event import CallOffered, CallPutInQueue, CallRingsEverywhere
from tenfour.calltaking.policy import CalltakingPolicy
from tenfour.calltaking.queue import CallQueue, Distribution, Skills
from tenfour.calltaking.resource_priority import esnet_of
from tenfour.calltaking.turn import turn, turn_word
from tenfour.calltaking.waiting import Offer, Waiting
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId

NOW = datetime(2026, 11, 14, 21, 40, 45, tzinfo=UTC)
SPANISH = CallQueue(
    "spanish", Distribution.LONGEST_IDLE, skills=("es",), languages=("es",), overflow_to="emergency", priority=2
)
EMERGENCY = CallQueue("emergency", Distribution.LONGEST_IDLE, emergency=True)
FRONT = CallQueue("front", admin_lines=("Front desk",))
SKILLS = Skills(person={"castellanos": ("es",)}, role={"dispatcher": ("text",)}, words={"es": "speaks Spanish"})
POLICY = CalltakingPolicy(queue=(SPANISH, EMERGENCY, FRONT), skills=SKILLS)


def call(name="a", *, queue="emergency", after_s=0.0, **more):
    waiting = more.pop("waiting", Waiting(queue, 0, NOW, (queue,)))
    return Call(
        CallId(name), IncidentId("i"), True, "614-555-0137", "614-555-0137",
        more.pop("service", "urn:service:sos"), f"{name}@x",
        "127.0.0.1:5070", False, NOW + timedelta(seconds=after_s), waiting=waiting, **more,
    )  # fmt: skip


def free(position, idle_since="1", *skills, person="adeyemi"):
    return Free(PositionId(position), PersonId(person), frozenset(skills), idle_since)


def test_call_waits_in_the_first_queue_that_it_fits():
    assert first_queue(call(languages=("es-MX", "en")), POLICY) == CallPutInQueue("spanish", 2, "fits the call")
    assert first_queue(call(languages=("en", "es")), POLICY) == CallPutInQueue("emergency", 0, "fits the call")
    assert first_queue(call(admin_line="Front desk"), POLICY) == CallPutInQueue("front", 0, "fits the call")
    assert first_queue(call(admin_line="Records"), POLICY) is None
    assert first_queue(call(), CalltakingPolicy()) is None


@pytest.mark.parametrize(
    ("queue", "fits"),
    [
        (CallQueue("q", trunks=("north",)), True),
        (CallQueue("q", trunks=("south",)), False),
        (CallQueue("q", services=("urn:service:sos.fire",)), True),
        (CallQueue("q", services=("urn:service:sos.police",)), False),
        (CallQueue("q", emergency=False), False),
        (CallQueue("q", media=("text",)), True),
        (CallQueue("q", media=("video",)), False),
    ],
)
def test_queue_is_chosen_by_trunk_service_and_line(queue, fits):
    assert queue.fits(call(trunk="north", media=("audio", "text"), service="urn:service:sos.fire")) is fits


def test_longest_idle_is_offered_the_call_and_it_is_said_why():
    step = next_step(call(), [free("01", "3"), free("02", "1"), free("03", "2")], POLICY)
    assert step == CallOffered(PositionId("02"), PersonId("adeyemi"), "longest idle")


def test_only_who_has_the_skill_is_offered_the_call():
    positions = [free("01", "1"), free("03", "2", "es", person="castellanos")]
    step = next_step(call(queue="spanish"), positions, POLICY)
    assert step == CallOffered(PositionId("03"), PersonId("castellanos"), "the only one ready, speaks Spanish")


def test_without_anybody_ready_it_overflows_and_at_the_end_rings_everywhere():
    spanish = call(queue="spanish")
    assert next_step(spanish, [free("01")], POLICY) == CallPutInQueue(
        "emergency", 0, "nobody is ready who speaks Spanish in queue spanish"
    )
    assert next_step(call(), [], POLICY) == CallRingsEverywhere("nobody is ready")


def test_queue_is_not_entered_twice():
    circle = CallQueue("emergency", Distribution.LONGEST_IDLE, overflow_to="spanish")
    policy = CalltakingPolicy(queue=(SPANISH, circle), skills=SKILLS)
    been = Waiting("emergency", 0, NOW, ("spanish", "emergency"))
    assert next_step(call(waiting=been), [], policy) == CallRingsEverywhere("nobody is ready")


def test_who_did_not_take_it_is_not_asked_again_and_after_so_many_it_rings_everywhere():
    once = Waiting("emergency", 0, NOW, ("emergency",), passed=(PositionId("02"),))
    step = next_step(call(waiting=once), [free("02", "1"), free("03", "2")], POLICY)
    assert isinstance(step, CallOffered) and step.position == "03"
    twice = replace(once, passed=(PositionId("02"), PositionId("03")))
    assert next_step(call(waiting=twice), [free("04")], POLICY) == CallRingsEverywhere(
        "positions 02 and 03 did not take it"
    )


@pytest.mark.parametrize(
    "waiting",
    [
        Waiting("front", 0, NOW, ("front",)),
        Waiting("gone from the policy", 0, NOW),
        Waiting(),
        Waiting("emergency", 0, NOW, offer=Offer(PositionId("01"), NOW, "longest idle")),
        Waiting("emergency", 0, NOW, everywhere_why="nobody is ready"),
    ],
)
def test_call_that_rings_where_it_should_is_left_alone(waiting):
    assert next_step(call(waiting=waiting), [free("02")], POLICY) is None


def test_calls_are_distributed_in_their_turn_and_nobody_is_offered_two():
    late, early, urgent = call("late", after_s=9), call("early"), call("urgent", after_s=20, resource_priority=3)
    told = distribute([late, early, urgent], [free("01", "1"), free("02", "2")], POLICY)
    assert [(one.call_id, getattr(step, "position", None)) for one, step in told] == [
        ("urgent", "01"),
        ("early", "02"),
        ("late", None),
    ]


def test_turns_are_by_emergency_then_resource_priority_then_queue_then_ring_time():
    first = Waiting("spanish", 2, NOW)
    calls = [
        call("admin", admin_line="Front desk", resource_priority=4),
        call("low", resource_priority=0),
        call("second", after_s=1),
        call("first"),
        call("queue", after_s=9, waiting=first),
        call("high", after_s=30, resource_priority=2),
    ]
    wanted = ["high", "queue", "first", "second", "low", "admin"]
    assert [one.call_id for one in sorted(calls, key=turn)] == wanted
    assert [one.call_id for one in sorted(calls, key=turn_word)] == wanted


@pytest.mark.parametrize(
    ("values", "priority"),
    [(["esnet.1"], 1), (["wps.0, ESNET.3"], 3), (["esnet.0", "esnet.2"], 2), (["esnet.9"], None), ([], None)],
)
def test_resource_priority_is_read_from_the_header(values, priority):
    assert esnet_of(values) == priority
