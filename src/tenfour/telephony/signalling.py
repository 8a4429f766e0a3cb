"""The signalling of a call as it is kept: one JSON object a line for each message, decision and problem.

What would let somebody else log in or listen is masked before it is kept: the values of Authorization and
Proxy-Authorization, and the keys of SDP (`a=crypto`, `a=key-mgmt`, `k=`). Everything else is kept as it was sent.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

MASK = b"***"
START_LIMIT = 256
"""Characters of the first line that are kept apart from the text."""

_CALL_ID = re.compile(rb"\n(?:call-id|i)[ \t]*:[ \t]*(?:\r?\n[ \t]+)*([^\r\n]*)", re.IGNORECASE)
_CSEQ = re.compile(rb"\ncseq[ \t]*:[ \t]*(?:\r?\n[ \t]+)*([^\r\n]*)", re.IGNORECASE)
_CREDENTIALS = re.compile(
    rb"^([ \t]*(?:proxy-)?authorization)[ \t:][^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE
)
_QUOTED_CREDENTIALS = re.compile(r"""(['"](?:proxy-)?authorization)[\s:].*""", re.IGNORECASE)
_INLINE_KEY = re.compile(rb"(inline:)[^|;\s]+", re.IGNORECASE)
_KEY_LINE = re.compile(rb"^(k=|a=key-mgmt:)[^\r\n]*", re.IGNORECASE | re.MULTILINE)


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="is"):
    """One line. `at`: real time, UTC. `sip_call_id` stands in the first line, and in the files of other messages."""

    at: datetime
    sip_call_id: str = ""


class KeptCall(Kept, frozen=True, kw_only=True, omit_defaults=True, tag="call"):
    """The first line of a call's file: whose messages follow."""

    call_id: str


class KeptMessage(Kept, frozen=True, kw_only=True, omit_defaults=True, tag="message"):
    """A message. `local` and `peer` are HOST:PORT; `start` its first line; `base64` stands for `text` where the bytes
    are no UTF-8; `left_out` counts bytes behind what is kept.
    """

    way: Literal["in", "out"]
    transport: str
    local: str
    peer: str
    start: str = ""
    cseq: str = ""
    text: str = ""
    base64: str = ""
    left_out: int = 0


class KeptDecision(Kept, frozen=True, kw_only=True, omit_defaults=True, tag="decision"):
    """What was decided, in one sentence."""

    what: str


class KeptProblem(Kept, frozen=True, kw_only=True, omit_defaults=True, tag="problem"):
    """What was broken in a message that stands before it, in one sentence."""

    what: str


class KeptNote(Kept, frozen=True, kw_only=True, omit_defaults=True, tag="note"):
    """What is to be known of the file itself: something was left out, the line started again."""

    what: str


KeptLine = KeptCall | KeptMessage | KeptDecision | KeptProblem | KeptNote

_ENCODER = msgspec.json.Encoder()
_DECODER: msgspec.json.Decoder[KeptLine] = msgspec.json.Decoder(KeptLine)


def encode(line: KeptLine) -> bytes:
    """The line with its end."""
    return _ENCODER.encode(line) + b"\n"


def decode(lines: Iterable[bytes]) -> tuple[list[KeptLine], int]:
    """What can be read, and how many lines cannot: the last one of a file that is being written may be half there."""
    read: list[KeptLine] = []
    unreadable = 0
    for line in lines:
        if not line.strip():
            continue
        try:
            read.append(_DECODER.decode(line))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            unreadable += 1
    return read, unreadable


# ---- what a message says of itself, without reading it whole ----


def sip_call_id_of(data: bytes) -> str:
    """The first Call-ID (`i` in short) in the head of a message, empty where there is none."""
    return _header(_CALL_ID, data, _end_of_head(data))


def _header(pattern: re.Pattern[bytes], data: bytes, end: int) -> str:
    found = pattern.search(data, 0, end)
    return _text(found[1]).strip() if found else ""


def _end_of_head(data: bytes) -> int:
    start = len(data) - len(data.lstrip(b"\r\n")) if data[:1] in (b"\r", b"\n") else 0
    crlf = data.find(b"\r\n\r\n", start)
    lf = data.find(b"\n\n", start, crlf if crlf >= 0 else len(data))
    return lf if lf >= 0 else crlf if crlf >= 0 else len(data)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def masked(data: bytes) -> bytes:
    """The message without what must not be kept; its lengths are then no longer true."""
    lowered = data.lower()
    if b"authorization" in lowered:
        data = _CREDENTIALS.sub(rb"\1: " + MASK, data)
    if b"inline:" in lowered:
        data = _INLINE_KEY.sub(rb"\1" + MASK, data)
    if b"\nk=" in lowered or b"key-mgmt" in lowered:
        data = _KEY_LINE.sub(rb"\1" + MASK, data)
    return data


def masked_words(what: str) -> str:
    """A sentence without credentials: it may quote a line that was no header."""
    return _QUOTED_CREDENTIALS.sub(r"\1: ***", what) if "uthorization" in what else what


def kept_message(
    data: bytes, *, at: datetime, way: Literal["in", "out"], transport: str, local: str, peer: str
) -> KeptMessage:
    """A message as it is kept."""
    kept = masked(data)
    text = encoded = ""
    try:
        text = kept.decode()
    except UnicodeDecodeError:
        encoded = base64.b64encode(kept).decode()
    start = _text(data.lstrip(b"\r\n").partition(b"\n")[0]).rstrip("\r")[:START_LIMIT]
    end = _end_of_head(data)
    return KeptMessage(
        at=at,
        way=way,
        transport=transport,
        local=local,
        peer=peer,
        start=start,
        cseq=_header(_CSEQ, data, end)[:START_LIMIT],
        text=text,
        base64=encoded,
    )


def cut(message: KeptMessage, limit: int) -> KeptMessage:
    """The message with no more than its first `limit` characters."""
    over = max(len(message.text), len(message.base64)) - limit
    if over <= 0:
        return message
    return msgspec.structs.replace(
        message, text=message.text[:limit], base64=message.base64[: limit & ~3], left_out=message.left_out + over
    )


def raw_text(message: KeptMessage) -> str:
    """The message as a person reads it; bytes that are no UTF-8 are shown as `\\xNN`."""
    if not message.base64:
        return message.text
    try:
        return base64.b64decode(message.base64).decode("utf-8", "backslashreplace")
    except binascii.Error:
        return message.base64
