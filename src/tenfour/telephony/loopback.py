"""Sending a caller's audio back to it (RFC 6849): what its offer asks for, our answer, and packets as they go back."""

from enum import Enum

import msgspec

from tenfour.telephony.rtp import RtpPacket, serialise_rtp
from tenfour.telephony.sdp import Media, Sdp
from tenfour.telephony.secured_sdp import Attribute


class Loopback(Enum):
    """What is sent back (section 5.2)."""

    PACKET = "rtp-pkt-loopback"
    """Each packet, as it came."""
    MEDIA = "rtp-media-loopback"
    """What a listener would hear: decoded, played steadily, and coded again."""


class PacketFormat(Enum):
    """How a packet is put into one of ours (section 7)."""

    ENCAPSULATED = "encaprtp"
    """Whole, with its header and when it came."""
    DIRECT = "rtploopback"
    """Its payload alone."""


class Mirror(msgspec.Struct, frozen=True):
    """How we send audio back. `asked`: the offer asked for it; an ordinary offer is answered as an ordinary call.

    `packet_format` and `payload_type` are those of packets that go back, None for media.
    """

    loopback: Loopback = Loopback.MEDIA
    asked: bool = False
    packet_format: PacketFormat | None = None
    payload_type: int | None = None


def mirror_of(offered: Sdp, place: int) -> Mirror:
    """What the medium at `place` of an offer asks for: the first kind of loopback in it that can be done."""
    if not 0 <= place < len(offered.media) or offered.media[place].attribute("loopback-source") is None:
        return Mirror()
    medium = offered.media[place]
    for name in (medium.attribute("loopback") or "").replace(",", " ").lower().split():
        if name == Loopback.MEDIA.value:
            return Mirror(Loopback.MEDIA, asked=True)
        format_, payload_type = _packet_format(medium)
        if name == Loopback.PACKET.value and format_ is not None:
            return Mirror(Loopback.PACKET, asked=True, packet_format=format_, payload_type=payload_type)
    return Mirror()


def place_of_audio(answer: Sdp) -> int:
    """Which medium an answer takes; -1 where it takes none."""
    return next((place for place, medium in enumerate(answer.media) if medium.port), -1)


def mirrored(answer: Sdp, mirror: Mirror) -> Sdp:
    """The answer, saying that we send back (section 5.3): `loopback-mirror` with the one kind agreed on."""
    place = place_of_audio(answer)
    if place < 0 or not mirror.asked:
        return answer
    medium = answer.media[place]
    attributes: list[Attribute] = [("loopback", mirror.loopback.value), ("loopback-mirror", None)]
    formats = medium.formats
    if mirror.packet_format is not None:
        formats = (*formats, str(mirror.payload_type))
        attributes.append(("rtpmap", f"{mirror.payload_type} {mirror.packet_format.value}/8000"))
    ours = msgspec.structs.replace(medium, formats=formats, attributes=(*medium.attributes, *attributes))
    media = (ours if at == place else each for at, each in enumerate(answer.media))
    return msgspec.structs.replace(answer, media=tuple(media))


def _packet_format(medium: Media) -> tuple[PacketFormat | None, int | None]:
    """The first format for packets that the medium lists, with its payload type."""
    for text in medium.formats:
        for name, value in medium.attributes:
            number, _, encoding = (value or "").partition(" ")
            wanted = encoding.strip().lower().partition("/")[0]
            found = next((each for each in PacketFormat if each.value == wanted), None)
            if name == "rtpmap" and number == text and found is not None and text.isdecimal() and int(text) < 128:
                return found, int(text)
    return None, None


class PacketMirror:
    """Makes of each packet that came the payload that goes back, and the timestamp it goes back with.

    Our timestamps keep the distances of theirs, whatever they begin with.
    """

    def __init__(self, packet_format: PacketFormat, first_timestamp: int) -> None:
        self._format, self._last = packet_format, first_timestamp
        self._before: tuple[int, int] | None = None

    def looped(self, packet: RtpPacket, received_at: int) -> tuple[bytes, int]:
        """Payload and timestamp. `received_at`: when it came, in samples of 8 kHz, on our own clock."""
        if self._before is not None:
            ssrc, timestamp = self._before
            moved = packet.timestamp - timestamp if packet.ssrc == ssrc else len(packet.payload)
            self._last = (self._last + moved) & 0xFFFFFFFF
        self._before = packet.ssrc, packet.timestamp
        if self._format is PacketFormat.DIRECT:
            return packet.payload, self._last
        return encapsulated(packet, received_at), self._last


def encapsulated(packet: RtpPacket, received_at: int) -> bytes:
    """When it came, then its header and payload, not cut in pieces (section 7.1).

    The two bits that say so (F, 10) stand where an RTP header has its version, 2; a header extension has no place.
    """
    whole = serialise_rtp(msgspec.structs.replace(packet, extension=None))
    return (received_at & 0xFFFFFFFF).to_bytes(4) + whole
