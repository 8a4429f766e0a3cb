"""A UDP socket of a caller's telephone on which RTP comes and goes."""

import asyncio
from abc import abstractmethod
from typing import cast

from tenfour.telephony.errors import RtpError
from tenfour.telephony.rtp import RtpPacket, parse_rtp

Address = tuple[str, int]


class RtpSocket(asyncio.DatagramProtocol):
    """Bound by asyncio; `packet_received` gets what is RTP, and `let_go` gives the port back."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None
        self._closed = asyncio.Event()
        self._peer: Address | None = None

    @property
    def port(self) -> int:
        """The UDP port of this stream."""
        return self.address[1]

    @property
    def address(self) -> Address:
        """Where this stream is received."""
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")[:2]
        return str(host), int(port)

    def send_rtp(self, data: bytes) -> None:
        """To the other side, once it is known where that is."""
        if self._transport is not None and self._peer is not None:
            self._transport.sendto(data, self._peer)

    @abstractmethod
    def packet_received(self, packet: RtpPacket) -> None:
        """A packet came."""

    async def let_go(self) -> None:
        """Give the port back."""
        if self._transport is not None:
            self._transport.close()
            await self._closed.wait()

    # ---- asyncio's side ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is bound."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is given back."""
        self._closed.set()

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """A packet came; what is no RTP is not for us."""
        try:
            packet = parse_rtp(data)
        except RtpError:
            return
        self.packet_received(packet)
