"""Calls over TCP: streams cut anywhere, answers on the connection they came by, connections that go."""

from random import Random

import pytest

from tenfour.telephony.flow import Flow
from tenfour.telephony.message import parse
from tenfour.telephony.sip_event import Acknowledged, Answered, ByeAnswered, ByeReceived, InviteReceived, Rejected
from tenfour.telephony.stream import MessageStream


class TcpWire:
    """One connection between two agents; bytes arrive in pieces of any size, in order."""

    def __init__(self, sip, seed: int) -> None:
        self.sip, self.random, self.now = sip, Random(seed), 0.0
        self.to_caller, self.to_centre = MessageStream(), MessageStream()
        self.at_caller = Flow("TCP", sip.centre_flow.host, 5060, 1)
        self.at_centre = Flow("TCP", sip.caller_flow.host, 45001, 9)
        self.sent: list[bytes] = []

    def settle(self) -> None:
        for _ in range(20):
            caller_said = b"".join(self._said(self.sip.caller, self.at_caller))
            centre_said = b"".join(self._said(self.sip.centre, self.at_centre))
            self._carry(caller_said, self.to_centre, self.sip.centre, self.at_centre)
            self._carry(centre_said, self.to_caller, self.sip.caller, self.at_caller)
            self.sip.caller_events += self.sip.caller.take_events()
            self.sip.centre_events += self.sip.centre.take_events()

    def _said(self, agent, flow: Flow) -> list[bytes]:
        said = agent.take_outgoing()
        assert all(target == flow for target, _ in said), "an answer left its connection"
        self.sent += [data for _, data in said]
        return [data for _, data in said]

    def _carry(self, data: bytes, stream: MessageStream, agent, flow: Flow) -> None:
        while data:
            size = self.random.randrange(1, 200)
            for message in stream.receive(data[:size]).messages:
                agent.receive_message(message, flow, self.now)
            data = data[size:]

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for agent in (self.sip.caller, self.sip.centre):
            agent.handle_timer(self.now)
        self.settle()


@pytest.fixture(params=range(5))
def tcp(request, sip) -> TcpWire:
    return TcpWire(sip, request.param)


def dialled(tcp):
    mine = tcp.sip.caller.invite(
        "urn:service:sos", flow=tcp.at_caller, from_="sip:911@192.0.2.1", now=tcp.now, body=tcp.sip.offer
    )
    tcp.settle()
    return mine, tcp.sip.told(InviteReceived)[-1].call


def test_a_whole_call_stays_on_its_connection(tcp):
    sip = tcp.sip
    mine, theirs = dialled(tcp)
    sip.centre.provisional(theirs, 180, tcp.now)
    sip.centre.answer(theirs, sip.answer, tcp.now)
    tcp.settle()
    assert sip.told(Answered, sip.caller_events)[0].sdp == sip.answer
    assert sip.told(Acknowledged)[0].call == theirs
    sip.centre.bye(theirs, tcp.now)
    tcp.settle()
    assert sip.told(ByeReceived, sip.caller_events)[0].call == mine
    assert sip.told(ByeAnswered)[0].status == 200
    tcp.pass_time(40)
    assert sip.caller.next_timer() is sip.centre.next_timer() is None


def test_nothing_is_said_twice_over_tcp(tcp):
    sip = tcp.sip
    mine, theirs = dialled(tcp)
    sip.caller.cancel(mine, tcp.now)
    tcp.settle()
    for _ in range(5):
        tcp.pass_time(10)
    assert len(tcp.sent) == len(set(tcp.sent))
    assert sip.told(Rejected, sip.caller_events)[0].status == 487
    assert theirs not in sip.centre.calls()


def test_our_contact_and_via_say_tcp(tcp):
    _, theirs = dialled(tcp)
    tcp.sip.centre.answer(theirs, tcp.sip.answer, tcp.now)
    tcp.settle()
    invite, ok, ack = (parse(data) for data in tcp.sent if not data.startswith(b"SIP/2.0 100"))
    assert invite.first("Via").startswith("SIP/2.0/TCP ")
    assert ok.first("Contact") == "<sip:192.0.2.9:5060;transport=tcp>"
    assert ack.uri == "sip:192.0.2.9:5060;transport=tcp"


def test_call_goes_on_when_its_connection_goes_and_bye_asks_for_another(tcp):
    sip = tcp.sip
    mine, theirs = dialled(tcp)
    sip.centre.answer(theirs, sip.answer, tcp.now)
    tcp.settle()
    sip.centre.connection_lost(tcp.at_centre, tcp.now)
    sip.caller.connection_lost(tcp.at_caller, tcp.now)
    assert sip.centre.take_events() == sip.caller.take_events() == []
    sip.centre.bye(theirs, tcp.now)
    ((flow, bye),) = sip.centre.take_outgoing()
    assert flow == Flow("TCP", "192.0.2.1", 5060)
    fresh = Flow("TCP", "192.0.2.9", 33000, 4)
    sip.caller.receive_message(bye, fresh, tcp.now)
    ((back, _),) = sip.caller.take_outgoing()
    assert back == fresh
    assert sip.caller.take_events()[0].call == mine


def test_connection_that_goes_before_any_answer_is_told_as_503(tcp):
    sip = tcp.sip
    sip.caller.invite("urn:service:sos", flow=tcp.at_caller, from_="sip:911@192.0.2.1", now=0.0, body=sip.offer)
    sip.caller.connection_lost(tcp.at_caller, 0.1)
    (event,) = sip.caller.take_events()
    assert (event.status, event.response) == (503, None)
    assert sip.caller.calls() == ()


def test_connection_that_goes_while_it_rings_keeps_the_call_ringing(tcp):
    sip = tcp.sip
    _, theirs = dialled(tcp)
    sip.centre.connection_lost(tcp.at_centre, tcp.now)
    assert sip.centre.calls() == (theirs,)
    sip.centre.answer(theirs, sip.answer, tcp.now)
    assert sip.centre.take_outgoing()[0][0] == Flow("TCP", "192.0.2.1", 5060)


def test_many_lost_connections_leave_nothing_behind(peer, sip):
    for number in range(200):
        peer.flow = Flow("TCP", "192.0.2.1", 40000 + number, number)
        peer.request("OPTIONS", branch=f"z9hG4bK{number}", call_id=str(number))
        peer.agent.connection_lost(peer.flow, 0.0)
    layer = peer.agent._core.layer
    assert len(layer) == 0
    assert layer._on_connection == layer._merged == layer._finished == {}


def request_over_tcp(peer, via: str, flow: Flow) -> None:
    text = (
        f"OPTIONS sip:911@192.0.2.9 SIP/2.0\r\nVia: SIP/2.0/{via};branch=z9hG4bKalias\r\nMax-Forwards: 70\r\n"
        "From: <sip:edge@192.0.2.1>;tag=e\r\nTo: <sip:911@192.0.2.9>\r\nCall-ID: alias\r\nCSeq: 1 OPTIONS\r\n\r\n"
    )
    peer.agent.receive_message(text.encode(), flow, 0.0)
    peer.agent.take_outgoing()


def way_to(peer, transport: str, port: int) -> int | None:
    """The connection on which a new request to 192.0.2.1 goes."""
    flow = Flow(transport, "192.0.2.1", port)
    peer.agent.options("sip:edge@192.0.2.1", flow=flow, from_="sip:911@192.0.2.9", now=0.0)
    ((taken, _),) = peer.agent.take_outgoing()
    return taken.connection


@pytest.mark.parametrize(("transport", "usual"), [("TCP", 5060), ("TLS", 5061)])
def test_alias_lets_later_requests_use_the_connection(peer, transport, usual):
    came = Flow(transport, "192.0.2.1", 40000, 7)
    request_over_tcp(peer, f"{transport} 192.0.2.1;alias", came)
    assert way_to(peer, transport, usual) == 7
    assert way_to(peer, transport, 5999) is None
    assert way_to(peer, "TLS" if transport == "TCP" else "TCP", usual) is None
    peer.agent.connection_lost(came, 1.0)
    assert way_to(peer, transport, usual) is None


@pytest.mark.parametrize("via", ["TCP 192.0.2.1", "TCP 192.0.2.50;alias", "TCP edge.example;alias"])
def test_without_alias_or_of_another_address_the_connection_is_not_reused(peer, via):
    request_over_tcp(peer, via, Flow("TCP", "192.0.2.1", 40000, 7))
    assert way_to(peer, "TCP", 5060) is None


def test_our_own_requests_over_tcp_say_alias(peer):
    peer.agent.options("sip:e@192.0.2.1", flow=Flow("TCP", "192.0.2.1", 5060), from_="sip:911@192.0.2.9", now=0.0)
    ((_, data),) = peer.agent.take_outgoing()
    assert b";alias\r\n" in data
