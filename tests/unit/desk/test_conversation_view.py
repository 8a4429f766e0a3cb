"""What the desk shows of a conversation: what did not reach the caller says so, languages are sentences."""

from datetime import UTC, datetime

import pytest

from tenfour.calltaking import call as calls
from tenfour.calltaking import event as e
from tenfour.calltaking.text_event import LanguagesOffered, TextMedium, TextOpened, TextReceived, TextSent, TextTyped
from tenfour.desk.conversation_view import OVER, SHOWN, conversation_view, languages_words
from tenfour.vocabulary.envelope import Actor, ActorKind
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId

BEGAN = datetime(2026, 11, 14, 21, 41, 9, tzinfo=UTC)
DESK = PositionId("04")


def a_call(*events) -> calls.Call:
    received = e.CallReceived(
        CallId("c"), IncidentId("i"), True, "614-555-0137", None, "urn:service:sos", "s", "UDP", "192.0.2.1:5060"
    )
    call = None
    for event in (received, e.CallAnswered(DESK, PersonId("adeyemi")), *events):
        call = calls.apply(call, event, at=BEGAN, actor=Actor(ActorKind.DEVICE, "line-1"))
    assert call is not None
    return call


TYPED = TextTyped(TextMedium.RTT, 1, "Stay", DESK)


def test_what_is_on_its_way_is_not_sent_and_when_the_call_is_over_it_says_why():
    (going,) = conversation_view(a_call(TYPED)).lines
    (sent,) = conversation_view(a_call(TYPED, TextSent(TextMedium.RTT, 1))).lines
    (lost,) = conversation_view(a_call(TYPED, e.CallReleased())).lines
    assert [(line.sent, line.problem) for line in (going, sent, lost)] == [(False, ""), (True, ""), (False, OVER)]


def test_nobody_may_type_when_the_call_is_over():
    assert conversation_view(a_call()).may_type
    assert not conversation_view(a_call(e.CallReleased())).may_type


def test_medium_that_answers_is_named():
    view = conversation_view(a_call(TextOpened(TextMedium.RTT)))
    assert (view.answers_by, view.answers_by_words, view.as_typed, view.open) == (
        "rtt",
        "real-time text",
        True,
        ("rtt",),
    )


def test_row_has_the_newest_lines_and_says_how_many_more_there_are():
    call = a_call(TextReceived(TextMedium.RTT, "x\n" * (SHOWN + 5)))
    view = conversation_view(call)
    assert (len(view.lines), view.more, view.lines[-1].number) == (SHOWN, 5, SHOWN + 5)
    assert len(conversation_view(call, None).lines) == SHOWN + 5


@pytest.mark.parametrize(
    ("offer", "words"),
    [
        (
            LanguagesOffered("audio", ("es",), ("es", "en"), answered=("en",)),
            "Audio: says es; understands es, en. Answered en.",
        ),
        (LanguagesOffered("text", ("es",), any_will_do=True), "Text: says es (or any)."),
    ],
)
def test_languages_are_told_in_a_sentence(offer, words):
    assert languages_words(offer) == words
