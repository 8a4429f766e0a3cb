"""MSRP: messages in chunks over a stream, answered, reported on, and put together (RFC 4975)."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.errors import MsrpError
from tenfour.telephony.msrp import (
    LARGEST_CHUNK,
    LARGEST_HEAD,
    Flag,
    MsrpMessage,
    MsrpStream,
    answer_to,
    parse_byte_range,
    serialise_msrp,
    session_of,
)
from tenfour.telephony.msrp_sdp import MsrpOffer, msrp_of, taken_msrp
from tenfour.telephony.msrp_session import ANSWER_S, AT_ONCE, CHUNK, LARGEST_MESSAGE, MsrpSession
from tenfour.telephony.sdp import parse_sdp, serialise_sdp

US, THEM = "msrp://192.0.2.1:2855/us;tcp", "msrp://192.0.2.9:7394/them;tcp"
TOKENS = st.text(alphabet="abcXYZ019", min_size=4, max_size=20)
VALUES = st.text(
    alphabet=st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters=":\x7f\x85"), max_size=12
)
HEADERS = st.lists(st.tuples(st.sampled_from(["To-Path", "From-Path", "Message-ID", "X-Any"]), VALUES), max_size=4)
MESSAGES = st.builds(
    MsrpMessage,
    TOKENS,
    st.sampled_from(["SEND", "REPORT", "200", "481"]),
    HEADERS.map(tuple),
    st.none() | st.binary(max_size=80).filter(lambda content: b"-------" not in content),
    st.sampled_from(Flag),
)


@given(st.lists(MESSAGES, max_size=5), st.integers(1, 50))
def test_messages_read_as_they_were_written_wherever_the_stream_is_cut(messages, width):
    data = b"".join(map(serialise_msrp, messages))
    stream = MsrpStream()
    read = [each for at in range(0, len(data), width) for each in stream.receive(data[at : at + width])]
    assert read == messages


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_an_error(data):
    try:
        MsrpStream().receive(data)
    except MsrpError as error:
        assert str(error)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"MSRP a SEND\r\n",
        b"MSRP " + b"a" * 300,
        b"MSRP abcd SEND\r\nTo-Path: x\r\n\r\n" + b"x" * (LARGEST_CHUNK + 20_000),
    ],
)
def test_what_is_no_msrp_or_too_large_is_an_error(data):
    with pytest.raises(MsrpError):
        MsrpStream().receive(data)


def test_byte_ranges_and_sessions_are_read():
    assert parse_byte_range("1-25/25").total == 25
    assert parse_byte_range("26-*/*").last is None
    assert parse_byte_range(None).first == 1
    for broken in ("0-1/2", "x", "1-2", "-1/1"):
        with pytest.raises(MsrpError):
            parse_byte_range(broken)
    assert session_of(f"{US} {THEM}") == "us"
    assert session_of("msrps://[2001:db8::1]:1/a.b;tcp") == "a.b"
    assert session_of("sip:a@b") == session_of(None) == ""


class Wire:
    """A session, what it wrote, and the messages that a peer makes."""

    def __init__(self, **changes):
        tokens = itertools.count()
        self.session = MsrpSession(US, THEM, lambda: f"t{next(tokens):08d}", **changes)
        self.session.connect(0.0)
        self.said: list[str] = []

    def send(self, content, *, part="1-*/*", flag=Flag.WHOLE, name="m1", kind="text/plain", more=()):
        headers = (("To-Path", US), ("From-Path", THEM), ("Message-ID", name), ("Byte-Range", part), *more)
        typed = (*headers, ("Content-Type", kind)) if content is not None else headers
        self.session.take(MsrpMessage("peer1", "SEND", typed, content, flag), 0.0)
        self.said += self.session.take_words()
        return self.written()

    def written(self):
        return MsrpStream().receive(self.session.take_outgoing())

    def answer(self, request, status="200", now=0.0):
        self.session.take(answer_to(request, int(status)), now)


def test_whole_message_is_words_and_is_answered():
    wire = Wire()
    (answer,) = wire.send("Está aquí".encode())
    assert wire.said == ["Está aquí"]
    assert (answer.what, answer.transaction) == ("200", "peer1")
    assert (answer.first("To-Path"), answer.first("From-Path")) == (THEM, US)


def test_chunks_are_put_together_in_any_order_of_messages():
    wire = Wire()
    wire.send(b"he ", part="1-3/7", flag=Flag.MORE)
    wire.send(b"other", name="m2")
    wire.send(b"hides", part="4-8/8", flag=Flag.WHOLE)
    assert wire.said == ["other", "he hides"]


def test_aborted_message_says_nothing():
    wire = Wire()
    wire.send(b"he ", part="1-3/7", flag=Flag.MORE)
    wire.send(b"x", part="4-5/7", flag=Flag.ABORTED)
    assert wire.said == []


def test_success_is_reported_where_it_is_asked_for_and_failure_silenced_where_nobody_wants_it():
    answer, report = sorted(Wire().send(b"hi", more=(("Success-Report", "yes"),)), key=lambda each: each.what)
    assert (answer.what, report.what, report.first("Status")) == ("200", "REPORT", "000 200 OK")
    assert Wire().send(b"hi", more=(("Failure-Report", "no"),)) == []
    assert Wire().send(b"hi", more=(("Failure-Report", "partial"),)) == []


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"content": None}, "200"),
        ({"content": b""}, "200"),
        ({"content": b"\xff\xd8", "kind": "image/jpeg"}, "415"),
        ({"content": b"x", "part": "nonsense"}, "400"),
        ({"content": b"x", "part": f"{LARGEST_MESSAGE + 1}-*/*"}, "413"),
    ],
)
def test_what_says_nothing_is_answered(given, status):
    wire = Wire()
    (answer,) = wire.send(**given)
    assert (answer.what, wire.said) == (status, [])


def test_messages_in_pieces_are_bounded():
    wire = Wire()
    for number in range(AT_ONCE):
        wire.send(b"x", flag=Flag.MORE, name=f"m{number}")
    (answer,) = wire.send(b"x", flag=Flag.MORE, name="one more")
    assert answer.what == "413"


def test_our_words_go_in_chunks_one_after_the_other():
    wire = Wire()
    text = "é" * CHUNK
    wire.session.say(text, 1, 0.0)
    wire.session.say("second", 2, 0.0)
    content = b""
    for flag in (Flag.MORE, Flag.WHOLE):
        (chunk,) = wire.written()
        content += chunk.content
        assert chunk.flag is flag
        wire.answer(chunk)
    assert content.decode() == text
    assert wire.session.take_sent() == [1]
    (second,) = wire.written()
    wire.answer(second)
    assert (second.content, wire.session.take_sent()) == (b"second", [2])


def test_who_takes_text_only_in_cpim_gets_it_so():
    wire = Wire(wrapped=True)
    wire.session.say("hello", 1, 0.0)
    (chunk,) = wire.written()
    assert chunk.first("Content-Type") == "message/cpim"
    assert chunk.content.endswith(b"\r\n\r\nhello")


def test_refused_unanswered_and_lost_messages_fail_and_the_next_goes():
    wire = Wire()
    for number in (1, 2, 3):
        wire.session.say(f"word {number}", number, 0.0)
    (first,) = wire.written()
    wire.answer(first, "415")
    assert wire.session.next_timer() == ANSWER_S
    wire.session.handle_timer(ANSWER_S)
    wire.session.disconnect(ANSWER_S)
    assert [number for number, _ in wire.session.take_failed()] == [1, 2, 3]
    wire.session.say("after", 4, ANSWER_S)
    wire.written()
    assert wire.session.next_timer() is None
    wire.session.connect(ANSWER_S)
    assert [chunk.content for chunk in wire.written()] == [b"after"]


HEAD = "v=0\r\no=- 7 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"


def offered(lines: str, medium: str = "m=message 7394 TCP/MSRP *\r\n"):
    return parse_sdp((HEAD + "m=audio 6000 RTP/AVP 0\r\n" + medium + lines).encode())


def test_session_is_offered_and_taken_in_its_place():
    sdp = offered(f"a=accept-types:text/plain\r\na=path:{THEM}\r\na=setup:active\r\n")
    assert msrp_of(sdp) == MsrpOffer(THEM)
    ours = taken_msrp(sdp, US, 2855)[1]
    assert (ours.port, ours.protocol, ours.attribute("path"), ours.attribute("setup")) == (
        2855,
        "TCP/MSRP",
        US,
        "passive",
    )
    assert serialise_sdp(parse_sdp(serialise_sdp(sdp))) == serialise_sdp(sdp)


def test_types_say_whether_text_goes_wrapped():
    assert msrp_of(offered(f"a=accept-types:message/cpim\r\na=path:{THEM}\r\n")) == MsrpOffer(THEM, wrapped=True)
    assert msrp_of(offered(f"a=accept-types:message/cpim *\r\na=path:{THEM}\r\n")) == MsrpOffer(THEM)


@pytest.mark.parametrize(
    ("lines", "medium"),
    [
        (f"a=accept-types:text/plain\r\na=path:{THEM}\r\na=setup:passive\r\n", "m=message 7394 TCP/MSRP *\r\n"),
        (f"a=accept-types:image/jpeg\r\na=path:{THEM}\r\n", "m=message 7394 TCP/MSRP *\r\n"),
        ("a=accept-types:text/plain\r\n", "m=message 7394 TCP/MSRP *\r\n"),
        (f"a=accept-types:text/plain\r\na=path:{THEM}\r\n", "m=message 7394 TCP/TLS/MSRP *\r\n"),
        (f"a=accept-types:text/plain\r\na=path:{THEM}\r\n", "m=message 0 TCP/MSRP *\r\n"),
    ],
)
def test_what_cannot_be_waited_for_is_refused(lines, medium):
    assert msrp_of(offered(lines, medium)) is None
    assert taken_msrp(offered(lines, medium), US, 2855) == {}


def test_a_comment_that_is_no_text_is_never_longer_than_it_may_be_written():
    (message,) = MsrpStream().receive(b"MSRP abcd 200 so\xdc" + b"\xdc" * 120 + b"\r\n-------abcd$\r\n")
    assert message.comment == "so"
    assert MsrpStream().receive(serialise_msrp(message)) == [message]


def test_a_head_that_is_no_text_and_too_long_as_text_ends_the_connection():
    head = b"X: " + b"\xff" * (LARGEST_HEAD // 2)
    with pytest.raises(MsrpError, match="larger than it may be"):
        MsrpStream().receive(b"MSRP abcd SEND\r\n" + head + b"\r\n-------abcd$\r\n")
