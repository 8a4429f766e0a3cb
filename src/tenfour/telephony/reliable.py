"""Provisional responses repeated until PRACK comes (RFC 3262), and session timers as the called side (RFC 4028)."""

import msgspec

from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import CSeq, parse_cseq, parse_parameters
from tenfour.telephony.message import Header, Request, Response

EXTENSIONS = frozenset(("100rel", "timer"))
"""The extensions that a caller may require here."""


class Unproved(msgspec.Struct):
    """A reliable provisional response of ours that repeats itself until its PRACK comes. Times in seconds."""

    number: int
    response: bytes
    flow: Flow
    pause: float
    give_up_at: float
    answered: bool = False
    """Does it answer the offer of the INVITE? With its PRACK offer and answer are then done."""


class Unsaid(msgspec.Struct, frozen=True):
    """A reliable provisional response whose turn has not come."""

    status: int
    headers: tuple[Header, ...]
    sdp: bytes


class RAck(msgspec.Struct, frozen=True):
    """What a PRACK acknowledges (RFC 3262 section 7.2): the RSeq of a response to the request with this CSeq."""

    number: int
    cseq: CSeq


def parse_rack(text: str) -> RAck:
    """`776656 1 INVITE`; raises `HeaderError` for anything else."""
    number, _, rest = text.strip().partition(" ")
    if not (number.isascii() and number.isdigit() and len(number) < 11):
        raise HeaderError(f"The RAck {text!r} is not two numbers and a method.")
    return RAck(int(number), parse_cseq(rest))


def rseq_of(response: Response) -> int | None:
    """The number of a reliable provisional response, None for one that is to be taken as it comes (section 7.1)."""
    number = response.first("RSeq") or ""
    asked = "100rel" in {option.lower() for option in response.listed("Require")}
    readable = number.isascii() and number.isdigit() and len(number) < 11
    return int(number) if asked and readable and 100 < response.status < 200 else None


def must_be_reliable(request: Request) -> bool:
    """Does the caller insist on PRACK? Where it is only supported we do without: one way less to fail."""
    return "100rel" in {option.lower() for option in request.listed("Require")}


def session_timer(request: Request) -> tuple[Header, ...]:
    """What a 2xx says to a caller who wants to refresh the session itself; nothing otherwise.

    Without a word in the 2xx the session does not expire at all (RFC 4028 section 9), which is what an emergency call
    needs. So we never take the refreshing over, and never end a call whose refresh did not come.
    """
    interval, _, rest = (request.first("Session-Expires") or "").partition(";")
    interval = interval.strip()
    named = {option.lower() for name in ("Supported", "Require") for option in request.listed(name)}
    refresher = dict(parse_parameters(rest)).get("refresher", "uac")
    if "timer" not in named or refresher != "uac" or not (interval.isascii() and interval.isdigit()):
        return ()
    return (("Session-Expires", f"{interval[:9]};refresher=uac"), ("Require", "timer"))
