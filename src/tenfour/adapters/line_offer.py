"""What the caller's side offers to hear and say, and what we say to it (RFC 3264): one stream of G.711, and text."""

import zlib
from collections.abc import Sequence
from enum import Enum

import msgspec

from tenfour.telephony.errors import SdpError
from tenfour.telephony.language import LanguageOffer, language_offers, with_languages
from tenfour.telephony.msrp_sdp import MsrpOffer, msrp_of, taken_msrp
from tenfour.telephony.sdp import (
    AudioStream,
    Codec,
    answer,
    audio_of,
    audio_problems,
    counter_offer,
    offer,
    offer_again,
    parse_sdp,
    refusal,
    serialise_sdp,
)
from tenfour.telephony.secured_sdp import OurSecurity
from tenfour.telephony.text_sdp import TextStream, taken_text, text_of
from tenfour.vocabulary.ids import CallId


class Offered(Enum):
    """An offer that is no audio stream for us."""

    NOTHING = "nothing"
    """No description, or one that cannot be read: we make the offer ourselves (RFC 3261 section 13.3.1.4)."""
    NOTHING_FOR_US = "nothing for us"
    """A description that can be read, without PCMU or PCMA over RTP or SRTP."""


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


def read_text_offer(description: bytes | None) -> TextStream | None:
    """The caller's real-time text, None where none that is spoken here is offered."""
    try:
        return text_of(parse_sdp(description)) if description else None
    except SdpError:
        return None


def read_msrp_offer(description: bytes | None) -> MsrpOffer | None:
    """The session for messages that the caller offers, None where none that we can wait for."""
    try:
        return msrp_of(parse_sdp(description)) if description else None
    except SdpError:
        return None


def read_languages(description: bytes | None) -> tuple[LanguageOffer, ...]:
    """What the caller's side says of its languages, medium by medium (RFC 8373)."""
    try:
        return language_offers(parse_sdp(description)) if description else ()
    except SdpError:
        return ()


def offer_problems(description: bytes | None) -> tuple[str, ...]:
    """What is broken in the caller's description, in sentences; none of them tells a key."""
    try:
        return audio_problems(parse_sdp(description)) if description else ()
    except SdpError as error:
        return (f"{error} It was taken for none.",)


def no_audio_words(description: bytes) -> str:
    """What a description offers that is no audio for us, as a sentence."""
    media = (
        f"{medium.kind} {' '.join(medium.formats)} over {medium.protocol}" for medium in parse_sdp(description).media
    )
    return f"The caller's side offers no audio that is spoken here ({', '.join(media)[:200] or 'no media at all'})."


def our_description(
    description: bytes | None, host: str, port: int, call_id: CallId, version: int, *, security: OurSecurity
) -> bytes:
    """What we say to the caller's offer; `version` counts our descriptions.

    Our answer; our own offer where there was none; where it holds nothing for us, a refusal of its media (not of the
    call).
    """
    session_id = zlib.crc32(call_id.encode())
    match read_offer(description):
        case Offered.NOTHING:
            said = offer(host=host, port=port, session_id=session_id, version=version, codecs=tuple(Codec))
        case Offered.NOTHING_FOR_US:
            said = refusal(parse_sdp(description or b""), host=host, session_id=session_id, version=version)
        case _:
            offered = parse_sdp(description or b"")
            said = answer(offered, host=host, port=port, session_id=session_id, version=version, security=security)
    return serialise_sdp(said)


def our_offer_again(
    description: bytes | None, host: str, port: int, call_id: CallId, version: int, *, security: OurSecurity
) -> bytes:
    """The offer that we make in a call where an INVITE holds none; `description` is what they said last."""
    if read_offer(description) is Offered.NOTHING_FOR_US:
        return our_counter_offer(description or b"", host, port, call_id, version)
    return serialise_sdp(
        offer_again(parse_sdp(our_description(description, host, port, call_id, version, security=security)))
    )


def our_counter_offer(description: bytes, host: str, port: int, call_id: CallId, version: int) -> bytes:
    """The offer that we make when the caller's held nothing for us."""
    refused = parse_sdp(description)
    session_id = zlib.crc32(call_id.encode())
    return serialise_sdp(counter_offer(refused, host=host, port=port, session_id=session_id, version=version))


def with_text(
    ours: bytes,
    description: bytes | None,
    text_port: int,
    languages: Sequence[str],
    *,
    security: OurSecurity,
    messages: tuple[str, int] = ("", 0),
) -> bytes:
    """Our description with their real-time text taken at `text_port` (0: refused), and the languages spoken here.

    `security`: what we say where the text is secured.
    `messages`: our path and port for their MSRP session, "" and 0 where it is refused.

    As it was where it is our own offer: `description`, theirs, says nothing then.
    """
    if read_offer(description) is Offered.NOTHING:
        return ours
    theirs, said = parse_sdp(description or b""), parse_sdp(ours)
    taken = taken_text(theirs, text_port, security) if text_port else {}
    path, port = messages
    taken |= taken_msrp(theirs, path, port) if port else {}
    media = tuple(taken.get(place, medium) for place, medium in enumerate(said.media))
    return serialise_sdp(with_languages(msgspec.structs.replace(said, media=media), theirs, languages))
