"""A caller's real-time text: typed letter by letter, sent and read as RFC 4103 says."""

import asyncio
import secrets
from collections.abc import Callable

from tenfour.play.rtp_socket import RtpSocket
from tenfour.telephony.rtp import RtpPacket, serialise_rtp
from tenfour.telephony.text_receiver import TextReceiver
from tenfour.telephony.text_sdp import TextStream
from tenfour.telephony.text_sender import TextSender


class Texter(RtpSocket):
    """One stream of text in each direction on a UDP socket of its own. `read` is all that came, corrections included.

    `loses(number)`: is our so-many-th packet lost on the way?
    """

    def __init__(self, loses: Callable[[int], bool] = lambda _: False) -> None:
        super().__init__()
        self.read = ""
        self.sent = 0
        self._loses = loses
        self._some, self._out = asyncio.Event(), asyncio.Event()
        self._sender: TextSender | None = None
        self._receiver: TextReceiver | None = None
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    async def open(cls, host: str, loses: Callable[[int], bool] = lambda _: False) -> "Texter":
        """A socket bound to `host` and any free port."""
        _, texter = await asyncio.get_running_loop().create_datagram_endpoint(lambda: cls(loses), local_addr=(host, 0))
        return texter

    @property
    def is_open(self) -> bool:
        """Does the other side take text?"""
        return self._sender is not None

    def text_to(self, stream: TextStream) -> None:
        """Send to where this is taken, and read what comes, from now on."""
        self._peer = (stream.host, stream.port)
        self._receiver = TextReceiver(stream.t140, stream.red)
        self._sender = TextSender(
            stream.t140,
            stream.red,
            ssrc=secrets.randbits(32),
            sequence=secrets.randbits(15),
            generations=stream.generations,
        )
        self._turn()

    async def type(self, text: str, letters_per_s: float) -> None:
        """Type it at that speed; returns when all of it, and its redundancy, has been sent."""
        assert self._sender is not None
        for letter in text:
            self._sender.type(letter)
            self._turn()
            await asyncio.sleep(1 / letters_per_s)
        await self._out.wait()

    async def until_read(self, words: str) -> None:
        """Return when these words stand in what the centre typed, its corrections made."""
        while words not in corrected(self.read):
            self._some.clear()
            await self._some.wait()

    async def close(self) -> None:
        """Stop, and give the port back."""
        if self._timer is not None:
            self._timer.cancel()
        await self.let_go()

    def packet_received(self, packet: RtpPacket) -> None:
        """The centre said something."""
        if self._receiver is not None:
            self._take(self._receiver.take(packet, asyncio.get_running_loop().time()))
            self._turn()

    # ---- inside ----

    def _take(self, text: str) -> None:
        self.read += text
        self._some.set()

    def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
        if self._sender is None or self._receiver is None or self._transport is None or self._transport.is_closing():
            return
        self._take(self._receiver.handle_timer(loop.time()))
        while (packet := self._sender.packet(loop.time())) is not None:
            self.sent += 1
            if not self._loses(self.sent):
                self.send_rtp(serialise_rtp(packet))
        if self._sender.busy:
            self._out.clear()
        else:
            self._out.set()
        due = [self._sender.next_timer(), self._receiver.next_timer()]
        self._timer = loop.call_at(min(at for at in due if at is not None), self._turn)


def corrected(text: str) -> str:
    """What reads after all corrections."""
    read: list[str] = []
    for letter in text:
        if letter == "\b":
            del read[-1:]
        else:
            read.append(letter)
    return "".join(read)
