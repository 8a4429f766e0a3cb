"""Judging a record against expectations."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenfour.play.expectation import Count, Expectation, Within
from tenfour.play.seen import SeenActor, SeenFact
from tenfour.play.verdict import Verdict, judge

BEGAN = datetime(2026, 11, 14, 21, 40, 42, tzinfo=UTC)


def fact(seq: int, kind: str, stream: str = "call/abc", at_s: float = 0.0, **payload: Any) -> SeenFact:
    at = BEGAN + timedelta(seconds=at_s)
    actor = SeenActor("person", "adeyemi", "call_taker", "04")
    return SeenFact(seq, f"id-{seq}", stream, 1, kind, at, at, actor, payload=payload)


RECORD = [
    fact(1, "CallReceived", ani="911-442-7186", at_s=0),
    fact(2, "CallAnswered", position="04", at_s=3),
    fact(3, "FixRecorded", fix_class="Phase I", uncertainty_m=900.0, at_s=4),
    fact(4, "FixRecorded", fix_class="Phase II", uncertainty_m=38.0, at_s=30),
    fact(5, "CallerDisconnected", signal="BYE", at_s=52),
    fact(6, "CallReceived", stream="call/def", ani="911-442-7186", at_s=90),
]


def refer(name: str) -> str | None:
    return {"call first": "abc", "call second": "def", "incident first": "i1"}.get(name)


def verdict(*expectations: Expectation, record: list[SeenFact] = RECORD) -> Verdict:
    return judge(expectations, record, refer)[-1]


def test_a_fact_that_is_there_meets_the_expectation_and_names_its_place() -> None:
    found = verdict(Expectation(name="a", event="FixRecorded", where={"fix_class": "Phase II"}))
    assert (found.met, found.seq) == (True, 4)
    assert "Phase II" in found.found


def test_a_fact_that_is_not_there_is_told_with_the_nearest_one() -> None:
    found = verdict(Expectation(name="a", event="FixRecorded", where={"fix_class": "Phase II", "uncertainty_m": 12}))
    assert not found.met
    assert "nearest is event 4" in found.found
    assert "uncertainty_m is 38.0" in found.found
    assert found.seq is None


def test_an_event_type_that_never_came_is_told() -> None:
    assert "no CallAbandoned at all" in verdict(Expectation(name="a", event="CallAbandoned")).found


def test_of_holds_the_fact_to_the_stream_of_that_call() -> None:
    second = Expectation(name="a", event="CallReceived", of="second")
    assert verdict(second).seq == 6
    answered = verdict(Expectation(name="a", event="CallAnswered", of="second"))
    assert not answered.met
    assert "it lies on call/abc, not call/def" in answered.found


def test_of_a_call_that_never_began_meets_nothing() -> None:
    assert "not begun: third" in verdict(Expectation(name="a", event="CallAnswered", of="third")).found


@pytest.mark.parametrize(
    ("count", "met"),
    [
        (2, True),
        (1, False),
        (0, False),
        (Count(at_least=1), True),
        (Count(at_least=3), False),
        (Count(at_most=1), False),
    ],
)
def test_a_count_is_held(count: int | Count, met: bool) -> None:
    assert verdict(Expectation(name="a", event="CallReceived", count=count)).met is met


def test_nothing_of_the_kind_may_be_what_is_expected() -> None:
    found = verdict(Expectation(name="a", event="IncidentClosed", count=0))
    assert (found.met, found.found, found.seq) == (True, "none, as expected", None)


def test_after_looks_only_behind_the_other_fact() -> None:
    ended = Expectation(name="ended", event="CallerDisconnected")
    again = Expectation(name="again", event="CallReceived", after="ended")
    assert judge((again, ended), RECORD, refer)[0].seq == 6
    early = verdict(ended, Expectation(name="early", event="CallAnswered", after="ended"))
    assert not early.met
    assert "not in the expected place in the order" in early.found


def test_before_looks_only_in_front_of_the_other_fact() -> None:
    ended = Expectation(name="ended", event="CallerDisconnected")
    assert verdict(ended, Expectation(name="b", event="FixRecorded", before="ended", count=2)).met
    assert verdict(ended, Expectation(name="b", event="CallReceived", before="ended", count=1)).met


def test_order_against_a_fact_that_is_missing_is_not_met() -> None:
    missing = Expectation(name="gone", event="CallAbandoned")
    found = verdict(missing, Expectation(name="b", event="CallAnswered", after="gone"))
    assert not found.met
    assert "'gone', to which it refers, is not there" in found.found
    assert not verdict(missing, Expectation(name="b", event="CallFailed", after="gone", count=0)).met


@pytest.mark.parametrize(("seconds", "met"), [(10.0, True), (2.0, False)])
def test_within_measures_the_time_of_the_facts(seconds: float, met: bool) -> None:
    ring = Expectation(name="ring", event="CallReceived")
    found = verdict(ring, Expectation(name="b", event="CallAnswered", within_s=Within(of="ring", seconds=seconds)))
    assert found.met is met
    if not met:
        assert found.found == "it came 3.0 s after"


def test_a_fact_from_before_the_other_is_not_within() -> None:
    ended = Expectation(name="ended", event="CallerDisconnected")
    assert not verdict(ended, Expectation(name="b", event="CallAnswered", within_s=Within(of="ended", seconds=100))).met


def test_the_envelope_is_compared_too() -> None:
    assert verdict(Expectation(name="a", event="CallAnswered", envelope={"actor.id": "adeyemi"})).met
    wrong = verdict(Expectation(name="a", event="CallAnswered", envelope={"actor.role": "supervisor"}))
    assert "actor.role is 'call_taker'" in wrong.found


def test_an_erased_payload_has_no_fields() -> None:
    erased = SeenFact(1, "x", "call/abc", 1, "CallAnswered", BEGAN, BEGAN, SeenActor("person", "a"), payload=None)
    assert not verdict(Expectation(name="a", event="CallAnswered", where={"position": "04"}), record=[erased]).met


def test_verdicts_come_in_the_order_of_the_story() -> None:
    expectations = (
        Expectation(name="c", event="CallReceived", after="a"),
        Expectation(name="a", event="CallAnswered"),
        Expectation(name="b", event="FixRecorded", before="a"),
    )
    assert [found.name for found in judge(expectations, RECORD, refer)] == ["c", "a", "b"]


def test_what_was_expected_can_be_read() -> None:
    expected = Expectation(
        name="a",
        event="FixRecorded",
        of="first",
        where={"uncertainty_m": {"at_most": 5}},
        count=Count(at_least=1, at_most=2),
        after="ring",
        within_s=Within(of="ring", seconds=9),
    )
    words = verdict(Expectation(name="ring", event="CallReceived"), expected).expected
    assert words == ("1 to 2 FixRecorded of first where uncertainty_m at most 5 after 'ring' at most 9 s after 'ring'")
