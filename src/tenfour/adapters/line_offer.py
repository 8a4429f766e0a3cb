"""What the caller's side offers to hear and say, and what we say to it (RFC 3264): one stream of G.711."""

import zlib
from enum import Enum

from tenfour.telephony.errors import SdpError
from tenfour.telephony.sdp import AudioStream, answer, audio_of, offer, parse_sdp, serialise_sdp
from tenfour.vocabulary.ids import CallId


class Offered(Enum):
    """An offer that is no audio stream for us."""

    NOTHING = "nothing"
    """No description, or one that cannot be read: we make the offer ourselves (RFC 3261 section 13.3.1.4)."""
    NOTHING_FOR_US = "nothing for us"
    """A description that can be read, without PCMU or PCMA over plain RTP."""


def read_offer(description: bytes | None) -> AudioStream | Offered:
    """The caller's audio stream. Bad input never drops a call: a description that is broken counts as none."""
    try:
        described = parse_sdp(description) if description else None
    except SdpError:
        return Offered.NOTHING
    if described is None:
        return Offered.NOTHING
    try:
        return audio_of(described)
    except SdpError:
        return Offered.NOTHING_FOR_US


def offer_problem(description: bytes | None) -> str:
    """What is broken in the caller's description, as a sentence; "" where it can be read or there is none."""
    try:
        if description:
            parse_sdp(description)
    except SdpError as error:
        return f"{error} It was taken for none."
    return ""


def our_description(description: bytes | None, host: str, port: int, call_id: CallId, version: int) -> bytes:
    """Our answer to the caller's offer, or our offer where there was none; `version` counts our descriptions."""
    session_id = zlib.crc32(call_id.encode())
    stream = read_offer(description)
    if description is None or isinstance(stream, Offered):
        return serialise_sdp(offer(host=host, port=port, session_id=session_id, version=version))
    return serialise_sdp(answer(parse_sdp(description), host=host, port=port, session_id=session_id, version=version))
