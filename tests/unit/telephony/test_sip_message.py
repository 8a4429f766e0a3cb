"""Messages: bytes to values and back (RFC 3261 section 7)."""

import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.errors import MessageError
from tenfour.telephony.header_name import canonical_name
from tenfour.telephony.message import Request, Response, parse, response_to, serialise

INVITE = (
    b"INVITE urn:service:sos SIP/2.0\r\n"
    b"v: SIP/2.0/TCP a.example;branch=z9hG4bK1, SIP/2.0/UDP b.example;branch=z9hG4bK2\r\n"
    b"Via: SIP/2.0/UDP c.example;branch=z9hG4bK3\r\n"
    b"f: <sip:911@a.example>;tag=1\r\nt: <sip:911@b.example>\r\ni: abc\r\nCSEQ: 1 INVITE\r\n"
    b"X-Strange:  kept as it is \r\nl: 4\r\n\r\nbody"
)

names = st.sampled_from(["Via", "From", "To", "Call-ID", "CSeq", "Contact", "Call-Info", "X-Unknown", "Geolocation"])
line_text = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=60).map(str.strip)
headers = st.lists(st.tuples(names, line_text), max_size=12).map(tuple)
token = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=10)
uri = st.text("abcdefgh0123456789:@.;=-", min_size=1, max_size=40)
requests = st.builds(Request, method=token, uri=uri, headers=headers, body=st.binary(max_size=200))
responses = st.builds(
    Response, status=st.integers(100, 699), reason=line_text, headers=headers, body=st.binary(max_size=200)
)


@given(st.one_of(requests, responses))
def test_what_is_written_is_read_back_the_same(message):
    assert parse(serialise(message)) == message


@given(st.one_of(requests, responses))
def test_reading_and_writing_again_gives_the_same_bytes(message):
    data = serialise(message)
    assert serialise(parse(data)) == data


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message_or_a_message_error(data):
    try:
        parse(data)
    except MessageError as error:
        assert str(error)


def test_compact_names_and_any_case_are_written_out():
    request = parse(INVITE)
    assert [name for name, _ in request.headers] == ["Via", "Via", "From", "To", "Call-ID", "CSeq", "X-Strange"]
    assert canonical_name("x-STRANGE") == "x-STRANGE"
    assert canonical_name("GEOLOCATION") == "Geolocation"
    assert canonical_name("K") == "Supported"


def test_comma_joined_headers_are_split_on_reading():
    request = parse(INVITE)
    assert request.listed("Via") == (
        "SIP/2.0/TCP a.example;branch=z9hG4bK1",
        "SIP/2.0/UDP b.example;branch=z9hG4bK2",
        "SIP/2.0/UDP c.example;branch=z9hG4bK3",
    )
    assert len(request.all("Via")) == 2
    assert request.first("X-Strange") == "kept as it is"
    assert request.all("x-strange") == ("kept as it is",)
    assert request.first("Subject") is None


def test_folded_lines_are_joined():
    data = INVITE.replace(b"X-Strange:  kept as it is ", b"X-Strange: kept\r\n as\r\n\tit is")
    assert parse(data).first("X-Strange") == "kept as it is"


def test_bare_line_feeds_are_tolerated():
    request = parse(INVITE.replace(b"\r\n", b"\n"))
    assert request == parse(INVITE)
    assert request.body == b"body"


def test_empty_lines_before_a_message_are_skipped():
    assert parse(b"\r\n\r\n" + INVITE) == parse(INVITE)


def test_body_ends_where_content_length_says():
    assert parse(INVITE + b"more").body == b"body"


def test_without_content_length_the_body_goes_to_the_end():
    assert parse(INVITE.replace(b"l: 4\r\n", b"")).body == b"body"


@pytest.mark.parametrize("length", [b"l: 400", b"l: -4", b"l: four", b"l: 4\r\nContent-Length: 5"])
def test_wrong_content_length_is_named_and_the_body_kept(length):
    request = parse(INVITE.replace(b"l: 4", length))
    assert request.body == b"body"
    assert len(request.problems) == 1
    assert "Content-Length" in request.problems[0]


def test_bytes_that_are_no_utf8_are_still_read():
    request = parse(INVITE.replace(b"kept as it is", b"caf\xe9"))
    assert request.first("X-Strange") == "café"


def test_line_without_colon_is_named():
    request = parse(INVITE.replace(b"X-Strange:", b"X-Strange"))
    assert "no header" in request.problems[0]
    assert request.first("CSeq") == "1 INVITE"


@pytest.mark.parametrize(
    ("start", "status"),
    [(b"INVITE sip:a HTTP/1.1", 400), (b"INVITE sip:a", 400), (b"INVITE", 400), (b"SIP/2.0 99 Low", 400),
     (b"SIP/2.0 4294967301 Big", 400), (b"SIP/3.0 200 OK", 505), (b"", 400)],
)  # fmt: skip
def test_start_lines_that_are_none(start, status):
    with pytest.raises(MessageError) as caught:
        parse(start + b"\r\nVia: x\r\n\r\n")
    assert caught.value.status == status


def test_request_uri_with_spaces_or_brackets_is_taken_and_named():
    request = parse(INVITE.replace(b"urn:service:sos", b"<sip:911@a .b>"))
    assert request.uri == "sip:911@a.b"
    assert "not well formed" in request.problems[0]


def test_another_version_is_read_and_named():
    request = parse(INVITE.replace(b"SIP/2.0\r\nv:", b"SIP/7.0\r\nv:"))
    assert request.version == "SIP/7.0"
    assert "SIP/7.0" in request.problems[0]


def test_status_line_without_reason():
    response = parse(b"SIP/2.0 100 \r\nCSeq: 1 INVITE\r\n\r\n")
    assert (response.status, response.reason) == (100, "")


def test_response_copies_what_it_must_and_adds_our_tag_once():
    request = parse(INVITE)
    response = response_to(request, 180, to_tag="ours", more=(("Server", "Tenfour"),))
    assert response.reason == "Ringing"
    assert [name for name, _ in response.headers] == ["Via", "Via", "From", "To", "Call-ID", "CSeq", "Server"]
    assert response.first("To") == "<sip:911@b.example>;tag=ours"
    tagged = parse(INVITE.replace(b"<sip:911@b.example>", b"sip:911@b.example ; TAG = old"))
    assert response_to(tagged, 200, to_tag="new").first("To") == "sip:911@b.example ; TAG = old"


def test_thousands_of_headers_are_refused():
    with pytest.raises(MessageError) as caught:
        parse(b"INVITE sip:a SIP/2.0\r\n" + b"X: y\r\n" * 2000 + b"\r\n")
    assert caught.value.status == 513


def test_time_to_read_grows_no_faster_than_the_message():
    def seconds(count):
        data = b"INVITE sip:a SIP/2.0\r\n" + b"X: y\r\n z\r\n" * count + b"\r\n"
        return min(timeit.repeat(lambda: parse(data), number=20, repeat=5))

    assert seconds(400) < 40 * seconds(40)
