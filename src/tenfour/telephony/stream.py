"""SIP messages in a byte stream (RFC 3261 section 18.3): cut by Content-Length, within bounds; pings (RFC 5626)."""

import msgspec

from tenfour.telephony.errors import MessageError
from tenfour.telephony.message import content_length

MAX_HEAD = 64 * 1024
MAX_MESSAGE = 1024 * 1024
UNREAD_LIMIT = 64 * 1024


class StreamRead(msgspec.Struct, frozen=True):
    """What a piece of stream brought: whole messages in order, and how many keep-alive pings want a CRLF back.

    `broken`: behind these messages no end of message can be known any more. The connection is to be closed. `unread`
    is then what could not be cut, its first 65,536 bytes.
    """

    messages: tuple[bytes, ...] = ()
    pings: int = 0
    broken: MessageError | None = None
    unread: bytes = b""


class MessageStream:
    """One TCP connection's incoming bytes. Once it is broken it stays so: close the connection.

    `max_head` and `max_message` bound what one peer may keep in memory, in bytes.
    """

    def __init__(self, *, max_head: int = MAX_HEAD, max_message: int = MAX_MESSAGE) -> None:
        self._buffer = bytearray()
        self._max_head, self._max_message = max_head, max_message
        self._searched = 0
        self._wanted: int | None = None
        self._broken: MessageError | None = None

    def receive(self, data: bytes) -> StreamRead:
        """Take bytes as they come. What came whole before the stream broke is given, too."""
        if self._broken is not None:
            return StreamRead(broken=self._broken)
        self._buffer += data
        messages: list[bytes] = []
        unread = b""
        pings = 0
        while True:
            pings += self._drop_empty_lines()
            try:
                message = self._cut()
            except MessageError as error:
                self._broken = error
                unread = bytes(self._buffer[:UNREAD_LIMIT])
                self._buffer.clear()
                message = None
            if message is None:
                return StreamRead(tuple(messages), pings, self._broken, unread)
            messages.append(message)

    def _drop_empty_lines(self) -> int:
        """Take CRLFs before a message away; two in a row are a ping (RFC 5626 section 4.4.1)."""
        if self._wanted is not None or not self._buffer.startswith((b"\r", b"\n")):
            return 0
        kept = self._buffer.lstrip(b"\r\n")
        pings = bytes(self._buffer[: len(self._buffer) - len(kept)]).count(b"\n") // 2
        half_a_ping = not kept and len(self._buffer) in (1, 2, 3)
        if half_a_ping:
            return 0
        self._buffer = kept
        self._searched = 0
        return pings

    def _cut(self) -> bytes | None:
        if self._wanted is None and self._buffer.startswith((b"\r", b"\n")):
            return None  # half a ping, and no head without a line
        if self._wanted is None:
            self._wanted = self._length_of_message()
        if self._wanted is None or len(self._buffer) < self._wanted:
            return None
        message = bytes(self._buffer[: self._wanted])
        del self._buffer[: self._wanted]
        self._wanted, self._searched = None, 0
        return message

    def _length_of_message(self) -> int | None:
        """Head and body together, None while the head is not complete."""
        start = max(0, self._searched - 3)
        ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := self._buffer.find(mark, start)) >= 0]
        self._searched = len(self._buffer)
        if not ends or min(ends)[0] > self._max_head:
            if len(self._buffer) > self._max_head:
                raise MessageError(f"A message's head is longer than {self._max_head} bytes.", 513)
            return None
        at, width = min(ends)
        whole = at + width + _declared_length(bytes(self._buffer[:at]))
        if whole > self._max_message:
            raise MessageError(f"A message of {whole} bytes is longer than {self._max_message}.", 513)
        return whole


def _declared_length(head: bytes) -> int:
    """Content-Length out of a head; 0 without one. Raises `MessageError` where it is no number."""
    for line in head.split(b"\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon and name.strip().lower() in (b"content-length", b"l"):
            length = content_length(value.decode("latin-1"))
            if length is None:
                raise MessageError(f"Content-Length is {value.decode('latin-1').strip()!r}; the stream has no end.")
            return length
    return 0
