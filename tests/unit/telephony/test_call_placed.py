"""We call: INVITE to BYE as the calling side, against another user agent and by hand."""

import pytest

from tenfour.telephony.flow import Flow
from tenfour.telephony.header import parse_name_addr
from tenfour.telephony.message import parse, response_to, serialise
from tenfour.telephony.sip_event import (
    Acknowledged,
    Answered,
    ByeAnswered,
    ByeReceived,
    Cancelled,
    DialogFailed,
    InDialog,
    Reinvited,
    Rejected,
    RequestAnswered,
    Ringing,
)
from tenfour.vocabulary.errors import IllegalTransition


def test_a_call_from_dialling_to_goodbye(sip):
    mine, theirs = sip.place()
    sip.centre.provisional(theirs, 180, sip.now)
    sip.run(0.1)
    assert sip.told(Ringing, sip.caller_events)[0].response.status == 180
    sip.centre.answer(theirs, sip.answer, sip.now)
    sip.run(0.1)
    assert sip.told(Answered, sip.caller_events)[0].sdp == sip.answer
    assert sip.told(Acknowledged) == [Acknowledged(call=theirs)]
    sip.centre.bye(theirs, sip.now)
    sip.run(0.1)
    assert sip.told(ByeReceived, sip.caller_events)[0].call == mine
    assert sip.told(ByeAnswered) == [ByeAnswered(call=theirs, status=200)]
    sip.run(60)
    assert sip.caller.calls() == sip.centre.calls() == ()
    assert sip.caller.next_timer() is sip.centre.next_timer() is None


def test_both_say_bye_at_once_and_both_are_done(sip):
    mine, theirs = sip.talk()
    sip.caller.bye(mine, sip.now)
    sip.centre.bye(theirs, sip.now)
    sip.run(60)
    assert sip.caller.calls() == sip.centre.calls() == ()
    assert sip.told(ByeReceived)
    assert sip.told(ByeReceived, sip.caller_events)


def test_bye_is_said_once_however_often_it_is_asked(sip):
    mine, _ = sip.talk()
    sip.caller.bye(mine, sip.now)
    sip.caller.bye(mine, sip.now)
    sip.run(1)
    assert sum(line.startswith("BYE") for line in sip.starts()) == 1


def test_nobody_there_is_told_as_408(sip):
    sip.wire.swallows = lambda data: True
    mine, _ = sip.place()
    sip.run(40)
    (event,) = sip.told(Rejected, sip.caller_events)
    assert (event.call, event.status, event.response) == (mine, 408, None)
    times = [time for time, *_ in sip.wire.sent]
    assert times == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]


def test_unanswered_bye_ends_the_call_all_the_same(sip):
    mine, _ = sip.talk()
    sip.wire.swallows = lambda data: True
    sip.caller.bye(mine, sip.now)
    sip.run(40)
    assert sip.told(ByeAnswered, sip.caller_events) == [ByeAnswered(call=mine, status=408)]
    assert sip.caller.calls() == ()


def test_cancel_while_it_rings(sip):
    mine, theirs = sip.place()
    sip.caller.cancel(mine, sip.now)
    sip.run(1)
    assert sip.told(Cancelled)[0].call == theirs
    assert sip.told(Rejected, sip.caller_events)[0].status == 487
    sip.run(60)
    assert sip.caller.calls() == sip.centre.calls() == ()


def test_cancel_waits_for_the_first_sign_of_life(sip):
    sip.wire.swallows = lambda data: data.startswith(b"SIP/2.0 100")
    mine, theirs = sip.place()
    sip.caller.cancel(mine, sip.now)
    sip.run(0.2)
    assert not any(line.startswith("CANCEL") for line in sip.starts())
    sip.wire.swallows = lambda data: False
    sip.run(2)
    assert any(line.startswith("CANCEL") for line in sip.starts())
    assert sip.told(Cancelled)[0].call == theirs


def test_cancel_that_meets_a_200_ends_in_ack_and_bye(sip):
    mine, theirs = sip.place()
    sip.centre.answer(theirs, sip.answer, sip.now)
    sip.caller.cancel(mine, sip.now)
    sip.run(60)
    assert [type(event).__name__ for event in sip.caller_events] == ["Answered", "ByeAnswered"]
    assert [type(event).__name__ for event in sip.centre_events] == ["InviteReceived", "Acknowledged", "ByeReceived"]
    assert sip.caller.calls() == sip.centre.calls() == ()


def test_cancel_that_nobody_follows_up_ends_after_64_t1(sip):
    mine, _ = sip.place()
    sip.wire.swallows = lambda data: True
    sip.caller.cancel(mine, sip.now)
    sip.run(40)
    assert sip.told(Rejected, sip.caller_events)[0].status == 408
    assert sip.caller.calls() == ()


def test_offerless_call_acknowledges_with_its_answer(sip):
    mine, theirs = sip.place(body=b"")
    assert sip.centre_events[0].sdp is None
    sip.centre.answer(theirs, sip.answer, sip.now)
    sip.run(0.1)
    assert not any(line.startswith("ACK") for line in sip.starts())
    assert sip.told(Answered, sip.caller_events)[0].sdp == sip.answer
    sip.caller.acknowledge(mine, sip.offer, sip.now)
    sip.run(5)
    assert sip.told(Acknowledged) == [Acknowledged(call=theirs, sdp=sip.offer)]
    assert sum(line == "SIP/2.0 200 OK" for line in sip.starts()) == 1
    with pytest.raises(IllegalTransition):
        sip.caller.acknowledge(mine, sip.offer, sip.now)


def test_reinvite_from_the_centre_changes_the_call(sip):
    mine, theirs = sip.talk()
    sip.centre.reinvite(theirs, sip.answer.replace(b"sendrecv", b"sendonly"), sip.now)
    sip.run(0.1)
    assert sip.told(Reinvited, sip.caller_events)[0].sdp.endswith(b"a=sendonly\r\n")
    sip.caller.answer(mine, sip.offer, sip.now)
    sip.run(0.1)
    assert sip.told(Answered)[0].sdp == sip.offer
    assert sip.told(Acknowledged, sip.caller_events)


def test_info_in_a_call(sip):
    mine, theirs = sip.talk()
    token = sip.caller.request(mine, "INFO", sip.now, body=b"Signal=5", content_type="application/dtmf-relay")
    sip.run(0.1)
    (event,) = sip.told(InDialog)
    assert (event.call, event.request.body) == (theirs, b"Signal=5")
    assert event.parts[0].content_type == "application/dtmf-relay"
    (answered,) = sip.told(RequestAnswered, sip.caller_events)
    assert (answered.token, answered.status) == (token, 200)


def test_481_in_a_call_means_the_peer_has_forgotten_it(sip):
    mine, theirs = sip.talk()
    sip.centre._core.end(sip.centre._core.session(theirs), sip.now)
    sip.caller.request(mine, "INFO", sip.now)
    sip.run(0.1)
    assert sip.told(DialogFailed, sip.caller_events)[0].call == mine
    assert sip.caller.calls() == ()


def test_options_asks_what_the_peer_can_do(sip):
    token = sip.caller.options("sip:192.0.2.9", flow=sip.centre_flow, from_="sip:me@192.0.2.1", now=0.0)
    sip.run(0.1)
    (event,) = sip.told(RequestAnswered, sip.caller_events)
    assert (event.token, event.status) == (token, 200)
    assert "INVITE" in event.response.first("Allow")


def ok_with_tag(invite: bytes, tag: str, sdp: bytes) -> bytes:
    contact = (("Contact", f"<sip:{tag}@192.0.2.50:5060>"), ("Content-Type", "application/sdp"))
    return serialise(response_to(parse(invite), 200, to_tag=tag, more=contact, body=sdp))


def test_second_answer_of_a_forked_call_is_acknowledged_and_ended(sip):
    agent = sip.caller
    agent.invite("sip:911@192.0.2.9", flow=sip.centre_flow, from_="sip:a@b", now=0.0, body=sip.offer)
    ((_, invite),) = agent.take_outgoing()
    agent.receive_datagram(ok_with_tag(invite, "one", sip.answer), sip.centre_flow, 0.1)
    agent.take_outgoing()
    agent.receive_datagram(ok_with_tag(invite, "two", sip.answer), sip.centre_flow, 0.2)
    sent = [parse(data) for _, data in agent.take_outgoing()]
    assert [message.method for message in sent] == ["ACK", "BYE"]
    assert {parse_name_addr(message.first("To")).tag for message in sent} == {"two"}
    agent.receive_datagram(ok_with_tag(invite, "two", sip.answer), sip.centre_flow, 0.3)
    assert [parse(data).method for _, data in agent.take_outgoing()] == ["ACK"]
    assert len(agent.take_events()) == 1


def test_repeated_200_hears_the_same_ack_again(sip):
    agent = sip.caller
    agent.invite("sip:911@192.0.2.9", flow=sip.centre_flow, from_="sip:a@b", now=0.0, body=sip.offer)
    ((_, invite),) = agent.take_outgoing()
    agent.receive_datagram(ok_with_tag(invite, "one", sip.answer), sip.centre_flow, 0.1)
    first = agent.take_outgoing()
    agent.receive_datagram(ok_with_tag(invite, "one", sip.answer), sip.centre_flow, 0.7)
    assert agent.take_outgoing() == first
    assert len(agent.take_events()) == 1


def test_ack_of_a_failure_goes_hop_by_hop_with_the_same_branch(sip):
    mine, theirs = sip.place()
    sip.centre.reject(theirs, 486, sip.now)
    sip.run(60)
    assert sip.told(Rejected, sip.caller_events)[0].status == 486
    invite, ack = (parse(data) for *_, data in sip.wire.sent if data.startswith((b"INVITE", b"ACK")))
    assert ack.first("Via") == invite.first("Via")
    assert ack.first("CSeq") == "1 ACK"
    assert sip.caller.calls() == ()
    assert mine.remote_tag == ""


def test_responses_to_nothing_are_ignored(sip):
    text = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nCSeq: 1 INVITE\r\n\r\n"
    sip.caller.receive_datagram(text.encode(), sip.centre_flow, 0.0)
    assert sip.caller.take_events() == []
    assert sip.caller.take_outgoing() == []


def test_lost_connection_fails_what_waited_on_it_and_keeps_the_call(sip):
    tcp = Flow("TCP", "192.0.2.9", 5060, 3)
    agent = sip.caller
    call = agent.invite("urn:service:sos", flow=tcp, from_="sip:a@b", now=0.0, body=sip.offer)
    ((_, invite),) = agent.take_outgoing()
    agent.receive_message(ok_with_tag(invite, "one", sip.answer), tcp, 0.1)
    assert [flow for flow, _ in agent.take_outgoing()] == [tcp]
    agent.connection_lost(tcp, 1.0)
    assert agent.calls() == (call,)
    agent.bye(call, 2.0)
    ((flow, _),) = agent.take_outgoing()
    assert flow == Flow("TCP", "192.0.2.50", 5060)
    agent.connection_lost(flow, 3.0)
    assert agent.take_events()[-1] == ByeAnswered(call=call, status=503)


def test_first_200_that_comes_late_after_a_reinvite_hears_its_own_ack(sip):
    mine, _ = sip.place()
    late = []
    sip.wire.swallows = lambda data: data.startswith(b"SIP/2.0 200") and not late and not late.append(data)
    sip.centre.answer(sip.centre_events[0].call, sip.answer, sip.now)
    sip.run(2)
    sip.caller.reinvite(mine, sip.offer, sip.now)
    sip.run(0.1)
    sip.centre.answer(sip.centre_events[0].call, sip.answer, sip.now)
    sip.run(0.1)
    told = len(sip.caller_events)
    sip.caller.receive_datagram(late[0], sip.centre_flow, sip.now)
    ((_, ack),) = sip.caller.take_outgoing()
    assert parse(ack).first("CSeq") == "1 ACK"
    assert sip.caller.take_events() == []
    assert told == len(sip.told(Answered, sip.caller_events)) == 2


def test_bye_while_a_reinvite_waits_refuses_it_and_ends_the_call(sip):
    mine, theirs = sip.talk()
    sip.caller.reinvite(mine, sip.offer, sip.now)
    sip.run(0.1)
    sip.centre.bye(theirs, sip.now)
    sip.run(60)
    assert "SIP/2.0 487 Request Terminated" in sip.starts()
    assert sip.caller.calls() == sip.centre.calls() == ()
