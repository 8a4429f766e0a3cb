"""RTP packets (RFC 3550 section 5.1), and telling RTCP from RTP on one port (RFC 5761 section 4)."""

import struct

import msgspec

from tenfour.telephony.errors import RtpError

_HEADER = struct.Struct("!BBHII")


class RtpPacket(msgspec.Struct, frozen=True):
    """One packet. `payload` is without padding; `extension` is the header extension's profile number and data."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False
    csrcs: tuple[int, ...] = ()
    extension: tuple[int, bytes] | None = None


def is_rtcp(data: bytes) -> bool:
    """RTCP's packet types 192 to 223 stand where RTP has marker and payload type (RFC 5761 section 4)."""
    return len(data) >= 4 and data[0] >> 6 == 2 and 192 <= data[1] <= 223


def is_keepalive(data: bytes) -> bool:
    """An empty datagram or STUN keeps the way through a NAT open and says nothing (RFC 6263 section 4, RFC 7983)."""
    return data[:1] < b"\x04"


def parse_rtp(data: bytes) -> RtpPacket:
    """Raises `RtpError` for anything that is no whole RTP version 2 packet, RTCP included."""
    if len(data) < _HEADER.size or data[0] >> 6 != 2:
        raise RtpError(f"A datagram of {len(data)} bytes is no RTP packet.")
    if is_rtcp(data):
        raise RtpError(f"A datagram is RTCP (type {data[1]}), not RTP.")
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    start = _HEADER.size + 4 * (first & 0x0F)
    if start > len(data):
        raise RtpError("An RTP packet ends within its list of contributing sources.")
    csrcs = struct.unpack_from(f"!{first & 0x0F}I", data, _HEADER.size)
    extension, start = _extension(data, start) if first & 0x10 else (None, start)
    end = len(data) - (_padding(data, start) if first & 0x20 else 0)
    return RtpPacket(
        second & 0x7F, sequence, timestamp, ssrc, data[start:end], bool(second & 0x80), tuple(csrcs), extension
    )


def _extension(data: bytes, start: int) -> tuple[tuple[int, bytes], int]:
    if start + 4 > len(data):
        raise RtpError("An RTP packet ends within its header extension.")
    profile, words = struct.unpack_from("!HH", data, start)
    end = start + 4 + 4 * words
    if end > len(data):
        raise RtpError("An RTP packet ends within its header extension.")
    return (profile, data[start + 4 : end]), end


def _padding(data: bytes, start: int) -> int:
    count = data[-1]
    if count == 0 or count > len(data) - start:
        raise RtpError(f"An RTP packet claims {count} bytes of padding and has no room for them.")
    return count


def serialise_rtp(packet: RtpPacket) -> bytes:
    """The packet's bytes, without padding. `extension` data must be a multiple of 4 bytes."""
    first = 0x80 | len(packet.csrcs) | (0x10 if packet.extension is not None else 0)
    second = packet.payload_type | (0x80 if packet.marker else 0)
    head = _HEADER.pack(first, second, packet.sequence, packet.timestamp, packet.ssrc)
    sources = struct.pack(f"!{len(packet.csrcs)}I", *packet.csrcs)
    return head + sources + _extension_bytes(packet.extension) + packet.payload


def _extension_bytes(extension: tuple[int, bytes] | None) -> bytes:
    if extension is None:
        return b""
    profile, data = extension
    if len(data) % 4:
        raise RtpError(f"A header extension has {len(data)} bytes; it must be a multiple of 4.")
    return struct.pack("!HH", profile, len(data) // 4) + data
