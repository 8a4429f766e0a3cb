"""Redundant payloads (RFC 2198 section 3): earlier blocks go along with the newest."""

import struct
from collections.abc import Sequence

import msgspec

from tenfour.telephony.errors import RtpError

LONGEST_BLOCK = 1023
"""Bytes of an earlier block: its length has ten bits."""

LONGEST_OFFSET = 16383
"""By how much a block may be older than the packet's timestamp: fourteen bits."""


class Block(msgspec.Struct, frozen=True):
    """One block. `offset`: how much older than the packet's timestamp it is; 0 for the newest, which stands last."""

    payload_type: int
    offset: int
    data: bytes


def parse_redundancy(payload: bytes) -> tuple[Block, ...]:
    """The blocks, oldest first. Raises `RtpError` where the payload ends too early."""
    heads: list[tuple[int, int, int]] = []
    at = 0
    while at < len(payload) and payload[at] & 0x80:
        if at + 4 > len(payload):
            raise RtpError("A redundant payload ends within its headers.")
        (word,) = struct.unpack_from("!I", payload, at)
        heads.append((word >> 24 & 0x7F, word >> 10 & 0x3FFF, word & 0x3FF))
        at += 4
    if at >= len(payload):
        raise RtpError("A redundant payload has no header of its newest block.")
    newest, at = payload[at], at + 1
    if at + sum(length for _, _, length in heads) > len(payload):
        raise RtpError("A redundant payload ends within its blocks.")
    blocks = []
    for payload_type, offset, length in heads:
        blocks.append(Block(payload_type, offset, payload[at : at + length]))
        at += length
    return (*blocks, Block(newest, 0, payload[at:]))


def serialise_redundancy(blocks: Sequence[Block]) -> bytes:
    """The payload: the newest block is the last one given."""
    *earlier, newest = blocks
    heads = b"".join(
        struct.pack("!I", 1 << 31 | block.payload_type << 24 | block.offset << 10 | len(block.data))
        for block in earlier
    )
    return heads + bytes([newest.payload_type]) + b"".join(block.data for block in blocks)
