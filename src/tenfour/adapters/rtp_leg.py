"""One call's audio socket: RTP in and out (RFC 3550), from whom it is taken, and G.711 to PCM16 and back."""

import asyncio
import math
import secrets
import time
from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np
import structlog

from tenfour.adapters.audio_ports import AudioPorts, came_at
from tenfour.adapters.audio_security import AudioSecurity
from tenfour.adapters.audio_source import Address, Source, sendable
from tenfour.adapters.dtls_handshake import is_handshake
from tenfour.adapters.rtcp_leg import RtcpLeg, Speaking, beside
from tenfour.telephony.errors import RtpError
from tenfour.telephony.g711 import Samples, decode_alaw, decode_ulaw, encode_alaw, encode_ulaw
from tenfour.telephony.keypress import Keypress, KeypressReader
from tenfour.telephony.reception import Reception
from tenfour.telephony.rtp import RtpPacket, is_keepalive, is_rtcp, parse_rtp, serialise_rtp
from tenfour.telephony.sdp import Codec

LARGEST_PAYLOAD = 1600
"""Bytes of one packet's audio: 200 ms of G.711. A larger one is not plausible and is dropped."""

FRAMES_REMEMBERED = 8192
"""So many frames stay coded: an announcement of two minutes has 6,000."""

TAKE_AT_ONCE, TAKE_S = 256, 0.002
"""Datagrams read in a row from one socket, and for how long: a flood on one call leaves time for the others."""

ALONE_S = 0.005
"""A packet that comes so long after the one before is read, and no other looked for: the kernel tells of it."""

LATE_S = 0.5
"""Where nothing was read for so long, this process may have stood still: the kernel says when each packet came."""

FLOOD_PAUSE_S = 0.004
"""A socket that had more than that is read again after so long; what its buffer cannot hold meanwhile is lost."""

KEPT_BY_KERNEL = 2048
"""Datagrams of a call's audio that may wait in the kernel at most (`audio_ports.BUFFER`)."""

_DECODED = {Codec.PCMA: decode_alaw, Codec.PCMU: decode_ulaw}

log = structlog.get_logger(__name__)


class RtpLeg:
    """The UDP sockets of one call. `on_audio(packet, samples)` gets each packet with its samples, `on_key` each key
    that was pressed. `reception` counts what came, `rtcp` tells the other side. With `security` nothing is plain.
    """

    def __init__(
        self,
        ports: AudioPorts,
        described: Address | None,
        codec: Codec,
        on_audio: Callable[[RtpPacket, Samples], None],
        *,
        payload_type: int | None = None,
        telephone_event: int | None = None,
        on_key: Callable[[Keypress], None] = lambda _: None,
    ) -> None:
        """Read these ports from now on; they are the leg's own."""
        self._socket, self.port = ports.rtp, ports.port
        self.source = Source(described, self._socket.family)
        self.speak(codec, payload_type, telephone_event)
        self.packets = self.broken = self.sent = self._octets = self._unauthentic = 0
        self.reception = Reception()
        self._on_key, self._keys = on_key, KeypressReader()
        self._on_audio = on_audio
        self.admits: Callable[[bytes, Address], bool] = lambda data, address: True
        """May this datagram be looked at?"""
        self.security: AudioSecurity | None = None
        self._reports_to: Address | None = None
        self._rtcp_mux = False
        self._loop = asyncio.get_running_loop()
        self._timestamp = secrets.randbits(31)
        self.speak_anew()
        self._paused: asyncio.TimerHandle | None = None
        self._catches_up, self._read_at = True, 0.0
        self.waited_s = 0.0
        """How long the packet that is dealt with waited in the kernel, where nobody had read the port for a while."""
        self._loop.add_reader(self._socket, self._readable)
        self.rtcp = RtcpLeg(ports.rtcp, self.reception, self._speaking)

    def speak(self, codec: Codec, payload_type: int | None = None, telephone_event: int | None = None) -> None:
        """The codec agreed on, its payload type where that is not the static one (RFC 3551 section 3).

        `telephone_event`: the payload type of keypresses, None where none are agreed on.
        """
        self._telephone_event = telephone_event
        self.codec = codec
        self.payload_type = codec.value if payload_type is None else payload_type
        self._codecs = {each.value: each for each in Codec} | {self.payload_type: codec}

    def speak_anew(self) -> None:
        """Go on as a new source: under new keys nobody need know how far the old one came (RFC 3711 section 3.3.1)."""
        self._ssrc, self._sequence = secrets.randbits(32), secrets.randbits(15)
        self._first = True

    def secure(self, security: AudioSecurity | None, reports: AudioSecurity | None = None) -> None:
        """Nothing plain goes out or is heard from now on; None: everything is plain.

        `reports`: what secures them where they have keys of their own (RFC 5764 section 3).
        """
        for former in self._securities() - {security, reports}:
            self._unauthentic += former.unauthentic
            former.close()
        self.security, self.rtcp.security = security, reports or security

    @property
    def unauthentic(self) -> int:
        """Packets that did not prove themselves."""
        return self._unauthentic + sum(security.unauthentic for security in self._securities())

    def _securities(self) -> set[AudioSecurity]:
        return {security for security in (self.security, self.rtcp.security) if security is not None}

    def report(self, to: Address | None, *, mux: bool) -> None:
        """RTCP goes there where it is not beside the audio; `mux`: on the audio's own port (RFC 5761)."""
        self._reports_to, self._rtcp_mux = sendable(to, self._socket.family), mux
        self.rtcp.send_by_audio = self.send_raw if mux else None

    @property
    def may_send(self) -> bool:
        """Is it known where to, and are there keys?"""
        return self.source.target is not None and (self.security is None or self.security.is_ready)

    def send(self, pcm: bytes) -> bool:
        """Send one frame of PCM16; without a target or keys the frame is lost (False), the clock goes on."""
        payload = _coded(pcm, self.codec)
        sent = self.send_payload(self.payload_type, payload, self._timestamp)
        self._timestamp = (self._timestamp + len(payload)) & 0xFFFFFFFF
        return sent

    def send_payload(self, payload_type: int, payload: bytes, timestamp: int, *, marker: bool = False) -> bool:
        """Send a payload as it is, from our source, with this timestamp. False: nobody is there, or no keys."""
        marker = marker or self._first
        packet = RtpPacket(payload_type, self._sequence, timestamp, self._ssrc, payload, marker=marker)
        self._sequence, self._timestamp = (self._sequence + 1) & 0xFFFF, timestamp
        data = serialise_rtp(packet) if self.security is None else self.security.protect(serialise_rtp(packet))
        if self.source.target is None or data is None:
            return False
        self._first = False
        self.sent, self._octets = self.sent + 1, self._octets + len(payload)
        self.send_raw(data, self.source.target)
        return True

    def send_raw(self, data: bytes, to: Address) -> None:
        """Send a datagram as it is."""
        try:
            self._socket.sendto(data, to)
        except OSError as error:
            log.debug("a packet could not be sent", port=self.port, problem=str(error))

    def close(self) -> None:
        """Let go of the ports."""
        if self._socket.fileno() >= 0:
            self.rtcp.close()
            if self._paused is not None:
                self._paused.cancel()
            for security in self._securities():
                security.close()
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def finish(self) -> None:
        """The call is over: take what waits, and tell a key that is still down."""
        if self._catches_up:  # nobody was there for a while
            self._take_waiting(math.inf, KEPT_BY_KERNEL)
        else:
            self._take_waiting(self._loop.time() + TAKE_S)
        self._tell(self._keys.finish())

    def _readable(self) -> None:
        now = self._loop.time()
        self._catches_up = self._catches_up or now - self._read_at > LATE_S
        is_alone, self._read_at = now - self._read_at > ALONE_S and not self._catches_up, now
        if self._take_waiting(now + TAKE_S, 1 if is_alone else TAKE_AT_ONCE) and not is_alone:
            self._pause()

    def _take_waiting(self, until: float, most: int = TAKE_AT_ONCE) -> bool:
        """Take what waits; True where there may be more."""
        for _ in range(most):
            if self._socket.fileno() < 0:
                return False
            try:
                data, address = self._received() if self._catches_up else self._socket.recvfrom(4096)
            except BlockingIOError:
                self._catches_up, self.waited_s = False, 0.0
                return False
            except OSError as error:  # an ICMP error of an earlier send
                log.debug("the caller's address refused a packet", port=self.port, problem=str(error))
                continue
            self._take(data, (address[0], address[1]))
            if self._loop.time() >= until:
                break
        return True

    def _received(self) -> tuple[bytes, tuple[str, int]]:
        """A datagram of those that came while nobody read the port."""
        data, ancillary, _, address = self._socket.recvmsg(4096, 128)
        at = came_at(ancillary)
        self.waited_s = max(0.0, time.time() - at) if at is not None else 0.0
        return data, address

    def _pause(self) -> None:
        """More came than one call's audio is: the others have their turn first."""
        if self._socket.fileno() >= 0 and self._paused is None:
            self._loop.remove_reader(self._socket)
            self._paused = self._loop.call_later(FLOOD_PAUSE_S, self._read_on)

    def _read_on(self) -> None:
        self._paused = None
        self._loop.add_reader(self._socket, self._readable)

    def _take(self, data: bytes, address: Address) -> None:
        if not self.admits(data, address):
            return
        if self.security is not None:
            opened = self._opened(self.security, data, address)
            if opened is None:
                return
            data = opened
        try:
            packet = parse_rtp(data)
        except RtpError:
            self._take_report(data, address)
            return
        if packet.payload_type == self._telephone_event:
            self._take_key(packet, address)
            return
        codec = self._codecs.get(packet.payload_type)
        if codec is None or not 0 < len(packet.payload) <= LARGEST_PAYLOAD:
            self.broken += 1
            return
        if self.source.accepts(address, self._loop.time(), authentic=self.security is not None):
            self.packets += 1
            self._count(packet)
            self._on_audio(packet, _DECODED[codec](packet.payload))

    def _opened(self, security: AudioSecurity, data: bytes, address: Address) -> bytes | None:
        """Audio that proves itself; a handshake's datagram or a report, by the first bytes, goes its way (RFC 7983)."""
        if is_handshake(data):
            security.take_handshake(data, address)
        elif not security.is_ready or data[:1] < b"\x80":
            self.broken += not is_keepalive(data)
        elif is_rtcp(data):
            report = security.unprotect_rtcp(data)
            if report is not None:
                self._take_report(report, address)
        else:
            return security.unprotect(data)
        return None

    def _take_report(self, data: bytes, address: Address) -> None:
        if self._rtcp_mux and is_rtcp(data):
            self.rtcp.take(data, address)
        else:
            self.broken += not is_keepalive(data)

    def _take_key(self, packet: RtpPacket, address: Address) -> None:
        if self.source.accepts(address, self._loop.time(), authentic=self.security is not None):
            self._count(packet, is_audio=False)
            self._tell(self._keys.take(packet))

    def _tell(self, pressed: Iterable[Keypress]) -> None:
        for key in pressed:
            self._on_key(key)

    def _count(self, packet: RtpPacket, *, is_audio: bool = True) -> None:
        self.reception.take(packet.ssrc, packet.sequence, packet.timestamp, self._loop.time(), is_audio=is_audio)

    def _speaking(self) -> Speaking:
        return Speaking(
            self._ssrc, self._timestamp, self.sent, self._octets, self.source.target, self._report_address()
        )

    @property
    def reports_described(self) -> Address | None:
        """Where the description wants reports: as it says, else beside the audio."""
        return self._reports_to or beside(self.source.described)

    def _report_address(self) -> Address | None:
        """Where the description says; behind NAT, which it does not know of, beside the audio."""
        target = self.source.target
        if self._rtcp_mux:
            return target
        if self._reports_to is not None and target == self.source.described:
            return self._reports_to
        return beside(target)


@lru_cache(FRAMES_REMEMBERED)
def _coded(pcm: bytes, codec: Codec) -> bytes:
    """A frame in G.711, a byte a sample; every caller hears the same announcement."""
    samples = np.frombuffer(pcm, dtype=np.int16)
    return encode_alaw(samples) if codec is Codec.PCMA else encode_ulaw(samples)
