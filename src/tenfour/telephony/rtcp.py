"""RTCP (RFC 3550 section 6): what each side says about the audio it sent and heard. Bytes to values and back."""

import struct

import msgspec

from tenfour.telephony.errors import RtpError

SENDER_REPORT, RECEIVER_REPORT, DESCRIPTION, GOODBYE = 200, 201, 202, 203
MAX_PACKETS = 32
_BLOCK = struct.Struct("!IIIIII")
_SENDER = struct.Struct("!IIIII")
NTP_EPOCH_S = 2_208_988_800
"""Seconds from 1900 to 1970."""


class ReportBlock(msgspec.Struct, frozen=True):
    """What a receiver says of one stream (section 6.4.1).

    `fraction_lost` of 256 since the last report, `lost` since the beginning (may be negative: doubles), `highest`
    sequence number with its cycles, `jitter` in timestamp units, `last_sender_report` the middle of its NTP time,
    `delay` since then in 1/65536 s.
    """

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    last_sender_report: int = 0
    delay: int = 0


class Sent(msgspec.Struct, frozen=True):
    """What a sender says it sent: when (64-bit NTP time), the RTP timestamp of then, packets and payload bytes."""

    ntp: int
    timestamp: int
    packets: int
    octets: int


class Report(msgspec.Struct, frozen=True):
    """A sender report (`sent` is there) or a receiver report."""

    ssrc: int
    sent: Sent | None = None
    blocks: tuple[ReportBlock, ...] = ()


def parse_rtcp(data: bytes) -> tuple[Report, ...]:
    """The reports in a compound packet; other packet types are passed over.

    Raises `RtpError` where the lengths do not fit.
    """
    reports: list[Report] = []
    at = 0
    for _ in range(MAX_PACKETS):
        if at == len(data):
            return tuple(reports)
        first, kind, body = _packet(data, at)
        at += 4 + len(body)
        if kind in (SENDER_REPORT, RECEIVER_REPORT):
            reports.append(_report(kind, first & 0x1F, body))
    raise RtpError(f"An RTCP datagram has more than {MAX_PACKETS} packets.")


def _packet(data: bytes, at: int) -> tuple[int, int, bytes]:
    if len(data) - at < 4 or data[at] >> 6 != 2:
        raise RtpError(f"A datagram of {len(data)} bytes is no RTCP packet.")
    first, kind, words = struct.unpack_from("!BBH", data, at)
    end = at + 4 + 4 * words
    if end > len(data):
        raise RtpError("An RTCP packet is longer than its datagram.")
    return first, kind, data[at + 4 : end]


def _report(kind: int, count: int, body: bytes) -> Report:
    start = 4 + (_SENDER.size if kind == SENDER_REPORT else 0)
    if len(body) < start + count * _BLOCK.size:
        raise RtpError("An RTCP report ends within itself.")
    (ssrc,) = struct.unpack_from("!I", body)
    sent = None
    if kind == SENDER_REPORT:
        high, low, timestamp, packets, octets = _SENDER.unpack_from(body, 4)
        sent = Sent(high << 32 | low, timestamp, packets, octets)
    return Report(ssrc, sent, tuple(_block(body, start + at * _BLOCK.size) for at in range(count)))


def _block(body: bytes, at: int) -> ReportBlock:
    ssrc, losses, highest, jitter, last, delay = _BLOCK.unpack_from(body, at)
    lost = losses & 0xFFFFFF
    return ReportBlock(ssrc, losses >> 24, lost - 0x1000000 if lost & 0x800000 else lost, highest, jitter, last, delay)


def serialise_report(report: Report, name: str) -> bytes:
    """The report and who speaks (section 6.1: every compound packet has both). `name` is the CNAME."""
    kind = SENDER_REPORT if report.sent is not None else RECEIVER_REPORT
    body = struct.pack("!I", report.ssrc)
    if report.sent is not None:
        sent = report.sent
        body += _SENDER.pack(sent.ntp >> 32, sent.ntp & 0xFFFFFFFF, sent.timestamp, sent.packets, sent.octets)
    for block in report.blocks:
        losses = block.fraction_lost << 24 | (block.lost & 0xFFFFFF)
        body += _BLOCK.pack(block.ssrc, losses, block.highest, block.jitter, block.last_sender_report, block.delay)
    return _written(kind, len(report.blocks), body) + _description(report.ssrc, name)


def serialise_goodbye(ssrc: int, name: str) -> bytes:
    """An empty report, who speaks, and BYE (section 6.6)."""
    return serialise_report(Report(ssrc), name) + _written(GOODBYE, 1, struct.pack("!I", ssrc))


def _description(ssrc: int, name: str) -> bytes:
    text = name.encode()[:255]
    chunk = struct.pack("!IBB", ssrc, 1, len(text)) + text + b"\0"
    return _written(DESCRIPTION, 1, chunk + b"\0" * (-len(chunk) % 4))


def _written(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def ntp_time(unix_s: float) -> int:
    """Seconds since 1970 as 64-bit NTP time."""
    return int((unix_s + NTP_EPOCH_S) * 2**32)


def middle(ntp: int) -> int:
    """The middle 32 bits of an NTP time, as reports name it."""
    return ntp >> 16 & 0xFFFFFFFF
