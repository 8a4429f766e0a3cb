"""The `Range` header of a request (RFC 9110 section 14.2), for whatever is served in pieces."""


def byte_range(asked: str | None, length: int) -> tuple[int, int] | None:
    """Start and end (not included) of a `Range` header (RFC 9110 section 14.2); None: the whole, no range asked.

    Several ranges, other units and nonsense are answered with the whole. Raises ValueError for a range that begins
    after the end, and for the last 0 bytes.
    """
    if not asked or not asked.lower().startswith("bytes=") or "," in asked:
        return None
    first, dash, last = asked[len("bytes=") :].strip().partition("-")
    if not dash or not (first or last) or any(part and not part.isdecimal() for part in (first, last)):
        return None
    start = int(first) if first else max(0, length - int(last))
    end = min(int(last) + 1, length) if first and last else length
    if start >= length or end <= start:
        raise ValueError(f"bytes {first}-{last} of {length}")
    return start, end
