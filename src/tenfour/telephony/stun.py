"""STUN messages (RFC 8489) as ICE uses them to see whether a path works (RFC 8445 section 7)."""

import hashlib
import hmac
import struct
import zlib
from collections.abc import Iterator
from enum import IntEnum
from ipaddress import IPv4Address, ip_address

import msgspec

from tenfour.telephony.errors import StunError

COOKIE = 0x2112A442
LARGEST = 1280
"""Bytes of a message that is read: what fits in a packet on every path (RFC 8489 section 6.1)."""

_HEAD = struct.Struct("!HHI12s")
_FINGERPRINT_XOR = 0x5354554E


class Kind(IntEnum):
    """Method and class (section 5): of all methods ICE has the Binding alone."""

    REQUEST = 0x0001
    INDICATION = 0x0011
    SUCCESS = 0x0101
    ERROR = 0x0111


class Attribute(IntEnum):
    """The attributes that are read or written here (RFC 8489 section 14, RFC 8445 section 16.1)."""

    USERNAME = 0x0006
    MESSAGE_INTEGRITY = 0x0008
    ERROR_CODE = 0x0009
    UNKNOWN_ATTRIBUTES = 0x000A
    XOR_MAPPED_ADDRESS = 0x0020
    PRIORITY = 0x0024
    USE_CANDIDATE = 0x0025
    FINGERPRINT = 0x8028
    ICE_CONTROLLED = 0x8029
    ICE_CONTROLLING = 0x802A


class StunMessage(msgspec.Struct, frozen=True):
    """A message as it came. `integrity_at`: where in `data` its MESSAGE-INTEGRITY begins, None without."""

    kind: Kind
    transaction: bytes
    attributes: tuple[tuple[int, bytes], ...]
    data: bytes
    integrity_at: int | None

    def get(self, attribute: Attribute) -> bytes | None:
        """The value of the first such attribute; None where there is none."""
        return next((value for kind, value in self.attributes if kind == attribute), None)

    @property
    def not_understood(self) -> tuple[int, ...]:
        """Attributes that must be understood (section 5: below 0x8000) and are not."""
        known = {attribute.value for attribute in Attribute}
        return tuple(kind for kind, _ in self.attributes if kind < 0x8000 and kind not in known)

    def is_authentic(self, password: bytes) -> bool:
        """Does its MESSAGE-INTEGRITY prove that the sender knows the password (section 14.5)?"""
        if self.integrity_at is None:
            return False
        told = self.get(Attribute.MESSAGE_INTEGRITY) or b""
        return hmac.compare_digest(told, _integrity(self.data[: self.integrity_at], password))


def is_stun(datagram: bytes) -> bool:
    """STUN has first bytes from 0 to 3 (RFC 7983 section 7)."""
    return bool(datagram) and datagram[0] <= 3


def parse_stun(data: bytes) -> StunMessage:
    """Raises `StunError` for what is no whole Binding message, or has a wrong FINGERPRINT."""
    if not _HEAD.size <= len(data) <= LARGEST:
        raise StunError(f"A datagram of {len(data)} bytes is no STUN message.")
    kind, length, cookie, transaction = _HEAD.unpack_from(data)
    if cookie != COOKIE or length % 4 or _HEAD.size + length != len(data) or kind not in list(Kind):
        raise StunError("A datagram is no STUN Binding message of the length that it says.")
    attributes, integrity_at = [], None
    for at, number, value in _attributes(data):
        if number == Attribute.FINGERPRINT:
            if value != _fingerprint(data[:at]):
                raise StunError("The FINGERPRINT of a STUN message is wrong.")
        elif integrity_at is None:  # what follows MESSAGE-INTEGRITY proves nothing (section 14.5)
            attributes.append((number, value))
            if number == Attribute.MESSAGE_INTEGRITY:
                integrity_at = at
    return StunMessage(Kind(kind), transaction, tuple(attributes), data, integrity_at)


def serialise_stun(
    kind: Kind, transaction: bytes, attributes: tuple[tuple[int, bytes], ...], password: bytes | None
) -> bytes:
    """A message with its FINGERPRINT, and its MESSAGE-INTEGRITY where there is a password."""
    data = _HEAD.pack(kind, 0, COOKIE, transaction)
    for number, value in attributes:
        data += _padded(number, value)
    if password is not None:
        data += _padded(Attribute.MESSAGE_INTEGRITY, _integrity(data, password))
    data = _with_length(data, len(data) + 8)
    return data + _padded(Attribute.FINGERPRINT, _fingerprint(data))


def xor_mapped(host: str, port: int, transaction: bytes) -> bytes:
    """The value of XOR-MAPPED-ADDRESS: from where a request came (section 14.2)."""
    address = ip_address(host.partition("%")[0])
    family = 1 if isinstance(address, IPv4Address) else 2
    mask = (struct.pack("!I", COOKIE) + transaction)[: len(address.packed)]
    masked = bytes(a ^ b for a, b in zip(address.packed, mask, strict=True))
    return struct.pack("!BBH", 0, family, port ^ (COOKIE >> 16)) + masked


def error_code(code: int, reason: str) -> bytes:
    """The value of ERROR-CODE (section 14.8)."""
    return struct.pack("!HBB", 0, code // 100, code % 100) + reason.encode()


def _attributes(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Where each attribute begins, its number and its value."""
    at = _HEAD.size
    while at < len(data):
        number, length = struct.unpack_from("!HH", data, at)
        end = at + 4 + length
        if end > len(data):
            raise StunError("A STUN message ends within an attribute.")
        yield at, number, data[at + 4 : end]
        at = end + -length % 4


def _padded(number: int, value: bytes) -> bytes:
    return struct.pack("!HH", number, len(value)) + value + bytes(-len(value) % 4)


def _with_length(data: bytes, whole: int) -> bytes:
    return data[:2] + struct.pack("!H", whole - _HEAD.size) + data[4:]


def _integrity(before: bytes, password: bytes) -> bytes:
    """HMAC-SHA1 of what stands before it, with the length as if it were the last (section 14.5)."""
    return hmac.digest(password, _with_length(before, len(before) + 24), hashlib.sha1)


def _fingerprint(before: bytes) -> bytes:
    """CRC-32 of what stands before it, with the length as if it were the last (section 14.7)."""
    return struct.pack("!I", zlib.crc32(_with_length(before, len(before) + 8)) ^ _FINGERPRINT_XOR)
