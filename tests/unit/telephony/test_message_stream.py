"""SIP over TCP: messages are cut out of a stream by Content-Length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.errors import MessageError
from tenfour.telephony.stream import MessageStream, StreamRead, Unfinished


def message(body: bytes, name: bytes = b"Content-Length") -> bytes:
    return b"INFO sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n" + name + b": %d\r\n\r\n" % len(body) + body


@given(st.lists(st.binary(max_size=50), max_size=6), st.lists(st.integers(1, 40), min_size=1, max_size=50))
def test_messages_come_out_whole_however_the_stream_is_cut(bodies, cuts):
    wanted = [message(body) for body in bodies]
    data, stream, found = b"".join(wanted), MessageStream(), []
    for cut in cuts:
        found += stream.receive(data[:cut]).messages
        data = data[cut:]
    found += stream.receive(data).messages
    assert found == wanted


def test_compact_length_and_bare_line_feeds():
    stream = MessageStream()
    assert stream.receive(message(b"abc", b"l").replace(b"\r\n", b"\n")).messages[0].endswith(b"abc")


def test_message_without_length_has_no_body():
    data = b"INFO sip:a SIP/2.0\r\nVia: x\r\n\r\n"
    assert MessageStream().receive(data + message(b"")).messages == (data, message(b""))


def test_pings_are_counted_and_a_lone_line_end_is_skipped():
    stream = MessageStream()
    assert stream.receive(b"\r\n\r\n") == StreamRead((), 1)
    assert stream.receive(b"\r\n") == StreamRead()
    assert stream.receive(message(b"x")) == StreamRead((message(b"x"),), 0)
    assert stream.receive(b"\r\n\r\n" + message(b"y")) == StreamRead((message(b"y"),), 1)
    assert stream.receive(b"\r\n") == StreamRead()
    assert stream.receive(b"\r\n") == StreamRead((), 1)


def test_line_feeds_one_by_one_are_no_message():
    stream = MessageStream()
    reads = [stream.receive(bytes([letter])) for letter in b"\n\n\n\n" + message(b"")]
    assert [found for read in reads for found in read.messages] == [message(b"")]


@pytest.mark.parametrize("length", [b"-1", b"x", b"", b"99999999999999999999"])
def test_length_that_is_none_ends_the_stream(length):
    read = MessageStream().receive(b"INFO sip:a SIP/2.0\r\nContent-Length: " + length + b"\r\n\r\n")
    assert (read.messages, type(read.broken)) == ((), MessageError)


def test_message_that_came_whole_before_the_stream_broke_is_not_lost():
    whole = message(b"here")
    stream = MessageStream()
    read = stream.receive(whole + b"INFO sip:a SIP/2.0\r\nContent-Length: x\r\n\r\n" + whole)
    assert read.messages == (whole, whole)
    assert read.broken is not None
    assert stream.receive(whole) == StreamRead((whole,))


def test_head_and_message_are_bounded():
    long_head = MessageStream(max_head=1000).receive(b"INFO sip:a SIP/2.0\r\nX: " + b"x" * 2000)
    assert long_head.broken is not None
    assert long_head.broken.status == 513
    long_body = MessageStream(max_message=100).receive(b"INFO sip:a SIP/2.0\r\nContent-Length: 99\r\n\r\n")
    assert "longer than 100" in str(long_body.broken)


# ---- what is broken ----

INVITE = b"INVITE urn:service:sos SIP/2.0\r\nVia: SIP/2.0/TCP a\r\nContent-Type: application/sdp\r\n"
SDP = b"v=0\r\ns=-\r\nm=audio 4000 RTP/AVP 0\r\n"


@pytest.mark.parametrize("length", [b"", b"Content-Length: x\r\n", b"Content-Length: -3\r\n", b"l: 99999999\r\n"])
def test_invite_whose_end_nobody_knows_ends_where_the_next_message_begins(length):
    stream = MessageStream()
    read = stream.receive(INVITE + length + b"\r\n" + SDP + message(b"next"))
    assert read.messages == (INVITE + length + b"\r\n" + SDP, message(b"next"))


def test_invite_whose_end_nobody_knows_is_given_when_nothing_more_comes():
    stream = MessageStream()
    assert stream.receive(INVITE + b"\r\n" + SDP).messages == ()
    assert stream.unfinished is Unfinished.INVITE
    assert stream.give_up().messages == (INVITE + b"\r\n" + SDP,)
    assert stream.unfinished is Unfinished.NOTHING
    assert stream.receive(message(b"next")).messages == (message(b"next"),)


def test_rest_that_comes_after_it_was_given_up_is_no_message():
    stream = MessageStream()
    stream.receive(INVITE + b"Content-Length: 200\r\n\r\n" + SDP)
    assert len(stream.give_up().messages) == 1
    late = stream.receive(b"a=sendrecv\r\na=rtpmap:0 PCMU/8000\r\n" + message(b"next"))
    assert late == StreamRead((message(b"next"),))


def test_half_a_head_is_given_up_later_than_half_a_body():
    stream = MessageStream()
    stream.receive(INVITE[:40])
    assert stream.unfinished is Unfinished.INVITE_HEAD
    assert stream.give_up().messages == (INVITE[:40],)
    stream.receive(message(b"x" * 50)[:-9])
    assert stream.unfinished is Unfinished.OTHER
    given_up = stream.give_up()
    assert given_up.messages == ()
    assert "did not come" in str(given_up.broken)


def test_stream_goes_on_behind_what_is_no_message():
    read = MessageStream().receive(b"v=0\r\nVia: SIP/2.0/TCP a\r\n" + b"\xff" * 9000 + b"\r\n" + message(b"next"))
    assert read.messages == (message(b"next"),)
    assert "begins no message" in str(read.broken)


def test_endless_head_of_an_invite_is_given_as_far_as_it_may_be_long():
    stream = MessageStream(max_head=1000)
    read = stream.receive(INVITE + b"X: " + b"x" * 2000 + b"\r\n\r\n" + message(b"next"))
    assert [len(found) for found in read.messages] == [1000, len(message(b"next"))]


@given(
    st.lists(
        st.sampled_from([message(b"abc"), INVITE + b"\r\n" + SDP, INVITE + b"Content-Length: 9\r\n\r\nabc", b"junk\r\n",
                         b"junk ", b"\r\n\r\n", b"INFO a SIP/2.0\r\nl: x\r\n\r\n", b"\n", INVITE, b"x" * 9000]),
        max_size=8,
    ),
    st.lists(st.integers(1, 60), min_size=1, max_size=40),
)  # fmt: skip
def test_where_a_broken_stream_is_cut_makes_no_difference(pieces, cuts):
    data = b"".join(pieces)
    whole, cut = MessageStream(max_head=2000, max_message=4000), MessageStream(max_head=2000, max_message=4000)
    wanted = [*whole.receive(data).messages, *whole.give_up().messages]
    found = []
    for width in cuts:
        found += cut.receive(data[:width]).messages
        data = data[width:]
    found += [*cut.receive(data).messages, *cut.give_up().messages]
    assert found == wanted
