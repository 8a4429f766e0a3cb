"""Transfers as bytes (RFC 3515, RFC 3420, RFC 4488): Refer-To, and how it fares as a message/sipfrag."""

import msgspec

from tenfour.telephony.errors import HeaderError, MessageError
from tenfour.telephony.header import parse_name_addr
from tenfour.telephony.message import Message, Request, status_line
from tenfour.telephony.reason import REASONS

SIPFRAG = "message/sipfrag"
REFER_LASTS_S = 180
"""How long a REFER's subscription lasts unless its call comes to an end before."""


class Sipfrag(msgspec.Struct, frozen=True):
    """The status line in a message/sipfrag."""

    status: int
    reason: str = ""

    def __bytes__(self) -> bytes:
        return f"SIP/2.0 {self.status} {self.reason or REASONS.get(self.status, '')}".rstrip().encode() + b"\r\n"


def parse_sipfrag(body: bytes) -> Sipfrag:
    """Raises `HeaderError` for a fragment that does not begin with a status line (RFC 3515 section 2.4.5)."""
    line = body.lstrip().split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    try:
        return Sipfrag(*status_line(line))
    except MessageError as error:
        raise HeaderError(f"The sipfrag {line[:80]!r} is no status line.") from error


def refer_to(request: Request) -> str:
    """The URI to which a REFER points; raises `HeaderError` unless there is exactly one (section 2.4.2)."""
    named = request.all("Refer-To")
    if len(named) != 1:
        raise HeaderError(f"The REFER has {len(named)} Refer-To headers.")
    return parse_name_addr(named[0]).uri


def referred_by(request: Request) -> str:
    """Who they say they are (RFC 3892), "" where nobody can be read."""
    try:
        return parse_name_addr(request.first("Referred-By") or "").uri
    except HeaderError:
        return ""


def without_subscription(message: Message) -> bool:
    """`Refer-Sub: false` (RFC 4488), in a REFER or in the answer to it."""
    return (message.first("Refer-Sub") or "").partition(";")[0].strip().lower() == "false"
