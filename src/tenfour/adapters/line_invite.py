"""What an INVITE says about a call, as facts: numbers, i3 identifiers, locations, other body parts."""

import base64
from collections.abc import Callable, Mapping, Sequence

import msgspec

from tenfour.adapters.admin_line import NO_LINES, admin_line_of
from tenfour.adapters.line_offer import offer_problems, read_languages
from tenfour.calltaking.event import (
    BodyPartKept,
    CallReceived,
    KeypressReceived,
    LocationConveyed,
    LocationReferenced,
)
from tenfour.calltaking.text_event import LanguagesOffered
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.geolocation import LocationScheme, geolocations, location_parts
from tenfour.telephony.header import parse_name_addr
from tenfour.telephony.i3 import emergency_ids
from tenfour.telephony.keypress import keypress_in
from tenfour.telephony.language import chosen_languages
from tenfour.telephony.message import Request
from tenfour.telephony.multipart import Part, Parts, bare_cid
from tenfour.telephony.sip_event import InviteReceived
from tenfour.telephony.uri import number_of, scheme_of
from tenfour.telephony.wanted import languages_of, media_of
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId, IncidentId

KEPT_HEADERS = (
    "From",
    "To",
    "P-Asserted-Identity",
    "Call-Info",
    "Resource-Priority",
    "Priority",
    "Subject",
    "Geolocation",
    "Geolocation-Routing",
    "P-Access-Network-Info",
    "History-Info",
    "User-Agent",
)
HEADER_LIMIT = 1024
"""Characters of one header value that the record keeps."""

HEADERS_LIMIT = 64
"""Header lines that the record keeps."""

PROBLEMS_LIMIT = 16
"""Sentences on what was odd in an INVITE that the record keeps."""

TEST_SERVICE = "urn:service:test."
SOS = "urn:service:sos"


class Arrival(msgspec.Struct, frozen=True):
    """A call as its INVITE describes it, and what came with it."""

    received: CallReceived
    conveyed: tuple[Event, ...]


def read_invite(
    invite: InviteReceived,
    *,
    new_i3_id: Callable[[], str],
    taken: Callable[[CallId], bool],
    part_limit: int,
    admin_lines: Mapping[str, str] = NO_LINES,
    trunk: str = "",
    languages: Sequence[str] = (),
) -> Arrival:
    """What the INVITE says. A call identifier that is missing, unusable or already `taken` is minted.

    `admin_lines`: names of the administrative lines by number; a call to anything else is an emergency.
    `languages`: what is spoken here.
    """
    request, ids = invite.request, emergency_ids(invite.request)
    call_id = ids.call_id if ids.call_id is not None and not taken(ids.call_id) else None
    admin_line = admin_line_of(request, admin_lines)
    service = "" if admin_line else service_of(request)
    ani = ani_of(request)
    received = CallReceived(
        call_id=call_id or CallId(new_i3_id()),
        incident_id=ids.incident_id or IncidentId(new_i3_id()),
        ids_minted=call_id is None or ids.incident_id is None,
        ani=ani,
        callback_number=ani if can_be_dialled(ani) else None,
        service=service,
        sip_call_id=(request.first("Call-ID") or "")[:HEADER_LIMIT],
        transport=invite.flow.transport,
        source=f"{invite.flow.host}:{invite.flow.port}",
        headers=kept_headers(request),
        test=service.lower().startswith(TEST_SERVICE),
        problems=odd_in(invite, ids.problems),
        admin_line=admin_line,
        trunk=trunk,
        languages=languages_of(request, invite.sdp),
        media=media_of(invite.sdp),
    )
    spoken = languages_told(invite.sdp, languages)
    return Arrival(received, (*conveyed(request, invite.parts, part_limit), *spoken))


def languages_told(description: bytes | None, spoken: Sequence[str]) -> list[LanguagesOffered]:
    """The languages that each medium of a description names, and what we say to it."""
    return [
        LanguagesOffered(
            offer.medium[:HEADER_LIMIT], offer.send, offer.receive, offer.any_will_do, chosen_languages(offer, spoken)
        )
        for offer in read_languages(description)
    ]


def conveyed(request: Request, parts: Sequence[Part], part_limit: int) -> list[Event]:
    """The locations of a message, by value and by reference, keys in INFO, and parts that nothing here understands."""
    documents = location_parts(request, Parts(tuple(parts)))
    events: list[Event] = [LocationConveyed(_text(part.content[:part_limit]), part.content_id) for part in documents]
    for place in geolocations(request):
        if place.scheme in (LocationScheme.HELD, LocationScheme.PRESENCE):
            events.append(LocationReferenced(place.uri[:HEADER_LIMIT]))
    for part in parts:
        key = keypress_in(part) if request.method == "INFO" else None
        if key is not None:
            events.append(KeypressReceived(key.digit, key.duration_s))
        elif part not in documents and part.content_type != "application/sdp":
            events.append(_kept(part, part_limit))
    return events


def odd_in(invite: InviteReceived, of_ids: Sequence[str] = ()) -> tuple[str, ...]:
    """Sentences on what was passed over in the INVITE, cut to bounds."""
    parts = Parts(tuple(invite.parts))
    missing = (
        f"Geolocation names <{place.uri}>, and no body part is called so."
        for place in geolocations(invite.request)
        if place.scheme is LocationScheme.BY_VALUE and parts.named(bare_cid(place.uri)) is None
    )
    odd = (*invite.problems, *of_ids, *offer_problems(invite.sdp), *missing)
    return tuple(problem[:HEADER_LIMIT] for problem in odd if problem)[:PROBLEMS_LIMIT]


def service_of(request: Request) -> str:
    """The service URN that was called: in the Request-URI, else in To (RFC 5031), else emergency."""
    to = _uri(request.first("To") or "")
    return next((uri[:HEADER_LIMIT] for uri in (request.uri, to) if uri.lower().startswith("urn:service:")), SOS)


def ani_of(request: Request) -> str:
    """The number delivered: P-Asserted-Identity (RFC 3325), else From; as people read it, `614-555-0137`."""
    uris = [_uri(value) for value in (*request.listed("P-Asserted-Identity"), request.first("From") or "")]
    numbers = [number_of(uri) for uri in uris if scheme_of(uri) in ("sip", "sips", "tel")]
    best = next((number for number in numbers if number.lstrip("+").isdigit()), None)
    return displayed(best if best is not None else next(filter(None, numbers), ""))[:HEADER_LIMIT]


def displayed(number: str) -> str:
    """A North American number as `614-555-0137`; anything else as it came."""
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return number
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}" if len(digits) == 10 else number


def can_be_dialled(ani: str) -> bool:
    """Is this a number to call back? Deactivated phones show 911 + 7 digits or 123-456-7890, which are not."""
    digits = ani.replace("-", "").removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits) < 7:
        return False
    return not (len(digits) == 10 and digits.startswith("911")) and digits != "1234567890"


def kept_headers(request: Request) -> tuple[tuple[str, str], ...]:
    """The headers that the record keeps, in their order, cut to bounds."""
    kept = ((name, value[:HEADER_LIMIT]) for name, value in request.headers if name in KEPT_HEADERS)
    return tuple(kept)[:HEADERS_LIMIT]


def from_tag(request: Request) -> str:
    """The caller's tag; with Call-ID it names this call over a restart of the line."""
    try:
        return parse_name_addr(request.first("From") or "").tag
    except HeaderError:
        return ""


def _uri(value: str) -> str:
    try:
        return parse_name_addr(value).uri
    except HeaderError:
        return ""


def _kept(part: Part, limit: int) -> BodyPartKept:
    content = part.content[:limit]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return BodyPartKept(
            f"{part.content_type};encoding=base64", base64.b64encode(content).decode("ascii"), part.content_id
        )
    return BodyPartKept(part.content_type, text, part.content_id)


def _text(document: bytes) -> str:
    return document.decode("utf-8", "replace")
