"""How a session description secures its audio: keys in it (SDES, RFC 4568) or a handshake beside it (RFC 5763)."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from enum import Enum

import msgspec

from tenfour.telephony.errors import SdpError

Attribute = tuple[str, str | None]

PLAIN = ("RTP/AVP", "RTP/AVPF")
SECURED = ("RTP/SAVP", "RTP/SAVPF")
SECURED_BY_DTLS = ("UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF")

LONGEST_MKI = 128
"""Bytes of a master key identifier in each packet (RFC 4568 section 6.1)."""

DIGEST_BYTES = {"sha-1": 20, "sha-224": 28, "sha-256": 32, "sha-384": 48, "sha-512": 64}
"""The hash functions of fingerprints that are taken (RFC 8122 section 5); MD5 and MD2 must not be."""


class Suite(Enum):
    """The crypto suites that are spoken here (RFC 4568 section 6.2, RFC 7714 section 14.2)."""

    AES_CM_128_HMAC_SHA1_80 = "AES_CM_128_HMAC_SHA1_80"
    AES_CM_128_HMAC_SHA1_32 = "AES_CM_128_HMAC_SHA1_32"
    AEAD_AES_128_GCM = "AEAD_AES_128_GCM"
    AEAD_AES_256_GCM = "AEAD_AES_256_GCM"

    @property
    def key_bytes(self) -> int:
        """Bytes of the master key."""
        return 32 if self is Suite.AEAD_AES_256_GCM else 16

    @property
    def salt_bytes(self) -> int:
        """Bytes of the master salt."""
        return 14 if self.value.startswith("AES_CM") else 12


OUR_KEY_BYTES = max(suite.key_bytes + suite.salt_bytes for suite in Suite)
"""How many random bytes are enough for our own key in any suite."""


class MasterKey(msgspec.Struct, frozen=True):
    """Key and salt in one, as SDES writes them; `mki` is what packets name it by, b"" where they name none."""

    key: bytes
    mki: bytes = b""


class Sdes(msgspec.Struct, frozen=True, tag=True):
    """The `a=crypto` line that was chosen: its tag, and what its writer's packets are secured with."""

    tag: int
    suite: Suite
    keys: tuple[MasterKey, ...]


class Fingerprint(msgspec.Struct, frozen=True):
    """The digest of a certificate (RFC 8122)."""

    hash_name: str
    digest: bytes


class Dtls(msgspec.Struct, frozen=True, tag=True):
    """A DTLS handshake in the audio's own path; `we_begin`: the ClientHello is ours (RFC 5763 section 5)."""

    fingerprints: tuple[Fingerprint, ...]
    we_begin: bool


Security = Sdes | Dtls


class OurSecurity(msgspec.Struct, frozen=True):
    """What our side puts into an answer: `OUR_KEY_BYTES` random bytes, and the digest of our certificate.

    `stays_passive`: the other side began the handshake that holds, whatever its later offer leaves open.
    """

    key: bytes
    fingerprint: Fingerprint
    stays_passive: bool = False


def ways_to_speak(
    protocol: str, attributes: Sequence[Attribute], session: Sequence[Attribute]
) -> tuple[Security | None, ...]:
    """How a stream of this profile may be spoken, the best first; None stands for plain RTP, () for in no way.

    Plain profiles may carry keys, too (RFC 8643): whoever understands them uses them. Keys in the description come
    before a handshake: they are there with the first packet.
    """
    profile = protocol.upper()
    sdes = [] if profile in SECURED_BY_DTLS else _sdes(attributes)
    dtls = _dtls(attributes, session)
    plain: list[Security | None] = [None] if profile in PLAIN else []
    return (*sdes, *dtls, *plain) if profile in (*PLAIN, *SECURED, *SECURED_BY_DTLS) else ()


def answered(security: Security, ours: OurSecurity) -> list[Attribute]:
    """What our answer says of security: our key under the same tag, or our certificate and who begins."""
    match security:
        case Sdes(tag=tag, suite=suite):
            key = base64.b64encode(our_key(suite, ours.key)).decode("ascii")
            return [("crypto", f"{tag} {suite.value} inline:{key}")]
        case Dtls(we_begin=we_begin):
            digest = ours.fingerprint.digest.hex(":").upper()
            setup = "active" if we_begin and not ours.stays_passive else "passive"
            return [("fingerprint", f"{ours.fingerprint.hash_name} {digest}"), ("setup", setup)]


def our_key(suite: Suite, random: bytes) -> bytes:
    """Our own master key with its salt."""
    return random[: suite.key_bytes + suite.salt_bytes]


def broken_security(attributes: Sequence[Attribute]) -> Iterator[str]:
    """A sentence on each `a=crypto` and `a=fingerprint` that cannot be read; never with a key in it."""
    for name, value in attributes:
        try:
            if name == "crypto":
                parse_crypto(value or "")
            elif name == "fingerprint":
                parse_fingerprint(value or "")
        except SdpError as error:
            yield f"{error} It was passed over."


# ---- SDES ----


def parse_crypto(value: str) -> Sdes | None:
    """The value of an `a=crypto` line. None: well written, and with a suite or a parameter that is not ours.

    Raises `SdpError` for one that cannot be read.
    """
    words = value.split()
    if len(words) < 3 or not (words[0].isascii() and words[0].isdigit() and len(words[0]) < 10):
        raise SdpError("An a=crypto line is not 'tag suite inline:key'.")
    suite = next((suite for suite in Suite if suite.value == words[1].upper()), None)
    if suite is None or not all(map(_is_passed_over, words[3:])):
        return None
    keys = tuple(_master_key(text, suite) for text in words[2].split(";"))
    if len({len(key.mki) for key in keys}) > 1 or (len(keys) > 1 and not keys[0].mki):
        raise SdpError(f"The a=crypto line {words[0]} has several keys and does not tell them apart.")
    return Sdes(int(words[0]), suite, keys)


def _is_passed_over(parameter: str) -> bool:
    """May a session parameter be disregarded? WSH is a hint; "-" marks what may be (RFC 4568 sections 6.3.6, 6.3.7)."""
    return parameter.startswith("-") or parameter.upper().startswith("WSH=") or parameter.upper() == "KDR=0"


def _master_key(text: str, suite: Suite) -> MasterKey:
    """One key parameter: `inline:` key and salt, then lifetime and MKI behind bars (RFC 4568 section 6.1)."""
    method, _, rest = text.partition(":")
    coded, *more = rest.split("|")
    try:
        key = base64.b64decode(coded.rstrip("=") + "=" * (-len(coded.rstrip("=")) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if method.lower() != "inline" or len(key) != suite.key_bytes + suite.salt_bytes:
        raise SdpError(f"An a=crypto line has no key of {suite.value}.")
    if more and ":" not in more[0]:
        _check_lifetime(more.pop(0))
    if len(more) > 1:
        raise SdpError("An a=crypto line has more behind its key than a lifetime and an MKI.")
    return MasterKey(key, _mki(more[0]) if more else b"")


def _check_lifetime(text: str) -> None:
    """`2^20` or `1048576` packets: longer than any call lasts, so it is not counted."""
    if not _is_number(text.removeprefix("2^")):
        raise SdpError("An a=crypto line has a lifetime that is no number.")


def _mki(text: str) -> bytes:
    value, _, length = text.partition(":")
    if not (_is_number(value) and _is_number(length) and 0 < int(length) <= LONGEST_MKI):
        raise SdpError("An a=crypto line has an MKI that is not 'value:bytes'.")
    if int(value).bit_length() > 8 * int(length):
        raise SdpError("An a=crypto line has an MKI that does not fit into its bytes.")
    return int(value).to_bytes(int(length), "big")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 30


def _sdes(attributes: Sequence[Attribute]) -> list[Security | None]:
    """The first line that is for us: they stand in the offerer's order of preference (RFC 4568 section 5.1.2)."""
    for name, value in attributes:
        if name == "crypto":
            try:
                line = parse_crypto(value or "")
            except SdpError:
                continue
            if line is not None:
                return [line]
    return []


# ---- DTLS ----


def parse_fingerprint(value: str) -> Fingerprint | None:
    """The value of an `a=fingerprint` line. None: a hash function that is not taken.

    Raises `SdpError` for one that cannot be read.
    """
    hash_name, _, text = value.strip().partition(" ")
    length = DIGEST_BYTES.get(hash_name.lower())
    if length is None and text:
        return None
    try:
        digest = bytes.fromhex(text.replace(":", " "))
    except ValueError:
        digest = b""
    if length is None or len(digest) != length:
        raise SdpError("An a=fingerprint line is not the digest that it says it is.")
    return Fingerprint(hash_name.lower(), digest)


def _dtls(attributes: Sequence[Attribute], session: Sequence[Attribute]) -> list[Security | None]:
    """Fingerprints of the strongest hash (RFC 8122 section 5); what the medium says stands above the session."""
    found = _fingerprints(attributes) or _fingerprints(session)
    if not found:
        return []
    strongest = max((each.hash_name for each in found), key=lambda name: DIGEST_BYTES[name])
    return [Dtls(tuple(each for each in found if each.hash_name == strongest), _we_begin(attributes, session))]


def _fingerprints(attributes: Sequence[Attribute]) -> list[Fingerprint]:
    found = []
    for name, value in attributes:
        if name == "fingerprint":
            try:
                found.append(parse_fingerprint(value or ""))
            except SdpError:
                continue
    return [each for each in found if each is not None]


def _we_begin(attributes: Sequence[Attribute], session: Sequence[Attribute]) -> bool:
    """Ours is the active part, unless they take it; no word at all means that they do (RFC 4145 section 4)."""
    said = (value for name, value in (*attributes, *session) if name == "setup")
    return (next(said, None) or "active").strip().lower() != "active"
