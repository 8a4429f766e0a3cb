"""Which units are recommended, why, and who was passed over and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tenfour.dispatch.policy import DEFAULT_PLANS, DispatchPolicy, Need, Plan, Timers, plan_for, safety_s
from tenfour.dispatch.recommend import Candidate, recommend
from tenfour.dispatch.words import count, duration, longer
from tenfour.units.event import UnitStatus
from tenfour.units.status import SENDABLE
from tenfour.vocabulary.code import INCIDENT_KINDS, Service
from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Point

S = UnitStatus
POLICY = DispatchPolicy()
ONE = Plan("911H-2", ("911H",), (Need(Service.POLICE),))
TWO = Plan("911OPN-1", ("911OPN",), (Need(Service.POLICE, 2),))
PERUNCON = plan_for(POLICY, "PERUNCON", 1)


def unit(name, seconds, status=S.AVAILABLE, service=Service.POLICE, **more):
    """A candidate so many seconds away by road (None: no road)."""
    made = Candidate(UnitId(name), status, service, (), "12A", Point(39.96, -82.95), 2.0, seconds, 3380.0, None)
    return replace(made, **more)


def ask(plan, *candidates, **more):
    return recommend(plan, candidates, recommendation_id="r1", policy=POLICY, **more)


def names(made):
    return [row.unit for row in made.units]


def why(made, name):
    return next(row.reason for row in made.passed_over if row.unit == name)


def test_nearest_free_unit_by_road_is_recommended_with_its_reason():
    made = ask(ONE, unit("14B2", 310), unit("12A3", 250))
    assert names(made) == ["12A3"]
    assert made.units[0].reason == "available, nearest by road (4:10), beat 12A"
    assert (made.plan, made.words) == ("911H-2", "One unit, nearest by road.")


def test_those_passed_over_are_told_why():
    made = ask(
        ONE,
        unit("12A3", 250, straight_m=3000),
        unit("14B2", 310, straight_m=2000),
        unit("12A1", 90, S.ON_SCENE, incident_number=416, status_age_s=580),
        unit("11A2", 400, S.EN_ROUTE, incident_number=411, status_age_s=140),
        unit("12K9", 30, S.OUT_OF_SERVICE),
        unit("13B9", 40, S.NOT_AVAILABLE),
        unit("13B1", None),
        unit("15C1", 60, emergency=True),
    )
    assert why(made, "14B2") == "nearer on the map, one minute longer by road (5:10)"
    assert why(made, "12A1") == "on a call: 416, on scene 9:40"
    assert why(made, "11A2") == "on a call: 411, en route 2:20"
    assert why(made, "12K9") == "out of service"
    assert why(made, "13B9") == "not available"
    assert why(made, "13B1") == "no road from where it is"
    assert why(made, "15C1") == "has raised an emergency"


def test_units_of_other_services_are_not_passed_over_they_were_never_asked_for():
    made = ask(ONE, unit("12A3", 250), unit("E5", 10, service=Service.FIRE))
    assert names(made) == ["12A3"]
    assert made.passed_over == ()


def test_nearest_are_listed_and_the_rest_counted():
    made = ask(ONE, *(unit(f"U{n:02}", 100 + n) for n in range(20)), further=5)
    assert len(made.passed_over) == POLICY.passed_over_listed
    assert [row.unit for row in made.passed_over] == [f"U{n:02}" for n in range(1, 9)]
    assert made.words == "One unit, nearest by road. 16 more passed over."


def test_no_free_unit_is_said_in_words():
    made = ask(ONE, unit("12A1", 90, S.ON_SCENE, incident_number=416))
    assert made.units == ()
    assert made.words == (
        "No unit can be sent. The plan asks for 1 more police unit, and none is free with a road to the place."
    )


def test_centre_without_any_unit_is_told_so_too():
    assert ask(ONE).words.startswith("No unit can be sent.")


def test_plan_for_a_struggle_sends_two_and_says_when_there_is_only_one():
    assert names(ask(TWO, unit("a", 1), unit("b", 2), unit("c", 3))) == ["a", "b"]
    short = ask(TWO, unit("a", 1))
    assert names(short) == ["a"]
    assert "1 more police unit" in short.words


def test_medic_is_asked_for_by_what_it_can_do():
    made = ask(
        PERUNCON,
        unit("B1", 10, service=Service.EMS),
        unit("M7", 90, service=Service.EMS, capabilities=("medic",)),
        unit("E5", 50, service=Service.FIRE, capabilities=("engine",)),
        unit("12A3", 70),
    )
    assert names(made) == ["M7", "E5", "12A3"]
    assert why(made, "B1") == "cannot do what is asked: medic"


def test_conditionally_available_unit_is_taken_only_when_no_other_is_free():
    made = ask(ONE, unit("a", 10, S.CONDITIONALLY_AVAILABLE), unit("b", 200))
    assert names(made) == ["b"]
    assert why(made, "a") == "available only if needed (0:10)"
    assert names(ask(ONE, unit("a", 10, S.CONDITIONALLY_AVAILABLE))) == ["a"]


def test_units_already_there_count_and_a_second_one_can_still_be_asked_for():
    there = unit("12A3", 0, S.ON_SCENE, on_this=True, incident_number=417)
    other = unit("14B2", 310)
    assert ask(ONE, there, other).words.startswith("No further unit needed.")
    assert names(ask(ONE, there, other, more=(Need(Service.POLICE),))) == ["14B2"]


def test_unit_without_a_measured_position_is_said_to_be_taken_at_its_post():
    made = ask(ONE, unit("12A3", 250, position_age_s=None))
    assert made.units[0].reason.endswith("taken to be at its post")
    old = ask(ONE, unit("12A3", 250, position_age_s=185))
    assert old.units[0].reason.endswith("position is 3:05 old")


def test_equally_near_units_are_chosen_by_name_so_that_the_answer_is_the_same_again():
    candidates = [unit("b", 100), unit("a", 100), unit("c", 100)]
    assert names(ask(ONE, *candidates)) == names(ask(ONE, *reversed(candidates))) == ["a"]
    assert why(ask(ONE, *candidates), "b") == "as long by road (1:40)"


FLEET = st.lists(
    st.tuples(
        st.one_of(st.none(), st.floats(0, 3000)), st.sampled_from(UnitStatus), st.sampled_from(Service), st.booleans()
    ),
    max_size=25,
)


@given(FLEET, st.sampled_from(DEFAULT_PLANS))
def test_only_free_units_with_a_road_are_recommended_and_everybody_is_accounted_for(fleet, plan):
    candidates = [
        unit(f"U{n}", seconds, status, service, emergency=emergency, capabilities=("medic", "engine"))
        for n, (seconds, status, service, emergency) in enumerate(fleet)
    ]
    by_name = {candidate.unit_id: candidate for candidate in candidates}
    made = ask(plan, *candidates)
    for row in made.units:
        chosen = by_name[row.unit]
        assert chosen.status in SENDABLE
        assert not chosen.emergency
        assert chosen.travel_time_s is not None
    services = {need.service for need in plan.needs}
    listed = len(made.units) + len(made.passed_over)
    assert listed == min(len([c for c in candidates if c.service in services]), len(made.units) + 8)
    assert all(row.reason for row in made.passed_over)


def test_plan_is_found_by_kind_and_priority():
    assert plan_for(POLICY, "911H", 2).name == "911H-2"
    assert plan_for(POLICY, "911H", 1).name == "911H-1"
    assert plan_for(POLICY, "CITASST", None).name == "ONE-POLICE"
    assert plan_for(DispatchPolicy(plan=()), "911H", 2) is None
    assert {kind for plan in DEFAULT_PLANS for kind in plan.kinds} <= set(INCIDENT_KINDS)


def test_units_at_a_struggle_are_checked_on_sooner():
    assert safety_s(Timers(), "911OPN") < safety_s(Timers(), "911H") == safety_s(Timers(), None)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0:00"), (-3, "0:00"), (59.6, "1:00"), (310, "5:10"), (3910, "1:05:10")]
)
def test_times_read_as_a_dispatcher_says_them(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "as long"),
        (20, "20 s longer"),
        (60, "one minute longer"),
        (125, "two minutes longer"),
        (720, "12 minutes longer"),
    ],
)
def test_how_much_longer_reads_as_a_dispatcher_says_it(seconds, words):
    assert longer(seconds) == words


def test_counts_begin_a_sentence():
    assert [count(n) for n in (0, 1, 10, 11)] == ["No", "One", "Ten", "11"]


def test_agency_may_list_nobody_passed_over_and_still_have_them_counted():
    made = recommend(
        ONE,
        [unit("a", 1), unit("b", 2)],
        recommendation_id="r1",
        policy=DispatchPolicy(passed_over_listed=0),
    )
    assert (made.passed_over, made.words) == ((), "One unit, nearest by road. 1 more passed over.")
