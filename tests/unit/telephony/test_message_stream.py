"""SIP over TCP: messages are cut out of a stream by Content-Length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.errors import MessageError
from tenfour.telephony.stream import MessageStream, StreamRead


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
    assert read.messages == (whole,)
    assert read.broken is not None
    again = stream.receive(whole)
    assert (again.messages, again.broken) == ((), read.broken)


def test_head_and_message_are_bounded():
    long_head = MessageStream(max_head=1000).receive(b"INFO sip:a SIP/2.0\r\nX: " + b"x" * 2000)
    assert long_head.broken is not None
    assert long_head.broken.status == 513
    long_body = MessageStream(max_message=100).receive(b"INFO sip:a SIP/2.0\r\nContent-Length: 99\r\n\r\n")
    assert "longer than 100" in str(long_body.broken)
