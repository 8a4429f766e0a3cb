"""One call's socket for real-time text: RTP or SRTP in and out (RFC 4103), a few packets a second."""

import asyncio
import secrets
import socket
from collections.abc import Callable
from itertools import chain

import structlog

from tenfour.adapters.audio_ports import bind_first
from tenfour.adapters.audio_security import AudioSecurity, KeptSecurity, SecurityWatcher
from tenfour.adapters.audio_source import Address, Source
from tenfour.adapters.dtls_certificate import DtlsCertificate
from tenfour.adapters.dtls_handshake import is_handshake
from tenfour.telephony.errors import RtpError
from tenfour.telephony.rtp import parse_rtp, serialise_rtp
from tenfour.telephony.text_batch import TextBatch
from tenfour.telephony.text_receiver import TextPlace, TextReceiver
from tenfour.telephony.text_sdp import TextStream
from tenfour.telephony.text_sender import TextSender
from tenfour.telephony.typed_pieces import TypedPieces
from tenfour.vocabulary.errors import Unavailable

TAKE_AT_ONCE = 16
FLOOD_PAUSE_S = 0.02
"""A socket that had so many packets in a row is read again after so long: a flood of text costs the others nothing."""

log = structlog.get_logger(__name__)


class TextLeg:
    """A bound UDP socket. `on_text(text, ago_ms)` gets what the caller typed, in batches; `on_gone(number)` is told
    when a piece of ours has gone out whole. With security nothing is plain; what is typed waits until there are keys.
    """

    def __init__(
        self,
        host: str,
        ports: tuple[int, int],
        stream: TextStream,
        *,
        on_text: Callable[[str, tuple[int, ...]], None],
        on_gone: Callable[[int], None],
        place: TextPlace | None = None,
        wanted_port: int = 0,
    ) -> None:
        """Bind a port of the range, `wanted_port` if it is free. Raises `Unavailable` when none is."""
        self._socket = _bind(host, ports, wanted_port)
        self.port = int(self._socket.getsockname()[1])
        self._on_text, self._on_gone = on_text, on_gone
        self._loop = asyncio.get_running_loop()
        self._source = Source(None, self._socket.family)
        self._security: AudioSecurity | None = None
        self._receiver = TextReceiver(stream.t140, stream.red, place)
        self._sender = TextSender(stream.t140, stream.red, ssrc=secrets.randbits(32), sequence=secrets.randbits(15))
        self._batch = TextBatch()
        self._pieces = TypedPieces()
        self.broken = 0
        self._timer: asyncio.TimerHandle | None = None
        self._paused: asyncio.TimerHandle | None = None
        self.describe(stream)
        self._loop.add_reader(self._socket, self._readable)
        self._set_timer()

    @property
    def place(self) -> TextPlace | None:
        """How far the caller's stream was heard, without what is still gathered."""
        return self._receiver.place

    def describe(self, stream: TextStream) -> None:
        """The caller's side described its text anew."""
        self._source.describe((stream.host, stream.port))
        self._receiver.speak(stream.t140, stream.red)
        self._sender.speak(stream.t140, stream.red, generations=stream.generations, cps=stream.cps)

    def secure(self, kept: KeptSecurity | None, certificate: DtlsCertificate, watcher: SecurityWatcher) -> None:
        """Nothing plain goes out or is heard from now on; None: everything is plain. Said again, it changes nothing."""
        if kept is None:
            self._let_security_go()
            return
        if self._security is None:
            self._security = AudioSecurity(certificate, watcher, self._send, self._turn)
        self._security.agree(kept, self._source.described)

    def type(self, text: str, number: int) -> None:
        """Say this to the caller; `number` names the piece."""
        before = self._sender.waiting
        self._sender.type(text)
        self._pieces.add(number, self._sender.waiting - before)
        self._turn()

    def close(self) -> None:
        """The call is over: tell what is still held back, and let go of the port."""
        if self._socket.fileno() < 0:
            return
        for timer in (self._timer, self._paused):
            if timer is not None:
                timer.cancel()
        self._let_security_go()
        self._loop.remove_reader(self._socket)
        self._socket.close()
        self._batch.add(self._receiver.finish(self._loop.time()), self._loop.time())
        self._tell()

    def unsent(self) -> tuple[int, ...]:
        """The pieces that have not gone out whole."""
        return self._pieces.numbers

    def _readable(self) -> None:
        for _ in range(TAKE_AT_ONCE):
            if self._socket.fileno() < 0:
                return
            try:
                data, address = self._socket.recvfrom(4096)
            except BlockingIOError:
                break
            except OSError as error:  # an ICMP error of an earlier send
                log.debug("the caller's address refused text", port=self.port, problem=str(error))
                continue
            self._take(data, (address[0], address[1]))
        else:
            if self._socket.fileno() < 0:
                return
            self._loop.remove_reader(self._socket)
            self._paused = self._loop.call_later(FLOOD_PAUSE_S, self._read_on)
        self._turn()

    def _read_on(self) -> None:
        self._loop.add_reader(self._socket, self._readable)

    def _let_security_go(self) -> None:
        if self._security is not None:
            self._security.close()
            self._security = None

    def _take(self, data: bytes, address: Address) -> None:
        opened = data if self._security is None else self._opened(self._security, data, address)
        if opened is None:
            return
        try:
            packet = parse_rtp(opened)
        except RtpError:
            self.broken += 1
            return
        if self._source.accepts(address, self._loop.time(), authentic=self._security is not None):
            now = self._loop.time()
            self._batch.add(self._receiver.take(packet, now), now)

    def _opened(self, security: AudioSecurity, data: bytes, address: Address) -> bytes | None:
        """Text that proves itself; a handshake's datagram, by its first byte, goes its way (RFC 7983)."""
        if not is_handshake(data):
            return security.unprotect(data)
        security.take_handshake(data, address)
        return None

    @property
    def _may_send(self) -> bool:
        """Is it known where to, and are there keys?"""
        return self._source.target is not None and (self._security is None or self._security.is_ready)

    def _turn(self) -> None:
        """Everything that is due now."""
        now = self._loop.time()
        self._batch.add(self._receiver.handle_timer(now), now)
        while self._may_send and (packet := self._sender.packet(now)) is not None:
            self._send_packet(serialise_rtp(packet))
        for number in self._pieces.gone(self._sender.waiting):
            self._on_gone(number)
        due = self._batch.next_timer()
        if due is not None and due <= now:
            self._tell()
        self._set_timer()

    def _send_packet(self, packet: bytes) -> None:
        protected = packet if self._security is None else self._security.protect(packet)
        if protected is not None and self._source.target is not None:
            self._send(protected, self._source.target)

    def _send(self, data: bytes, to: Address) -> None:
        try:
            self._socket.sendto(data, to)
        except OSError as error:
            log.debug("text could not be sent", port=self.port, problem=str(error))

    def _tell(self) -> None:
        text, ago_ms = self._batch.take(self._loop.time())
        if text:
            self._on_text(text, ago_ms)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        sender = self._sender.next_timer() if self._may_send else None
        due = [at for at in (sender, self._receiver.next_timer(), self._batch.next_timer()) if at is not None]
        self._timer = self._loop.call_at(min(due), self._turn) if due else None


def _bind(host: str, ports: tuple[int, int], wanted: int) -> socket.socket:
    """Even ports, as RTP has them; the audio's range, taken from its end so that the two seldom meet."""
    low, high = ports
    bound = bind_first(host, chain([wanted] if wanted else [], range(high - high % 2, low - 1, -2)))
    if bound is None:
        raise Unavailable(f"No port from {low} to {high} is free on {host} for text.")
    return bound
