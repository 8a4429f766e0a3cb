"""Header values: lists, parameters, addresses, Via, CSeq, URIs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import (
    CSeq,
    NameAddr,
    Via,
    parameter,
    parse_cseq,
    parse_name_addr,
    parse_parameters,
    parse_via,
    serialise_parameters,
    split_list,
)
from tenfour.telephony.message import Request
from tenfour.telephony.uri import SipUri, number_of, parse_sip_uri, scheme_of
from tenfour.telephony.via import response_flow, stamped

word = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=8)
shown = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), max_size=20)
parameters = st.lists(
    st.tuples(word, st.one_of(st.none(), shown)), max_size=4, unique_by=lambda pair: pair[0]
).map(tuple)  # fmt: skip
host = st.one_of(word.map(lambda name: f"{name}.example"), st.ip_addresses(v=4).map(str), st.just("[2001:db8::1]"))


@given(parameters)
def test_parameters_survive_writing_and_reading(given_parameters):
    assert parse_parameters(serialise_parameters(given_parameters)) == given_parameters


@given(st.builds(NameAddr, uri=host.map(lambda name: f"sip:911@{name}"), display=shown, parameters=parameters))
def test_addresses_survive_writing_and_reading(address):
    assert parse_name_addr(str(address)) == address


@given(st.builds(Via, transport=st.sampled_from(["UDP", "TCP"]), host=host,
                 port=st.one_of(st.none(), st.integers(0, 65535)), parameters=parameters))  # fmt: skip
def test_vias_survive_writing_and_reading(via):
    assert parse_via(str(via)) == via


@given(st.lists(st.builds(NameAddr, uri=st.just("sip:a@b,c"), display=shown), max_size=5))
def test_lists_are_split_where_they_were_joined(addresses):
    texts = tuple(str(address) for address in addresses)
    assert split_list(", ".join(texts)) == texts


@given(st.text(max_size=60))
def test_any_text_is_read_or_a_header_error(text):
    for parse in (parse_name_addr, parse_via, parse_cseq, parse_sip_uri):
        try:
            parse(text)
        except HeaderError as error:
            assert str(error)
    split_list(text)
    parse_parameters(text)


def test_commas_in_quotes_and_brackets_do_not_split():
    value = '"Doe, Ann" <sip:a@b;x=1,2>;q=1, <sip:c@d>, sip:e@f'
    assert split_list(value) == ('"Doe, Ann" <sip:a@b;x=1,2>;q=1', "<sip:c@d>", "sip:e@f")
    assert split_list(" , ,a,") == ("a",)
    assert split_list("") == ()


def test_parameters_without_brackets_belong_to_the_header():
    assert parse_name_addr("sip:911@a;tag=7").tag == "7"
    assert parse_name_addr("<sip:911@a;user=phone>;tag=7").uri == "sip:911@a;user=phone"
    assert parse_name_addr("sip:911@a").tag == ""


def test_display_name_may_hold_brackets_and_escapes():
    address = parse_name_addr(r'"A \"<B>\" C" <sip:a@b> ; tag = 9')
    assert (address.display, address.uri, address.tag) == ('A "<B>" C', "sip:a@b", "9")


def test_unbalanced_quote_is_forgiven():
    assert parse_name_addr('"Mr. J. User <sip:j.user@example.com>').uri == "sip:j.user@example.com"


@pytest.mark.parametrize("text", ["", "<>", "Ann", "<sip:a@b", '"Ann"'])
def test_addresses_without_a_uri_are_refused(text):
    with pytest.raises(HeaderError):
        parse_name_addr(text)


def test_new_tag_takes_the_place_of_the_old():
    assert str(parse_name_addr("<sip:a@b>;tag=1;x=2").with_tag("3")) == "<sip:a@b>;x=2;tag=3"


def test_via_with_odd_white_space():
    via = parse_via("SIP  / 2.0  / TCP     spindle.example.com   ;  branch  =   z9hG4bK9ikj8 ")
    assert (via.transport, via.host, via.port, via.branch) == ("TCP", "spindle.example.com", None, "z9hG4bK9ikj8")
    assert via.sent_by == "spindle.example.com:5060"
    assert parse_via("SIP/2.0/UDP [2001:db8::9]:5070;branch=1").port == 5070


@pytest.mark.parametrize("text", ["", "SIP/2.0/UDP", "SIP/2.0 a", "SIP/2.0/UDP a:port", "SIP/2.0/UDP a:99999", "x"])
def test_vias_that_are_none(text):
    with pytest.raises(HeaderError):
        parse_via(text)


def test_received_is_filled_in_only_where_the_source_differs():
    request = Request(method="INVITE", uri="sip:a", headers=(("Via", "SIP/2.0/UDP 192.0.2.1;branch=1, SIP/2.0/UDP x"),))
    same, _ = stamped(request, Flow("UDP", "192.0.2.1", 5099))
    assert same.first("Via") == "SIP/2.0/UDP 192.0.2.1;branch=1, SIP/2.0/UDP x"
    other, via = stamped(request, Flow("UDP", "192.0.2.7", 5099))
    assert other.first("Via") == "SIP/2.0/UDP 192.0.2.1;branch=1;received=192.0.2.7, SIP/2.0/UDP x"
    assert response_flow(via, Flow("UDP", "192.0.2.7", 5099)) == Flow("UDP", "192.0.2.7", 5060)


def test_tcp_answers_go_on_the_same_connection():
    flow = Flow("TCP", "192.0.2.7", 41234, 5)
    assert response_flow(parse_via("SIP/2.0/TCP 10.0.0.1:5060;branch=1"), flow) == flow


def test_maddr_cannot_aim_our_answers_at_somebody_else():
    via = parse_via("SIP/2.0/UDP 192.0.2.1;maddr=203.0.113.9;branch=1")
    assert response_flow(via, Flow("UDP", "192.0.2.1", 5060)).host == "192.0.2.1"


def test_cseq():
    assert parse_cseq(" 0009\t INVITE ") == CSeq(9, "INVITE")
    assert str(CSeq(9, "INVITE")) == "9 INVITE"
    for text in ("", "INVITE", "1", "x INVITE", "2147483648 INVITE", "9" * 5000 + " INVITE", "-1 INVITE", "1 A B"):
        with pytest.raises(HeaderError):
            parse_cseq(text)


def test_parameter_tells_missing_from_empty():
    found = parse_parameters(';lr;a="x;y"; b = 2')
    assert [parameter(found, name) for name in ("lr", "a", "b", "c")] == ["", "x;y", "2", None]


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("sip:911@psap.example", SipUri("sip", "psap.example", "911")),
        ("SIPS:a.example:5061;lr", SipUri("sips", "a.example", "", 5061, (("lr", None),))),
        ("sip:+1-813;phone-context=x@[2001:db8::1]:5;transport=tcp?a=b@c",
         SipUri("sip", "[2001:db8::1]", "+1-813;phone-context=x", 5, (("transport", "tcp"),), "a=b@c")),
        ("sip:h?to=x@y", SipUri("sip", "y", "h?to=x")),
    ],
)  # fmt: skip
def test_sip_uris(text, uri):
    assert parse_sip_uri(text) == uri


def test_sip_uri_is_written_as_it_was_read():
    text = "sip:ann:secret@a.example:5070;transport=tcp;lr?x=1"
    assert str(parse_sip_uri(text)) == text


@pytest.mark.parametrize("text", ["urn:service:sos", "tel:911", "sip:", "sip:@", "", "sip:a:b:c"])
def test_uris_of_other_schemes_and_without_host_are_refused(text):
    with pytest.raises(HeaderError):
        parse_sip_uri(text)


def test_schemes():
    assert [scheme_of(uri) for uri in ("urn:service:sos.police", "SIP:a", "911")] == ["urn", "sip", ""]


@pytest.mark.parametrize(
    ("uri", "number"),
    [("sip:911-442-7186@a", "9114427186"), ("tel:+1-813-555-0123;x=y", "+18135550123"), ("sip:%2B1813@a", "+1813"),
     ("sip:ann.lee@a", "ann.lee"), ("sip:a.example", ""), ("urn:service:sos", ""),
     ("sip:8185553333;x=1@a", "8185553333")],
)  # fmt: skip
def test_the_number_that_a_uri_names(uri, number):
    assert number_of(uri) == number
