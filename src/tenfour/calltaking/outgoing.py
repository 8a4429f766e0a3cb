"""Calls that the centre places: how somebody may be reached again, and how far such a call has come."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from msgspec.structs import replace

from tenfour.calltaking import outgoing_event as o
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.header import parse_name_addr
from tenfour.telephony.i3 import emergency_ids
from tenfour.telephony.message import Request
from tenfour.telephony.uri import number_of, scheme_of
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId

LONGEST_URI = 256
MOST_DATA = 8
BUSY = frozenset({486, 600})
"""Of somebody who talks with somebody else (RFC 3261 sections 21.4.24 and 21.6.1)."""


class Reach(msgspec.Struct, frozen=True):
    """How a caller is called back: the URI of P-Asserted-Identity, else of From (NENA-STA-010.3), and who made the
    identifiers that came with the call (empty: we did).
    """

    uri: str = ""
    call_host: str = ""
    incident_host: str = ""
    data: tuple[str, ...] = ()
    """Values of Call-Info that say where additional data are to be had (RFC 7852)."""


class Outgoing(msgspec.Struct, frozen=True):
    """How far a call of ours has come. `ringing_at`: when the telephone there first rang.

    `refused`: the SIP status by which nobody took it; 0: nobody said anything.
    """

    target: str
    callback_of: CallId | None
    in_call: CallId | None = None
    ringing_at: datetime | None = None
    early_media: bool = False
    sent_to: str = ""
    refused: int | None = None


def reach_of(headers: Iterable[tuple[str, str]]) -> Reach:
    """What the headers of an INVITE, as the record keeps them, say of calling back."""
    request = Request(method="INVITE", uri="sip:911@invalid", headers=tuple(headers))
    ids = emergency_ids(request)
    named = [*request.listed("P-Asserted-Identity"), *request.all("From")[:1]]
    data = tuple(value for value in request.listed("Call-Info") if _is_data(value))[:MOST_DATA]
    return Reach(next(_callable(named), ""), ids.call_host if ids.call_id else "", ids.incident_host, data)


def _is_data(value: str) -> bool:
    """Additional data by a reference that somebody else can follow; what came in the body (`cid:`) cannot be."""
    fits = len(value) <= 2 * LONGEST_URI and value.isascii() and value.isprintable()
    return fits and "emergencycalldata" in value.lower() and scheme_of(value.lstrip("<")) in ("http", "https")


def _callable(named: Iterable[str]) -> Iterator[str]:
    """URIs that name a number, as they stand there; without the headers that a SIP URI may ask for."""
    for value in named:
        try:
            uri = parse_name_addr(value).uri.partition("?")[0]
        except HeaderError:
            continue
        fits = len(uri) <= LONGEST_URI and uri.isascii() and uri.isprintable() and not set(' <>"') & set(uri)
        if fits and scheme_of(uri) in ("sip", "sips", "tel") and number_of(uri).lstrip("+").isdigit():
            yield uri


def apply(outgoing: Outgoing, event: Event, *, at: datetime) -> Outgoing:
    """Fold one fact of a call that we placed."""
    match event:
        case o.CallDialled(target=target, sent_to=sent_to):
            return replace(outgoing, target=target, sent_to=sent_to)
        case o.CalleeRinging(early_media=early_media):
            heard = outgoing.early_media or early_media
            return replace(outgoing, ringing_at=outgoing.ringing_at or at, early_media=heard)
        case o.CallNotTaken(status=status):
            return replace(outgoing, refused=status)
        case _:
            return outgoing
