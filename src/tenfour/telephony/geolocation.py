"""The Geolocation header (RFC 6442 section 4.1): where a call's location is, by value or by reference."""

from enum import Enum

import msgspec

from tenfour.telephony.header import parameter, parse_parameters
from tenfour.telephony.message import Message
from tenfour.telephony.multipart import Part, Parts, bare_cid


class LocationScheme(Enum):
    """How a location is given."""

    BY_VALUE = "cid"
    """In a body part of this message."""
    HELD = "http"
    """By reference: to be asked for over HTTP (RFC 6155)."""
    PRESENCE = "sip"
    """By reference: a presence subscription (RFC 3856)."""
    OTHER = "other"


_SCHEMES = {
    "cid": LocationScheme.BY_VALUE,
    "http": LocationScheme.HELD,
    "https": LocationScheme.HELD,
    "sip": LocationScheme.PRESENCE,
    "sips": LocationScheme.PRESENCE,
    "pres": LocationScheme.PRESENCE,
}


class Geolocation(msgspec.Struct, frozen=True):
    """One element. `uri` is without <>; `inserted_by` says who put it in, "" where nobody says so."""

    uri: str
    scheme: LocationScheme
    inserted_by: str = ""


def geolocations(message: Message) -> tuple[Geolocation, ...]:
    """All elements in their order; one that holds no URI is left out (a call is never refused for its location)."""
    return tuple(found for element in message.listed("Geolocation") if (found := _geolocation(element)) is not None)


def _geolocation(element: str) -> Geolocation | None:
    if element.startswith("<"):
        uri, _, rest = element[1:].partition(">")
    else:
        uri, _, rest = element.partition(";")
    uri = uri.strip().strip("<>")
    scheme, colon, _ = uri.partition(":")
    if not colon:
        return None
    known = _SCHEMES.get(scheme.lower(), LocationScheme.OTHER)
    return Geolocation(uri, known, parameter(parse_parameters(rest), "inserted-by") or "")


def location_parts(message: Message, parts: Parts) -> tuple[Part, ...]:
    """The PIDF-LO documents of a message: those that Geolocation names first, then any other of that type."""
    named = [
        part
        for place in geolocations(message)
        if place.scheme is LocationScheme.BY_VALUE and (part := parts.named(bare_cid(place.uri))) is not None
    ]
    others = [part for part in parts.parts if part.content_type == "application/pidf+xml" and part not in named]
    return (*dict.fromkeys(named), *others)
