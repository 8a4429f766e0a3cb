"""The four transaction machines against RFC 3261 section 17, and the layer that runs them, with a clock in hand."""

import pytest

from tenfour.telephony.flow import Flow
from tenfour.telephony.header import parse_via
from tenfour.telephony.message import Request, parse, response_to, serialise
from tenfour.telephony.session import TABLE as SESSION_TABLE
from tenfour.telephony.session import SessionState
from tenfour.telephony.timer import Timers
from tenfour.telephony.transaction import (
    DELAYS,
    FIRST,
    LONGEST_PAUSE,
    STARTS,
    TABLES,
    Input,
    Kind,
    ServerKey,
    State,
)
from tenfour.telephony.transaction_layer import TransactionLayer, server_key

UDP, TCP = Flow("UDP", "192.0.2.1", 5060), Flow("TCP", "192.0.2.1", 5060, 1)


def request(method: str = "INVITE", branch: str = "z9hG4bK1", flow: Flow = UDP) -> Request:
    headers = (
        ("Via", f"SIP/2.0/{flow.transport} 192.0.2.1:5060;branch={branch}"),
        ("From", "<sip:a@b>;tag=1"),
        ("To", "<sip:c@d>"),
        ("Call-ID", "x"),
        ("CSeq", f"1 {method}"),
    )
    return Request(method=method, uri="sip:911@d", headers=headers)


def run(layer: TransactionLayer, until: float) -> list[float]:
    """Let time pass; the times at which something was sent."""
    sent = []
    while (due := layer.next_timer()) is not None and due <= until:
        layer.handle_timer(due)
        sent += [due] * len(layer.outgoing)
        layer.outgoing.clear()
    return sent


def sending(method: str, flow: Flow) -> TransactionLayer:
    layer = TransactionLayer(max_transactions=100)
    made = request(method, flow=flow)
    layer.send(made, flow, 0.0)
    layer.outgoing.clear()
    return layer


def serving(method: str, flow: Flow) -> tuple[TransactionLayer, ServerKey, Request]:
    layer = TransactionLayer(max_transactions=100)
    came = request(method, flow=flow)
    via = parse_via(came.first("Via"))
    key = server_key(came, via)
    layer.accept(key, came, via, flow)
    return layer, key, came


def answered(layer: TransactionLayer, method: str, status: int, now: float):
    return layer.receive_response(response_to(request(method), status, to_tag="t"), now)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_state_is_reached_and_every_state_ends(kind):
    reached, table = {FIRST[kind]}, TABLES[kind]
    for _ in State:
        reached |= {following for (state, _), (following, _) in table.items() if state in reached}
    assert {state for state, _ in table} <= reached
    ending = {State.TERMINATED}
    for _ in State:
        ending |= {state for (state, _), (following, _) in table.items() if following in ending}
    assert reached <= ending


def test_every_timer_that_starts_is_awaited_and_has_a_delay():
    for (kind, state), timers in STARTS.items():
        for timer in timers:
            assert (state, timer) in TABLES[kind]
            assert timer in DELAYS
    assert set(LONGEST_PAUSE) <= set(DELAYS)
    started = {timer for timers in STARTS.values() for timer in timers}
    assert started == {given for given in Input if given.value.startswith("timer")}


def test_every_call_can_end():
    ending = {SessionState.OVER}
    for _ in SessionState:
        ending |= {state for (state, _), following in SESSION_TABLE.items() if following in ending}
    assert ending == set(SessionState)


def test_invite_is_repeated_over_udp_with_doubling_pauses_for_32_s():
    layer = sending("INVITE", UDP)
    assert run(layer, 100) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert len(layer) == 0


def test_other_requests_are_repeated_with_pauses_up_to_t2():
    layer = sending("OPTIONS", UDP)
    assert run(layer, 100) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_nothing_is_repeated_over_tcp_and_silence_is_told(method):
    layer = sending(method, TCP)
    assert run(layer, 31.9) == []
    (unanswered,) = layer.handle_timer(32.0)
    assert unanswered.request.method == method


def test_provisional_stops_the_repeating_of_an_invite_and_slows_down_others():
    layer = sending("INVITE", UDP)
    assert answered(layer, "INVITE", 180, 0.1)
    assert run(layer, 1000) == []
    layer = sending("OPTIONS", UDP)
    assert answered(layer, "OPTIONS", 100, 0.1)
    assert run(layer, 100) == [0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5]


def test_failure_is_acknowledged_every_time_and_told_once():
    layer = sending("INVITE", UDP)
    assert answered(layer, "INVITE", 486, 0.1)
    assert answered(layer, "INVITE", 486, 0.6) is None
    acks = [parse(data) for _, data in layer.outgoing]
    assert [ack.method for ack in acks] == ["ACK", "ACK"]
    assert acks[0].first("To") == "<sip:c@d>;tag=t"
    layer.outgoing.clear()
    assert run(layer, 33) == []
    assert len(layer) == 0


def test_success_is_told_every_time_until_timer_m():
    layer = sending("INVITE", UDP)
    assert answered(layer, "INVITE", 200, 0.1)
    assert answered(layer, "INVITE", 200, 0.6)
    run(layer, 33)
    assert answered(layer, "INVITE", 200, 33) is None


def test_server_answers_a_repeated_request_with_the_last_answer():
    layer, key, came = serving("OPTIONS", UDP)
    assert layer.repeated(key, came, 0.0)
    assert layer.outgoing == []
    layer.respond(key, response_to(came, 200, to_tag="t"), 0.1)
    first = list(layer.outgoing)
    layer.outgoing.clear()
    assert layer.repeated(key, came, 0.2)
    assert layer.outgoing == first
    run(layer, 33)
    assert not layer.repeated(key, came, 33)


def test_failure_to_an_invite_is_repeated_until_ack_over_udp():
    layer, key, came = serving("INVITE", UDP)
    layer.respond(key, response_to(came, 486, to_tag="t"), 0.0)
    layer.outgoing.clear()
    assert run(layer, 8) == [0.5, 1.5, 3.5, 7.5]
    assert layer.repeated(key, request("ACK"), 8.0)
    assert run(layer, 100) == []
    assert len(layer) == 0


def test_failure_to_an_invite_is_not_repeated_over_tcp():
    layer, key, came = serving("INVITE", TCP)
    layer.respond(key, response_to(came, 486, to_tag="t"), 0.0)
    layer.outgoing.clear()
    assert run(layer, 31) == []
    layer.repeated(key, request("ACK", flow=TCP), 31.0)
    assert len(layer) == 0


def test_final_answer_is_given_once():
    layer, key, came = serving("INVITE", UDP)
    layer.respond(key, response_to(came, 486), 0.0)
    layer.respond(key, response_to(came, 200), 0.0)
    layer.respond(key, response_to(came, 180), 0.0)
    assert [data for _, data in layer.outgoing] == [serialise(response_to(came, 486))]


def test_requests_of_old_peers_are_told_apart_without_the_magic_cookie():
    via = parse_via("SIP/2.0/UDP 192.0.2.1;branch=1")
    invite, other = request(branch="1"), request(branch="1")
    assert server_key(invite, via) == server_key(other, via)
    changed = Request(method="INVITE", uri="sip:912@d", headers=invite.headers)
    assert server_key(changed, via) != server_key(invite, via)
    ack = request("ACK", branch="1")
    assert server_key(ack, via) == server_key(invite, via)


def test_same_branch_of_another_sender_is_another_transaction():
    came = request()
    ours = server_key(came, parse_via("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1"))
    theirs = server_key(came, parse_via("SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1"))
    assert ours != theirs


def test_lost_connection_sends_answers_to_the_sent_by_and_fails_requests():
    layer, key, came = serving("INVITE", TCP)
    assert layer.connection_lost(TCP, 1.0) == []
    layer.respond(key, response_to(came, 486), 1.0)
    assert layer.outgoing[0][0] == Flow("TCP", "192.0.2.1", 5060)
    waiting = sending("OPTIONS", TCP)
    assert [each.request.method for each in waiting.connection_lost(TCP, 1.0)] == ["OPTIONS"]
    assert len(waiting) == 0


def test_timers_are_told_in_their_order_and_moved_when_set_again():
    timers: Timers[str] = Timers()
    timers.set("b", 2.0)
    timers.set("a", 1.0)
    timers.set("b", 0.5)
    timers.set("c", 0.1)
    timers.cancel("c")
    timers.cancel("nobody")
    assert timers.next() == 0.5
    assert [timers.pop(0.4), timers.pop(5.0), timers.pop(5.0), timers.pop(5.0)] == [None, "b", "a", None]
    assert timers.next() is None
