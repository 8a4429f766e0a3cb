"""The valid messages of RFC 4475 section 3.1.1 (and 3.3, 3.4): each is understood as the RFC says."""

from urllib.parse import unquote

import pytest

from tenfour.telephony.body import parts_of
from tenfour.telephony.header import parse_cseq, parse_name_addr, parse_via
from tenfour.telephony.message import Request, Response, parse, serialise
from tenfour.telephony.sdp import audio_of, parse_sdp
from tenfour.telephony.sip_event import InviteReceived, OutOfDialog
from tenfour.telephony.uri import parse_sip_uri

pytestmark = pytest.mark.needs_shared


@pytest.fixture
def take(torture, make_peer):
    """Gives the message as it is read, and the peer that said it with the statuses that came back."""

    def taken(name: str):
        data, peer = torture(name), make_peer()
        statuses = [answer.status for answer in peer.say(data)]
        return parse(data), peer, statuses

    return taken


def test_wsinv_short_tortuous_invite(take):
    """Section 3.1.1.1. Its To has a tag of a call that is not here: 481."""
    request, _, statuses = take("wsinv")
    assert (request.method, request.uri) == ("INVITE", "sip:vivekg@chair-dnrc.example.com;unknownparam")
    assert parse_name_addr(request.first("To")).tag == "1918181833n"
    caller = parse_name_addr(request.first("From"))
    assert (caller.display, caller.uri, caller.tag) == ('J Rosenberg \\"', "sip:jdrosen@example.com", "98asjd8")
    assert parse_cseq(request.first("CSeq")).number == 9
    assert request.first("Max-Forwards") == "0068"
    vias = [parse_via(via) for via in request.listed("Via")]
    assert [(via.transport, via.host, via.branch) for via in vias] == [
        ("UDP", "192.0.2.2", "390skdjuw"),
        ("TCP", "spindle.example.com", "z9hG4bK9ikj8"),
        ("UDP", "192.168.255.111", "z9hG4bK30239"),
    ]
    assert request.first("Subject") == ""
    assert request.first("UnknownHeaderWithUnusualValue") == ";;,,;;,;"
    route = parse_sip_uri(parse_name_addr(request.first("Route")).uri)
    assert (route.parameter("lr"), route.parameter("unknown-no-value")) == ("", "")
    contact = parse_name_addr(request.first("Contact"))
    assert contact.display == 'Quoted string ""'
    assert contact.parameters == (("newparam", "newvalue"), ("secondparam", None), ("q", "0.33"))
    assert audio_of(parse_sdp(request.body)).host == "192.0.2.4"
    assert statuses == [481]


def test_wsinv_with_its_vias_mended(take):
    """The same message with `SIP/2.0/UDP` in one piece."""
    request, _, statuses = take("wsinvFixed")
    assert [parse_via(via).transport for via in request.listed("Via")] == ["UDP", "TCP", "UDP"]
    assert statuses == [481]


def test_intmeth_wide_range_of_valid_characters(take):
    """Section 3.1.1.2: a method that nobody knows is 501."""
    request, peer, statuses = take("intmeth")
    assert request.method == "!interesting-Method0123456789_*+`.%indeed'~"
    uri = parse_sip_uri(request.uri)
    assert uri.host == "example.com"
    assert uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert parse_name_addr(request.first("To")).display == "BEL:\x07 NUL:\x00 DEL:\x7f"
    caller = parse_name_addr(request.first("From"))
    assert (caller.display, caller.tag) == ("token1~` token2'+_ token3*%!.-", "_token~1'+`*%!-.")
    assert dict(caller.parameters)["fromparam''~+*_!.-%"] == "работающий"
    assert request.first("Call-ID") == "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"
    assert request.first("extensionHeader-!.%*+_`'~") == "\ufeff大停電"
    assert statuses == [501]
    assert isinstance(peer.events[0], OutOfDialog)


def test_esc01_percent_escapes_where_they_mean_something(take):
    """Section 3.1.1.3."""
    request, _, statuses = take("esc01")
    uri = parse_sip_uri(request.uri)
    assert (unquote(uri.user), uri.host) == ("sips:user@example.com", "example.net")
    assert unquote(parse_sip_uri(parse_name_addr(request.first("To")).uri).user) == "user"
    assert unquote(parse_sip_uri(parse_name_addr(request.first("From")).uri).user) == "I have spaces"
    contact = parse_sip_uri(parse_name_addr(request.first("Contact")).uri)
    assert unquote(contact.user) == "caller"
    assert (contact.parameter("lr"), contact.parameter("name")) == ("", "value%41")
    assert statuses == [100]


def test_escnull_escaped_nulls_do_not_end_a_name(take):
    """Section 3.1.1.4: two different contacts. We are no registrar: 405."""
    request, _, statuses = take("escnull")
    assert unquote(parse_sip_uri(parse_name_addr(request.first("To")).uri).user) == "null-\0-null"
    users = [unquote(parse_sip_uri(parse_name_addr(one).uri).user) for one in request.listed("Contact")]
    assert users == ["\0", "\0\0"]
    assert statuses == [405]


def test_esc02_percent_signs_that_escape_nothing(take):
    """Section 3.1.1.5: the method is not REGISTER, `C%6Fntact` is no Contact."""
    request, _, statuses = take("esc02")
    assert request.method == "RE%47IST%45R"
    assert parse_name_addr(request.first("To")).display == "%Z%45"
    assert [parse_name_addr(one).uri for one in request.listed("Contact")] == [
        "sip:alias1@host1.example.com",
        "sip:alias3@host3.example.com",
    ]
    assert request.first("C%6Fntact") == "<sip:alias2@host2.example.com>"
    assert parse_via(request.first("Via")).branch == "z9hG4bK209%fzsnel234"
    assert statuses == [501]


def test_lwsdisp_no_space_between_name_and_bracket(take):
    """Section 3.1.1.6."""
    request, _, statuses = take("lwsdisp")
    caller = parse_name_addr(request.first("From"))
    assert (caller.display, caller.uri, caller.tag) == ("caller", "sip:caller@example.com", "323")
    assert statuses == [200]


def test_longreq_long_values_in_every_header(take):
    """Section 3.1.1.7: 34 Vias, the topmost without a branch."""
    request, peer, statuses = take("longreq")
    assert len(request.listed("Via")) == 34
    assert parse_via(request.listed("Via")[0]).host == "sip33.example.com"
    called = parse_name_addr(request.first("To"))
    assert called.display.startswith("I have a user name of extreme")
    assert parse_sip_uri(called.uri).port == 6000
    assert statuses == [100]
    assert [type(event) for event in peer.events] == [InviteReceived]
    assert peer.events[0].problems == ()


def test_dblreq_octets_behind_the_message_are_not_read(take):
    """Section 3.1.1.8: a REGISTER, and behind it in the same datagram an INVITE that is no call."""
    request, peer, statuses = take("dblreq")
    assert (request.method, request.body) == ("REGISTER", b"")
    assert statuses == [405]
    assert not any(isinstance(event, InviteReceived) for event in peer.events)


def test_semiuri_parameters_in_the_user_part(take):
    """Section 3.1.1.9: `user;par=u@example.net` is the user."""
    request, _, statuses = take("semiuri")
    uri = parse_sip_uri(request.uri)
    assert (unquote(uri.user), uri.host, uri.parameters) == ("user;par=u@example.net", "example.com", ())
    assert len(request.listed("Accept")) == 6
    assert statuses == [200]


def test_transports_of_every_kind_in_the_vias(take):
    """Section 3.1.1.10."""
    request, _, statuses = take("transports")
    assert [parse_via(via).transport for via in request.listed("Via")] == ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]
    assert statuses == [200]


def test_mpart01_message_in_two_parts(take):
    """Section 3.1.1.11. A MESSAGE outside any call is 405 here."""
    request, _, statuses = take("mpart01")
    text, signature = parts_of(request).parts
    assert (text.content_type, text.content) == ("text/plain", b"Hello")
    assert (signature.content_type, len(signature.content)) == ("application/octet-stream", 342)
    assert signature.content[:4] == b"0\x82\x01R"
    assert statuses == [405]


def test_unreason_reason_phrase_in_any_letters(take):
    """Section 3.1.1.12."""
    response, peer, statuses = take("unreason")
    assert isinstance(response, Response)
    assert (response.status, response.reason) == (200, "= 2**3 * 5**2 но сто девяносто девять - простое")
    assert (statuses, peer.events) == ([], [])


def test_noreason_reason_phrase_that_is_empty(take):
    """Section 3.1.1.13."""
    response, peer, statuses = take("noreason")
    assert (response.status, response.reason) == (100, "")
    assert (statuses, peer.events) == ([], [])


def test_zeromf_max_forwards_of_zero_is_no_matter_at_the_end_of_the_way(take):
    """Section 3.3.11."""
    request, _, statuses = take("zeromf")
    assert request.first("Max-Forwards") == "0"
    assert statuses == [200]


def test_cparam01_parameter_of_a_contact_without_brackets(take):
    """Section 3.3.12: it is the header's, not the URI's. We are no registrar: 405."""
    request, _, statuses = take("cparam01")
    contact = parse_name_addr(request.first("Contact"))
    assert (contact.uri, contact.parameters) == ("sip:+19725552222@gw1.example.net", (("unknownparam", None),))
    assert statuses == [405]


def test_cparam02_parameter_of_a_uri_in_brackets(take):
    """Section 3.3.13."""
    request, _, statuses = take("cparam02")
    contact = parse_name_addr(request.first("Contact"))
    assert contact.parameters == ()
    assert parse_sip_uri(contact.uri).parameter("unknownparam") == ""
    assert statuses == [405]


def test_regescrt_escaped_header_in_a_uri(take):
    """Section 3.3.14: kept with the URI, and never made a Route."""
    request, _, statuses = take("regescrt")
    contact = parse_sip_uri(parse_name_addr(request.first("Contact")).uri)
    assert contact.headers == "Route=%3Csip:sip.example.com%3E"
    assert request.listed("Route") == ()
    assert statuses == [405]


def test_regaut01_scheme_of_authorization_that_nobody_knows(take):
    """Section 3.3.7: the method counts, the credentials are not looked at."""
    request, _, statuses = take("regaut01")
    assert request.first("Authorization") == "NoOneKnowsThisScheme opaque-data=here"
    assert statuses == [405]


def test_inv2543_invite_of_the_older_standard(take):
    """Section 3.4.1: no tag, no branch, no Contact, no Content-Length; a strict router in Record-Route."""
    _, peer, statuses = take("inv2543")
    assert statuses == [100]
    (event,) = peer.events
    assert event.problems == ()
    assert audio_of(parse_sdp(event.sdp)).port == 49217
    dialog = peer.agent.snapshot(event.call)
    assert dialog.route_set == ("<sip:UserB@example.com;maddr=ss1.example.com>",)
    assert dialog.remote_target == "sip:+13035551111@ift.client.example.net;user=phone"


def test_every_one_that_can_be_read_is_the_same_after_writing_it(torture, torture_names):
    unreadable = {"bigcode"}
    for name in sorted(torture_names - unreadable):
        message = parse(torture(name))
        again = parse(serialise(message))
        assert again.headers == message.headers, name
        assert again.body == message.body, name
        if isinstance(message, Request):
            assert (again.method, again.uri) == (message.method, message.uri), name
        else:
            assert (again.status, again.reason) == (message.status, message.reason), name
