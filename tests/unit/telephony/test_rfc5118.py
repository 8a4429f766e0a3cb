"""IPv6 in SIP as RFC 5118 warns of it, in INVITEs to us: each of these is taken."""

import pytest

from tenfour.telephony.flow import Flow
from tenfour.telephony.sdp import audio_of, parse_sdp
from tenfour.telephony.sip_event import InviteReceived

CALLER = Flow("UDP", "2001:db8:bad::1", 5060)
SDP = b"v=0\r\no=- 1 1 IN IP6 2001:db8::20\r\ns=-\r\nc=IN IP6 2001:db8::20\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


def invite(peer, *, uri="sip:911@[2001:db8::9]", via="[2001:db8::9:1]", contact="[2001:db8::9:1]", body=SDP):
    """What came of it: our statuses, the call, and where the first of them went."""
    peer.flow = CALLER
    answers = peer.say(
        f"INVITE {uri} SIP/2.0\nVia: SIP/2.0/UDP {via};branch=z9hG4bK1\nMax-Forwards: 70\n"
        f"From: <sip:911-442-7186@[2001:db8::9:1]>;tag=f1\nTo: <{uri}>\nCall-ID: one@[2001:db8::9:1]\nCSeq: 1 INVITE\n"
        f"Contact: <sip:911-442-7186@{contact}>\nContent-Type: application/sdp\nContent-Length: {len(body)}",
        body,
    )
    calls = [event for event in peer.events if isinstance(event, InviteReceived)]
    assert [answer.status for answer in answers] == [100]
    assert len(calls) == 1
    return calls[0], answers[0], peer.outgoing[0][0]


@pytest.mark.parametrize(
    "uri",
    [
        "sip:911@[2001:db8::10]",  # 4.1
        "sip:911@2001:db8::10",  # 4.2: without brackets
        "sip:911@[2001:db8::10:5070]",  # 4.3: a port that is none
        "sip:911@[2001:db8::10]:5070",  # 4.4
        "sip:911@[::ffff:192.0.2.10]",  # 4.9
        "sip:911@[2001:db8:::192.0.2.1]",  # 4.10: a colon too many
    ],
)
def test_whatever_the_request_uri_looks_like_the_call_is_taken(make_peer, uri) -> None:
    call, _, _ = invite(make_peer(), uri=uri)
    assert audio_of(parse_sdp(call.sdp)).host == "2001:db8::20"


@pytest.mark.parametrize(
    ("via", "port"),
    [
        ("[2001:db8::9:1]", 5060),
        ("[2001:db8::9:1]:5070", 5070),
        ("[2001:db8::9:1];received=[2001:db8::9:255]", 5060),  # 4.5: brackets that the grammar does not know
        ("[2001:db8::9:1];received=2001:db8::9:255", 5060),
        ("2001:db8::9:1", 5060),  # not among its cases: no brackets in the Via
    ],
)
def test_the_answer_goes_to_where_the_request_came_from(make_peer, via, port) -> None:
    _, answer, to = invite(make_peer(), via=via)
    assert (to.host, to.port) == (CALLER.host, port)
    assert ";received=2001:db8:bad::1" in answer.first("Via").replace(" ", "")


def test_a_session_of_both_families_is_read_stream_by_stream(make_peer) -> None:
    body = (
        b"v=0\r\no=- 1 1 IN IP6 2001:db8::20\r\ns=-\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n"
        b"m=video 6024 RTP/AVP 107\r\nc=IN IP6 2001:db8::20\r\n"
    )  # 4.8
    call, _, _ = invite(make_peer(), body=body)
    assert audio_of(parse_sdp(call.sdp)).host == "192.0.2.1"


def test_a_call_by_ipv6_goes_on_to_the_contact_in_brackets(make_peer) -> None:
    peer = make_peer()
    call, _, _ = invite(peer, contact="[2001:db8::9:7]:5090")
    peer.agent.answer(call.call, SDP, peer.now)
    (ok,) = peer.heard()
    to = ok.first("To")
    peer.say(
        f"ACK sip:x SIP/2.0\nVia: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bK2\n"
        f"From: <sip:911-442-7186@[2001:db8::9:1]>;tag=f1\nTo: {to}\nCall-ID: one@[2001:db8::9:1]\nCSeq: 1 ACK\n"
        "Content-Length: 0"
    )
    peer.agent.bye(call.call, peer.now)
    (bye,) = peer.heard()
    assert bye.uri == "sip:911-442-7186@[2001:db8::9:7]:5090"
