"""New names for facts, calls and incidents."""

import secrets
import string

import uuid_utils

from tenfour.vocabulary.ids import EventId

I3_ID_LENGTH = 24
"""NENA-STA-010.3 section 2.1.6 permits 10 to 32 letters or digits: 24 of 36 symbols are 124 random bits."""

_LETTERS_AND_DIGITS = string.ascii_lowercase + string.digits
_I3_IDS = len(_LETTERS_AND_DIGITS) ** I3_ID_LENGTH


def new_event_id() -> EventId:
    """A UUIDv7 (RFC 9562), hyphenated lower case: ids of one process sort by the time they were made."""
    return EventId(str(uuid_utils.uuid7()))


def new_i3_id() -> str:
    """The local part of a new i3 call or incident identifier: 24 lower-case letters and digits."""
    drawn, letters = secrets.randbelow(_I3_IDS), []
    for _ in range(I3_ID_LENGTH):
        drawn, at = divmod(drawn, len(_LETTERS_AND_DIGITS))
        letters.append(_LETTERS_AND_DIGITS[at])
    return "".join(letters)


def new_sip_token() -> str:
    """A new SIP tag, branch suffix or Call-ID: 96 random bits in hex (RFC 3261 section 19.3 asks for 32)."""
    return secrets.token_hex(12)
