"""The words of a MESSAGE in a call (RFC 3428): plain text, bare or wrapped in CPIM (RFC 3862)."""

from collections.abc import Sequence

from tenfour.telephony.header import parse_parameters
from tenfour.telephony.message import Request
from tenfour.telephony.multipart import Part
from tenfour.telephony.t140 import BACKSPACE, BELL, T140Reader

MOST_BYTES = 1_000
"""Of one MESSAGE of ours: longer ones may not go by UDP (RFC 3428 section 8)."""

CONTENT_TYPE = "text/plain;charset=UTF-8"


def words_of_message(request: Request, parts: Sequence[Part]) -> str | None:
    """What a MESSAGE says; None where it holds nothing that can be read as text."""
    charset = _charset(request.first("Content-Type") or "")
    for part in parts:
        text = words_of(part.content_type, part.content, charset)
        if text is not None:
            return text
    return None


def words_of(content_type: str, content: bytes, charset: str = "utf-8") -> str | None:
    """The words of a body of this type; None where it is no text."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "message/cpim":
        return _unwrapped(content)
    if kind != "text/plain":
        return None
    try:
        text = content.decode(charset, "replace")
    except LookupError:
        text = content.decode("utf-8", "replace")
    return _readable(text)


def _readable(text: str) -> str:
    """New lines as U+000A, and no control characters: a message has no corrections in it."""
    return "".join(each for each in T140Reader().read(text) if each not in {BACKSPACE, BELL})


def _unwrapped(content: bytes) -> str | None:
    """Behind the headers about the message stand those of its content, and behind these the words."""
    _, _, wrapped = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    head, _, words = wrapped.partition(b"\n\n")
    kinds = [
        line.partition(b":")[2].strip().decode("latin-1")
        for line in head.split(b"\n")
        if line.lower().startswith(b"content-type:")
    ]
    kind = kinds[0] if kinds else "text/plain"
    return None if kind.lower().startswith("message/") else words_of(kind, words, _charset(kind))


def _charset(content_type: str) -> str:
    given = parse_parameters(content_type.partition(";")[2])
    return next((value for name, value in given if name.lower() == "charset" and value), "utf-8") or "utf-8"


def in_messages(text: str) -> list[bytes]:
    """Our words as bodies of MESSAGEs, none longer than one may be, cut at spaces where there are some."""
    bodies: list[bytes] = []
    rest = text.rstrip("\n")
    while rest:
        fits = len(rest.encode()[:MOST_BYTES].decode("utf-8", "ignore"))
        at = rest.rfind(" ", 0, fits) + 1 if fits < len(rest) else fits
        bodies.append(rest[: at or fits].encode())
        rest = rest[at or fits :]
    return bodies
