"""SIP messages in a byte stream (RFC 3261 section 18.3): cut by Content-Length, within bounds; pings (RFC 5626).

Where a message cannot be cut the stream goes on at the next line that looks like a start line. An INVITE is never
thrown away for it: what came of it is given, with what is wrong left to `parse` to name.
"""

import re
from enum import Enum

import msgspec

from tenfour.telephony.errors import MessageError
from tenfour.telephony.message import content_length

MAX_HEAD = 64 * 1024
MAX_MESSAGE = 1024 * 1024
LONGEST_START_LINE = 8 * 1024
UNREAD_LIMIT = 64 * 1024

_START_LINE = re.compile(
    rb"^(?:[A-Za-z0-9.!%*_+`'~-]{1,32}[ \t][^\r\n]*[ \t]SIP/\d+\.\d+[ \t]*|SIP/\d+\.\d+[ \t]+\d{3}[^\r\n]*)\r?\n", re.M
)


class Unfinished(Enum):
    """What has begun to come and is not whole."""

    NOTHING = "nothing"
    INVITE = "an INVITE"
    """Its head is whole; of its body something may be missing."""
    INVITE_HEAD = "the head of an INVITE"
    OTHER = "a message"


class StreamRead(msgspec.Struct, frozen=True):
    """What a piece of stream brought: whole messages in order, and how many keep-alive pings want a CRLF back.

    `broken`: something came that is no message, or has no end; the stream looks for the next start line. `unread` is
    then what was passed over, its first 65,536 bytes.
    """

    messages: tuple[bytes, ...] = ()
    pings: int = 0
    broken: MessageError | None = None
    unread: bytes = b""


class _Reading(Enum):
    HEAD = "the head of a message"
    BODY = "a body whose end is known"
    OPEN_BODY = "the body of an INVITE that ends where another message begins, or nothing more comes"
    ENDLESS_HEAD = "an INVITE whose head is longer than a head may be"
    SKIPPING = "what is no message"


class MessageStream:
    """One TCP connection's incoming bytes. `max_head` and `max_message` bound what one peer may keep in memory."""

    def __init__(self, *, max_head: int = MAX_HEAD, max_message: int = MAX_MESSAGE) -> None:
        self._buffer = bytearray()
        self._max_head, self._max_message = max_head, max_message
        self._reading = _Reading.HEAD
        self._searched = self._wanted = 0
        self._unread = bytearray()
        self.skipped = 0
        """Bytes that belonged to no message since the last one."""

    @property
    def unfinished(self) -> Unfinished:
        """What would be given up by `give_up`."""
        if self._reading is _Reading.SKIPPING or not self._buffer.strip(b"\r\n"):
            return Unfinished.NOTHING
        if not self._is_invite():
            return Unfinished.OTHER
        return Unfinished.INVITE_HEAD if self._reading is _Reading.HEAD else Unfinished.INVITE

    def receive(self, data: bytes) -> StreamRead:
        """Take bytes as they come. What came whole beside something broken is given, too."""
        self._buffer += data
        self._unread.clear()
        messages: list[bytes] = []
        pings, broken = 0, None
        while True:
            pings += self._drop_empty_lines()
            try:
                message = self._cut()
            except MessageError as error:
                broken = broken or error
                continue
            if message is None:
                return StreamRead(tuple(messages), pings, broken, bytes(self._unread) if broken else b"")
            messages.append(message)

    def give_up(self) -> StreamRead:
        """The rest of what has begun does not come: an INVITE is given as far as it came, anything else is dropped."""
        unfinished, came = self.unfinished, bytes(self._buffer)
        if unfinished is Unfinished.NOTHING:
            return StreamRead()
        self._drop(len(came))
        problem = MessageError(f"The rest of {unfinished.value} did not come; {len(came)} bytes of it did.")
        if unfinished is Unfinished.OTHER:
            return StreamRead((), 0, problem, came[:UNREAD_LIMIT])
        return StreamRead((came,), 0, problem)

    def _drop_empty_lines(self) -> int:
        """Take CRLFs before a message away; two in a row are a ping (RFC 5626 section 4.4.1)."""
        if self._reading is not _Reading.HEAD or not self._buffer.startswith((b"\r", b"\n")):
            return 0
        kept = self._buffer.lstrip(b"\r\n")
        pings = bytes(self._buffer[: len(self._buffer) - len(kept)]).count(b"\n") // 2
        half_a_ping = not kept and len(self._buffer) in (1, 2, 3)
        if half_a_ping:
            return 0
        self._buffer = kept
        self._searched = 0
        return pings

    # ---- one message ----

    def _cut(self) -> bytes | None:
        """The next message, None until more comes. Raises `MessageError`; then the stream stands behind the error."""
        if self._reading is _Reading.SKIPPING and not self._found_start():
            return None
        if self._reading is _Reading.HEAD and not self._read_head():
            return None
        if self._reading is _Reading.ENDLESS_HEAD:
            return self._give(self._max_head, then=_Reading.SKIPPING)
        if self._reading is _Reading.OPEN_BODY:
            return self._cut_open()
        return self._give(self._wanted) if len(self._buffer) >= self._wanted else None

    def _read_head(self) -> bool:
        """Is the head whole? Then what follows it is known."""
        if self._buffer.startswith((b"\r", b"\n")):
            return False  # half a ping, and no head without a line
        if self._searched == 0:
            self._check_first_line()
        start = max(0, self._searched - 3)
        ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := self._buffer.find(mark, start)) >= 0]
        if ends and min(ends)[0] <= self._max_head:
            at, width = min(ends)
            self._measure(bytes(self._buffer[:at]), at + width)
            return True
        if len(self._buffer) > self._max_head:
            self._give_up_head()
            return True
        self._searched = len(self._buffer) if b"\n" in self._buffer[:LONGEST_START_LINE] else 0
        return False

    def _check_first_line(self) -> None:
        """Raises `MessageError` where the first line is whole and begins no message."""
        end = self._buffer.find(b"\n", 0, self._max_head)
        if end < 0 or b"SIP/" in self._buffer[:end].upper():
            return
        line = bytes(self._buffer[: min(end, 60)]).decode("latin-1").strip()
        self._drop(end + 1)
        raise MessageError(f"{line!r} begins no message.")

    def _give_up_head(self) -> None:
        """A head without an end: an INVITE is given as far as it may be long. Raises `MessageError` for others."""
        if not self._is_invite():
            self._drop(self._max_head)
            raise MessageError(f"A message's head is longer than {self._max_head} bytes.", 513)
        self._reading = _Reading.ENDLESS_HEAD

    def _measure(self, head: bytes, body_at: int) -> None:
        """Where does this message end? Raises `MessageError` where nobody knows, unless it is an INVITE."""
        self._searched = body_at
        length = _declared_length(head)
        if length is None and not (self._is_invite() and _has_body(head)):
            length = 0
        if isinstance(length, int) and body_at + length <= self._max_message:
            self._wanted, self._reading = body_at + length, _Reading.BODY
        elif self._is_invite():
            self._reading = _Reading.OPEN_BODY
        else:
            self._drop(body_at)
            if isinstance(length, int):
                size = body_at + length
                raise MessageError(f"A message of {size} bytes is longer than {self._max_message}.", 513)
            raise MessageError(f"Content-Length is {length!r}; the message has no end.")

    def _cut_open(self) -> bytes | None:
        """The body goes to the next line that begins a message, and no further than a message may be long."""
        end = min(self._buffer.rfind(b"\n", self._searched) + 1, self._max_message)
        found = self._next_start(self._searched, end)
        if found is not None:
            return self._give(found)
        self._searched = max(self._searched, end)
        if len(self._buffer) < self._max_message:
            return None
        return self._give(self._max_message, then=_Reading.SKIPPING)

    # ---- between messages ----

    def _found_start(self) -> bool:
        """Drop what is no message; True at a line that begins one."""
        end = self._buffer.rfind(b"\n") + 1
        found = self._next_start(0, end)
        if found is not None:
            self._drop(found)
            self._begin(_Reading.HEAD)
            return True
        self._drop(end)
        if len(self._buffer) > LONGEST_START_LINE:
            self._drop(len(self._buffer))
            self._buffer += b":"  # whatever ends this line, it begins no message
        return False

    def _next_start(self, at: int, end: int) -> int | None:
        """Where the next start line begins, among the whole lines from `at` to `end`."""
        for found in _START_LINE.finditer(self._buffer, at, end) if end > at else ():
            if found.end() - found.start() <= LONGEST_START_LINE:
                return found.start()
        return None

    def _give(self, length: int, then: _Reading = _Reading.HEAD) -> bytes:
        message = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._begin(then)
        self.skipped = 0
        return message

    def _drop(self, count: int) -> None:
        self._unread += self._buffer[: min(count, UNREAD_LIMIT - len(self._unread))]
        del self._buffer[:count]
        self.skipped += count
        self._begin(_Reading.SKIPPING)

    def _begin(self, reading: _Reading) -> None:
        self._reading, self._searched, self._wanted = reading, 0, 0

    def _is_invite(self) -> bool:
        return self._buffer.startswith((b"INVITE ", b"INVITE\t"))


def _declared_length(head: bytes) -> int | str | None:
    """Content-Length out of a head: None without one, the text where it is no number."""
    for line in head.split(b"\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon and name.strip().lower() in (b"content-length", b"l"):
            text = value.decode("latin-1").strip()
            length = content_length(text)
            return text if length is None else length
    return None


def _has_body(head: bytes) -> bool:
    """Does a head say of what type its body is?"""
    names = {line.partition(b":")[0].strip().lower() for line in head.split(b"\n")[1:]}
    return bool(names & {b"content-type", b"c"})
