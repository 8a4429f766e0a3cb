"""From closing words to what would be recorded; a person confirms."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.incident import event as e
from tenfour.incident.code import Codes
from tenfour.incident.incident import apply
from tenfour.incident.proposal import DEFAULT_WORDS, Circumstances, propose, will_be_written
from tenfour.vocabulary.code import CAUSES, DISPOSITIONS
from tenfour.vocabulary.envelope import Actor, ActorKind
from tenfour.vocabulary.ids import IncidentId

T0 = datetime(2026, 11, 14, 21, 40, 42, tzinfo=UTC)
WHO = Actor(ActorKind.PERSON, "brandt")
CHILD_ON_OLD_PHONE = Circumstances(deactivated_phone=True, child=True)
NOTHING_KNOWN = Circumstances()


def incident(*ticked):
    """Incident 417 with these checklist items ticked."""
    made = apply(None, e.IncidentOpened(IncidentId("i417"), 417), at=T0, actor=WHO)
    for item in ticked:
        made = apply(made, e.ChecklistMarked(item, True), at=T0, actor=WHO)
    return made


def test_just_wanted_a_hug_is_settled_by_contact_with_no_report():
    proposal = propose(incident("adult_seen", "child_seen"), "Just wanted a hug", CHILD_ON_OLD_PHONE)
    assert (proposal.dispositions, proposal.cause) == (("18", "02"), "child_deactivated_phone")
    assert proposal.may_close
    assert proposal.why == "May be closed: an adult and a child were seen."
    assert will_be_written(proposal, Codes()) == (
        '"Just wanted a hug" 18 Settled by contact, 02 No report; cause: Child, deactivated phone.'
    )


def test_same_words_without_contact_propose_the_same_and_say_why_it_may_not_be_closed():
    proposal = propose(incident(), "Just wanted a hug", CHILD_ON_OLD_PHONE)
    assert proposal.dispositions == ("18", "02")
    assert not proposal.may_close
    assert "nobody was seen" in proposal.why


@pytest.mark.parametrize(
    ("words", "first", "cause"),
    [
        ("Unable to locate, checked four doors", "14", "unknown"),
        ("UTL", "14", "unknown"),
        ("One in custody", "03", "real_emergency"),
        ("Transported to hospital", "25", "real_emergency"),
        ("duplicate of 416", "22", "unknown"),
        ("report taken", "01", "unknown"),
        ("Pocket dial, adult apologised", "18", "pocket_dial"),
        ("dialled by mistake", "18", "misdial"),
        ("Watch went off", "18", "device_alarm"),
        ("building secure", "20", "unknown"),
        ("referred to social services", "15", "unknown"),
        ("something else entirely", "18", "unknown"),
    ],
)
def test_words_of_the_radio_propose_their_dispositions(words, first, cause):
    proposal = propose(incident("adult_seen"), words, NOTHING_KNOWN)
    assert (proposal.dispositions[0], proposal.cause) == (first, cause)


def test_words_without_a_rule_propose_nothing_when_nobody_was_seen():
    proposal = propose(incident(), "something else entirely", NOTHING_KNOWN)
    assert (proposal.dispositions, proposal.may_close) == ((), False)


def test_unable_to_locate_may_close_once_it_is_said_what_was_tried():
    assert not propose(incident(), "unable to locate", NOTHING_KNOWN).may_close
    tried = propose(incident(), "unable to locate", NOTHING_KNOWN, tried=("four doors",))
    assert (tried.may_close, tried.why) == (True, "May be closed with 14: what was tried is given.")


def test_who_was_seen_may_be_said_with_the_words():
    assert propose(incident(), "all well", NOTHING_KNOWN, seen=("adult_seen",)).may_close
    assert not propose(incident(), "all well", NOTHING_KNOWN, seen=("home_confirmed",)).may_close


@pytest.mark.parametrize(
    ("circumstances", "cause"),
    [
        (Circumstances(True, True), "child_deactivated_phone"),
        (Circumstances(False, True), "child_phone"),
        (Circumstances(True, False), "unknown"),
        (NOTHING_KNOWN, "unknown"),
    ],
)
def test_cause_is_told_only_where_it_is_known(circumstances, cause):
    assert propose(incident("child_seen"), "a hug", circumstances).cause == cause


@given(st.text(max_size=60), st.booleans(), st.booleans())
def test_any_words_propose_codes_that_there_are(words, phone, child):
    proposal = propose(incident("adult_seen"), words, Circumstances(phone, child))
    assert set(proposal.dispositions) <= set(DISPOSITIONS)
    assert proposal.cause in CAUSES
    assert proposal.dispositions


def test_preset_proposes_only_codes_that_there_are():
    for rule in DEFAULT_WORDS:
        assert set(rule.dispositions) <= set(DISPOSITIONS)
        assert rule.cause in {"", *CAUSES}


def test_what_a_person_chose_stands_instead_of_what_was_proposed() -> None:
    chosen = propose(incident("adult_seen"), "a hug", NOTHING_KNOWN, dispositions=("08", "08"), cause="misdial")
    assert (chosen.dispositions, chosen.cause, chosen.may_close) == (("08",), "misdial", True)


def test_nothing_chosen_may_not_be_closed() -> None:
    nothing = propose(incident("adult_seen"), "a hug", NOTHING_KNOWN, dispositions=())
    assert not nothing.may_close
    assert "at least one disposition" in nothing.why


def test_call_that_another_centre_has_is_proposed_as_referred():
    proposal = propose(incident(), "Theirs", Circumstances(passed_on=("Franklin",)))
    assert (proposal.dispositions, proposal.may_close) == (("15",), True)
    assert proposal.why == "May be closed with 15: passed on to Franklin."
    assert not propose(incident(), "referred to them", NOTHING_KNOWN).may_close
