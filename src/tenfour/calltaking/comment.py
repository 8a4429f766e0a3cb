"""Words that go along with a call: the Comment block of RFC 7852 section 4.5, read and written."""

from typing import Final
from xml.sax.saxutils import escape

from tenfour.calltaking.additional_data import is_block, local_name, parsed

CONTENT_TYPE: Final = "application/EmergencyCallData.Comment+xml"
PURPOSE: Final = "EmergencyCallData.Comment"
"""The `purpose` of the Call-Info that names the block (RFC 7852 section 5.1)."""


def is_comment(content_type: str) -> bool:
    """Whether a body part is a Comment block."""
    return is_block(content_type, CONTENT_TYPE)


def words_of(block: str) -> str:
    """All comments of a block, a line each; empty where there are none that can be read."""
    root = parsed(block)
    if root is None:
        return ""
    comments = (part.text or "" for part in root.iter() if local_name(part) == "Comment")
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
