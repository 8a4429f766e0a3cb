"""Offers in a call: UPDATE (RFC 3311), early and confirmed; two at once; what is put off and made again."""

import pytest

from tenfour.telephony.message import parse
from tenfour.telephony.sip_event import (
    Acknowledged,
    Answered,
    InviteReceived,
    Reinvited,
    Rejected,
    RequestAnswered,
    Updated,
)
from tenfour.vocabulary.errors import IllegalTransition

RELIABLE = (("Require", "100rel"),)


def answering(sip):
    """Both users answer at once whatever is offered in a call."""

    def centre(event):
        if isinstance(event, Reinvited):
            sip.centre.answer(event.call, sip.answer, sip.now)

    def caller(event):
        if isinstance(event, Reinvited):
            sip.caller.answer(event.call, sip.offer, sip.now)

    sip.on_centre, sip.on_caller = centre, caller


def ringing_reliably(sip):
    """A call whose offer was answered in a reliable 183."""
    mine, theirs = sip.place(headers=RELIABLE)
    sip.centre.provisional(theirs, 183, sip.now, sdp=sip.answer)
    sip.run(0.1)
    return mine, theirs


def at_rest(sip):
    sip.run(100)
    return sip.caller.next_timer() is sip.centre.next_timer() is None


def test_update_changes_a_call_either_way(sip):
    answering(sip)
    mine, theirs = sip.talk()
    held = sip.offer.replace(b"sendrecv", b"sendonly")
    token = sip.caller.update(mine, held, sip.now)
    sip.run(0.1)
    (updated,) = sip.told(Updated, sip.caller_events)
    assert (updated.token, updated.sdp) == (token, sip.answer)
    assert sip.centre.snapshot(theirs).remote_sdp == held
    assert sip.caller.snapshot(mine).local_sdp == held
    sip.centre.update(theirs, sip.answer, sip.now)
    sip.run(0.1)
    assert sip.told(Updated)[0].sdp == sip.offer
    assert not any(line.startswith("ACK") for line in sip.starts()[-4:])
    assert at_rest(sip)


def test_update_before_the_answer_where_the_offer_was_answered_reliably(sip):
    answering(sip)
    mine, theirs = ringing_reliably(sip)
    sip.caller.update(mine, sip.offer.replace(b"sendrecv", b"recvonly"), sip.now)
    sip.run(0.1)
    assert sip.told(Updated, sip.caller_events)[0].sdp == sip.answer
    sip.centre.update(theirs, sip.answer, sip.now)
    sip.run(0.1)
    assert sip.told(Updated)[0].sdp == sip.offer
    sip.centre.answer(theirs, b"", sip.now)
    sip.run(0.1)
    assert sip.told(Answered, sip.caller_events)[0].call == mine
    assert sip.told(Acknowledged)
    sip.caller.bye(mine, sip.now)
    assert at_rest(sip)
    assert sip.caller.calls() == sip.centre.calls() == ()


def test_update_before_any_answer_is_refused_by_both_sides(sip):
    mine, theirs = sip.place()
    with pytest.raises(IllegalTransition):
        sip.caller.update(mine, sip.offer, sip.now)
    with pytest.raises(IllegalTransition):
        sip.centre.update(theirs, sip.answer, sip.now)


def test_update_that_overtakes_the_prack_is_refused_for_now(peer, sip):
    peer.request(more="Require: 100rel\n", body=sip.offer)
    peer.agent.provisional(peer.call, 183, peer.now, sdp=sip.answer)
    peer.heard()
    tag = peer.call.local_tag
    (refused,) = peer.request("UPDATE", to_tag=tag, number=3, branch="z9hG4bKu", body=sip.offer)
    assert (refused.status, refused.first("Retry-After")) == (500, "2")


@pytest.mark.parametrize("ways", [("reinvite", "reinvite"), ("update", "update"), ("reinvite", "update")])
def test_two_offers_at_once_are_each_made_again_and_taken(sip, ways):
    answering(sip)
    mine, theirs = sip.talk()
    getattr(sip.caller, ways[0])(mine, sip.offer, sip.now)
    getattr(sip.centre, ways[1])(theirs, sip.answer, sip.now)
    sip.run(30)
    assert "SIP/2.0 491 Request Pending" in sip.starts()
    for way, events in zip(ways, (sip.caller_events, sip.centre_events), strict=True):
        done = sip.told(Answered, events)[-1:] if way == "reinvite" else sip.told(Updated, events)
        assert len(done) == 1
        assert sip.told(RequestAnswered, events) == []
    assert len(sip.told(Reinvited)) == len(sip.told(Reinvited, sip.caller_events)) == 1


def test_whoever_called_waits_longer(sip):
    answering(sip)
    mine, theirs = sip.talk()
    start = sip.now
    sip.caller.reinvite(mine, sip.offer, sip.now)
    sip.centre.reinvite(theirs, sip.answer, sip.now)
    sip.run(10)
    offers = [
        (at - start, source) for at, source, _, data in sip.wire.sent if data.startswith(b"INVITE") and at > start
    ]
    again = {source: at for at, source in offers}
    assert 2.1 <= again[sip.caller_flow] <= 4.1
    assert 0.0 < again[sip.centre_flow] <= 2.1


def test_an_offer_that_is_always_refused_is_told_in_the_end(sip):
    mine, theirs = sip.talk()
    sip.on_centre = lambda e: sip.centre.reject(e.call, 491, sip.now) if isinstance(e, Reinvited) else None
    token = sip.caller.update(mine, sip.offer, sip.now)
    sip.run(100)
    assert [(e.token, e.status) for e in sip.told(RequestAnswered, sip.caller_events)] == [(token, 491)]
    assert len(sip.told(Reinvited)) == 7
    assert mine in sip.caller.calls()
    assert theirs in sip.centre.calls()
    assert sip.caller.next_timer() is sip.centre.next_timer() is None


def test_retry_after_is_obeyed_once(sip):
    mine, _ = sip.talk()
    later = (("Retry-After", "3"),)
    sip.on_centre = lambda e: (
        sip.centre.reject(e.call, 500, sip.now, headers=later) if isinstance(e, Reinvited) else None
    )
    start = sip.now
    sip.caller.reinvite(mine, sip.offer, sip.now)
    sip.run(20)
    offers = [at - start for at, _, _, data in sip.wire.sent if data.startswith(b"INVITE") and at >= start]
    assert len(offers) == 2
    assert 3 <= offers[1] <= 3.1
    assert [event.status for event in sip.told(RequestAnswered, sip.caller_events)] == [500]


def test_what_was_put_off_is_dropped_with_the_call(sip):
    mine, theirs = sip.talk()
    sip.caller.reinvite(mine, sip.offer, sip.now)
    sip.centre.reinvite(theirs, sip.answer, sip.now)
    sip.run(0.1)
    with pytest.raises(IllegalTransition):
        sip.caller.reinvite(mine, sip.offer, sip.now)
    sip.centre.bye(theirs, sip.now)
    assert at_rest(sip)
    assert sip.caller.calls() == sip.centre.calls() == ()


def test_update_that_waits_is_refused_when_the_call_ends(sip):
    mine, theirs = sip.talk()
    sip.caller.update(mine, sip.offer, sip.now)
    sip.run(0.1)
    with pytest.raises(IllegalTransition):
        sip.centre.reinvite(theirs, sip.answer, sip.now)
    sip.centre.bye(theirs, sip.now)
    assert at_rest(sip)
    assert "SIP/2.0 487 Request Terminated" in sip.starts()


# ---- PRACK as the calling side (RFC 3262) ----


def test_reliable_ringing_is_proved_and_told_once(sip):
    mine, _ = ringing_reliably(sip)
    sip.run(5)
    (ringing,) = [event for event in sip.caller_events if type(event).__name__ == "Ringing"]
    assert ringing.sdp == sip.answer
    assert [line.split()[0] for line in sip.starts()].count("PRACK") == 1
    assert sip.starts().count("SIP/2.0 183 Session Progress") == 1
    assert mine in sip.caller.calls()


def test_provisional_responses_go_one_after_the_other(sip):
    _, theirs = sip.place(headers=RELIABLE)
    for status in (180, 182, 183):
        sip.centre.provisional(theirs, status, sip.now)
    sip.run(0.005)
    assert sum(line.startswith("SIP/2.0 18") for line in sip.starts()) == 1
    sip.run(1)
    told = [event.response.status for event in sip.caller_events]
    assert told == [180, 182, 183]


def test_lost_prack_is_sent_again_and_the_ringing_is_not_told_twice(sip):
    lost = []
    sip.wire.swallows = lambda data: data.startswith(b"PRACK") and len(lost) < 2 and not lost.append(data)
    ringing_reliably(sip)
    sip.run(5)
    assert len(lost) == 2
    assert len(sip.caller_events) == 1


def ringing(invite, tag: str, rseq: int, sip, sdp: bytes = b""):
    from tenfour.telephony.message import response_to, serialise

    more = (("Require", "100rel"), ("RSeq", str(rseq)), ("Contact", f"<sip:{tag}@192.0.2.50>"))
    typed = (("Content-Type", "application/sdp"),) if sdp else ()
    return serialise(response_to(invite, 183, to_tag=tag, more=(*more, *typed), body=sdp))


def test_each_branch_of_a_forked_call_has_its_own_order(sip):
    agent = sip.caller
    call = agent.invite("sip:911@192.0.2.9", flow=sip.centre_flow, from_="sip:a@b", now=0.0, body=sip.offer)
    ((_, data),) = agent.take_outgoing()
    invite = parse(data)

    def hear(tag, rseq):
        agent.receive_datagram(ringing(invite, tag, rseq, sip), sip.centre_flow, 0.1)
        return [parse(data).first("RAck") for _, data in agent.take_outgoing()]

    assert hear("one", 7) == ["7 1 INVITE"]
    assert hear("two", 40) == ["40 1 INVITE"]
    assert hear("one", 7) == []
    assert hear("one", 9) == [], "one before it is missing"
    assert hear("one", 8) == ["8 1 INVITE"]
    assert hear("one", 9) == ["9 1 INVITE"]
    assert len(agent.take_events()) == 4
    assert {early.rseq for early in agent._core.session(call).early.values()} == {9, 40}


def test_a_declined_branch_hears_a_bye_behind_its_prack(sip):
    from tenfour.telephony.message import response_to, serialise

    agent = sip.caller
    agent.invite("sip:911@192.0.2.9", flow=sip.centre_flow, from_="sip:a@b", now=0.0, body=sip.offer)
    ((_, data),) = agent.take_outgoing()
    invite = parse(data)
    for tag in ("one", "two"):
        agent.receive_datagram(ringing(invite, tag, 1, sip, sip.answer), sip.centre_flow, 0.1)
    for tag in ("one", "two"):
        more = (("Contact", f"<sip:{tag}@192.0.2.50>"),)
        agent.receive_datagram(serialise(response_to(invite, 200, to_tag=tag, more=more)), sip.centre_flow, 0.2)
    sent = [parse(data) for _, data in agent.take_outgoing()]
    assert [message.first("CSeq") for message in sent] == ["2 PRACK", "2 PRACK", "1 ACK", "1 ACK", "3 BYE"]
    answered = [event for event in agent.take_events() if isinstance(event, Answered)]
    assert [event.sdp for event in answered] == [sip.answer]


def test_offerless_call_asks_for_no_prack(sip):
    sip.place(body=b"")
    invite = sip.told(InviteReceived)[0].request
    assert invite.first("Supported") is None


def test_cancel_while_it_rings_reliably(sip):
    mine, _ = ringing_reliably(sip)
    sip.caller.cancel(mine, sip.now)
    assert at_rest(sip)
    assert sip.told(Rejected, sip.caller_events)[0].status == 487
    assert sip.caller.calls() == sip.centre.calls() == ()


def test_answer_in_a_prack_is_told_and_an_offer_in_one_is_refused(peer, sip):
    peer.request(more="Require: 100rel\n")
    peer.agent.provisional(peer.call, 183, peer.now, sdp=sip.offer)
    peer.heard()
    tag = peer.call.local_tag
    more = "RAck: 1 1 INVITE\n"
    (answered,) = peer.request("PRACK", to_tag=tag, number=2, branch="z9hG4bKp", more=more, body=sip.answer)
    assert answered.status == 200
    assert peer.events[-1].request.body == sip.answer
    assert peer.agent.snapshot(peer.call).remote_sdp == sip.answer


def test_offer_in_a_prack_is_refused_and_the_ringing_proved(peer, sip):
    peer.request(more="Require: 100rel\n", body=sip.offer)
    peer.agent.provisional(peer.call, 183, peer.now, sdp=sip.answer)
    peer.heard()
    more = "RAck: 1 1 INVITE\n"
    tag = peer.call.local_tag
    (answered,) = peer.request("PRACK", to_tag=tag, number=2, branch="z9hG4bKp", more=more, body=sip.offer)
    assert answered.status == 488
    assert peer.wait(60) == []
