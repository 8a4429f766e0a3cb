"""Requests and responses (RFC 3261 section 7): bytes to values and back.

Reading is tolerant, as NENA-STA-010.3 section 3.1.1 asks ("MUST accept calls that do not strictly follow the SIP
standards"): line ends may be bare LF, lines may be folded, names compact or in any case, unknown headers are
kept in order. What was odd is named in `problems`. Content-Length is not kept among the headers: it is taken from
the body when the message is written.
"""

from collections.abc import Iterable

import msgspec

from tenfour.telephony.errors import MessageError
from tenfour.telephony.header import split_list
from tenfour.telephony.header_name import canonical_name
from tenfour.telephony.reason import REASONS

Header = tuple[str, str]
MAX_HEADERS = 1000


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What requests and responses share: headers in order of arrival, body, and what was odd about them."""

    headers: tuple[Header, ...] = ()
    body: bytes = b""
    problems: tuple[str, ...] = ()
    unframed: bool = False
    """Content-Length contradicts itself or the body: nobody knows where the message ends (RFC 4475 section 3.3.9)."""

    def first(self, name: str) -> str | None:
        """The first value of a header, None where it is missing. `name` is the canonical spelling."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def all(self, name: str) -> tuple[str, ...]:
        """Every line of a header, unsplit; an unknown header's name matches in any case."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key == name or key.lower() == wanted)

    def listed(self, name: str) -> tuple[str, ...]:
        """Every element of a header that may be comma-joined (section 7.3.1)."""
        return tuple(element for line in self.all(name) for element in split_list(line))


class Request(Message, frozen=True, kw_only=True):
    """A request. `uri` is the Request-URI as text: `sip:911@psap.example`, `urn:service:sos`.

    `version` is what it was sent with; what we write is always SIP/2.0.
    """

    method: str
    uri: str
    version: str = "SIP/2.0"


class Response(Message, frozen=True, kw_only=True):
    """A response. `reason` may be empty."""

    status: int
    reason: str


def response_to(request: Request, status: int, *, reason: str = "", to_tag: str = "", more: Iterable[Header] = (),
                body: bytes = b"") -> Response:  # fmt: skip
    """The response with what it must copy (section 8.2.6.2): Via, From, To (with our tag), Call-ID, CSeq."""
    copied = [(name, value) for name, value in request.headers if name in _COPIED]
    if to_tag:
        copied = [(name, _with_tag(value, to_tag) if name == "To" else value) for name, value in copied]
    return Response(status=status, reason=reason or REASONS.get(status, ""), headers=(*copied, *more), body=body)


_COPIED = frozenset(("Via", "From", "To", "Call-ID", "CSeq", "Timestamp"))


def _with_tag(to: str, tag: str) -> str:
    behind = to.rpartition(">")[2] if "<" in to else to
    return to if ";tag=" in behind.replace(" ", "").lower() else f"{to};tag={tag}"


def serialise(message: Request | Response) -> bytes:
    """The bytes of a message, with its Content-Length."""
    if isinstance(message, Request):
        lines = [f"{message.method} {message.uri} SIP/2.0"]
    else:
        lines = [f"SIP/2.0 {message.status} {message.reason}"]
    lines += [f"{name}: {value}" for name, value in message.headers]
    lines.append(f"Content-Length: {len(message.body)}\r\n\r\n")
    return "\r\n".join(lines).encode() + message.body


def parse(data: bytes, *, streamed: bool = False) -> Request | Response:
    """One whole message: a datagram, or (`streamed`) what `stream.MessageStream` cut out.

    A body shorter than Content-Length says is taken as it is and named in `problems`; without Content-Length the
    body goes to the end, in a stream a problem (section 18.3). Raises `MessageError` where
    there is no start line or no header.
    """
    start = 0
    while data[start : start + 1] in (b"\r", b"\n"):
        start += 1
    head_end, body_start = _end_of_head(data, start)
    lines = _lines(_text(data[start:head_end]))
    problems: list[str] = []
    headers, lengths = _headers(lines, problems)
    odd_lines = len(problems)
    body = _body(data[body_start:], lengths, problems, streamed=streamed)
    unframed = len(problems) > odd_lines
    message = _message(lines[0], headers, body, problems)
    return msgspec.structs.replace(message, unframed=True) if unframed else message


def _end_of_head(data: bytes, start: int) -> tuple[int, int]:
    crlf, lf = data.find(b"\r\n\r\n", start), data.find(b"\n\n", start)
    if crlf >= 0 and (lf < 0 or crlf < lf):
        return crlf, crlf + 4
    if lf >= 0:
        return lf, lf + 2
    return len(data), len(data)


def _text(head: bytes) -> str:
    """UTF-8 (section 7); other bytes are read as Latin-1, so that the text can be kept and shown."""
    try:
        return head.decode()
    except UnicodeDecodeError:
        return head.decode("latin-1")


def _lines(head: str) -> list[str]:
    """The lines, folded ones joined by one space (section 7.3.1). A CR alone ends no line, here or in an answer."""
    head = head.replace("\r\n", "\n")
    if "\r" in head:
        head = head.replace("\r", " ")
    lines = head.split("\n")
    if "\n " not in head and "\n\t" not in head:
        return lines
    whole: list[str] = []
    folds: list[str] = []
    for line in lines:
        if line[:1] in (" ", "\t") and whole:
            folds.append(line.strip())
            continue
        if folds:
            whole[-1] = " ".join((whole[-1].rstrip(), *folds))
            folds = []
        whole.append(line)
    if folds:
        whole[-1] = " ".join((whole[-1].rstrip(), *folds))
    return whole


def _headers(lines: list[str], problems: list[str]) -> tuple[tuple[Header, ...], list[str]]:
    """The headers without Content-Length, and the values of Content-Length."""
    headers: list[Header] = []
    lengths: list[str] = []
    if len(lines) > MAX_HEADERS:
        raise MessageError(f"The message has more than {MAX_HEADERS} header lines.", 513)
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        name = name.strip()
        if not colon or not name or " " in name:
            if line.strip():
                problems.append(f"The line {line[:80]!r} is no header.")
            continue
        name = canonical_name(name)
        if name == "Content-Length":
            lengths.append(value.strip())
        else:
            headers.append((name, value.strip()))
    return tuple(headers), lengths


def _body(rest: bytes, lengths: list[str], problems: list[str], *, streamed: bool) -> bytes:
    if not lengths:
        if streamed and rest:
            problems.append("There is a body and no Content-Length.")
        return rest
    if len(set(lengths)) > 1:
        problems.append(f"Content-Length is given as {' and '.join(lengths)}.")
    length = content_length(lengths[0])
    if length is None:
        problems.append(f"Content-Length is {lengths[0]!r}, not a number.")
        return rest
    if length > len(rest):
        problems.append(f"Content-Length is {length}, and only {len(rest)} bytes of body came.")
    return rest[:length]


def content_length(value: str) -> int | None:
    """The number of bytes that a Content-Length says, None where it says none."""
    value = value.strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else None


def _message(start: str, headers: tuple[Header, ...], body: bytes, problems: list[str]) -> Request | Response:
    if start[:4].upper() == "SIP/":
        status, reason = status_line(start)
        return Response(status=status, reason=reason, headers=headers, body=body, problems=tuple(problems))
    method, uri, version = _request_line(start, problems)
    return Request(method=method, uri=uri, version=version, headers=headers, body=body, problems=tuple(problems))


def status_line(line: str) -> tuple[int, str]:
    """Status and reason of a status line; raises `MessageError` for anything else."""
    version, _, rest = line.partition(" ")
    code, _, reason = rest.strip().partition(" ")
    if version.upper() != "SIP/2.0":
        raise MessageError(f"The response speaks {version!r}, not SIP/2.0.", 505)
    if not (len(code) == 3 and code.isascii() and code.isdigit() and "100" <= code <= "699"):
        raise MessageError(f"The status line {line[:80]!r} has no status from 100 to 699.")
    return int(code), reason.strip()


def _request_line(line: str, problems: list[str]) -> tuple[str, str, str]:
    method, _, rest = line.strip().partition(" ")
    spaced, _, version = rest.rpartition(" ")
    uri = spaced.strip()
    if not uri or not version[:4].upper() == "SIP/" or not method:
        raise MessageError(f"{line[:80]!r} is no request line.")
    version = version.upper()
    if version != "SIP/2.0":
        problems.append(f"The request speaks {version[:20]}, not SIP/2.0.")
    if uri != spaced or " " in uri or "\t" in uri or uri.startswith("<") or line != line.rstrip():
        problems.append(f"The request line {line[:80]!r} is not well formed.")
        uri = "".join(uri.split()).strip("<>")
    return method, uri, version
