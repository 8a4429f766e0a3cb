"""The torture messages of RFC 4475 and a 20 kB emergency INVITE with all additional data by value."""

import pytest

from tenfour.telephony.flow import Flow
from tenfour.telephony.geolocation import location_parts
from tenfour.telephony.i3 import emergency_ids
from tenfour.telephony.message import Request, parse
from tenfour.telephony.multipart import Parts
from tenfour.telephony.sdp import audio_of, parse_sdp
from tenfour.telephony.sip_event import Acknowledged, InviteReceived
from tenfour.telephony.stream import MessageStream

pytestmark = pytest.mark.needs_shared


def test_no_torture_message_raises_and_each_request_with_a_via_is_answered_or_told(shared_sip, make_peer):
    for file in sorted((shared_sip / "rfc4475").glob("*.dat")):
        peer = make_peer()
        data = file.read_bytes()
        answers = peer.say(data)
        is_request = not data.lstrip().startswith(b"SIP/")
        is_ack = data.startswith(b"ACK")
        assert answers or peer.events or not is_request or is_ack, file.name
        peer.wait(40)


def test_every_invite_among_them_is_taken_as_a_call_unless_it_names_none_or_another(shared_sip, make_peer):
    refused = {}
    for file in sorted((shared_sip / "rfc4475").glob("*.dat")):
        data = file.read_bytes()
        if not data.startswith(b"INVITE"):
            continue
        peer = make_peer()
        answers = peer.say(data)
        if not any(isinstance(event, InviteReceived) for event in peer.events):
            refused[file.stem] = [answer.status for answer in answers]
    lacks_from_to_and_call_id, in_a_call_we_do_not_have = [400], [481]
    assert refused == {
        "insuf": lacks_from_to_and_call_id,
        "lwsruri": in_a_call_we_do_not_have,
        "wsinv": in_a_call_we_do_not_have,
        "wsinvFixed": in_a_call_we_do_not_have,
    }


def test_message_with_every_kind_of_white_space_reads_as_meant(shared_sip):
    request = parse((shared_sip / "rfc4475" / "wsinv.dat").read_bytes())
    assert isinstance(request, Request)
    assert len(request.listed("Via")) == 3
    assert request.first("CSeq") == "0009 INVITE"
    assert request.first("NewFangledHeader") == "newfangled value continued newfangled value"
    assert request.body.startswith(b"v=0")


def big_invite(shared_sip) -> bytes:
    """The sample as it was on the wire: with CRLF, and the Content-Length that then holds."""
    data = (shared_sip / "InviteAllAdditionalDataByValue1.sip").read_bytes()
    data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    head, _, body = data.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body


def test_invite_of_20_kb_is_answered_and_all_its_parts_are_there(shared_sip, make_peer, sip):
    peer = make_peer(Flow("TCP", "10.1.11.3", 40001, 1))
    (data,) = MessageStream().receive(big_invite(shared_sip)).messages
    peer.agent.receive_message(data, peer.flow, 0.0)
    assert [message.status for message in peer.heard()] == [100]
    (event,) = peer.events
    assert event.problems == ()
    assert len(event.parts) == 9
    assert audio_of(parse_sdp(event.sdp)).port == 20014
    ids = emergency_ids(event.request)
    assert (ids.call_id, ids.incident_id) == ("c7bb06a82d274abbb7cd73ca1f3167f7", "ea4c58330f2a44019c534515e3592037")
    (location,) = location_parts(event.request, Parts(event.parts))
    assert b"34.247493 -118.791885" in location.content
    peer.agent.answer(event.call, sip.answer, 0.1)
    (ok,) = peer.heard()
    assert (ok.status, ok.body) == (200, sip.answer)
    assert peer.outgoing[0][0] == peer.flow
    ack = (
        "ACK sip:192.0.2.9 SIP/2.0\nVia: SIP/2.0/TCP 10.1.11.3:5060;branch=z9hG4bKa\n"
        f"From: {event.request.first('From')}\nTo: {ok.first('To')}\nCall-ID: {event.request.first('Call-ID')}\n"
        "CSeq: 1378872421 ACK"
    )
    peer.say(ack)
    assert isinstance(peer.events[-1], Acknowledged)


def test_the_sample_as_it_lies_on_disk_is_taken_too(shared_sip, make_peer):
    peer = make_peer()
    peer.say((shared_sip / "InviteAllAdditionalDataByValue1.sip").read_bytes())
    assert len(peer.events[0].parts) == 9
