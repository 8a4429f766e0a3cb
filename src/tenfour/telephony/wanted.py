"""What a caller's side wants, by which a call may be given to somebody who can: languages and media.

Read by a few bytes only, so that the oddest description says something.
"""

import re
from collections.abc import Sequence
from typing import Final

from tenfour.telephony.message import Request

MOST: Final = 8
"""So many languages of one INVITE are looked at."""

PAGE: Final = "page"
"""Beside `text`: of one who writes messages without a call."""

_HEARD = re.compile(rb"^a=hlang-recv:([A-Za-z0-9 *-]{1,200})\r?$", re.MULTILINE)
_MEDIUM = re.compile(rb"^m=([a-z]{1,16}) ([0-9]{1,5})", re.MULTILINE)
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def languages_of(request: Request, sdp: bytes | None) -> tuple[str, ...]:
    """Language tags (RFC 5646), best first: of the media (RFC 8373), else of the INVITE (Accept-Language)."""
    media = [tag for found in _HEARD.findall(sdp or b"") for tag in found.decode("ascii").split()]
    wanted = media or _accepted(request.listed("Accept-Language"))
    tags = (tag for tag in wanted if _TAG.fullmatch(tag))
    return tuple(dict.fromkeys(tags))[:MOST]


def media_of(sdp: bytes | None) -> tuple[str, ...]:
    """Kinds of the media offered (`audio`, `text`), each once; a medium with port 0 is none."""
    offered = (kind.decode("ascii") for kind, port in _MEDIUM.findall(sdp or b"") if int(port))
    return tuple(dict.fromkeys(offered))[:MOST]


def _accepted(values: Sequence[str]) -> list[str]:
    """Tags by their weight (RFC 9110 section 12.5.4); those of one weight as they stand."""
    weighed = [(_weight(value), value.partition(";")[0].strip()) for value in values]
    return [tag for weight, tag in sorted(weighed, key=lambda one: -one[0]) if weight > 0]


def _weight(value: str) -> float:
    found = re.search(r";\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)", value)
    return float(found.group(1)) if found else 1.0
