"""The sound of a caller's telephone: RTP sent in real time, and what comes back is listened to."""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from itertools import cycle

import numpy as np

from tenfour.play.ear import Ear
from tenfour.play.rtp_socket import Address, RtpSocket
from tenfour.play.sound import PACKET_MS, SAMPLES, SILENCE
from tenfour.telephony.g711 import Samples, decode_ulaw
from tenfour.telephony.rtp import RtpPacket, serialise_rtp

AUDIBLE = 300
"""A packet with a sample louder than this (of 32,767) is sound, not silence."""


class Voice(RtpSocket):
    """One RTP stream of PCMU in each direction on a UDP socket of its own. `ear` knows what came just now."""

    def __init__(self) -> None:
        super().__init__()
        self.heard_s = 0.0
        self.ear = Ear()
        self.on_sound: Callable[[Samples], None] = lambda _: None
        self._waiting: deque[bytes] = deque()
        self._spoken = asyncio.Event()
        self._spoken.set()
        self._listeners: list[tuple[float, asyncio.Future[None]]] = []
        self._sender: asyncio.Task[None] | None = None
        self._mute = False
        self.hummed: tuple[bytes, ...] = (SILENCE,)
        self._otherwise = cycle(self.hummed)
        self._sequence, self._timestamp = secrets.randbelow(1 << 16), secrets.randbelow(1 << 32)
        self._ssrc = secrets.randbits(32)

    @classmethod
    async def open(cls, host: str) -> "Voice":
        """A socket bound to `host` and any free port."""
        _, voice = await asyncio.get_running_loop().create_datagram_endpoint(cls, local_addr=(host, 0))
        return voice

    def hum(self, packets: tuple[bytes, ...]) -> None:
        """Say this again and again wherever nothing else is said, in the place of silence."""
        self.hummed, self._otherwise = packets, cycle(packets)

    def send_to(self, peer: Address) -> None:
        """Send to `peer` from now on: silence, where nobody speaks."""
        self._peer = peer
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())

    def speak(self, packets: tuple[bytes, ...]) -> None:
        """Say this, after what is still being said."""
        self._waiting.extend(packets)
        self._spoken.clear()

    async def until_spoken(self) -> None:
        """Return when everything has been said (or the call is over)."""
        await self._spoken.wait()

    def fall_silent(self) -> None:
        """Send nothing more, not even silence; what was still to be said is not said."""
        self._mute = True
        self._drop_words()

    def sound_again(self) -> None:
        """Send again after `fall_silent`."""
        self._mute = False

    async def until_heard(self, seconds: float) -> None:
        """Return when that much sound came from the centre in this call."""
        if self.heard_s >= seconds:
            return
        heard = asyncio.get_running_loop().create_future()
        self._listeners.append((seconds, heard))
        await heard

    async def close(self) -> None:
        """Stop sending and give the port back."""
        self._drop_words()
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
        await self.let_go()

    def packet_received(self, packet: RtpPacket) -> None:
        """The centre said something."""
        if packet.payload_type != 0:
            return
        samples = decode_ulaw(packet.payload)
        self.on_sound(samples)
        self.ear.take(samples, asyncio.get_running_loop().time())
        if samples.size and int(np.abs(samples.astype(np.int32)).max()) > AUDIBLE:
            self.heard_s += samples.size / 8000
            self._tell_listeners()

    # ---- inside ----

    def _tell_listeners(self) -> None:
        for seconds, heard in self._listeners:
            if self.heard_s >= seconds and not heard.done():
                heard.set_result(None)

    def _drop_words(self) -> None:
        self._waiting.clear()
        self._spoken.set()

    async def _send(self) -> None:
        """One packet every 20 ms on a fixed beat: a late one does not delay those behind it."""
        loop = asyncio.get_running_loop()
        due, marker = loop.time(), True
        while True:
            self._send_one(marker)
            marker = self._mute
            due += PACKET_MS / 1000
            await asyncio.sleep(max(0.0, due - loop.time()))

    def _send_one(self, marker: bool) -> None:
        payload = self._waiting.popleft() if self._waiting else next(self._otherwise)
        if not self._waiting:
            self._spoken.set()
        if not self._mute:
            packet = RtpPacket(0, self._sequence, self._timestamp, self._ssrc, payload, marker)
            self.send_rtp(serialise_rtp(packet))
            self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + SAMPLES) & 0xFFFFFFFF
