"""What is wrong with a request that is taken all the same: a sentence each, for the journal (RFC 4475 has them all)."""

from collections.abc import Iterator

from tenfour.telephony.message import Request
from tenfour.telephony.uri import scheme_of

ONCE = ("From", "To", "Call-ID", "CSeq")
"""Headers of which a request has one each (RFC 3261 section 8.1.1)."""

SCHEMES = frozenset(("sip", "sips", "tel", "urn"))
"""The schemes of Request-URIs that mean something here."""


def repeated_headers(request: Request) -> tuple[str, ...]:
    """Headers that may come once and came more often; the first one counts (RFC 4475 section 3.3.8)."""
    return tuple(f"{name} came {len(lines)} times." for name in ONCE if len(lines := request.all(name)) > 1)


def oddities(request: Request) -> tuple[str, ...]:
    """Every sentence on what is odd about an INVITE that `parse` could make sense of."""
    return (*repeated_headers(request), *_of_uri(request.uri), *_of_headers(request))


def _of_uri(uri: str) -> Iterator[str]:
    scheme = scheme_of(uri)
    if scheme not in SCHEMES:
        yield f"The Request-URI's scheme is {scheme!r}."
    elif scheme in ("sip", "sips") and "?" in uri.rpartition("@")[2]:
        yield "The Request-URI carries headers; they were ignored."


def _of_headers(request: Request) -> Iterator[str]:
    for name in ("Via", "Contact"):
        if any(_has_empty_pieces(line) for line in request.all(name)):
            yield f"A {name} has separators with nothing between them."
    for name in ("From", "To"):
        if _quote_is_open(request.first(name) or ""):
            yield f"The {name} has a quoted name that does not end."
    date = request.first("Date")
    if date is not None and not date.endswith("GMT"):
        yield f"The Date {date[:40]!r} is not in GMT; it was ignored."
    hops = request.first("Max-Forwards")
    if hops is not None and not (hops.isascii() and hops.isdigit() and len(hops) < 5 and int(hops) <= 255):
        yield f"Max-Forwards is {hops[:40]!r}, not a number to 255."
    if request.first("Accept") is not None and not _accepts_sdp(request):
        yield "The caller accepts no application/sdp."


def _has_empty_pieces(line: str) -> bool:
    bare = "".join(line.split())
    return any(pair in bare for pair in (";;", ",,", ";,")) or bare.endswith((";", ",")) or bare.startswith(",")


def _quote_is_open(text: str) -> bool:
    quoted = escaped = False
    for letter in text:
        if escaped:
            escaped = False
        elif letter == "\\" and quoted:
            escaped = True
        elif letter == '"':
            quoted = not quoted
    return quoted


def _accepts_sdp(request: Request) -> bool:
    kinds = {element.partition(";")[0].strip().lower() for element in request.listed("Accept")}
    return bool(kinds & {"application/sdp", "application/*", "*/*"})
