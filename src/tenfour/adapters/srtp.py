"""SRTP and SRTCP (RFC 3711, RFC 7714): what goes out is secured, what comes in must prove itself."""

from collections.abc import Callable

import msgspec
from pylibsrtp import Error, Policy, Session

from tenfour.telephony.secured_sdp import MasterKey, Suite

KEEP_EVERY = 4096
"""Packets after which the place in a stream is told anew. A restart finds the stream again by it for 32,768 packets
(RFC 3711 section 3.3.1), which at 50 a second leaves nine minutes for the restart."""

SOURCES = 16
"""From so many a caller may speak at a time; the oldest is forgotten, and begins anew when it comes again."""

STEP = 1 << 14

LARGEST_INDEX = 1 << 31
"""More than a year of 50 packets a second."""

PROFILES = {
    Suite.AES_CM_128_HMAC_SHA1_80: Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    Suite.AES_CM_128_HMAC_SHA1_32: Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
    Suite.AEAD_AES_128_GCM: Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    Suite.AEAD_AES_256_GCM: Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
}

BEHIND_MKI = {
    Suite.AES_CM_128_HMAC_SHA1_80: (10, 10),
    Suite.AES_CM_128_HMAC_SHA1_32: (4, 10),
    Suite.AEAD_AES_128_GCM: (0, 0),
    Suite.AEAD_AES_256_GCM: (0, 0),
}
"""Bytes of RTP and of RTCP that come behind the MKI: the tag (RFC 3711 sections 3.1, 3.4; RFC 7714 sections 8, 9)."""


class SrtpKeys(msgspec.Struct, frozen=True):
    """What both sides secure their packets with."""

    suite: Suite
    ours: bytes
    theirs: tuple[MasterKey, ...]


class Place(msgspec.Struct, frozen=True):
    """How far a stream had come: `index` is 65536 times the rollovers, and the sequence number."""

    ssrc: int
    index: int


class SrtpSender:
    """Our side's packets, secured. None: this one cannot be, and must not go out."""

    def __init__(self, suite: Suite, key: bytes) -> None:
        self._session = Session(Policy(key, Policy.SSRC_ANY_OUTBOUND, 0, PROFILES[suite]))

    def protect(self, packet: bytes) -> bytes | None:
        """RTP as it goes out."""
        return _processed(self._session.protect, packet)

    def protect_rtcp(self, packet: bytes) -> bytes | None:
        """RTCP as it goes out."""
        return _processed(self._session.protect_rtcp, packet)


class SrtpReceiver:
    """Their side's packets as they were. None: not theirs, forged, replayed or broken.

    `place` is how far they came, told anew every so often; given at the start, it is where the stream goes on.
    """

    def __init__(self, suite: Suite, keys: tuple[MasterKey, ...], place: Place | None = None) -> None:
        self.keys, self.place = keys, place
        self._suite = suite
        self._sessions = {
            key.mki: Session(Policy(key.key, Policy.SSRC_ANY_INBOUND, 0, PROFILES[suite])) for key in keys
        }
        self._mki_bytes = len(keys[0].mki)
        self._indexes: dict[int, int] = {}
        self._sources: dict[int, None] = {}
        if place is not None:
            self._go_on_from(place)

    def unprotect(self, packet: bytes) -> bytes | None:
        """RTP as it was."""
        session, packet = self._session_of(packet, BEHIND_MKI[self._suite][0])
        opened = _processed(session.unprotect, packet) if session is not None else None
        if opened is not None:
            self._follow(int.from_bytes(opened[8:12], "big"), int.from_bytes(opened[2:4], "big"))
        return opened

    def unprotect_rtcp(self, packet: bytes) -> bytes | None:
        """RTCP as it was."""
        session, packet = self._session_of(packet, BEHIND_MKI[self._suite][1])
        opened = _processed(session.unprotect_rtcp, packet) if session is not None else None
        if opened is not None:
            self._know(int.from_bytes(opened[4:8], "big"))
        return opened

    def _session_of(self, packet: bytes, behind: int) -> tuple[Session | None, bytes]:
        """By which key this packet is secured, and the packet without the MKI, which libsrtp is not told of."""
        if not self._mki_bytes:
            return self._sessions[b""], packet
        end = len(packet) - behind
        begin = max(0, end - self._mki_bytes)
        return self._sessions.get(packet[begin:end]), packet[:begin] + packet[end:]

    def _follow(self, ssrc: int, sequence: int) -> None:
        """Count how far the stream has come (RFC 3711 appendix A)."""
        before = self._indexes.get(ssrc)
        if before is None:
            self._know(ssrc)
            self._indexes[ssrc] = sequence
            if len(self._sources) < SOURCES:  # one who speaks from ever new sources does not keep the disk busy
                self.place = Place(ssrc, sequence)
        elif (index := _nearest(before, sequence)) > before:
            self._indexes[ssrc] = index
            if index // KEEP_EVERY > before // KEEP_EVERY:
                self.place = Place(ssrc, index)

    def _know(self, ssrc: int) -> None:
        self._sources[ssrc] = None
        if len(self._sources) > SOURCES:
            oldest = next(iter(self._sources))
            del self._sources[oldest]
            self._indexes.pop(oldest, None)
            for session in self._sessions.values():
                _forget(session, oldest)

    def _go_on_from(self, place: Place) -> None:
        """Lead libsrtp there: it takes no rollover counter, but counts one, so packets of our own making are read."""
        if not 0 <= place.index < LARGEST_INDEX:
            return
        for key in self.keys:
            maker = SrtpSender(self._suite, key.key)
            for index in (*range(0, place.index, STEP), place.index):
                made = maker.protect(
                    b"\x80\x00" + (index & 0xFFFF).to_bytes(2, "big") + bytes(4) + place.ssrc.to_bytes(4, "big")
                )
                if made is not None:
                    _processed(self._sessions[key.mki].unprotect, made)
        self._know(place.ssrc)
        self._indexes[place.ssrc] = place.index


def _processed(process: Callable[[bytes], bytes], packet: bytes) -> bytes | None:
    try:
        return process(packet)
    except (Error, ValueError):
        return None


def _forget(session: Session, ssrc: int) -> None:
    try:
        session.remove_stream(ssrc)
    except Error:
        return  # this key never secured it


def _nearest(before: int, sequence: int) -> int:
    """The index with this sequence number that is nearest to where the stream was."""
    near = before - (before & 0xFFFF) + sequence
    return min((near - 0x10000, near, near + 0x10000), key=lambda index: abs(index - before))
