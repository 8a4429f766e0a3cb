"""A call taker's headset without a browser: towards `/api/voice` it does what chromium does, over real packets.

It offers one audio in PCMU (RFC 8829), checks the one path that the answer names (RFC 8445, controlling), begins the
DTLS handshake once it works (RFC 5763), and speaks SRTP 50 times a second. Reports (RTCP) it sends none.
"""

import asyncio
import secrets

from tenfour.adapters.audio_security import AudioSecurity, KeptSecurity
from tenfour.adapters.dtls_certificate import DtlsCertificate, new_certificate
from tenfour.adapters.dtls_handshake import is_handshake
from tenfour.adapters.srtp import Place, SrtpKeys
from tenfour.play.rtp_socket import Address
from tenfour.play.voice import Voice
from tenfour.telephony.browser_offer import BrowserEnd, LineEnd, browser_offer, read_line_answer
from tenfour.telephony.ice_check import PathCheck
from tenfour.telephony.rtp import is_rtcp
from tenfour.telephony.sdp import parse_sdp, serialise_sdp
from tenfour.telephony.secured_sdp import Dtls
from tenfour.telephony.stun import is_stun


class Headset(Voice):
    """`connected` is set when both ends have keys and the first sound of the line was opened by them."""

    def __init__(self) -> None:
        super().__init__()
        self.connected = asyncio.Event()
        self.failed_words = ""
        self._ufrag, self._password = secrets.token_urlsafe(3), secrets.token_urlsafe(18)
        self._certificate = DtlsCertificate(new_certificate())
        self._line: LineEnd | None = None
        self._path: PathCheck | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._security = AudioSecurity(self._certificate, self, self._send_raw, self._keys_are_there)

    @classmethod
    async def open(cls, host: str) -> "Headset":
        """A socket bound to `host` and any free port."""
        _, headset = await asyncio.get_running_loop().create_datagram_endpoint(cls, local_addr=(host, 0))
        return headset

    def offer(self) -> str:
        """What the browser offers, with all it has to say."""
        host, port = self.address
        ours = BrowserEnd(
            host,
            port,
            self._ufrag,
            self._password,
            self._certificate.fingerprint,
            secrets.randbits(62),
            self._ssrc,
        )
        return serialise_sdp(browser_offer(ours)).decode()

    def take_answer(self, sdp: str) -> None:
        """Connect to where this answer says; raises `SdpError` where that cannot be."""
        self._line = line = read_line_answer(parse_sdp(sdp.encode()))
        username = f"{line.ufrag}:{self._ufrag}"
        self._path = PathCheck(username, line.password, secrets.randbits(64), lambda: secrets.token_bytes(12))
        self._look_at_path()

    async def close(self) -> None:
        """Put away: the line is told that this is the end."""
        self._security.close()
        await self.vanish()

    async def vanish(self) -> None:
        """The browser is gone: not one packet more, and nobody is at the port."""
        if self._timer is not None:
            self._timer.cancel()
        await super().close()

    # ---- what AudioSecurity tells ----

    def audio_secured(self, keys: SrtpKeys) -> None:
        """The handshake ended with keys; `_keys_are_there` begins to speak."""

    def audio_not_secured(self, why: str) -> None:
        """The handshake ended without."""
        self.failed_words = why

    def audio_came_to(self, place: Place) -> None:
        """Nothing of it is kept: a browser that starts anew connects anew."""

    # ---- from and to the socket ----

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """STUN, DTLS and SRTP share the port (RFC 7983)."""
        if self._path is None:
            return
        if is_stun(data):
            self._path.take(data, asyncio.get_running_loop().time())
            self._look_at_path()
        elif is_handshake(data):
            self._security.take_handshake(data, addr)
        elif not is_rtcp(data) and (opened := self._security.unprotect(data)) is not None:
            self.connected.set()
            super().datagram_received(opened, addr)

    def send_rtp(self, data: bytes) -> None:
        """Secured, as everything that a browser says."""
        secured = self._security.protect(data)
        if secured is not None:
            super().send_rtp(secured)

    def _send_raw(self, data: bytes, address: Address) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, address)

    def _keys_are_there(self) -> None:
        if self._line is not None:
            self.send_to((self._line.host, self._line.port))

    def _look_at_path(self) -> None:
        """Send the check that is due; once one was answered, the handshake begins."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
        if self._path is None or self._line is None:
            return
        there = (self._line.host, self._line.port)
        if (check := self._path.check(loop.time())) is not None:
            self._send_raw(check, there)
        if self._path.works:
            self._security.agree(KeptSecurity(Dtls(self._line.fingerprints, we_begin=True), b""), there)
        self._timer = loop.call_at(self._path.next_timer(), self._look_at_path)
