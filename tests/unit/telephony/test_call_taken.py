"""We are called: INVITE to BYE as the called side, message by message."""

import pytest

from tenfour.telephony.dialog import DialogKey
from tenfour.telephony.flow import Flow
from tenfour.telephony.geolocation import location_parts
from tenfour.telephony.multipart import Part, Parts, write_parts
from tenfour.telephony.sip_event import (
    Acknowledged,
    AckTimedOut,
    ByeReceived,
    Cancelled,
    DialogFailed,
    InDialog,
    InviteNotTaken,
    InviteReceived,
    MessageBroken,
    OutOfDialog,
    Reinvited,
)
from tenfour.vocabulary.errors import IllegalTransition, NotFound


def statuses(messages) -> list[int]:
    return [message.status for message in messages]


def kinds(peer) -> list[str]:
    return [type(event).__name__ for event in peer.events]


def answered(peer, sip) -> str:
    """A call that was answered and acknowledged; gives our tag."""
    peer.request(body=sip.offer)
    peer.agent.answer(peer.call, sip.answer, peer.now)
    peer.heard()
    peer.request("ACK", branch="z9hG4bKack", to_tag=peer.call.local_tag)
    return peer.call.local_tag


def test_invite_is_told_once_and_answered_100(peer, sip):
    assert statuses(peer.request(body=sip.offer)) == [100]
    (event,) = peer.events
    assert isinstance(event, InviteReceived)
    assert event.sdp == sip.offer
    assert event.request.uri == "urn:service:sos"
    assert event.flow == sip.caller_flow
    assert event.problems == ()


def test_repeated_invite_makes_one_call_and_hears_the_last_answer_again(peer, sip):
    peer.request(body=sip.offer)
    peer.agent.provisional(peer.call, 180, peer.now)
    first = peer.heard()
    again = peer.request(body=sip.offer)
    assert statuses(first) == statuses(again) == [180]
    assert first == again
    assert len(peer.events) == 1
    peer.agent.answer(peer.call, sip.answer, peer.now)
    ok = peer.heard()
    assert peer.request(body=sip.offer) == ok
    assert len(peer.events) == 1


def test_to_tag_is_the_same_in_every_answer(peer, sip):
    peer.request(body=sip.offer)
    peer.agent.provisional(peer.call, 180, peer.now)
    (ringing,) = peer.heard()
    peer.agent.answer(peer.call, sip.answer, peer.now)
    (ok,) = peer.heard()
    assert ringing.first("To") == ok.first("To")
    assert ok.first("To").endswith(f";tag={peer.call.local_tag}")


def test_record_route_is_copied_into_180_and_200_and_its_route_is_used(peer, sip):
    routes = "Record-Route: <sip:192.0.2.77;lr>, <sip:192.0.2.78;lr>\nRecord-Route: <sip:192.0.2.79;lr>\n"
    peer.request(body=sip.offer, more=routes)
    peer.agent.provisional(peer.call, 180, peer.now)
    (ringing,) = peer.heard()
    peer.agent.answer(peer.call, sip.answer, peer.now)
    (ok,) = peer.heard()
    for response in (ringing, ok):
        assert response.listed("Record-Route") == ("<sip:192.0.2.77;lr>", "<sip:192.0.2.78;lr>", "<sip:192.0.2.79;lr>")
    peer.request("ACK", branch="z9hG4bKa", to_tag=peer.call.local_tag)
    peer.agent.bye(peer.call, peer.now)
    (bye,) = peer.heard()
    assert bye.uri == "sip:911-442-7186@192.0.2.1:5060"
    assert bye.listed("Route") == ("<sip:192.0.2.77;lr>", "<sip:192.0.2.78;lr>", "<sip:192.0.2.79;lr>")
    assert peer.outgoing[0][0].host == "192.0.2.77"


def test_strict_router_gets_itself_as_request_uri(peer, sip):
    peer.request(body=sip.offer, more="Record-Route: <sip:192.0.2.77>, <sip:192.0.2.78;lr>\n")
    peer.agent.answer(peer.call, sip.answer, peer.now)
    peer.heard()
    peer.request("ACK", branch="z9hG4bKa", to_tag=peer.call.local_tag)
    peer.agent.bye(peer.call, peer.now)
    (bye,) = peer.heard()
    assert bye.uri == "sip:192.0.2.77"
    assert bye.listed("Route") == ("<sip:192.0.2.78;lr>", "<sip:911-442-7186@192.0.2.1:5060>")


def test_via_gets_received_and_rport_and_the_answer_goes_there(make_peer, sip):
    peer = make_peer(Flow("UDP", "198.51.100.7", 40000))
    (trying,) = peer.request(body=sip.offer, via="10.0.0.5:5060;rport")
    assert trying.first("Via") == ("SIP/2.0/UDP 10.0.0.5:5060;rport=40000;branch=z9hG4bK1;received=198.51.100.7")
    assert (peer.outgoing[0][0].host, peer.outgoing[0][0].port) == ("198.51.100.7", 40000)


def test_without_rport_the_answer_goes_to_the_sent_by_port(make_peer, sip):
    peer = make_peer(Flow("UDP", "198.51.100.7", 40000))
    peer.request(body=sip.offer, via="10.0.0.5:5070")
    assert (peer.outgoing[0][0].host, peer.outgoing[0][0].port) == ("198.51.100.7", 5070)


def test_bye_to_a_caller_behind_nat_goes_where_its_messages_come_from(make_peer, sip):
    peer = make_peer(Flow("UDP", "198.51.100.7", 40000))
    peer.request(body=sip.offer, via="10.0.0.5:5060;rport")
    peer.agent.answer(peer.call, sip.answer, 0)
    peer.request("ACK", branch="z9hG4bKa", to_tag=peer.call.local_tag, via="10.0.0.5:5060;rport")
    peer.agent.bye(peer.call, 0)
    peer.heard()
    assert peer.outgoing[0][0] == peer.flow


def test_200_is_repeated_with_doubling_pauses_until_the_ack(peer, sip):
    peer.request(body=sip.offer)
    peer.agent.answer(peer.call, sip.answer, 0.0)
    peer.heard()
    times = []
    while len(times) < 6:
        peer.now = peer.agent.next_timer()
        if statuses(peer.wait(0)) == [200]:
            times.append(peer.now)
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5]
    peer.request("ACK", branch="z9hG4bKa", to_tag=peer.call.local_tag)
    assert isinstance(peer.events[-1], Acknowledged)
    assert statuses(peer.wait(60)) == []
    assert AckTimedOut not in map(type, peer.events)


def test_call_without_ack_is_told_and_stays_up(peer, sip):
    peer.request(body=sip.offer)
    peer.agent.answer(peer.call, sip.answer, 0.0)
    for _ in range(40):
        peer.wait(1)
    assert kinds(peer) == ["InviteReceived", "AckTimedOut"]
    peer.request("ACK", branch="z9hG4bKlate", to_tag=peer.call.local_tag)
    assert kinds(peer)[-1] == "Acknowledged"
    peer.agent.bye(peer.call, peer.now)
    assert peer.heard()[0].method == "BYE"


def test_odd_and_doubled_acks_are_ignored(peer, sip):
    tag = answered(peer, sip)
    before = len(peer.events)
    assert peer.request("ACK", branch="z9hG4bKack", to_tag=tag) == []
    assert peer.request("ACK", branch="z9hG4bKx", to_tag=tag, number=99) == []
    assert peer.request("ACK", branch="z9hG4bKy", to_tag="nobody") == []
    assert peer.request("ACK", branch="z9hG4bKz") == []
    assert len(peer.events) == before


def test_cancel_gives_200_and_487_and_the_call_is_abandoned(peer, sip):
    peer.request(body=sip.offer)
    call = peer.call
    to_cancel, to_invite = peer.request("CANCEL", more="Reason: SIP;cause=487\n")
    assert (to_cancel.status, to_cancel.first("CSeq")) == (200, "1 CANCEL")
    assert (to_invite.status, to_invite.first("CSeq")) == (487, "1 INVITE")
    assert peer.events[-1] == Cancelled(call=call, reason="SIP;cause=487")
    assert statuses(peer.wait(0.5)) == [487]
    assert peer.request("ACK", to_tag=call.local_tag) == []
    assert peer.wait(40) == []
    with pytest.raises(NotFound):
        peer.agent.answer(call, sip.answer, peer.now)


def test_cancel_after_200_is_answered_200_and_changes_nothing(peer, sip):
    peer.request(body=sip.offer)
    peer.agent.answer(peer.call, sip.answer, 0)
    peer.heard()
    assert statuses(peer.request("CANCEL")) == [200]
    peer.request("ACK", branch="z9hG4bKa", to_tag=peer.call.local_tag)
    assert kinds(peer) == ["InviteReceived", "Acknowledged"]


def test_cancel_of_nothing_is_481(peer):
    assert statuses(peer.request("CANCEL")) == [481]
    assert statuses(peer.request("CANCEL")) == [481]


def test_bye_before_we_answered_ends_the_call(peer, sip):
    peer.request(body=sip.offer)
    messages = peer.request("BYE", branch="z9hG4bKb", to_tag=peer.call.local_tag, number=2)
    assert sorted(statuses(messages)) == [200, 487]
    assert isinstance(peer.events[-1], ByeReceived)
    assert peer.agent.calls() == ()


def test_bye_ends_the_call_once_and_a_late_one_is_481(peer, sip):
    tag = answered(peer, sip)
    first = peer.request("BYE", branch="z9hG4bKb", to_tag=tag, number=2, more='Reason: Q.850;cause=16;text="bye"\n')
    assert statuses(first) == [200]
    assert peer.events[-1].reason == 'Q.850;cause=16;text="bye"'
    assert peer.request("BYE", branch="z9hG4bKb", to_tag=tag, number=2) == first
    assert statuses(peer.request("BYE", branch="z9hG4bKlate", to_tag=tag, number=3)) == [481]
    assert kinds(peer).count("ByeReceived") == 1


def test_bye_with_an_old_cseq_still_ends_the_call(peer, sip):
    tag = answered(peer, sip)
    assert statuses(peer.request("BYE", branch="z9hG4bKb", to_tag=tag, number=1)) == [200]
    assert isinstance(peer.events[-1], ByeReceived)


def test_offerless_invite_gets_our_offer_and_its_answer_comes_in_the_ack(peer, sip):
    peer.request()
    assert peer.events[0].sdp is None
    peer.agent.answer(peer.call, sip.answer, 0)
    (ok,) = peer.heard()
    assert ok.body == sip.answer
    assert ok.first("Content-Type") == "application/sdp"
    peer.request("ACK", branch="z9hG4bKa", to_tag=peer.call.local_tag, body=sip.offer)
    assert peer.events[-1] == Acknowledged(call=peer.call, sdp=sip.offer)
    assert peer.agent.snapshot(peer.call).remote_sdp == sip.offer


def test_reinvite_is_answered_afresh(peer, sip):
    tag = answered(peer, sip)
    held = sip.offer.replace(b"sendrecv", b"sendonly")
    assert peer.request(branch="z9hG4bKre", to_tag=tag, number=2, body=held) == []
    assert isinstance(peer.events[-1], Reinvited)
    assert peer.events[-1].sdp == held
    peer.agent.answer(peer.call, sip.answer, 0)
    assert statuses(peer.heard()) == [200]
    assert statuses(peer.request(branch="z9hG4bKsoon", to_tag=tag, number=3, body=held)) == [491]
    peer.request("ACK", branch="z9hG4bKreack", to_tag=tag, number=2)
    assert isinstance(peer.events[-1], Acknowledged)
    assert 200 not in statuses(peer.wait(60))


def test_refused_reinvite_leaves_the_call_up(peer, sip):
    tag = answered(peer, sip)
    peer.request(branch="z9hG4bKre", to_tag=tag, number=2, body=sip.offer)
    assert statuses(peer.request(branch="z9hG4bKre2", to_tag=tag, number=3, body=sip.offer)) == [500]
    peer.agent.reject(peer.call, 488, 0)
    assert statuses(peer.heard()) == [488]
    assert peer.agent.calls() == (peer.call,)


def test_cancelled_reinvite_leaves_the_call_up(peer, sip):
    tag = answered(peer, sip)
    peer.request(branch="z9hG4bKre", to_tag=tag, number=2, body=sip.offer)
    assert statuses(peer.request("CANCEL", branch="z9hG4bKre", to_tag=tag, number=2)) == [200, 487]
    assert peer.agent.calls() == (peer.call,)
    with pytest.raises(IllegalTransition):
        peer.agent.answer(peer.call, sip.answer, 0)


def test_update_with_sdp_is_answered_by_the_user_without_ack(peer, sip):
    tag = answered(peer, sip)
    peer.request("UPDATE", branch="z9hG4bKu", to_tag=tag, number=2, body=sip.offer)
    assert isinstance(peer.events[-1], Reinvited)
    peer.agent.answer(peer.call, sip.answer, 0)
    (ok,) = peer.heard()
    assert (ok.status, ok.first("CSeq"), ok.body) == (200, "2 UPDATE", sip.answer)
    assert peer.wait(60) == []


@pytest.mark.parametrize(
    ("method", "status"),
    [("INFO", 200), ("MESSAGE", 200), ("OPTIONS", 200), ("UPDATE", 200), ("NOTIFY", 481), ("REFER", 603),
     ("SUBSCRIBE", 489), ("DANCE", 501)],
)  # fmt: skip
def test_requests_in_a_call_are_answered_and_told(peer, sip, method, status):
    tag = answered(peer, sip)
    assert statuses(peer.request(method, branch="z9hG4bKi", to_tag=tag, number=2)) == [status]
    assert isinstance(peer.events[-1], InDialog)
    assert peer.events[-1].request.method == method
    assert peer.agent.calls() == (peer.call,)


def test_request_out_of_order_in_a_call_is_refused(peer, sip):
    tag = answered(peer, sip)
    assert statuses(peer.request("INFO", branch="z9hG4bK5", to_tag=tag, number=5)) == [200]
    assert statuses(peer.request("INFO", branch="z9hG4bK4", to_tag=tag, number=4)) == [500]


@pytest.mark.parametrize(
    ("method", "status"),
    [("OPTIONS", 200), ("MESSAGE", 405), ("REGISTER", 405), ("REFER", 405), ("BYE", 481), ("INFO", 481),
     ("NOTIFY", 481), ("SUBSCRIBE", 489), ("DANCE", 501)],
)  # fmt: skip
def test_requests_outside_any_call_are_answered(peer, method, status):
    (response,) = peer.request(method)
    assert response.status == status
    assert "INVITE" in response.first("Allow")
    assert [type(event) for event in peer.events] == ([] if method == "OPTIONS" else [OutOfDialog])


def test_requests_of_an_unknown_dialog_are_481(peer, sip):
    assert statuses(peer.request("INFO", to_tag="gone")) == [481]
    assert statuses(peer.request("INVITE", branch="z9hG4bK2", to_tag="gone", body=sip.offer)) == [481]


def test_the_same_invite_by_another_way_is_482(peer, sip):
    peer.request(body=sip.offer)
    assert statuses(peer.request(branch="z9hG4bKother", body=sip.offer)) == [482]
    assert kinds(peer) == ["InviteReceived"]


def test_an_extension_that_is_required_refuses_options_but_never_a_call(peer, sip):
    (refused,) = peer.request("OPTIONS", more="Require: levitation\n")
    assert (refused.status, refused.first("Unsupported")) == (420, "levitation")
    assert statuses(peer.request(branch="z9hG4bK2", body=sip.offer, more="Require: levitation\n")) == [100]
    assert "levitation" in peer.events[-1].problems[0]


def test_rejected_call_repeats_its_answer_until_the_ack(peer, sip):
    peer.request(body=sip.offer)
    call = peer.call
    peer.agent.reject(call, 486, 0)
    assert statuses(peer.heard()) == [486]
    assert [statuses(peer.wait(0.5)), statuses(peer.wait(1)), statuses(peer.wait(2))] == [[486], [486], [486]]
    peer.request("ACK", to_tag=call.local_tag)
    assert peer.wait(60) == []


def test_bye_that_is_said_too_early_waits_for_the_ack(peer, sip):
    peer.request(body=sip.offer)
    peer.agent.answer(peer.call, sip.answer, 0)
    peer.agent.bye(peer.call, 0, reason='SIP;cause=200;text="released"')
    assert statuses(peer.heard()) == [200]
    (bye,) = peer.request("ACK", branch="z9hG4bKa", to_tag=peer.call.local_tag)
    assert (bye.method, bye.first("Reason")) == ("BYE", 'SIP;cause=200;text="released"')


def test_bye_before_the_answer_is_480(peer, sip):
    peer.request(body=sip.offer)
    peer.agent.bye(peer.call, 0)
    assert statuses(peer.heard()) == [480]


def test_broken_messages_are_told_and_never_raised(peer):
    for junk in (b"\x00\x01\x02", b"hello", b"INVITE sip:a SIP/2.0\r\n\r\n", b"SIP/2.0 xyz\r\n\r\n", b"\xff" * 2000):
        assert peer.say(junk) == []
    assert kinds(peer) == ["MessageBroken"] * 5
    assert peer.events[0].data == b"\x00\x01\x02"


def test_invite_without_cseq_is_400_and_told(peer):
    (refused,) = peer.say("INVITE sip:911@a SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\n"
                          "From: <sip:a@b>;tag=1\nTo: <sip:911@a>\nCall-ID: x")  # fmt: skip
    assert refused.status == 400
    assert isinstance(peer.events[0], MessageBroken)


def test_keep_alives_are_silent(peer):
    assert peer.say(b"\r\n\r\n") == []
    assert peer.say(b"") == []
    assert peer.events == []


def test_number_of_calls_is_bounded_and_says_so(make_sip, sip):
    agent = type(sip.centre)(host="h", port=1, new_token=lambda: "t", max_calls=1)
    sip.centre = agent
    sip.wire._endpoints[sip.centre_flow] = agent
    sip.place()
    sip.place()
    assert "SIP/2.0 503 Service Unavailable" in sip.starts()
    assert any(b"Retry-After: 5" in data for _, _, _, data in sip.wire.sent)
    assert isinstance(sip.centre_events[-1], InviteNotTaken)


def test_transactions_outside_calls_are_shed_first(peer, sip):
    layer = peer.agent._core.layer
    layer._max = 50
    peer.request(body=sip.offer)
    for number in range(500):
        peer.request("OPTIONS", branch=f"z9hG4bKo{number}", call_id=f"o{number}")
    assert len(layer) <= 51
    assert layer.shed > 400
    peer.agent.answer(peer.call, sip.answer, 0)
    assert statuses(peer.heard()) == [200]


def test_full_of_calls_further_requests_are_503(peer, sip):
    peer.agent._core.layer._max = 3
    for number in range(3):
        peer.request(branch=f"z9hG4bKc{number}", call_id=f"c{number}", body=sip.offer)
    assert statuses(peer.request("OPTIONS", branch="z9hG4bKo", call_id="o")) == [503]


def test_ids_of_unknown_calls_are_refused_in_words(peer):
    with pytest.raises(NotFound, match="no call"):
        peer.agent.answer(DialogKey("x", "y", "z"), b"", 0)


def test_broken_route_or_contact_does_not_keep_us_from_saying_bye(peer, sip):
    peer.request(body=sip.offer, more="Record-Route: nonsense, <sip:192.0.2.77;lr>\nContact: *\n")
    peer.agent.answer(peer.call, sip.answer, 0)
    peer.request("ACK", branch="z9hG4bKa", to_tag=peer.call.local_tag)
    peer.agent.bye(peer.call, 0)
    (bye,) = peer.heard()
    assert bye.listed("Route") == ("<sip:192.0.2.77;lr>",)


def test_a_lone_carriage_return_cannot_smuggle_a_header_into_our_answers(peer, sip):
    peer.request(body=sip.offer, more="Timestamp: 1\rX-Smuggled: yes\n")
    ((_, data),) = peer.outgoing
    assert b"\rX-Smuggled" not in data


def test_lost_connection_before_the_ack_repeats_the_200_to_the_port_of_the_via(peer, sip):
    tcp = Flow("TCP", "192.0.2.1", 41000, 7)
    peer.flow = tcp
    peer.request(body=sip.offer)
    peer.agent.answer(peer.call, sip.answer, 0)
    peer.heard()
    assert peer.outgoing[0][0] == tcp
    peer.agent.connection_lost(tcp, 0.1)
    peer.wait(0.5)
    assert [flow for flow, _ in peer.outgoing] == [Flow("TCP", "192.0.2.1", 5060)]
    assert peer.agent.calls() == (peer.call,)


def test_another_version_is_505_but_a_call_is_taken(peer, sip):
    text = (
        "{0} urn:service:sos SIP/3.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{0}\nFrom: <sip:a@b>;tag=1\n"
        "To: <sip:911@a>\nCall-ID: {0}\nCSeq: 1 {0}"
    )
    assert statuses(peer.say(text.format("OPTIONS"))) == [505]
    assert isinstance(peer.events[-1], MessageBroken)
    assert statuses(peer.say(text.format("INVITE"))) == [100]
    assert "SIP/3.0" in peer.events[-1].problems[0]


def test_caller_without_a_tag_or_a_cookie_is_served(peer, sip):
    start = "{0} sip:911@a SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1\n"
    text = start + "From: sip:a@b\nTo: sip:911@a{1}\nCall-ID: old\nCSeq: {2} {0}"
    assert statuses(peer.say(text.format("INVITE", "", 1), sip.offer)) == [100]
    assert statuses(peer.say(text.format("INVITE", "", 1), sip.offer)) == [100]
    assert kinds(peer) == ["InviteReceived"]
    peer.agent.answer(peer.call, sip.answer, 0)
    peer.heard()
    tag = f";tag={peer.call.local_tag}"
    peer.say(text.format("ACK", tag, 1))
    assert isinstance(peer.events[-1], Acknowledged)
    assert statuses(peer.say(text.format("BYE", tag, 2))) == [200]


def test_location_arrives_with_the_call_and_with_an_info(peer, sip):
    pidf = Part("application/pidf+xml", b"<presence/>", "loc@a")
    kind, body = write_parts([Part("application/sdp", sip.offer), pidf], "edge")
    nested, whole = write_parts([Part("text/plain", b"hello"), Part(kind, body)], "outer")
    text = (
        "{0} urn:service:sos SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{0}\nFrom: <sip:a@b>;tag=1\n"
        "To: <sip:911@a>{1}\nCall-ID: x\nCSeq: {2} {0}\nGeolocation: <cid:loc@a>\nContent-Type: {3}"
    )
    peer.say(text.format("INVITE", "", 1, nested), whole)
    (invite,) = peer.events
    assert invite.sdp == sip.offer
    assert [part.content_type for part in invite.parts] == ["text/plain", "application/sdp", "application/pidf+xml"]
    assert location_parts(invite.request, Parts(invite.parts)) == (invite.parts[2],)
    tag = f";tag={invite.call.local_tag}"
    assert statuses(peer.say(text.format("INFO", tag, 2, "application/pidf+xml"), b"<presence>2</presence>")) == [200]
    assert peer.events[-1].parts[0].content == b"<presence>2</presence>"


def test_body_parts_that_cannot_be_read_never_refuse_a_call(peer):
    for number, kind in enumerate(["multipart/mixed", "multipart/mixed;boundary=none", "application/x-nonsense", ""]):
        text = (
            f"INVITE urn:service:sos SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{number}\n"
            f"From: <sip:a@b>;tag=1\nTo: <sip:911@a>\nCall-ID: x{number}\nCSeq: 1 INVITE\n"
            f"Content-Type: {kind}\nContent-Encoding: rot13"
        )
        assert statuses(peer.say(text, b"\xff\xfe\x00 junk")) == [100]
        assert peer.events[-1].sdp is None


@pytest.mark.parametrize("uri", ["urn:service:sos", "urn:service:sos.police", "sip:911@psap.example", "tel:911",
                                 "urn:service:test.sos", "sips:sos@a;user=phone", "nonsense:x"])  # fmt: skip
def test_whatever_the_request_uri_the_call_is_told_with_it(peer, sip, uri):
    assert statuses(peer.request(uri=uri, body=sip.offer)) == [100]
    assert peer.events[0].request.uri == uri


def test_headers_of_the_user_go_into_its_answers(peer, sip):
    peer.request(body=sip.offer)
    peer.agent.provisional(peer.call, 183, 0, headers=(("P-Early-Media", "sendonly"),), sdp=sip.answer)
    (progress,) = peer.heard()
    assert (progress.first("P-Early-Media"), progress.body) == ("sendonly", sip.answer)
    peer.agent.answer(peer.call, sip.answer, 0, headers=(("Call-Info", "<urn:x>"),))
    assert peer.heard()[0].first("Call-Info") == "<urn:x>"


def test_reason_and_headers_go_into_a_refusal(peer, sip):
    peer.request(body=sip.offer)
    peer.agent.reject(peer.call, 488, 0, reason="No Common Codec", headers=(("Warning", '305 a "no"'),))
    (refused,) = peer.heard()
    assert (refused.status, refused.reason, refused.first("Warning")) == (488, "No Common Codec", '305 a "no"')
    assert refused.first("Contact") is None


def test_a_call_is_answered_once(peer, sip):
    peer.request(body=sip.offer)
    peer.agent.answer(peer.call, sip.answer, 0)
    for again in (lambda: peer.agent.answer(peer.call, sip.answer, 0), lambda: peer.agent.reject(peer.call, 486, 0),
                  lambda: peer.agent.provisional(peer.call, 180, 0)):  # fmt: skip
        with pytest.raises(IllegalTransition):
            again()
    assert statuses(peer.heard()) == [200]


def test_where_all_room_is_taken_the_greediest_gives_up_its_newest_call_that_rings(new_tokens, sip):
    agent = type(sip.centre)(host="h", port=1, new_token=new_tokens("s"), max_calls=4)
    invite = (
        "INVITE urn:service:sos SIP/2.0\r\nVia: SIP/2.0/UDP {host};branch=z9hG4bK{name}\r\nFrom: <sip:a@b>;tag=f\r\n"
        "To: <urn:service:sos>\r\nCall-ID: {name}\r\nCSeq: 1 INVITE\r\nContact: <sip:a@b>\r\n\r\n"
    )

    def dial(host: str, name: str) -> None:
        flow = Flow("UDP", host, 5060)
        agent.receive_datagram(invite.format(host=host, name=name).encode(), flow, 0.0)

    agent._core.room._trunk_of = lambda host: "county" if host == "192.0.2.9" else ""
    for host, name in (("192.0.2.1", "a1"), ("192.0.2.1", "a2"), ("192.0.2.1", "a3"), ("192.0.2.9", "t1")):
        dial(host, name)
    agent.take_events()
    dial("192.0.2.2", "b1")
    gave_way, taken = agent.take_events()
    assert (type(gave_way), gave_way.call.call_id) == (DialogFailed, "a3")
    assert (type(taken), taken.call.call_id) == (InviteReceived, "b1")
    refused = [data for _, data in agent.take_outgoing() if data.startswith(b"SIP/2.0 503")]
    assert len(refused) == 1
    assert b"Retry-After" in refused[0]
    dial("192.0.2.1", "a4")
    assert [type(event) for event in agent.take_events()] == [InviteNotTaken]
    assert {call.call_id for call in agent.calls()} == {"a1", "a2", "t1", "b1"}
