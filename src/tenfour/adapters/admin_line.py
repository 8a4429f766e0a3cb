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

    `lines`: name by `number_dialled`. Whatever else in the INVITE says emergency stands above the number: a service
    URN (RFC 5031), an i3 identifier, a Resource-Priority of the emergency services (esnet).
    """
    name = lines.get(number_dialled(number_of(request.uri)), "")
    ids = emergency_ids(request)
    emergency = (
        _service_named(request)
        or ids.call_id is not None
        or ids.incident_id is not None
        or any(value.strip().lower().startswith("esnet.") for value in request.listed("Resource-Priority"))
    )
    return "" if emergency else name


def _service_named(request: Request) -> bool:
    try:
        to = parse_name_addr(request.first("To") or "").uri
    except HeaderError:
        return False
    return scheme_of(to) == "urn"
