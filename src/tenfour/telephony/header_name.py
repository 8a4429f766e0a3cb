"""Header names: their usual spelling and their compact forms (RFC 3261 section 7.3.3 and the IANA registry)."""

# fmt: off
_NAMES = (
    "Accept", "Accept-Contact", "Accept-Encoding", "Accept-Language", "Alert-Info", "Allow", "Allow-Events",
    "Authentication-Info", "Authorization", "Call-ID", "Call-Info", "Contact", "Content-Disposition",
    "Content-Encoding", "Content-ID", "Content-Language", "Content-Length", "Content-Type", "CSeq", "Date",
    "Event", "Expires", "From", "Geolocation", "Geolocation-Routing", "History-Info", "Max-Forwards",
    "MIME-Version", "Min-Expires", "Min-SE", "P-Asserted-Identity", "Priority", "Proxy-Authenticate",
    "Proxy-Authorization", "Proxy-Require", "RAck", "Reason", "Record-Route", "Refer-Sub", "Refer-To",
    "Referred-By", "Replaces", "Require", "Resource-Priority", "Retry-After", "Route", "RSeq", "Server",
    "Session-Expires", "Subject", "Subscription-State", "Supported", "Target-Dialog", "Timestamp", "To",
    "Unsupported", "User-Agent", "Via", "Warning", "WWW-Authenticate",
)
# fmt: on
_COMPACT = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "d": "Request-Disposition",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
}
_CANONICAL = {name.lower(): name for name in _NAMES} | _COMPACT
_BY_SPELLING = {name: name for name in _NAMES} | _CANONICAL


def canonical_name(name: str) -> str:
    """The usual spelling of a header's name, compact forms written out; an unknown name stays as it is."""
    known = _BY_SPELLING.get(name)
    return known if known is not None else _CANONICAL.get(name.lower(), name)
