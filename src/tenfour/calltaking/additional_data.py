"""Blocks of additional data that come with a call and go along with one (RFC 7852): which one it is, and its XML.

Nothing is fetched, and what cannot be read says nothing; it stays in the record as kept.
"""

from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LARGEST_BLOCK: Final = 64 * 1024
"""Characters; a longer block is not read."""


def is_block(content_type: str, wanted: str) -> bool:
    """Whether a body part is a block of the `wanted` media type; compared without case (RFC 2045 section 5.1)."""
    return content_type.partition(";")[0].strip().lower() == wanted.lower()


def parsed(block: str) -> "Element | None":
    """The root of a block; None for one that is too long, broken, or has a DTD."""
    if len(block) > LARGEST_BLOCK:
        return None
    try:
        root: Element = fromstring(block.strip().encode("utf-8", "replace"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root


def local_name(element: "Element") -> str:
    """An element's name without its namespace: those of the field are mixed up."""
    return str(element.tag).rpartition("}")[2]
