"""Whatever the wire loses, doubles and reorders: both sides end in agreement."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfour.telephony.sip_event import (
    Acknowledged,
    AckTimedOut,
    Answered,
    ByeReceived,
    Cancelled,
    InviteReceived,
    Rejected,
)

BAD_WIRE = {"loss": 0.3, "duplicate": 0.3, "delay_s": (0.005, 0.4)}


def answer_after_ringing(sip):
    def act(event):
        if isinstance(event, InviteReceived):
            sip.centre.provisional(event.call, 180, sip.now)
            sip.centre.answer(event.call, sip.answer, sip.now)

    sip.on_centre = act


@pytest.mark.parametrize("seed", range(25))
def test_a_call_is_established_and_ended_on_a_bad_wire(make_sip, seed):
    sip = make_sip(seed, **BAD_WIRE)
    answer_after_ringing(sip)
    mine, _ = sip.place()
    sip.run(31)
    assert len(sip.told(InviteReceived)) == 1
    assert len(sip.told(Answered, sip.caller_events)) == 1
    assert len(sip.told(Acknowledged)) == 1
    sip.caller.bye(mine, sip.now)
    sip.run(130)
    assert len(sip.told(ByeReceived)) == 1
    assert sip.caller.calls() == sip.centre.calls() == ()
    assert sip.caller.next_timer() is sip.centre.next_timer() is None


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), cancel_after=st.floats(0, 8), answer_after=st.floats(0, 8))
def test_cancel_against_answer_never_leaves_one_side_in_a_call(make_sip, seed, cancel_after, answer_after):
    sip = make_sip(seed, loss=0.2, duplicate=0.2, delay_s=(0.005, 0.5))
    mine, _ = sip.place()
    steps = sorted([(cancel_after, "cancel"), (answer_after, "answer")])
    for at, step in steps:
        sip.run(max(0.0, at - sip.now))
        if step == "cancel" and mine in sip.caller.calls():
            sip.caller.bye(mine, sip.now)
        for call in sip.centre.calls() if step == "answer" else ():
            sip.centre.answer(call, sip.answer, sip.now)
    sip.run(200)
    assert sip.caller.calls() == ()
    assert len(sip.told(InviteReceived)) <= 1
    for call in sip.centre.calls():
        assert sip.told(AckTimedOut), "the centre is in a call that the caller is not in, and was not told"
        sip.centre.bye(call, sip.now)
    sip.run(200)
    assert sip.centre.calls() == ()
    assert sip.caller.next_timer() is sip.centre.next_timer() is None


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), status=st.sampled_from([404, 486, 503, 603]))
def test_a_refusal_reaches_the_caller(make_sip, seed, status):
    sip = make_sip(seed, loss=0.25, duplicate=0.2, delay_s=(0.005, 0.3))
    sip.on_centre = lambda event: sip.centre.reject(event.call, status, sip.now)
    sip.place()
    sip.run(200)
    (rejected,) = sip.told(Rejected, sip.caller_events)
    assert rejected.status in (status, 408)
    assert sip.caller.calls() == sip.centre.calls() == ()


def test_lost_ack_is_made_good_by_the_repeated_200(make_sip):
    sip = make_sip()
    lost = []
    sip.wire.swallows = lambda data: data.startswith(b"ACK") and len(lost) < 3 and not lost.append(data)
    sip.talk()
    sip.run(10)
    assert len(lost) == 3
    assert len(sip.told(Acknowledged)) == 1
    assert sip.starts().count("SIP/2.0 200 OK") == 4


def test_lost_180_does_not_hurt(make_sip):
    sip = make_sip()
    sip.wire.swallows = lambda data: data.startswith(b"SIP/2.0 18")
    answer_after_ringing(sip)
    sip.place()
    assert sip.told(Acknowledged)


def test_cancel_is_repeated_until_it_is_heard(make_sip):
    sip = make_sip()
    mine, _ = sip.place()
    sip.wire.swallows = lambda data: data.startswith(b"CANCEL") and sip.now < 2
    sip.caller.cancel(mine, sip.now)
    sip.run(5)
    assert len(sip.told(Cancelled)) == 1
    assert sum(line.startswith("CANCEL") for line in sip.starts()) > 2


def test_the_wire_is_repeatable_by_its_seed(make_sip):
    def story():
        sip = make_sip(7, **BAD_WIRE)
        answer_after_ringing(sip)
        sip.place()
        sip.run(40)
        return sip.wire.sent

    assert story() == story()
