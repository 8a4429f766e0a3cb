"""Words that go along with a call: the Comment block of RFC 7852 section 4.5, read and written.

What cannot be read says nothing; it stays in the record as kept.
"""

from typing import Final
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

CONTENT_TYPE: Final = "application/EmergencyCallData.Comment+xml"
PURPOSE: Final = "EmergencyCallData.Comment"
"""The `purpose` of the Call-Info that names the block (RFC 7852 section 5.1)."""
LARGEST_BLOCK: Final = 64 * 1024
"""Characters; a longer block is not read."""


def is_comment(content_type: str) -> bool:
    """Whether a body part is a Comment block; media types are compared without case (RFC 2045 section 5.1)."""
    return content_type.partition(";")[0].strip().lower() == CONTENT_TYPE.lower()


def words_of(block: str) -> str:
    """All comments of a block, a line each; empty where there are none that can be read."""
    if len(block) > LARGEST_BLOCK:
        return ""
    try:
        root = fromstring(block.strip().encode("utf-8", "replace"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return ""
    comments = (part.text or "" for part in root.iter() if str(part.tag).rpartition("}")[2] == "Comment")
    return "\n".join(words for comment in comments if (words := " ".join(comment.split())))


def document(words: str, *, provider: str) -> str:
    """The block that says this in English, as `provider` (a centre's name on the network) gives it."""
    readable = "".join(letter if letter.isprintable() else " " for letter in words)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<com:EmergencyCallData.Comment xmlns:com="urn:ietf:params:xml:ns:EmergencyCallData:Comment">
<com:DataProviderReference>comment@{escape(provider)}</com:DataProviderReference>
<com:Comment xml:lang="en">{escape(readable)}</com:Comment>
</com:EmergencyCallData.Comment>
"""
