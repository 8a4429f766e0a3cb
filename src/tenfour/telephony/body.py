"""The body of a message as its parts."""

from tenfour.telephony.message import Message
from tenfour.telephony.multipart import Parts, read_parts


def parts_of(message: Message) -> Parts:
    """All leaves of a message's body."""
    headers = tuple(pair for pair in message.headers if pair[0].startswith("Content-"))
    return read_parts(message.first("Content-Type") or "", message.body, headers=headers)
