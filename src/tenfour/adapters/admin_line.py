"""Administrative lines: numbers that are no emergency. A call is to one only where its INVITE says exactly so."""

from collections.abc import Mapping
from typing import Final

from tenfour.telephony.errors import HeaderError
from tenfour.telephony.header import parse_name_addr
from tenfour.telephony.i3 import emergency_ids
from tenfour.telephony.message import Request
from tenfour.telephony.uri import number_of, scheme_of

NO_LINES: Final[Mapping[str, str]] = {}
EMERGENCY_NUMBERS: Final = frozenset({"911", "112", "933"})
"""933 is the test number of 911 by telephone companies."""


def number_dialled(number: str) -> str:
    """How a number is compared: digits alone, a North American one without its country code; "" for what is none."""
    digits = number.replace("-", "").removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return ""
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


def admin_line_of(request: Request, lines: Mapping[str, str]) -> str:
    """The name of the line that the INVITE is addressed to; "" for every other call, which is an emergency.

    `lines`: name by `number_dialled`. It is known by its number in To (NENA-STA-010.3 section 4.6.1), where the
    Request-URI names no other one (a diverted call goes to where it was diverted), or in the Request-URI alone.
    A service URN (RFC 5031) and a Resource-Priority of the emergency services (esnet) stand above it; so does an i3
    identifier where To does not name the line.
    """
    to = _to(request)
    asked, named = number_dialled(number_of(request.uri)), number_dialled(number_of(to))
    if "urn" in (scheme_of(request.uri), scheme_of(to)) or _is_emergency_traffic(request):
        return ""
    if named in lines and asked in ("", named):
        return lines[named]
    ids = emergency_ids(request)
    return lines.get(asked, "") if ids.call_id is None and ids.incident_id is None else ""


def _is_emergency_traffic(request: Request) -> bool:
    return any(value.strip().lower().startswith("esnet.") for value in request.listed("Resource-Priority"))


def _to(request: Request) -> str:
    try:
        return parse_name_addr(request.first("To") or "").uri
    except HeaderError:
        return ""
