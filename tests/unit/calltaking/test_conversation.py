"""The conversation of a call: two people type at once, corrections are made, nothing that was typed is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.calltaking import call as calls
from tenfour.calltaking import event as e
from tenfour.calltaking.conversation import LONGEST_LINE, MOST_LINES, Conversation, apply
from tenfour.calltaking.decision import type_text
from tenfour.calltaking.text_event import (
    LanguagesOffered,
    Party,
    TextClosed,
    TextMedium,
    TextNotSent,
    TextOpened,
    TextReceived,
    TextSent,
    TextTyped,
    UtteranceEnded,
)
from tenfour.vocabulary.envelope import Actor, ActorKind
from tenfour.vocabulary.errors import BadInput, IllegalTransition
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId

BEGAN = datetime(2026, 11, 14, 21, 41, 9, tzinfo=UTC)
DESK = PositionId("04")


def came(text: str, medium: TextMedium = TextMedium.RTT) -> TextReceived:
    return TextReceived(medium, text)


def ours(text: str, number: int, medium: TextMedium = TextMedium.RTT) -> TextTyped:
    return TextTyped(medium, number, text, DESK)


def talk(*events, apart_s: float = 1.0) -> Conversation:
    conversation = Conversation()
    for number, event in enumerate(events):
        conversation = apply(conversation, event, at=BEGAN + timedelta(seconds=number * apart_s))
    return conversation


def lines(conversation: Conversation) -> list[tuple[str, str]]:
    return [(line.party.value, line.text) for line in conversation.lines]


def test_letters_become_a_line_and_a_new_line_begins_another():
    conversation = talk(came("he"), came("lp\nhu"), came("rry"))
    assert lines(conversation) == [("caller", "help"), ("caller", "hurry")]
    assert [line.whole for line in conversation.lines] == [True, False]


def test_corrections_are_made_and_what_was_taken_back_is_kept():
    (line,) = talk(came("he has a kni"), came("\b\b\bgun")).lines
    assert (line.text, line.typed, line.erased) == ("he has a gun", "he has a kni\b\b\bgun", True)


def test_going_back_over_a_new_line_goes_on_in_the_line_before():
    (line,) = talk(came("one\n"), came("\b two")).lines
    assert (line.text, line.whole) == ("one two", False)


def test_going_back_where_nothing_is_changes_nothing():
    assert talk(came("\b\b"), came("\n")).lines == ()


def test_each_letter_keeps_its_time():
    event = TextReceived(TextMedium.RTT, "a\nb", (900, 400, 0))
    first, second = apply(Conversation(), event, at=BEGAN).lines
    assert (first.at, second.at) == (BEGAN - timedelta(milliseconds=900), BEGAN)


def test_two_people_type_at_once_in_lines_of_their_own():
    conversation = talk(came("where "), ours("which ro", 1), came("are you"), ours("om?\n", 2))
    assert lines(conversation) == [("caller", "where are you"), ("centre", "which room?")]


def test_who_pauses_while_the_other_answers_goes_on_below():
    conversation = talk(came("in the kitchen"), ours("stay there\n", 1), came("he is here"), apart_s=5)
    assert lines(conversation) == [("caller", "in the kitchen"), ("centre", "stay there"), ("caller", "he is here")]


def test_message_is_a_line_of_its_own_however_many_lines_it_has():
    conversation = talk(came("one\ntwo", TextMedium.MESSAGE), came("three", TextMedium.MESSAGE))
    assert lines(conversation) == [("caller", "one\ntwo"), ("caller", "three")]


def test_bells_are_kept_and_not_read():
    (line,) = talk(came("he\alp")).lines
    assert (line.text, line.typed) == ("help", "he\alp")


def test_centre_answers_by_what_the_caller_used_last_where_it_is_open():
    rtt, tty, msrp = TextOpened(TextMedium.RTT), TextOpened(TextMedium.TTY), TextOpened(TextMedium.MSRP)
    assert talk().answers_by is TextMedium.MESSAGE
    assert talk(tty).answers_by is TextMedium.TTY
    assert talk(tty, msrp).answers_by is TextMedium.MSRP
    assert talk(tty, msrp, rtt).answers_by is TextMedium.RTT
    assert talk(rtt, tty, came("x", TextMedium.TTY)).answers_by is TextMedium.TTY
    assert talk(rtt, came("x", TextMedium.MESSAGE)).answers_by is TextMedium.MESSAGE
    assert talk(rtt, came("x"), TextClosed(TextMedium.RTT, "gone")).answers_by is TextMedium.MESSAGE


def test_pieces_wait_until_they_are_on_the_wire():
    conversation = talk(ours("a", 1), ours("b", 2), ours("b", 2), ours("c", 3))
    assert [piece.number for piece in conversation.pieces] == [1, 2, 3]
    conversation = apply(conversation, TextSent(TextMedium.RTT, 2), at=BEGAN)
    assert ([piece.number for piece in conversation.pieces], conversation.sent) == ([3], 2)


def test_line_that_did_not_reach_the_caller_says_why():
    conversation = talk(
        ours("one", 1, TextMedium.MESSAGE),
        ours("two", 2, TextMedium.MESSAGE),
        TextSent(TextMedium.MESSAGE, 1),
        TextNotSent(TextMedium.MESSAGE, 2, "415"),
    )
    assert [line.problem for line in conversation.lines] == ["", "415"]
    assert conversation.pieces == ()


def test_languages_of_a_medium_are_those_it_said_last():
    first, again = LanguagesOffered("audio", ("es",)), LanguagesOffered("audio", ("en",))
    assert talk(first, LanguagesOffered("text", ("es",)), again).languages[-1] == again
    assert len(talk(first, again).languages) == 1


def test_whole_lines_are_told_once_and_again_when_they_were_changed():
    conversation = talk(came("one\ntwo"))
    told = list(conversation.untold())
    assert told == [UtteranceEnded(Party.CALLER, TextMedium.RTT, 1, "one")]
    conversation = apply(conversation, told[0], at=BEGAN)
    assert list(conversation.untold()) == []
    assert [ended.text for ended in conversation.untold(over=True)] == ["two"]


def test_line_that_never_ends_is_cut():
    conversation = talk(came("x" * (LONGEST_LINE + 5)))
    assert [len(line.text) for line in conversation.lines] == [LONGEST_LINE, 5]


def test_lines_that_are_carried_are_bounded_and_counted():
    conversation = talk(came("x\n" * (MOST_LINES + 3)))
    assert (len(conversation.lines), conversation.count) == (MOST_LINES, MOST_LINES + 3)


TYPED = st.lists(st.tuples(st.booleans(), st.text(alphabet="ab\b\n\a", min_size=1, max_size=8)), max_size=20)


@given(TYPED, st.integers(0, 9))
def test_every_character_stands_in_some_line_as_it_was_typed(typed, apart_s):
    number, events = 0, []
    for is_ours, text in typed:
        number += is_ours
        events.append(ours(text, number) if is_ours else came(text))
    conversation = talk(*events, apart_s=apart_s)
    for party, own in ((Party.CALLER, False), (Party.CENTRE, True)):
        letters = [c for is_ours, text in typed if is_ours is own for c in text if c in "ab"]
        kept = [c for line in conversation.lines if line.party is party for c in line.typed if c in "ab"]
        assert sorted(kept) == sorted(letters)
    assert all(len(line.text) <= len(line.typed) for line in conversation.lines)


def a_call(*events) -> calls.Call:
    received = e.CallReceived(
        CallId("c"), IncidentId("i"), True, "614-555-0137", None, "urn:service:sos", "s", "UDP", "192.0.2.1:5060"
    )
    call = None
    for event in (received, *events):
        call = calls.apply(call, event, at=BEGAN, actor=Actor(ActorKind.DEVICE, "line-1"))
    assert call is not None
    return call


ANSWERED = e.CallAnswered(DESK, PersonId("adeyemi"))


def test_what_is_typed_goes_by_the_medium_of_the_call_and_is_counted():
    call = a_call(ANSWERED, TextOpened(TextMedium.RTT))
    typed = type_text(call, "hi", (), DESK)
    assert (typed.medium, typed.number) == (TextMedium.RTT, 1)
    again = a_call(ANSWERED, TextOpened(TextMedium.RTT), typed)
    assert type_text(again, "\b", (5,), DESK).number == 2


def test_nobody_types_into_a_call_that_is_not_answered_or_is_over():
    for call in (a_call(), a_call(ANSWERED, e.CallReleased())):
        with pytest.raises(IllegalTransition):
            type_text(call, "hi", (), DESK)


@pytest.mark.parametrize(("text", "ago_ms"), [("", ()), ("x" * 2001, ()), ("ab", (1,)), ("a", (-1,))])
def test_what_cannot_have_been_typed_is_refused(text, ago_ms):
    with pytest.raises(BadInput):
        type_text(a_call(ANSWERED), text, ago_ms, DESK)
