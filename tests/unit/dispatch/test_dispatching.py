"""Sending units: who may be sent, when a reason is required, and what becomes of it."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from tenfour.dispatch import decision
from tenfour.dispatch import event as e
from tenfour.dispatch.assignment import Assignment, apply, follow
from tenfour.units.event import UnitStatus, UnitStatusChanged
from tenfour.units.status import DIVERTIBLE, SENDABLE
from tenfour.units.unit import Unit
from tenfour.vocabulary.code import Service
from tenfour.vocabulary.envelope import Actor, ActorKind
from tenfour.vocabulary.errors import BadInput, IllegalTransition, NotFound, Refused
from tenfour.vocabulary.ids import AgencyId, IncidentId, UnitId
from tenfour.vocabulary.place import Point

S = UnitStatus
T0 = datetime(2026, 11, 14, 21, 42, tzinfo=UTC)
WHO = Actor(ActorKind.PERSON, "adeyemi")
HERE, ELSEWHERE = IncidentId("i417"), IncidentId("i416")
P = Point(39.96, -82.95)


def at(seconds):
    return T0 + timedelta(seconds=seconds)


def unit(name="12A3", status=S.AVAILABLE, incident_id=None, **more):
    made = Unit(UnitId(name), AgencyId("sheriff"), Service.POLICE, "12A", (), (), P, "", status, T0, incident_id)
    return replace(made, **more)


def recommended(*names, recommendation_id="r1"):
    rows = tuple(e.RecommendedUnit(UnitId(name), "nearest", 250.0 + n, 1.0, P, 2.0) for n, name in enumerate(names))
    return e.RecommendationMade(recommendation_id, "911H-2", rows, ())


def fold(*events):
    assignment = None
    for index, event in enumerate(events, start=1):
        assignment = apply(assignment, event, at=at(index), actor=WHO)
    return assignment or Assignment()


def send(assignment, *units, **more):
    return decision.dispatch(HERE, assignment, units, **more)


def test_recommended_unit_is_sent_without_a_reason():
    sent = send(fold(recommended("12A3")), unit())
    assert sent == e.UnitsDispatched((UnitId("12A3"),), "r1", "", 250.0)


def test_other_unit_than_the_recommended_needs_a_reason():
    with pytest.raises(Refused, match="Recommended is 12A3; sending 14B2 instead needs a reason"):
        send(fold(recommended("12A3")), unit("14B2"))
    sent = send(fold(recommended("12A3")), unit("14B2"), override_reason=" knows the family ")
    assert (sent.units, sent.override_reason, sent.travel_time_s) == (("14B2",), "knows the family", None)


def test_sending_when_none_was_recommended_needs_a_reason():
    with pytest.raises(Refused, match="Recommended is no unit"):
        send(fold(recommended()), unit())


def test_nobody_need_be_recommended_to_be_sent():
    assert send(Assignment(), unit()).recommendation_id is None


def test_rest_of_a_recommendation_is_sent_without_a_reason_once_the_first_is_there():
    made = fold(recommended("12A3", "14B2"))
    with pytest.raises(Refused):
        send(made, unit("14B2"))
    assert send(made, unit("14B2"), already_on=[UnitId("12A3")]).units == ("14B2",)


def test_recommendation_may_be_named_and_must_be_one_of_this_incident():
    made = fold(recommended("12A3"), recommended("14B2", recommendation_id="r2"))
    assert send(made, unit(), recommendation_id="r1").recommendation_id == "r1"
    assert send(made, unit("14B2")).recommendation_id == "r2"
    with pytest.raises(NotFound, match="no recommendation 'r9'"):
        send(made, unit(), recommendation_id="r9")


@pytest.mark.parametrize("status", list(UnitStatus))
def test_only_units_that_are_free_or_on_the_way_elsewhere_can_be_sent(status):
    busy = unit(status=status, incident_id=ELSEWHERE if status not in SENDABLE else None)
    if status in SENDABLE:
        assert send(Assignment(), busy)
    elif status in DIVERTIBLE:
        with pytest.raises(Refused, match="taking it from there needs a reason"):
            send(Assignment(), busy)
        assert send(Assignment(), busy, override_reason="nearer by ten minutes")
    else:
        with pytest.raises(IllegalTransition, match="expected a unit that is available"):
            send(Assignment(), busy, override_reason="please")


def test_unit_on_this_incident_already_is_not_sent_twice():
    with pytest.raises(Refused, match=r"is on this incident already .en route"):
        send(Assignment(), unit(status=S.EN_ROUTE, incident_id=HERE), override_reason="x")


def test_unit_in_an_emergency_is_not_sent():
    with pytest.raises(Refused, match="has raised an emergency"):
        send(Assignment(), unit(emergency_since=T0), override_reason="x")


def test_one_unit_that_cannot_go_stops_the_whole_sending():
    with pytest.raises(IllegalTransition, match="Unit 12K9"):
        send(Assignment(), unit(), unit("12K9", S.OUT_OF_SERVICE), override_reason="x")
    with pytest.raises(BadInput, match="Nobody was named"):
        send(Assignment())


def test_unit_named_twice_is_sent_once():
    assert send(Assignment(), unit(), unit()).units == ("12A3",)


def test_hold_needs_a_reason_and_is_not_doubled():
    held = decision.hold(Assignment(), " no police unit is free ")
    assert held == e.IncidentHeld("no police unit is free")
    with pytest.raises(BadInput):
        decision.hold(Assignment(), "")
    with pytest.raises(Refused, match="held already"):
        decision.hold(fold(held), "again")


def test_hold_ends_when_a_unit_is_sent():
    made = fold(e.IncidentHeld("none free"), e.UnitsDispatched((UnitId("12A3"),), None))
    assert made.held_at is None
    assert fold(e.IncidentHeld("a"), e.IncidentHeld("b")).held_at == at(1)


def test_area_check_names_an_area():
    assert decision.order_area_check(" Kendall Place ") == e.AreaCheckOrdered("Kendall Place")
    with pytest.raises(BadInput):
        decision.order_area_check(" ")


def test_only_a_unit_that_is_there_asks_for_a_second_one():
    assert decision.ask_help(unit(status=S.ON_SCENE, incident_id=HERE), HERE, "two doors").text == "two doors"
    with pytest.raises(Refused, match="is not on this incident"):
        decision.ask_help(unit(), HERE)


def test_run_of_a_unit_keeps_the_first_time_of_each_step():
    name = UnitId("12A3")
    made = fold(e.UnitsDispatched((name,), "r1", travel_time_s=250.0))
    steps = [S.ACKNOWLEDGED, S.EN_ROUTE, S.DELAYED, S.EN_ROUTE, S.ON_SCENE, S.COMMUNITY_CONTACT, S.ON_SCENE]
    for index, status in enumerate(steps):
        made = follow(made, name, UnitStatusChanged(status, HERE), at=at(10 + index))
    made = follow(made, name, UnitStatusChanged(S.AVAILABLE), at=at(50))
    run = made.run(name)
    assert (run.dispatched_at, run.acknowledged_at, run.en_route_at, run.on_scene_at, run.cleared_at) == (
        at(1), at(10), at(11), at(14), at(50),
    )  # fmt: skip
    assert run.travel_time_s == 250.0


def test_unit_sent_again_has_not_cleared():
    name = UnitId("12A3")
    made = follow(fold(e.UnitsDispatched((name,), None)), name, UnitStatusChanged(S.AVAILABLE), at=at(5))
    again = apply(made, e.UnitsDispatched((name,), None), at=at(9), actor=WHO)
    assert (again.run(name).cleared_at, again.run(name).dispatched_at) == (None, at(1))
    assert len(again.runs) == 1


def test_alerts_know_who_told_and_when():
    made = fold(e.SupervisorAlerted("x"))
    assert made.alerted("adeyemi", since=T0)
    assert not made.alerted("adeyemi", since=at(2))
    assert not made.alerted("held_too_long", since=T0)
