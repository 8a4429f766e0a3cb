"""Dialogs: what they remember, where their requests go (RFC 3261 section 12)."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.dialog import (
    Dialog,
    DialogKey,
    contact_of,
    dialog_of_answer,
    dialog_of_invite,
    flow_to,
    in_dialog_request,
    next_hop,
)
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import Via, parse_via
from tenfour.telephony.message import Request, parse, response_to
from tenfour.telephony.session import TABLE, Session, SessionInput, SessionState
from tenfour.telephony.uri import parse_sip_uri
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.errors import IllegalTransition

FLOW = Flow("UDP", "192.0.2.1", 5060)
VIA = Via("UDP", "192.0.2.9", 5060, (("branch", "z9hG4bKx"),))
INVITE = Request(
    method="INVITE",
    uri="urn:service:sos",
    headers=(
        ("Via", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1"),
        ("Record-Route", "<sip:192.0.2.3;lr>, <sip:192.0.2.2;lr>"),
        ("From", '"Ann" <sip:ann@a.example>;tag=theirs'),
        ("To", "<sip:911@b.example>"),
        ("Call-ID", "one"),
        ("CSeq", "7 INVITE"),
        ("Contact", "<sip:ann@192.0.2.1:5070>"),
    ),
)


def dialog(**changed: object) -> Dialog:
    made = dialog_of_invite(INVITE, parse_via(INVITE.first("Via")), FLOW, "ours")
    return msgspec.structs.replace(made, **changed)


def without(name: str) -> Request:
    return msgspec.structs.replace(INVITE, headers=tuple(pair for pair in INVITE.headers if pair[0] != name))


def test_dialog_of_the_called_side():
    made = dialog()
    assert made.key == DialogKey("one", "ours", "theirs")
    assert made.local_party == "<sip:911@b.example>;tag=ours"
    assert made.remote_party == '"Ann" <sip:ann@a.example>;tag=theirs'
    assert made.remote_target == "sip:ann@192.0.2.1:5070"
    assert made.route_set == ("<sip:192.0.2.3;lr>", "<sip:192.0.2.2;lr>")
    assert (made.local_seq, made.remote_seq, made.we_were_called, made.behind_nat) == (0, 7, True, False)


def test_dialog_of_the_calling_side_turns_the_routes_round():
    more = (("Record-Route", "<sip:192.0.2.3;lr>, <sip:192.0.2.2;lr>"), ("Contact", "<sip:desk@192.0.2.9>"))
    made = dialog_of_answer(INVITE, response_to(INVITE, 200, to_tag="called", more=more), FLOW)
    assert made.key == DialogKey("one", "theirs", "called")
    assert made.route_set == ("<sip:192.0.2.2;lr>", "<sip:192.0.2.3;lr>")
    assert (made.remote_target, made.local_seq, made.remote_seq) == ("sip:desk@192.0.2.9", 7, None)


def test_missing_contact_is_made_good_by_from():
    made = dialog_of_invite(without("Contact"), VIA, FLOW, "ours")
    assert made.remote_target == "sip:ann@a.example"


def test_missing_from_tag_is_an_empty_one():
    plain = msgspec.structs.replace(INVITE, headers=(("From", "sip:a@b"), ("To", "sip:c@d"), ("CSeq", "1 INVITE")))
    assert dialog_of_invite(plain, VIA, FLOW, "ours").key.remote_tag == ""


@pytest.mark.parametrize("name", ["From", "To", "CSeq"])
def test_no_dialog_without_what_names_it(name):
    with pytest.raises(HeaderError):
        dialog_of_invite(without(name), VIA, FLOW, "ours")


def test_contact_that_is_none_is_passed_over():
    message = msgspec.structs.replace(INVITE, headers=(("Contact", "*, nonsense, <sip:a@b>"),))
    assert contact_of(message) == "sip:a@b"
    assert contact_of(without("Contact")) == ""


def test_request_in_a_dialog_names_both_parties_and_counts():
    made = in_dialog_request(dialog(), "INFO", VIA, number=3, headers=(("X", "y"),), body=b"b")
    assert made.first("From") == "<sip:911@b.example>;tag=ours"
    assert made.first("To") == '"Ann" <sip:ann@a.example>;tag=theirs'
    assert (made.first("CSeq"), made.first("Call-ID"), made.first("X"), made.body) == ("3 INFO", "one", "y", b"b")


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({}, Flow("UDP", "192.0.2.3", 5060)),
        ({"route_set": ()}, Flow("UDP", "192.0.2.1", 5070)),
        ({"route_set": (), "behind_nat": True}, FLOW),
        ({"behind_nat": True}, Flow("UDP", "192.0.2.3", 5060)),
        ({"route_set": (), "remote_target": "sip:ann@a.example"}, FLOW),
        ({"route_set": (), "remote_target": "tel:911"}, FLOW),
        (
            {"route_set": (), "remote_target": "sip:a@[2001:db8::1]:5070;transport=tcp"},
            Flow("TCP", "2001:db8::1", 5070),
        ),
        ({"flow": Flow("TCP", "192.0.2.1", 40000, 3)}, Flow("TCP", "192.0.2.1", 40000, 3)),
        ({"flow": Flow("TCP", "192.0.2.1", 40000)}, Flow("TCP", "192.0.2.3", 5060)),
    ],
)
def test_where_requests_in_a_dialog_go(changed, wanted):
    assert next_hop(dialog(**changed)) == wanted


def test_caller_behind_nat_is_known_by_its_via():
    away = Flow("UDP", "198.51.100.7", 40000)
    assert dialog_of_invite(INVITE, Via("UDP", "10.0.0.5", 5060), away, "ours").behind_nat
    assert not dialog_of_invite(INVITE, Via("UDP", "proxy.example", 5060), away, "ours").behind_nat


def test_flow_to_a_name_is_not_known_here():
    assert flow_to(parse_sip_uri("sip:psap.example"), FLOW) is None


@given(
    st.builds(
        Dialog,
        key=st.builds(DialogKey, st.text(), st.text(), st.text()),
        local_party=st.text(),
        remote_party=st.text(),
        remote_target=st.text(),
        flow=st.builds(Flow, st.sampled_from(["UDP", "TCP"]), st.text(), st.integers(0, 65535)),
        local_seq=st.integers(0, 2**31),
        route_set=st.lists(st.text(), max_size=3).map(tuple),
        local_sdp=st.binary(max_size=20),
        invite=st.binary(max_size=20),
    )
)
def test_dialogs_survive_the_disk(kept):
    assert msgspec.json.decode(msgspec.json.encode(kept), type=Dialog) == kept
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(kept), type=Dialog) == kept


@pytest.mark.parametrize("state", list(SessionState))
@pytest.mark.parametrize("given_input", list(SessionInput))
def test_a_call_does_what_its_table_says_and_refuses_the_rest_in_words(state, given_input):
    session = Session(DialogKey("call-1", "a", "b"), state)
    following = TABLE.get((state, given_input))
    assert session.accepts(given_input) == (following is not None)
    if following is not None:
        session.move(given_input)
        assert session.state is following
        return
    with pytest.raises(IllegalTransition, match=f"The call call-1 is {state.value.lower()}; expected "):
        session.move(given_input)
    assert session.state is state


@pytest.mark.parametrize(
    ("uri", "wanted"),
    [
        ("sip:192.0.2.5;transport=tls", Flow("TLS", "192.0.2.5", 5061)),
        ("sip:192.0.2.5:5070;transport=TLS", Flow("TLS", "192.0.2.5", 5070)),
        ("sips:192.0.2.5", Flow("TLS", "192.0.2.5", 5061)),
        ("sips:192.0.2.5;transport=tcp", Flow("TLS", "192.0.2.5", 5061)),
        ("sip:192.0.2.5;transport=tcp", Flow("TCP", "192.0.2.5", 5060)),
    ],
)
def test_flow_to_a_uri_that_asks_for_a_transport(uri, wanted):
    assert flow_to(parse_sip_uri(uri), FLOW) == wanted


def test_contact_and_via_over_tls_name_the_port_of_tls(new_tokens):
    agent = UserAgent(host="192.0.2.9", port=5060, tls_port=5071, new_token=new_tokens("s"))
    agent.invite("sip:a@192.0.2.5", flow=Flow("TLS", "192.0.2.5", 5061), from_="sip:911@192.0.2.9", now=0.0)
    ((_, data),) = agent.take_outgoing()
    request = parse(data)
    assert request.first("Contact") == "<sip:192.0.2.9:5071;transport=tls>"
    assert request.first("Via").startswith("SIP/2.0/TLS 192.0.2.9:5071;")
