"""The policy's advice on a call that has ended."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tenfour.calltaking import event as e
from tenfour.calltaking.advice import advise, was_answered
from tenfour.calltaking.call import Call, CallState, Hearing
from tenfour.calltaking.event import Handset
from tenfour.calltaking.policy import DEFAULT_ADVICE, DISTRESS, HEARD, RING_PRESETS, AdviceRule, CalltakingPolicy
from tenfour.vocabulary.code import INCIDENT_KINDS
from tenfour.vocabulary.envelope import Actor, ActorKind
from tenfour.vocabulary.ids import CallId, IncidentId

T0 = datetime(2026, 11, 14, 21, 40, 42, tzinfo=UTC)
WHO = Actor(ActorKind.PERSON, "adeyemi")


def ended(handset=Handset.NSI, *heard, answered=True, state=CallState.DISCONNECTED, text=""):
    """A call that ended so, with these codes heard."""
    return Call(
        CallId("c" * 20), IncidentId("i" * 20), True, "911-442-7186", None, "urn:service:sos", "1", "x", False, T0,
        state=state, handset=handset, answered_at=T0 if answered else None, ended_at=T0,
        hearings=(Hearing(T0, WHO, heard, text),) if heard or text else (),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("call", "rule", "priority"),
    [
        (ended(Handset.NSI, "child_voice", "laughter"), "hangup.nsi.voice", 2),
        (ended(Handset.NSI, text="somebody giggles"), "hangup.nsi.voice", 2),
        (ended(Handset.NSI), "hangup.nsi.silent", 2),
        (ended(Handset.NSI, "silence"), "hangup.nsi.silent", 2),
        (ended(Handset.NSI, answered=False, state=CallState.ABANDONED), "abandoned.nsi", 2),
        (ended(Handset.NSI, state=CallState.ABANDONED), "abandoned.nsi", 2),
        (ended(Handset.WIRELESS, answered=False, state=CallState.ABANDONED), "abandoned.callable", 3),
        (ended(Handset.LANDLINE, answered=False, state=CallState.ABANDONED), "hangup.landline", 2),
        (ended(Handset.LANDLINE, "adult_voice"), "hangup.landline", 2),
        (ended(Handset.WIRELESS), "silent.answered", 2),
        (ended(Handset.WIRELESS, "silence", state=CallState.RELEASED), "silent.answered", 2),
        (ended(Handset.NSI, "silence", state=CallState.RELEASED), "hangup.nsi.silent", 2),
        (ended(Handset.WIRELESS, "adult_voice", "calm"), "hangup.callable", 3),
        (ended(Handset.WIRELESS, "struggle"), "open_line.distress", 1),
        (ended(Handset.NSI, "screaming", state=CallState.RELEASED), "open_line.distress", 1),
    ],
)
def test_preset_advises_by_handset_what_was_heard_and_how_it_ended(call, rule, priority):
    advice = advise(call, DEFAULT_ADVICE)
    assert (advice.rule, advice.priority) == (rule, priority)


def test_deactivated_phone_with_a_voice_gets_a_unit_within_sixty_seconds():
    advice = advise(ended(Handset.NSI, "child_voice", "no_distress"), DEFAULT_ADVICE)
    assert (advice.kind, advice.next_step) == ("911H", "send a unit within 60 s of the drop")
    assert "child's voice, no distress heard" in advice.reason


def test_advice_on_a_call_nobody_noted_anything_of_does_not_say_that_it_was_silent():
    assert "Nothing was noted as heard" in advise(ended(Handset.NSI), DEFAULT_ADVICE).reason


def test_call_that_goes_on_gets_no_advice():
    assert advise(ended(state=CallState.TALKING), DEFAULT_ADVICE) is None


def test_struggle_on_an_open_line_is_advised_on_while_the_call_taker_stays_with_it():
    advice = advise(ended(Handset.WIRELESS, "struggle", state=CallState.TALKING), DEFAULT_ADVICE)
    assert (advice.kind, advice.priority) == ("911OPN", 1)
    assert advise(ended(Handset.NSI, "child_voice", state=CallState.TALKING), DEFAULT_ADVICE) is None


def test_call_that_the_call_taker_ended_needs_none():
    assert advise(ended(Handset.WIRELESS, "adult_voice", state=CallState.RELEASED), DEFAULT_ADVICE) is None


@given(st.sets(st.sampled_from(sorted(HEARD))), st.sampled_from(DISTRESS), st.sampled_from(Handset))
def test_calm_heard_beside_distress_never_lowers_the_priority(others, distress, handset):
    advice = advise(ended(handset, *sorted(others), distress), DEFAULT_ADVICE)
    assert (advice.kind, advice.priority) == ("911OPN", 1)


def test_agency_that_writes_its_calm_rule_first_still_gets_distress_first():
    calm = AdviceRule("calm", "INFO", 4, "note it", "sounded calm", heard_any=("calm",))
    advice = advise(ended(Handset.NSI, "calm", "struggle"), (calm, *DEFAULT_ADVICE))
    assert advice.rule == "open_line.distress"


@given(st.sets(st.sampled_from(sorted(set(HEARD) - set(DISTRESS)))), st.sampled_from(Handset), st.booleans())
def test_every_dropped_call_gets_advice_and_none_is_presumed_a_prank(heard, handset, answered):
    state = CallState.DISCONNECTED if answered else CallState.ABANDONED
    advice = advise(ended(handset, *sorted(heard), answered=answered, state=state), DEFAULT_ADVICE)
    assert advice is not None
    assert advice.priority <= 3
    assert "prank" not in (advice.reason + advice.next_step).lower()


def test_conditions_are_all_to_hold():
    rule = AdviceRule("r", "911H", 2, "n", "w", heard_none=("calm",), answered=True, ended=("failed",))
    assert advise(ended(state=CallState.FAILED), (rule,)).rule == "r"
    assert advise(ended(Handset.NSI, "calm", state=CallState.FAILED), (rule,)) is None
    assert advise(ended(state=CallState.DISCONNECTED), (rule,)) is None
    assert advise(ended(answered=False, state=CallState.FAILED), (rule,)) is None


def test_caller_who_left_as_somebody_picked_up_was_not_answered():
    assert not was_answered(ended(state=CallState.ABANDONED))
    assert was_answered(ended())
    assert not was_answered(replace(ended(), answered_at=None))


def test_preset_names_only_codes_that_there_are():
    for rule in DEFAULT_ADVICE:
        assert rule.kind in INCIDENT_KINDS
        assert {*rule.heard_any, *rule.heard_none} <= set(HEARD)
    assert set(DISTRESS) <= set(HEARD)
    assert len({rule.rule for rule in DEFAULT_ADVICE}) == len(DEFAULT_ADVICE)


def test_ring_goals_name_who_asks_for_them():
    assert all(goal.source for goals in RING_PRESETS.values() for goal in goals)
    assert CalltakingPolicy().ring[0].seconds == 10
    assert e.KindAdvised.SCHEMA == 1
