"""MSRP on the wire (RFC 4975): requests, chunks and answers, as they are cut out of a stream and written."""

import re
from collections.abc import Iterable
from enum import Enum

import msgspec

from tenfour.telephony.errors import MsrpError

LARGEST_HEAD = 8_192
LARGEST_CHUNK = 65_536
"""Bytes of one chunk's content; what is larger breaks the stream."""

LONGEST_FIRST = 256
"""Bytes of a first line."""

_BEGINS = b"MSRP "
_DASHES = b"-------"
_FIRST = re.compile(rb"MSRP ([A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}) ([A-Z]{1,16}|[0-9]{3})(?: ([^\r\n]{0,128}))?\r\n")


class Flag(Enum):
    """How a chunk ends (RFC 4975 section 7.1)."""

    WHOLE = "$"
    MORE = "+"
    ABORTED = "#"


class MsrpMessage(msgspec.Struct, frozen=True):
    """A request or an answer. `what`: method (`SEND`, `REPORT`), or the status of an answer (`200`).

    `headers` in their order; `content` None where there is none (an empty one is b"").
    """

    transaction: str
    what: str
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    flag: Flag = Flag.WHOLE
    comment: str = ""

    @property
    def is_answer(self) -> bool:
        """Is this the answer to a request?"""
        return self.what.isdigit()

    def first(self, name: str) -> str | None:
        """The value of the first such header."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class ByteRange(msgspec.Struct, frozen=True):
    """Which bytes of a message a chunk holds, counted from 1; None: not known (yet)."""

    first: int
    last: int | None = None
    total: int | None = None


def parse_byte_range(text: str | None) -> ByteRange:
    """`1-25/25`, `1-*/*`; without one, a chunk is from the beginning (RFC 4975 section 7.1.1)."""
    found = re.fullmatch(r"\s*([0-9]{1,10})-([0-9]{1,10}|\*)/([0-9]{1,10}|\*)\s*", text or "1-*/*")
    if found is None or int(found[1]) < 1:
        raise MsrpError(f"A Byte-Range {text!r} is none.")
    last, total = (None if each == "*" else int(each) for each in found.groups()[1:])
    return ByteRange(int(found[1]), last, total)


def serialise_msrp(message: MsrpMessage) -> bytes:
    """The bytes of a message. Its content must not hold its own end line; see `ends_in`."""
    words = f"MSRP {message.transaction} {message.what}{f' {message.comment}' if message.comment else ''}\r\n"
    head = words + "".join(f"{name}: {value}\r\n" for name, value in message.headers)
    body = b"" if message.content is None else b"\r\n" + message.content + b"\r\n"
    return head.encode() + body + _DASHES + message.transaction.encode() + message.flag.value.encode() + b"\r\n"


def ends_in(content: bytes, transaction: str) -> bool:
    """Does the content hold what would be the end line of this transaction?"""
    return _DASHES + transaction.encode() in content


class MsrpStream:
    """Bytes of a connection in, whole messages out."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def receive(self, data: bytes) -> list[MsrpMessage]:
        """The messages that are whole now. Raises `MsrpError` for what is no MSRP, or too large: then it is over."""
        self._bytes += data
        messages = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def _next(self) -> MsrpMessage | None:
        held = bytes(self._bytes)
        first = _FIRST.match(held)
        if first is None:
            if b"\n" in held or len(held) > LONGEST_FIRST or not held.startswith(_BEGINS[: len(held)]):
                raise MsrpError("A connection brings something that is no MSRP.")
            return None
        transaction = first[1]
        end = re.compile(rb"\r\n" + _DASHES + re.escape(transaction) + rb"([$+#])\r\n").search(held, first.end() - 2)
        if end is None:
            if len(held) > LARGEST_HEAD + LARGEST_CHUNK:
                raise MsrpError(f"A chunk has more than {LARGEST_CHUNK} bytes.")
            return None
        del self._bytes[: end.end()]
        return _message(first, held[first.end() : end.start() + 2], Flag(end[1].decode()))


def _message(first: re.Match[bytes], inside: bytes, flag: Flag) -> MsrpMessage:
    """`inside` is what stands between the first line and the last, with the line end before that one."""
    head, empty, content = (b"\r\n" + inside).partition(b"\r\n\r\n")
    text = head.decode("utf-8", "replace")
    if len(text.encode()) > LARGEST_HEAD or len(content) > LARGEST_CHUNK:
        raise MsrpError("A message is larger than it may be.")
    headers = []
    for line in text.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name.strip(" \t"), value.strip(" \t")))
    transaction, what, comment = (b"" if each is None else each for each in first.groups())
    return MsrpMessage(
        transaction.decode(),
        what.decode(),
        tuple(headers),
        (content[:-2] if content.endswith(b"\r\n") else content) if empty else None,
        flag,
        comment.decode("utf-8", "ignore"),  # a mark for each byte that is no UTF-8 would make it too long to be written
    )


def path_of(*uris: str) -> str:
    """A To-Path or From-Path."""
    return " ".join(uris)


def session_of(path: str | None) -> str:
    """The session that a path leads to in the end: of `msrp://host:port/SESSION;tcp`; "" where it names none."""
    last = (path or "").split()[:1]
    found = re.fullmatch(r"msrps?://[^/\s]+/([^;\s]+);.*", last[0]) if last else None
    return found[1] if found is not None else ""


def answer_to(request: MsrpMessage, status: int, comment: str = "") -> MsrpMessage:
    """The answer to a request: to where it came from last, the rest of the way being its (RFC 4975 section 7.2)."""
    to, own = (request.first("From-Path") or "").split()[:1], (request.first("To-Path") or "").split()[:1]
    headers = (("To-Path", path_of(*to)), ("From-Path", path_of(*own)))
    return MsrpMessage(request.transaction, str(status), headers, None, Flag.WHOLE, comment)


def chunks(content: bytes, size: int) -> Iterable[tuple[ByteRange, bytes, Flag]]:
    """A message in pieces of `size` bytes at most."""
    total = len(content)
    for start in range(0, max(total, 1), size):
        part = content[start : start + size]
        flag = Flag.WHOLE if start + size >= total else Flag.MORE
        yield ByteRange(start + 1, start + len(part), total), part, flag
