"""Bodies of several parts (RFC 2046 section 5.1, RFC 5621) and the `cid:` names of their parts (RFC 2392)."""

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import unquote

import msgspec

from tenfour.telephony.header import parameter, parse_parameters

MAX_DEPTH = 8
MAX_PARTS = 64
BY_REFERENCE = "by-reference;handling=optional"
"""The disposition of a part that a header names; who does not understand it takes the call all the same (RFC 3261
section 20.11)."""


class Part(msgspec.Struct, frozen=True):
    """One leaf of a body, decoded. `content_type` is lower case without parameters, `content_id` without <>."""

    content_type: str
    content: bytes
    content_id: str = ""
    disposition: str = ""
    headers: tuple[tuple[str, str], ...] = ()


class Parts(msgspec.Struct, frozen=True):
    """The leaves of a body in their order, and what was wrong with it (sentences; nothing here is an error)."""

    parts: tuple[Part, ...]
    problems: tuple[str, ...] = ()

    @property
    def sdp(self) -> bytes | None:
        """The session description, wherever it stands; None where there is none."""
        for part in self.parts:
            if part.content_type == "application/sdp":
                return part.content
        for part in self.parts:
            if part.content.lstrip().startswith(b"v=0") and b"m=" in part.content:
                return part.content
        return None

    def named(self, cid: str) -> Part | None:
        """The part that a `cid:` URI names, with or without `cid:` and angle brackets."""
        wanted = bare_cid(cid)
        return next((part for part in self.parts if part.content_id and part.content_id == wanted), None)


def bare_cid(text: str) -> str:
    """`<cid:a@b>`, `cid:a@b`, `<a@b>`, `a%40b` → `a@b` (RFC 2392 section 2)."""
    name = text.strip().strip("<>").strip()
    if name[:4].lower() == "cid:":
        name = name[4:].strip("<>")
    return unquote(name)


def read_parts(content_type: str, body: bytes, *, headers: tuple[tuple[str, str], ...] = ()) -> Parts:
    """The leaves of a SIP body. Whatever cannot be read is left out and named in `problems`; nothing is raised."""
    reader = _Reader()
    if body:
        reader.read(content_type, body, headers, depth=0)
    return Parts(tuple(reader.parts), tuple(reader.problems))


def write_parts(parts: Sequence[Part], boundary: str) -> tuple[str, bytes]:
    """A multipart/mixed body and its Content-Type. `boundary` must occur in no part."""
    lines: list[bytes] = []
    for part in parts:
        lines += [b"--" + boundary.encode(), b"Content-Type: " + part.content_type.encode()]
        if part.content_id:
            lines.append(f"Content-ID: <{part.content_id}>".encode())
        if part.disposition:
            lines.append(f"Content-Disposition: {part.disposition}".encode())
        lines += [b"", part.content]
    lines += [b"--" + boundary.encode() + b"--", b""]
    return f"multipart/mixed;boundary={boundary}", b"\r\n".join(lines)


class _Reader:
    """Walks a body depth first, within bounds."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.problems: list[str] = []

    def read(self, content_type: str, body: bytes, headers: tuple[tuple[str, str], ...], depth: int) -> None:
        kind, parameters = _media_type(content_type)
        if not (kind.startswith("multipart/") or ("/" not in kind and body.startswith(b"--"))):
            self._leaf(kind, body, headers)
        elif depth >= MAX_DEPTH:
            self.problems.append(f"A body is nested deeper than {MAX_DEPTH}; the rest of it was not read.")
        else:
            self._multipart(parameter(parameters, "boundary") or "", body, headers, depth)

    def _multipart(self, boundary: str, body: bytes, headers: tuple[tuple[str, str], ...], depth: int) -> None:
        """Its parts; by the delimiter that the body itself shows where the named one is not in it, else as one part."""
        chunks = _chunks(body, b"--" + boundary.encode("utf-8", "replace")) if boundary else []
        if not chunks:
            self.problems.append(f"A multipart body has nothing between its boundaries {boundary!r}.")
            guessed = _guess_delimiter(body)
            chunks = _chunks(body, guessed) if guessed else []
        if not chunks and body.strip():
            self._leaf("", body, headers)
        for chunk in chunks:
            if len(self.parts) >= MAX_PARTS:
                self.problems.append(f"A body has more than {MAX_PARTS} parts; the rest was not read.")
                return
            headers, content = _split_part(chunk)
            self.read(_value(headers, "content-type") or "text/plain", content, headers, depth + 1)

    def _leaf(self, kind: str, body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
        encoding = _value(headers, "content-transfer-encoding").lower()
        if encoding in ("base64", "quoted-printable"):
            body = self._decoded(encoding, body)
        disposition = _value(headers, "content-disposition").partition(";")[0].strip().lower()
        self.parts.append(Part(kind, body, bare_cid(_value(headers, "content-id")), disposition, headers))

    def _decoded(self, encoding: str, body: bytes) -> bytes:
        try:
            return base64.b64decode(body) if encoding == "base64" else binascii.a2b_qp(body)
        except binascii.Error as error:
            self.problems.append(f"A part says it is {encoding} and is not ({error}); it is kept as it came.")
            return body


def _media_type(content_type: str) -> tuple[str, tuple[tuple[str, str | None], ...]]:
    kind, _, rest = content_type.partition(";")
    return "".join(kind.split()).lower(), parse_parameters(rest)


def _guess_delimiter(body: bytes) -> bytes:
    """The first line that looks like a delimiter, where Content-Type names no boundary."""
    for line in body.split(b"\n", 16)[:16]:
        if line.startswith(b"--") and len(line.strip()) > 2:
            return line.strip()
    return b""


def _chunks(body: bytes, delimiter: bytes) -> list[bytes]:
    """What stands between delimiter lines; a missing closing delimiter is tolerated (RFC 2046 section 5.1.1)."""
    chunks: list[bytes] = []
    start = -1
    at = 0 if body.startswith(delimiter) else _next_delimiter(body, delimiter, 0)
    while at >= 0:
        if start >= 0:
            chunks.append(_without_last_newline(body[start:at]))
        if body.startswith(b"--", at + len(delimiter)):
            return chunks
        line_end = body.find(b"\n", at)
        if line_end < 0:
            return chunks
        start = line_end + 1
        at = _next_delimiter(body, delimiter, line_end)
    if start >= 0 and body[start:].strip():
        chunks.append(body[start:])
    return chunks


def _next_delimiter(body: bytes, delimiter: bytes, start: int) -> int:
    """Where the next delimiter line begins, or -1; `abc` must not be taken for the boundary `ab`."""
    at = body.find(b"\n" + delimiter, start)
    while at >= 0:
        end = at + 1 + len(delimiter)
        if body[end : end + 1] in (b"", b"\r", b"\n", b" ", b"\t") or body[end : end + 2] == b"--":
            return at + 1
        at = body.find(b"\n" + delimiter, end)
    return -1


def _without_last_newline(chunk: bytes) -> bytes:
    """The line break before a delimiter belongs to the delimiter."""
    if chunk.endswith(b"\r\n"):
        return chunk[:-2]
    return chunk.removesuffix(b"\n")


def _split_part(chunk: bytes) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """The headers and the content of one part; a part may begin with its empty line (no headers)."""
    if chunk.startswith((b"\r\n", b"\n")):
        return (), chunk.lstrip(b"\r").removeprefix(b"\n")
    ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := chunk.find(mark)) >= 0]
    at, width = min(ends, default=(len(chunk), 0))
    head = chunk[:at].decode("utf-8", "replace").replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ")
    lines = (line.partition(":") for line in head.split("\n"))
    return tuple((name.strip(), value.strip()) for name, colon, value in lines if colon), chunk[at + width :]


def _value(headers: tuple[tuple[str, str], ...], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")
