"""A two-way call on a line: a headset at position 04, and telephones that may become others while they speak."""

import asyncio
import base64
import os
import secrets
import socket
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from tenfour.adapters.audio_ports import SO_TIMESTAMPNS, came_at
from tenfour.adapters.srtp import SrtpReceiver, SrtpSender
from tenfour.calltaking.voice import Member
from tenfour.play.ear import tone
from tenfour.play.headset import Headset
from tenfour.telephony.errors import RtpError
from tenfour.telephony.g711 import Samples, decode_alaw, decode_ulaw, encode_alaw, encode_ulaw
from tenfour.telephony.party import Role
from tenfour.telephony.rtp import RtpPacket, is_rtcp, parse_rtp, serialise_rtp
from tenfour.telephony.sdp import Codec, Direction, audio_of, offer, parse_sdp, serialise_sdp
from tenfour.telephony.secured_sdp import Sdes, Suite
from tenfour.vocabulary.ids import CallId, PersonId, PositionId

POSITION, PERSON = PositionId("04"), PersonId("adeyemi")
TAKER_HZ = 700
SUITE = Suite.AES_CM_128_HMAC_SHA1_80
ENCODED = {Codec.PCMU: encode_ulaw, Codec.PCMA: encode_alaw}
DECODED = {Codec.PCMU: decode_ulaw, Codec.PCMA: decode_alaw}
LAST = 25
"""Packets that are listened to: half a second."""


async def connected_headset(centre) -> tuple[Headset, int]:
    """A call taker's headset, connected; it hums a tone. And the line's port for it."""
    headset = await Headset.open("127.0.0.1")
    headset.hum(tone(TAKER_HZ))
    answered = await centre.link.connect_headset(POSITION, PERSON, headset.offer())
    headset.take_answer(answered)
    async with asyncio.timeout(20):
        await headset.connected.wait()
    return headset, port_in(answered)


def port_in(described: str) -> int:
    """The port of the audio of a description."""
    return int(described.partition("m=audio ")[2].split(" ")[0])


def let_speak(centre, call_id: CallId) -> None:
    """The position is in the call."""
    centre.link.voices(call_id, (Member(POSITION, PERSON, Role.CALL_TAKER),), held=False)


def taker_hears(headset: Headset, hertz: int) -> Callable[[], bool]:
    """Does the call taker hear this voice, and nothing else?"""
    return lambda: headset.ear.hears({"caller": hertz}, asyncio.get_running_loop().time()) == {"caller"}


class Phone:
    """The audio of one telephone: an address, a codec, keys or none, and a tone."""

    def __init__(
        self, host: str = "127.0.0.1", codec: Codec = Codec.PCMU, *, secured: bool = False, hertz: int = 440
    ) -> None:
        self.codec, self.hertz = codec, hertz
        self.key = os.urandom(SUITE.key_bytes + SUITE.salt_bytes) if secured else b""
        self.heard: deque[Samples] = deque(maxlen=LAST)
        self.pace: list[float] = []
        """When each packet came, by the kernel's word (seconds since 1970): how busy this test is does not count."""
        self._host, self._sent, self._ssrc = host, 0, secrets.randbits(32)
        self._sender = SrtpSender(SUITE, self.key) if secured else None
        self._receiver: SrtpReceiver | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._speaking: asyncio.Task[None] | None = None
        asyncio.get_running_loop().add_reader(self._socket, self._hear)

    def description(self, version: int, direction: Direction = Direction.SENDRECV) -> bytes:
        """What it offers."""
        port = int(self._socket.getsockname()[1])
        sdp = offer(
            host=self._host, port=port, session_id=1, version=version, codecs=(self.codec,), direction=direction
        )
        plain = serialise_sdp(sdp)
        if not self.key:
            return plain
        line = f"a=crypto:{version} {SUITE.value} inline:{base64.b64encode(self.key).decode()}\r\n"
        return plain.replace(b"RTP/AVP", b"RTP/SAVP") + line.encode()

    def speak_to(self, answered: bytes) -> None:
        """Speak as this answer says."""
        audio = audio_of(parse_sdp(answered))
        assert audio.codec is self.codec
        assert isinstance(audio.security, Sdes) is bool(self.key)
        if isinstance(audio.security, Sdes):
            self._receiver = SrtpReceiver(SUITE, audio.security.keys)
        self.speak((audio.host, audio.port))

    def speak(self, to: tuple[str, int]) -> None:
        """Speak to this address."""
        self.be_silent()
        self._speaking = asyncio.get_running_loop().create_task(self._speak(to))

    def send(self, packet: bytes, port: int) -> None:
        """Any bytes to a port of the line, from where it speaks."""
        self._socket.sendto(packet, ("127.0.0.1", port))

    def be_silent(self) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
            self._speaking = None

    def close(self) -> None:
        self.be_silent()
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def hears(self, hertz: int) -> bool:
        """Is this what it heard in the last half second?"""
        if len(self.heard) < LAST:
            return False
        samples = np.concatenate(self.heard)
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
        loudest = float(np.argmax(spectrum)) * 8000 / samples.size
        return bool(np.abs(samples.astype(int)).max() > 1000 and abs(loudest - hertz) < 20)

    def latest_s(self) -> float:
        """How much later than the earliest the latest packet was, each by its turn."""
        behind = [at - 0.02 * number for number, at in enumerate(self.pace)]
        return max(behind) - min(behind)

    def _hear(self) -> None:
        data, ancillary, _, _ = self._socket.recvmsg(4096, 128)
        if is_rtcp(data):
            return
        opened = self._receiver.unprotect(data) if self._receiver is not None else data
        try:
            packet = parse_rtp(opened or b"")
        except RtpError:
            return
        if packet.payload_type == self.codec.value:
            self.pace.append(came_at(ancillary) or 0.0)
            self.heard.append(DECODED[self.codec](packet.payload))

    async def _speak(self, to: tuple[str, int]) -> None:
        loop = asyncio.get_running_loop()
        begin = loop.time() - 0.02 * self._sent
        while True:
            at = np.arange(160 * self._sent, 160 * (self._sent + 1)) / 8000
            payload = ENCODED[self.codec]((8000 * np.sin(2 * np.pi * self.hertz * at)).astype(np.int16))
            data = serialise_rtp(
                RtpPacket(self.codec.value, self._sent & 0xFFFF, 160 * self._sent, self._ssrc, payload)
            )
            secured = self._sender.protect(data) if self._sender is not None else data
            if secured is not None:
                self._socket.sendto(secured, to)
            self._sent += 1
            await asyncio.sleep(max(0.0, begin + 0.02 * self._sent - loop.time()))


def answers(caller) -> Sequence[bytes]:
    """The descriptions that a caller was answered with."""
    return [event.sdp for event in caller.happened if type(event).__name__ == "Answered"]
