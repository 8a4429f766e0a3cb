"""A telephone of outside that is called by the centre: it rings, answers, says a tone and hears."""

import asyncio
import socket
from collections import deque

import numpy as np

from tenfour.adapters.identity import new_sip_token
from tenfour.adapters.sip_sockets import SipSockets
from tenfour.cli.story import free_port
from tenfour.telephony.g711 import Samples, decode_ulaw, encode_ulaw
from tenfour.telephony.rtp import RtpPacket, parse_rtp, serialise_rtp
from tenfour.telephony.sdp import audio_of, offer, parse_sdp, serialise_sdp
from tenfour.telephony.sip_event import InviteReceived, SipEvent
from tenfour.telephony.user_agent import UserAgent

WITHIN_S = 30.0
EACH_HZ = 40.0
"""How near a tone must be to count as heard."""

LOUD, FAINT = 300.0, 60.0
"""A full tone measures 2000; what a browser's noise suppression leaves of one is faint."""


def tone(hertz: float, seconds: float) -> tuple[bytes, ...]:
    """Payloads of PCMU, 20 ms each."""
    at = np.arange(int(seconds * 8000)) / 8000
    coded = encode_ulaw((8000 * np.sin(2 * np.pi * hertz * at)).astype(np.int16))
    return tuple(bytes(coded[start : start + 160]) for start in range(0, len(coded), 160))


def tones_in(samples: Samples, among: tuple[float, ...], least: float = LOUD) -> set[float]:
    """Which of these frequencies are heard in it, each by itself or together with others."""
    if samples.size < 4000:
        return set()
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size))) / samples.size
    at = np.fft.rfftfreq(samples.size, 1 / 8000)
    return {hertz for hertz in among if spectrum[np.abs(at - hertz) < EACH_HZ].max() > least}


def loudest(samples: Samples) -> float:
    """The frequency in Hz that is loudest in half a second or more; 0 for less, and for silence."""
    if samples.size < 4000 or np.abs(samples.astype(int)).max() < 500:
        return 0.0
    return float(np.argmax(np.abs(np.fft.rfft(samples * np.hanning(samples.size)))) * 8000 / samples.size)


class Outside:
    """What it does with a call, the test says. `heard` keeps the last second."""

    def __init__(self, hertz: float, port: int | None = None) -> None:
        self.port, self._hertz = port or free_port(), hertz
        self.agent = UserAgent(host="127.0.0.1", port=self.port, new_token=new_sip_token)
        self.sockets = SipSockets(self.agent, self.happened_now)
        self.happened: list[SipEvent] = []
        self.heard: deque[Samples] = deque(maxlen=50)
        self._rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._rtp.bind(("127.0.0.1", 0))
        self._rtp.setblocking(False)
        self._speaking: asyncio.Task[None] | None = None
        self.is_silent = False

    async def open(self) -> None:
        await self.sockets.listen("127.0.0.1", self.port)
        asyncio.get_running_loop().add_reader(self._rtp, self._hear)

    async def close(self) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
            await asyncio.wait([self._speaking])
        await self.sockets.close()
        asyncio.get_running_loop().remove_reader(self._rtp)
        self._rtp.close()

    def happened_now(self, event: SipEvent) -> None:
        self.happened.append(event)

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def took(self, kind: type[SipEvent]) -> list[SipEvent]:
        return [event for event in self.happened if isinstance(event, kind)]

    async def called(self, times: int = 1) -> InviteReceived:
        async with asyncio.timeout(WITHIN_S):
            while len(self.took(InviteReceived)) < times:
                await asyncio.sleep(0.02)
        invite = self.took(InviteReceived)[times - 1]
        assert isinstance(invite, InviteReceived)
        return invite

    @property
    def invite(self) -> InviteReceived:
        invite = self.took(InviteReceived)[-1]
        assert isinstance(invite, InviteReceived)
        return invite

    @property
    def sdp(self) -> bytes:
        return serialise_sdp(offer(host="127.0.0.1", port=int(self._rtp.getsockname()[1]), session_id=7))

    def ring(self) -> None:
        self.agent.provisional(self.invite.call, 180, self.now)
        self.sockets.pump()

    def answer(self) -> None:
        self.agent.answer(self.invite.call, self.sdp, self.now)
        self.sockets.pump()
        if self.is_silent:
            return
        stream = audio_of(parse_sdp(self.invite.sdp or b""))
        self._speaking = asyncio.create_task(self._speak((stream.host, stream.port)))

    def fall_silent(self) -> None:
        """Its power is gone: no more RTP, and no BYE."""
        assert self._speaking is not None
        self._speaking.cancel()

    def refuse(self, status: int) -> None:
        self.agent.reject(self.invite.call, status, self.now)
        self.sockets.pump()

    def hang_up(self) -> None:
        self.agent.bye(self.invite.call, self.now)
        self.sockets.pump()

    def hears(self, among: tuple[float, ...], least: float = LOUD) -> set[float]:
        return tones_in(np.concatenate([*self.heard.copy(), np.zeros(0, np.int16)]), among, least)

    def _hear(self) -> None:
        packet = parse_rtp(self._rtp.recv(4096))
        self.heard.append(decode_ulaw(packet.payload))

    async def _speak(self, to: tuple[str, int]) -> None:
        begin, payloads = self.now, tone(self._hertz, 1.0)
        for sent in range(1_000_000):
            payload = payloads[sent % len(payloads)]
            self._rtp.sendto(serialise_rtp(RtpPacket(0, sent & 0xFFFF, 160 * sent, 5, payload)), to)
            await asyncio.sleep(max(0.0, begin + (sent + 1) * 0.02 - self.now))
