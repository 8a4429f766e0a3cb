"""HELD (RFC 5985): asking a location server where a caller is. Bytes here, the asking itself is an adapter's.

A location URI is dereferenced by an HTTP POST of `locationRequest` to it (RFC 6753).
"""

from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element as NewElement
from xml.etree.ElementTree import ParseError, SubElement, tostring

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tenfour.location.shape import local_name
from tenfour.vocabulary.errors import BadInput

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

CONTENT_TYPE: Final = "application/held+xml"
NAMESPACE: Final = "urn:ietf:params:xml:ns:geopriv:held"
LARGEST_ANSWER: Final = 256 * 1024


class HeldUnreadable(BadInput):
    """The answer of the location server cannot be used; the sentence says why."""


class HeldLocation(msgspec.Struct, frozen=True):
    """The server gave a location: a PIDF-LO document, and further URIs to ask (RFC 5985 section 6.5)."""

    pidf_lo: str
    uris: tuple[str, ...] = ()


class HeldRefusal(msgspec.Struct, frozen=True):
    """The server gave none: the error's code (RFC 5985 section 6.3) and its words."""

    code: str
    words: str


def location_request(*, response_time: str = "emergencyDispatch") -> bytes:
    """A request for a geodetic or civic location (RFC 5985 sections 6.1, 6.2).

    `response_time`: milliseconds, `emergencyRouting` or `emergencyDispatch` (as exact as can be had).
    """
    request = NewElement("locationRequest", {"xmlns": NAMESPACE, "responseTime": response_time})
    SubElement(request, "locationType", {"exact": "false"}).text = "geodetic civic"
    return bytes(tostring(request, encoding="utf-8", xml_declaration=True))


def read_answer(body: bytes) -> HeldLocation | HeldRefusal:
    """What the server said. Raises `HeldUnreadable` for what is no HELD answer."""
    root = _parsed(body)
    match local_name(root):
        case "locationresponse":
            return _location(root)
        case "error":
            words = next((" ".join((e.text or "").split()) for e in root if local_name(e) == "message"), "")
            return HeldRefusal(root.get("code", "unspecified"), words)
        case "presence":
            return HeldLocation(tostring(root, encoding="unicode"))
        case name:
            raise HeldUnreadable(f"The location server answered with {name!r}; expected a locationResponse.")


def _parsed(body: bytes) -> "Element":
    if len(body) > LARGEST_ANSWER:
        raise HeldUnreadable(f"The location server's answer is too long to be read ({len(body)} bytes).")
    try:
        root: Element = fromstring(body.strip(), forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        raise HeldUnreadable(f"The location server's answer is no XML: line {line}, column {column}.") from None
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise HeldUnreadable(f"The location server's answer is unsafe: {type(error).__name__}.") from None
    return root


def _location(root: "Element") -> HeldLocation:
    presence = next((e for e in root if local_name(e) == "presence"), None)
    uris = tuple((e.text or "").strip() for e in root.iter() if local_name(e) == "locationuri")
    if presence is None:
        raise HeldUnreadable("The location server's answer holds no location.")
    return HeldLocation(tostring(presence, encoding="unicode"), uris)
