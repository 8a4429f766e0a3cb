"""The status table of a unit, and what may be done with it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.units import decision
from tenfour.units.event import (
    AcknowledgementOverdue,
    EmergencyCleared,
    EmergencyRaised,
    SafetyCheckDue,
    SafetyChecked,
    UnitListed,
    UnitStatus,
    UnitStatusChanged,
)
from tenfour.units.status import (
    DIVERTIBLE,
    EMERGENCY_LETTER,
    LEGAL,
    LETTERS,
    SENDABLE,
    WITHOUT_INCIDENT,
    WORDS,
    letter,
)
from tenfour.units.unit import WATCHED, Unit, apply
from tenfour.vocabulary.code import Service
from tenfour.vocabulary.errors import BadInput, IllegalTransition, Refused
from tenfour.vocabulary.ids import AgencyId, IncidentId, UnitId
from tenfour.vocabulary.place import Point

S = UnitStatus
T0 = datetime(2026, 11, 14, 21, 40, tzinfo=UTC)
INCIDENT = IncidentId("i417")
SHERIFF = AgencyId("sheriff")
LISTED = UnitListed(
    UnitId("12A3"), Service.POLICE, "12A", ("L. Brandt",), ("camera",), Point(39.96, -82.95), "Station 1"
)


def at(seconds):
    return T0 + timedelta(seconds=seconds)


def fold(*events):
    """A unit that was listed, then told these events, ten seconds apart."""
    unit = apply(None, LISTED, at=T0, agency=SHERIFF)
    for index, event in enumerate(events, start=1):
        unit = apply(unit, event, at=at(10 * index), agency=SHERIFF)
    return unit


def test_listed_unit_is_available_at_its_post():
    unit = fold()
    assert isinstance(unit, Unit)
    assert (unit.status, unit.agency, unit.free, unit.post) == (S.AVAILABLE, SHERIFF, True, LISTED.post)


def test_unit_listed_again_keeps_its_status_and_takes_the_new_crew():
    busy = fold(UnitStatusChanged(S.EN_ROUTE, INCIDENT))
    other = UnitListed(LISTED.unit_id, LISTED.service, "14B", ("J. Ortiz",), (), LISTED.post)
    again = apply(busy, other, at=at(99), agency=SHERIFF)
    assert (again.status, again.incident_id, again.crew, again.beat) == (S.EN_ROUTE, INCIDENT, ("J. Ortiz",), "14B")


def test_facts_of_a_unit_nobody_listed_are_nothing_to_fold():
    assert apply(None, SafetyChecked(), at=T0, agency=SHERIFF) is None


def test_table_names_every_status_and_so_do_words_and_letters():
    assert set(LEGAL) == set(WORDS) == set(LETTERS) == set(UnitStatus)
    assert set(LETTERS.values()) == set("ADESCO")


def test_every_status_can_be_reached_from_available():
    reached, edge = {S.AVAILABLE}, {S.AVAILABLE}
    while edge:
        edge = {following for status in edge for following in LEGAL[status]} - reached
        reached |= edge
    assert reached == set(UnitStatus)


def test_sendable_and_divertible_units_may_become_dispatched_and_no_others():
    may = {status for status, following in LEGAL.items() if S.DISPATCHED in following}
    assert may == SENDABLE | DIVERTIBLE


@given(st.lists(st.integers(0, 15), max_size=30))
def test_any_legal_path_of_a_unit_ends_available(choices):
    unit = fold()
    for step, choice in enumerate(choices):
        following = sorted(LEGAL[unit.status], key=lambda s: s.value)
        status = following[choice % len(following)]
        incident_id = None if status in WITHOUT_INCIDENT else INCIDENT
        unit = apply(unit, UnitStatusChanged(status, incident_id), at=at(step), agency=SHERIFF)
    for _ in range(3):
        if unit.status is S.AVAILABLE:
            break
        way = S.AVAILABLE if S.AVAILABLE in LEGAL[unit.status] else next(iter(LEGAL[unit.status]))
        unit = apply(unit, decision.change_status(unit, way), at=at(100), agency=SHERIFF)
    assert (unit.status, unit.incident_id, unit.safety_from) == (S.AVAILABLE, None, None)


@given(st.sampled_from(UnitStatus), st.sampled_from(UnitStatus))
def test_decision_allows_exactly_what_the_table_says(before, wanted):
    incident_id = None if before in WITHOUT_INCIDENT else INCIDENT
    unit = fold(UnitStatusChanged(before, incident_id))
    if wanted in LEGAL[before] - decision.ONLY_BY_DISPATCH:
        changed = decision.change_status(unit, wanted)
        assert changed.status is wanted
        assert changed.incident_id == (None if wanted in WITHOUT_INCIDENT else incident_id)
    else:
        with pytest.raises(Refused):
            decision.change_status(unit, wanted)


def test_illegal_status_is_refused_with_what_is_possible_next():
    with pytest.raises(IllegalTransition) as refused:
        decision.change_status(fold(UnitStatusChanged(S.OUT_OF_SERVICE)), S.ON_SCENE)
    assert str(refused.value) == "Unit 12A3 is OutofService; expected one of Available, InService next."


def test_status_button_never_dispatches():
    with pytest.raises(Refused, match="it gets Dispatched by being sent"):
        decision.change_status(fold(), S.DISPATCHED)


def test_unit_on_one_incident_does_not_slip_into_another():
    unit = fold(UnitStatusChanged(S.EN_ROUTE, INCIDENT))
    with pytest.raises(Refused, match="send it to this one first"):
        decision.change_status(unit, S.ON_SCENE, IncidentId("other"))


def test_self_initiated_contact_needs_no_incident():
    changed = decision.change_status(fold(), S.COMMUNITY_CONTACT, reason=" school visit ")
    assert (changed.incident_id, changed.reason) == (None, "school visit")


def test_unknown_status_word_names_those_there_are():
    assert decision.parse_status("EnRoute") is S.EN_ROUTE
    with pytest.raises(BadInput, match="known are Available"):
        decision.parse_status("Flying")


def test_unit_remembers_the_incident_it_left():
    unit = fold(UnitStatusChanged(S.ON_SCENE, INCIDENT), UnitStatusChanged(S.AVAILABLE))
    assert (unit.left, unit.incident_id) == (INCIDENT, None)


def test_safety_timer_runs_at_work_and_starts_anew_with_each_check():
    on_scene = fold(UnitStatusChanged(S.ON_SCENE, INCIDENT))
    assert on_scene.safety_from == at(10)
    due = apply(on_scene, SafetyCheckDue(INCIDENT, 600.0, 1), at=at(610), agency=SHERIFF)
    assert (due.safety_alerts, due.safety_alerted_at) == (1, at(610))
    checked = apply(due, decision.check_safety(due, "10-4"), at=at(620), agency=SHERIFF)
    assert (checked.safety_from, checked.safety_alerts, checked.safety_alerted_at) == (at(620), 0, None)


@pytest.mark.parametrize("status", list(UnitStatus))
def test_safety_timer_runs_only_in_watched_statuses(status):
    assert (fold(UnitStatusChanged(status)).safety_from is not None) == (status in WATCHED)


def test_safety_check_of_an_idle_unit_starts_no_timer():
    assert fold(SafetyChecked("ok")).safety_from is None


def test_alerts_are_forgotten_with_the_next_status():
    alerted = fold(UnitStatusChanged(S.DISPATCHED, INCIDENT), AcknowledgementOverdue(INCIDENT, 30.0, 1))
    assert alerted.acknowledge_alerts == 1
    moved = apply(alerted, UnitStatusChanged(S.ACKNOWLEDGED, INCIDENT), at=at(50), agency=SHERIFF)
    assert (moved.acknowledge_alerts, moved.acknowledge_alerted_at) == (0, None)


def test_emergency_is_never_refused_and_stands_over_any_status():
    unit = fold(decision.raise_emergency(fold(), "shots"))
    assert unit.emergency_since == at(10)
    assert not unit.free
    assert letter(unit.status, emergency=True) == EMERGENCY_LETTER
    again = apply(unit, EmergencyRaised("more"), at=at(20), agency=SHERIFF)
    assert (again.emergency_since, again.emergency_words) == (at(10), "more")


def test_emergency_outlives_a_change_of_status():
    unit = fold(EmergencyRaised(), UnitStatusChanged(S.AVAILABLE))
    assert unit.emergency_since is not None


def test_emergency_is_cleared_only_with_how_it_was_found_to_be_over():
    unit = fold(EmergencyRaised())
    with pytest.raises(Refused, match="say how"):
        decision.clear_emergency(unit, " ")
    cleared = decision.clear_emergency(unit, "seen by 14B2")
    assert isinstance(cleared, EmergencyCleared)
    assert apply(unit, cleared, at=at(30), agency=SHERIFF).emergency_since is None
    with pytest.raises(IllegalTransition, match="without an emergency"):
        decision.clear_emergency(fold(), "x")
