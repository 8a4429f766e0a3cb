"""A SIP user agent on a real socket: UDP, or one TCP connection."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Literal, cast

from tenfour.telephony.flow import Flow
from tenfour.telephony.sip_event import SipEvent
from tenfour.telephony.stream import MessageStream
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.errors import Unavailable

Address = tuple[str, int]
CONNECT_S = 5.0
CONNECTION = 1


def new_token() -> str:
    """Unique letters and digits, as tags, branches and Call-IDs need them."""
    return secrets.token_hex(12)


class SipWire(asyncio.Protocol, asyncio.DatagramProtocol):
    """Carries what a user agent says to `peer` and back. `bind` is the address it binds to and sends from."""

    def __init__(self, transport: Literal["UDP", "TCP"], peer: Address) -> None:
        self.flow = Flow(transport, *peer, CONNECTION if transport == "TCP" else None)
        self.on_event: Callable[[SipEvent], None] | None = None
        self._datagrams: asyncio.DatagramTransport | None = None
        self._connection: asyncio.Transport | None = None
        self._stream = MessageStream()
        self._timer: asyncio.TimerHandle | None = None
        self._agent: UserAgent | None = None
        self._shut = asyncio.Event()

    @property
    def agent(self) -> UserAgent:
        """The user agent; there once the socket is open."""
        assert self._agent is not None
        return self._agent

    async def open(self, bind: str) -> None:
        """Bind (and connect, over TCP); raises `Unavailable` when that cannot be."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_S):
                if self.flow.transport == "UDP":
                    await loop.create_datagram_endpoint(lambda: self, local_addr=(bind, 0))
                else:
                    peer = (self.flow.host, self.flow.port)
                    await loop.create_connection(lambda: self, *peer, local_addr=(bind, 0))
        except OSError as error:
            place = f"{self.flow.host}:{self.flow.port}"
            raise Unavailable(f"No SIP over {self.flow.transport} from {bind} to {place}: {error}.") from error

    def turn(self) -> None:
        """After every word to the agent: send what it wants sent, tell what happened, set its timer."""
        for _, data in self.agent.take_outgoing():
            self._send(data)
        for event in self.agent.take_events():
            if self.on_event is not None:
                self.on_event(event)
        if self._timer is not None:
            self._timer.cancel()
        due = self.agent.next_timer()
        self._timer = None if due is None else asyncio.get_running_loop().call_at(due, self._ring)

    def now(self) -> float:
        """Monotonic seconds, as the agent is told them."""
        return asyncio.get_running_loop().time()

    def close(self) -> None:
        """Give the socket back."""
        if self._timer is not None:
            self._timer.cancel()
        for transport in (self._datagrams, self._connection):
            if transport is not None:
                transport.close()

    async def shut(self) -> None:
        """Give the socket back and wait until it is."""
        self.close()
        if self._datagrams is not None or self._connection is not None:
            await self._shut.wait()

    # ---- asyncio's side ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        if self.flow.transport == "UDP":
            self._datagrams = cast(asyncio.DatagramTransport, transport)
        else:
            self._connection = cast(asyncio.Transport, transport)
        host, port = transport.get_extra_info("sockname")[:2]
        self._agent = UserAgent(host=host, port=port, new_token=new_token, refers=True)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """A UDP message came."""
        self.agent.receive_datagram(data, Flow("UDP", *addr[:2]), self.now())
        self.turn()

    def data_received(self, data: bytes) -> None:
        """Some of a TCP stream came."""
        read = self._stream.receive(data)
        for message in read.messages:
            self.agent.receive_message(message, self.flow, self.now())
        self.turn()
        if read.broken is not None:
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The TCP connection is gone, or our own socket was closed."""
        self._shut.set()
        if self.flow.transport == "TCP" and self._agent is not None:
            self.agent.connection_lost(self.flow, self.now())
            self.turn()
            self.close()

    # ---- inside ----

    def _ring(self) -> None:
        self.agent.handle_timer(self.now())
        self.turn()

    def _send(self, data: bytes) -> None:
        if self._datagrams is not None:
            self._datagrams.sendto(data, (self.flow.host, self.flow.port))
        elif self._connection is not None and not self._connection.is_closing():
            self._connection.write(data)
