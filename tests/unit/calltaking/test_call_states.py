"""A call as folded from its facts, and what may be done with it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tenfour.calltaking import decision
from tenfour.calltaking import event as e
from tenfour.calltaking.call import ENDED, TRANSITIONS, CallState, apply
from tenfour.calltaking.call_words import STATE_WORDS, caller_hears, end_words
from tenfour.calltaking.position import Position
from tenfour.calltaking.position import apply as apply_position
from tenfour.vocabulary.envelope import Actor, ActorKind
from tenfour.vocabulary.errors import BadInput, IllegalTransition, Refused
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId

T0 = datetime(2026, 11, 14, 21, 40, 42, tzinfo=UTC)
ADEYEMI = Actor(ActorKind.PERSON, "adeyemi", "call_taker", "04")
RECEIVED = e.CallReceived(
    CallId("c7d2e9f4a1b8c3d6e5f0"), IncidentId("i4k2m8n1p5q7r3s6t9u0"), True, "911-442-7186", None,
    "urn:service:sos", "1@line", "udp", "127.0.0.1:5070",
)  # fmt: skip
ANSWERED = e.CallAnswered(PositionId("04"), PersonId("adeyemi"))
CONNECTED = e.CallConnected("PCMU", "127.0.0.1:4000")
BY_POLICY = e.CallConnected("PCMU", "127.0.0.1:4000", by_policy=True)


def at(seconds):
    return T0 + timedelta(seconds=seconds)


def fold(*events, start=None):
    """A received call, then these events, one second apart."""
    call = start or apply(None, RECEIVED, at=T0, actor=ADEYEMI)
    for index, event in enumerate(events, start=1):
        call = apply(call, event, at=at(index), actor=ADEYEMI)
    return call


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), CallState.RINGING),
        ((e.CallRinging(),), CallState.RINGING),
        ((ANSWERED,), CallState.CONNECTING),
        ((ANSWERED, CONNECTED), CallState.TALKING),
        ((BY_POLICY,), CallState.RINGING),
        ((e.LoopbackStarted("rtp-media-loopback", "PCMU/8000"),), CallState.TALKING),
        ((e.LoopbackStarted("rtp-media-loopback", "PCMU/8000"), e.CallReleased()), CallState.RELEASED),
        ((BY_POLICY, ANSWERED), CallState.TALKING),
        ((e.CallAbandoned(e.Signal.CANCEL),), CallState.ABANDONED),
        ((BY_POLICY, e.CallAbandoned(e.Signal.BYE)), CallState.ABANDONED),
        ((ANSWERED, CONNECTED, e.CallerDisconnected()), CallState.DISCONNECTED),
        ((ANSWERED, CONNECTED, e.CallReleased()), CallState.RELEASED),
        ((ANSWERED, e.CallFailed("no ACK")), CallState.FAILED),
        ((e.CallAbandoned(e.Signal.CANCEL), ANSWERED), CallState.ABANDONED),
        ((e.CallAbandoned(e.Signal.CANCEL), e.CallReleased()), CallState.ABANDONED),
    ],
)
def test_call_moves_along_the_table(events, state):
    assert fold(*events).state is state


def test_facts_before_the_invite_are_nothing_to_fold():
    assert apply(None, ANSWERED, at=T0, actor=ADEYEMI) is None


def test_received_twice_is_received_once():
    call = fold(ANSWERED)
    assert apply(call, RECEIVED, at=at(50), actor=ADEYEMI) == call


def test_answer_stops_the_ring_clock_whatever_the_wire_does():
    call = fold(e.CallRinging(), BY_POLICY, ANSWERED)
    assert (call.received_at, call.ringing_at, call.connected_at, call.answered_at) == (T0, at(1), at(2), at(3))
    assert call.connected_by_policy


def test_call_that_was_picked_up_as_the_caller_left_stays_abandoned_with_its_answer_shown():
    call = fold(ANSWERED, e.CallAbandoned(e.Signal.CANCEL))
    assert (call.state, call.answered_at, call.position) == (CallState.ABANDONED, at(1), "04")
    assert end_words(call) == "Abandoned: the caller left 1.0 s after position 04 picked up (CANCEL); nobody spoke."


def test_answer_recorded_after_the_caller_left_is_told_honestly():
    call = fold(e.CallAbandoned(e.Signal.CANCEL), ANSWERED)
    assert call.answered_at == at(2)
    assert "left 1.0 s before position 04 picked up" in end_words(call)


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (e.CallAbandoned(e.Signal.CANCEL), "Abandoned: the caller left before anyone answered (CANCEL)."),
        (e.CallerDisconnected(reason="Q.850;cause=16"), "Disconnected by the caller's side (Q.850;cause=16)."),
        (e.CallReleased(), "Released by the centre."),
        (e.CallFailed("no common codec"), "Failed: no common codec"),
    ],
)
def test_each_end_has_its_own_words(end, words):
    assert end_words(fold(end)) == words


def test_every_state_has_a_row_and_words_and_only_ends_have_nothing_after():
    assert set(TRANSITIONS) == set(STATE_WORDS) == set(CallState)
    assert {state for state, moves in TRANSITIONS.items() if not moves} == ENDED


def test_call_in_progress_has_no_end_words():
    assert [end_words(fold(*events)) for events in ((), (ANSWERED,), (ANSWERED, CONNECTED))] == ["", "", ""]


def test_caller_hears_ringing_then_the_announcement_then_nothing():
    announced = (ANSWERED, CONNECTED, e.AnnouncementStarted("please-wait", "no voice yet"))
    assert caller_hears(fold()) == "ringing"
    assert caller_hears(fold(*announced)) == 'announcement "please-wait" (no headset at the position)'
    assert caller_hears(fold(*announced, e.CallerDisconnected())) == "nothing"
    assert caller_hears(fold(ANSWERED, CONNECTED)) == "nothing"


def test_caller_who_waits_for_long_hears_an_announcement_and_it_rings_on():
    waiting = (e.AnnouncementStarted("all are busy", "10 s"),)
    assert caller_hears(fold(*waiting)) == 'announcement "all are busy", and it rings on'
    after = fold(*waiting, ANSWERED, CONNECTED, e.AnnouncementStarted("we hear you", ""))
    assert caller_hears(after) == 'announcement "we hear you" (no headset at the position)'


def test_caller_of_a_call_without_audio_hears_nothing_and_the_desk_says_why():
    call = fold(ANSWERED, CONNECTED, e.AudioNotAgreed("No codec in common."))
    assert caller_hears(call) == "nothing. No codec in common."
    announced = fold(e.AudioAgreed("PCMU/8000", ""), e.AnnouncementStarted("please-wait", ""), start=call)
    assert caller_hears(announced).startswith("announcement")


def test_silence_is_told_from_when_it_began_and_ends_with_the_next_word():
    call = fold(e.CallerAudioStarted(), e.CallerAudioStopped(silent_for_s=3.0))
    assert call.silent_since == at(-1)
    assert fold(e.CallerAudioResumed(4.0), start=call).silent_since is None
    assert call.audio_since == at(1)


def test_recordings_are_kept_by_segment_with_length_and_digest():
    call = fold(
        e.RecordingStarted("a-1.wav", 1), e.RecordingEnded("a-1.wav", 1, 5.0, "ab"), e.RecordingStarted("a-2.wav", 2)
    )
    first, second = call.recordings
    assert (first.started_at, first.duration_s, first.sha256) == (at(1), 5.0, "ab")
    assert (second.segment, second.duration_s) == (2, None)


def test_recording_whose_start_was_never_told_began_its_length_before_its_end():
    call = fold(e.RecordingEnded("a-1.wav", 1, 5.0, "ab"))
    assert call.recordings[0].started_at == at(1 - 5)


def test_audio_missing_over_restarts_adds_up():
    assert fold(e.CallPickedUpAgain(1.5), e.AudioPickedUpAgain(0.5, "killed")).audio_gap_s == 2.0


def test_what_was_heard_is_listed_once_in_the_order_first_heard():
    call = fold(e.HeardOnCall(("child_voice", "laughter")), e.HeardOnCall(("laughter", "no_distress"), "giggles"))
    assert call.heard == ("child_voice", "laughter", "no_distress")
    assert call.hearings[1].text == "giggles"


def test_ring_that_lasts_too_long_is_told_once():
    call = fold(e.RingOverdue(10.0), e.RingOverdue(20.0))
    assert call.ring_overdue_at == at(1)


# ---- decisions ----


def test_ringing_call_is_answered():
    assert decision.answer(fold(), PositionId("04"), PersonId("adeyemi")) == ANSWERED


@pytest.mark.parametrize("events", [(ANSWERED,), (ANSWERED, CONNECTED), (e.CallAbandoned(e.Signal.CANCEL),)])
def test_call_that_no_longer_rings_is_not_answered(events):
    with pytest.raises(IllegalTransition, match=r"Call 911-442-7186 is .*; expected a ringing call"):
        decision.answer(fold(*events), PositionId("06"), PersonId("reyes"))


def test_second_to_pick_up_is_told_who_has_it():
    with pytest.raises(IllegalTransition, match="connecting at position 04"):
        decision.answer(fold(ANSWERED), PositionId("06"), PersonId("reyes"))


def test_only_a_call_that_a_person_answered_can_be_released():
    with pytest.raises(IllegalTransition):
        decision.release(fold(), PositionId("04"))
    ordered = decision.release(fold(ANSWERED), PositionId("04"))
    with pytest.raises(IllegalTransition, match="being released already"):
        decision.release(fold(ANSWERED, ordered), PositionId("04"))
    with pytest.raises(IllegalTransition):
        decision.release(fold(ANSWERED, e.CallReleased()), PositionId("04"))


def test_what_was_heard_is_noted_in_known_codes_or_words():
    call = fold(ANSWERED)
    heard = decision.hear(call, ["child_voice", "child_voice"], " giggles ")
    assert heard == e.HeardOnCall(("child_voice",), "giggles")
    with pytest.raises(BadInput, match="nothing heard is called prank"):
        decision.hear(call, ["prank"])
    with pytest.raises(BadInput, match="say what was heard"):
        decision.hear(call, [], "  ")


def test_rebid_needs_somebody_to_ask_and_a_caller_on_the_line():
    with pytest.raises(Refused, match="names no location server"):
        decision.rebid(fold(ANSWERED))
    asked = fold(e.LocationReferenced("http://127.0.0.1/held"))
    assert decision.rebid(asked) == e.LocationAskedAgain("http://127.0.0.1/held")
    with pytest.raises(IllegalTransition, match="a dead line has no new fix"):
        decision.rebid(fold(e.CallAbandoned(e.Signal.CANCEL), start=asked))


def test_rebid_that_brought_nothing_says_why_until_it_is_asked_again():
    call = fold(e.LocationAskedAgain("u"), e.LocationNotGiven("no answer in 4 s"))
    assert call.rebid_words == "no answer in 4 s"
    assert fold(e.LocationAskedAgain("u"), start=call).rebid_words == ""


def test_position_keeps_who_sits_there():
    opened = apply_position(
        None, decision.set_position(None, PositionId("04"), auto_answer=False), at=T0, actor=ADEYEMI
    )
    assert opened == Position(PositionId("04"), False, PersonId("adeyemi"), "call_taker", since=T0, idle_since=T0)
    rule = Actor(ActorKind.RULE, "x")
    again = decision.set_position(opened, PositionId("04"), auto_answer=True)
    assert apply_position(opened, again, at=T0, actor=rule) == replace(opened, auto_answer=True)
    assert apply_position(opened, ANSWERED, at=T0, actor=rule) is opened


WIRE = st.sampled_from(
    [
        e.CallRinging(), CONNECTED, BY_POLICY, ANSWERED, e.CallAbandoned(e.Signal.CANCEL), e.CallerDisconnected(),
        e.CallReleased(), e.CallFailed("x"), e.CallerAudioStopped(3.0), e.HeardOnCall(("silence",)),
        e.CallReleaseOrdered(PositionId("04")),
    ]
)  # fmt: skip


@given(st.lists(WIRE, max_size=12))
def test_whatever_order_facts_come_in_an_ended_call_stays_ended_as_it_was(events):
    call = fold()
    ended = None
    for index, event in enumerate(events):
        call = apply(call, event, at=at(index), actor=ADEYEMI)
        if ended:
            assert (call.state, call.ended_at) == ended
        elif call.state in ENDED:
            ended = (call.state, call.ended_at)
    assert call.in_progress == (ended is None)
    assert bool(end_words(call)) == (ended is not None)
