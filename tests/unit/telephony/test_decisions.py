"""What the core says it decided, by Call-ID: for whoever looks for what happened on the wire of a call."""

import pytest

from tenfour.telephony.decided import DECISIONS_LIMIT, Decisions, of_transaction
from tenfour.telephony.sip_event import Reinvited
from tenfour.telephony.transaction import Act, Input


def told(agent) -> list[tuple[str, str]]:
    return [(decided.call_id, decided.what) for decided in agent.take_decisions()]


def answered(peer, sip) -> str:
    peer.request(body=sip.offer)
    peer.agent.answer(peer.call, sip.answer, peer.now)
    peer.heard()
    return peer.call.local_tag


def test_invite_is_a_new_call_and_its_repetition_is_one(peer, sip):
    peer.request(body=sip.offer)
    assert told(peer.agent) == [("one", "a new call")]
    peer.request(body=sip.offer)
    assert told(peer.agent) == [("one", "a repetition: our last answer went out again")]
    assert told(peer.agent) == []


def test_what_is_odd_about_an_invite_is_said_with_taking_it(peer, sip):
    peer.request(body=sip.offer, more="Require: teleport\n")
    assert told(peer.agent)[1:] == [
        ("one", "taken although: The caller requires 'teleport', which is not supported here.")
    ]


def test_our_200_without_ack_is_told_with_each_repetition_until_it_is_given_up(peer, sip):
    answered(peer, sip)
    told(peer.agent)
    peer.wait(0.5)
    assert told(peer.agent) == [("one", "retransmission of our 200 (no ACK yet)")]
    for _ in range(12):
        peer.wait(4)
    assert told(peer.agent)[-1] == ("one", "no ACK of our 200 came; the call stays up while the caller is heard")


def test_second_ack_is_late_and_one_of_no_call_is_nobodys(peer, sip):
    tag = answered(peer, sip)
    peer.request("ACK", branch="z9hG4bKack", to_tag=tag)
    told(peer.agent)
    peer.request("ACK", branch="z9hG4bKack2", to_tag=tag)
    peer.request("ACK", branch="z9hG4bKack3", to_tag="else")
    assert told(peer.agent) == [("one", "a late ACK: ignored"), ("one", "an ACK of no call of ours: ignored")]


def test_request_that_came_by_another_way_is_482(peer, sip):
    peer.request(body=sip.offer)
    told(peer.agent)
    peer.request(branch="z9hG4bKother", body=sip.offer)
    assert told(peer.agent) == [("one", "482: the same request came by another way")]


def test_request_in_no_call_is_481_under_its_call_id(peer):
    peer.request("BYE", to_tag="else", call_id="long-gone", number=7)
    assert told(peer.agent) == [("long-gone", "481: no such call")]


def test_reinvite_while_ours_is_on_its_way_is_491_and_while_one_waits_500(peer, sip):
    tag = answered(peer, sip)
    told(peer.agent)
    peer.request(branch="z9hG4bK2", to_tag=tag, number=2, body=sip.offer)
    assert told(peer.agent) == [("one", "491: our 200 waits for its ACK")]
    peer.request("ACK", branch="z9hG4bKack", to_tag=tag)
    peer.agent.reinvite(peer.call, sip.offer, peer.now)
    peer.heard()
    peer.request(branch="z9hG4bK3", to_tag=tag, number=3, body=sip.offer)
    assert ("one", "491: an INVITE of ours is on its way") in told(peer.agent)


def test_reinvite_behind_one_that_waits_is_500(peer, sip):
    tag = answered(peer, sip)
    peer.request("ACK", branch="z9hG4bKack", to_tag=tag)
    peer.request(branch="z9hG4bK2", to_tag=tag, number=2, body=sip.offer)
    assert any(isinstance(event, Reinvited) for event in peer.events)
    told(peer.agent)
    peer.request(branch="z9hG4bK3", to_tag=tag, number=3, body=sip.offer)
    assert told(peer.agent) == [("one", "500: an offer before it waits for our answer")]


def test_cancel_in_time_and_too_late(peer, sip):
    peer.request(body=sip.offer)
    told(peer.agent)
    peer.request("CANCEL")
    assert told(peer.agent) == [("one", "487: what waited for our answer is given up")]
    peer.request("ACK", to_tag="any")
    assert told(peer.agent) == [("one", "the ACK of our refusal")]
    peer.request(call_id="two", branch="z9hG4bK9", body=sip.offer)
    peer.agent.answer(peer.events[-1].call, sip.answer, peer.now)
    told(peer.agent)
    peer.request("CANCEL", call_id="two", branch="z9hG4bK9")
    assert told(peer.agent) == [("two", "the CANCEL came too late: our final answer stands")]


def test_broken_request_is_refused_beside_its_problem(peer):
    peer.say(
        "OPTIONS sip:911@192.0.2.9 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\nCall-ID: odd\nTo: <sip:a@b>"
    )
    assert told(peer.agent) == [("odd", "refused with 400")]


def test_response_to_nothing_is_ignored_aloud(peer):
    peer.say("SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx\nCall-ID: who\nCSeq: 1 INVITE\n"
             "From: <sip:a@b>;tag=1\nTo: <sip:c@d>;tag=2")  # fmt: skip
    assert told(peer.agent) == [("who", "a response to nothing of ours: ignored")]


def test_calling_side_tells_its_retransmissions_and_that_nobody_answered(sip):
    sip.caller.invite(
        "urn:service:sos",
        flow=sip.caller_flow.__class__("UDP", "192.0.2.200", 5060),
        from_="sip:a@192.0.2.1",
        body=sip.offer,
        now=0.0,
    )
    for moment in (0.5, 1.5, 3.5, 40.0):
        sip.caller.handle_timer(moment)
    what = [decided.what for decided in sip.caller.take_decisions()]
    assert what[0] == "no answer yet: our INVITE went out again (timer A)"
    assert what[-1] == "nobody answered our INVITE (timer B)"


def test_user_puts_its_own_decision_between(peer, sip):
    peer.request(body=sip.offer)
    peer.agent.decide(peer.call, "486: a test call")
    assert told(peer.agent)[-1] == ("one", "486: a test call")


def test_decisions_that_nobody_takes_are_bounded():
    decisions = Decisions()
    for number in range(DECISIONS_LIMIT + 10):
        decisions.note("one", str(number))
    assert len(decisions.take()) == DECISIONS_LIMIT
    decisions.note("one", "after")
    assert [decided.what for decided in decisions.take()] == ["after"]


@pytest.mark.parametrize("given", list(Input))
def test_what_the_user_is_told_of_is_no_decision_of_the_transaction(given):
    assert of_transaction(given, (Act.TELL,)) == ""
