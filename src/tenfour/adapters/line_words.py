"""Words that go along with an INVITE of ours: a Comment block beside the session description (RFC 7852, RFC 5621)."""

import secrets

import msgspec

from tenfour.calltaking.comment import CONTENT_TYPE, PURPOSE, document
from tenfour.telephony.multipart import BY_REFERENCE, Part, write_parts


class Said(msgspec.Struct, frozen=True):
    """The body of an INVITE, its type, and what its headers say of it."""

    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...]


def with_words(description: bytes, words: str, host: str) -> Said:
    """The description alone, or with the words in a part of its own, named by a Call-Info."""
    if not words:
        return Said(description, "application/sdp", ())
    token = secrets.token_hex(8)
    name = f"told.{token}@{host}"
    block = Part(CONTENT_TYPE, document(words, provider=host).encode(), name, BY_REFERENCE)
    content_type, body = write_parts([Part("application/sdp", description), block], token)
    return Said(body, content_type, (("Call-Info", f"<cid:{name}>;purpose={PURPOSE}"),))
