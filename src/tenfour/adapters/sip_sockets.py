"""SIP on the network: a UDP socket and a TCP listener on one port, a TLS listener on another, around the user agent."""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable

import structlog

from tenfour.adapters.signal_trace import SignalTrace
from tenfour.adapters.sip_tls import SipTls
from tenfour.telephony.flow import Flow, Transport
from tenfour.telephony.signalling import sip_call_id_of
from tenfour.telephony.sip_event import SipEvent
from tenfour.telephony.stream import MessageStream
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.errors import Unavailable

LARGEST_DATAGRAM = 65_535
TAKE_AT_ONCE = 64
"""Datagrams read in a row before the loop sees to other things."""

CONNECTIONS_LIMIT = 1024
"""TCP connections that may be open at once; more are closed when they come."""

UNSENT_LIMIT = 1024 * 1024
"""Bytes that may wait for a peer that does not read; then its connection is closed."""

CONNECT_TIMEOUT_S = 5.0

HANDSHAKE_TIMEOUT_S = 10.0
"""A peer that has not finished the TLS handshake by then is hung up on."""

PONG = b"\r\n"
"""What a keep-alive ping is answered with (RFC 5626 section 4.4.1)."""

Peer = tuple[Transport, str, int]

log = structlog.get_logger(__name__)


class SipSockets:
    """Feeds the user agent and sends what it has to say; `on_event` gets everything that happened.

    `trace` is told each message and decision, where there is one.
    """

    def __init__(
        self, agent: UserAgent, on_event: Callable[[SipEvent], None], trace: SignalTrace | None = None
    ) -> None:
        self._agent, self._on_event, self._trace = agent, on_event, trace
        self._local = ""
        self._loop = asyncio.get_running_loop()
        self._udp: socket.socket | None = None
        self._listeners: list[asyncio.Server] = []
        self._tls: SipTls | None = None
        self._connections: dict[int, _Connection] = {}
        self._opening: dict[Peer, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    async def listen(self, host: str, port: int) -> int:
        """Bind UDP and TCP; gives the port (chosen when 0). Raises `Unavailable` when it is taken."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        udp = socket.socket(family, socket.SOCK_DGRAM)
        udp.setblocking(False)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        try:
            udp.bind((host, port))
            port = int(udp.getsockname()[1])
            tcp = await self._loop.create_server(lambda: _Connection(self, "TCP"), host, port, reuse_address=True)
        except OSError as error:
            udp.close()
            raise Unavailable(f"SIP cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}.") from error
        self._udp = udp
        self._local = f"{host}:{port}"
        self._listeners.append(tcp)
        self._loop.add_reader(udp, self._readable)
        return port

    async def listen_tls(self, host: str, port: int, tls: SipTls) -> int:
        """Take TLS connections, too; gives the port. Raises `Unavailable` when it is taken."""
        try:
            listener = await self._loop.create_server(
                lambda: _Connection(self, "TLS"),
                host,
                port,
                reuse_address=True,
                ssl=tls.served,
                ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S,
            )
        except OSError as error:
            raise Unavailable(f"SIP cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}.") from error
        self._tls = tls
        self._listeners.append(listener)
        return int(listener.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and hang up all connections."""
        if self._timer is not None:
            self._timer.cancel()
        if self._udp is not None:
            self._loop.remove_reader(self._udp)
            self._udp.close()
            self._udp = None
        for listener in self._listeners:
            listener.close()
        for connection in list(self._connections.values()):
            connection.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def reaches(self, flow: Flow) -> bool:
        """Can a message for this flow be sent now? (Over UDP nobody knows before an answer: True.)"""
        return flow.transport == "UDP" or self._connection_of(flow) is not None

    def pump(self) -> None:
        """Hand on events, send what is to be sent, and see when to look again. After anything happened."""
        while events := self._agent.take_events():
            for event in events:
                self._hand_on(event)
        self._note_decisions()
        for flow, data in self._agent.take_outgoing():
            self._send(flow, data)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._agent.next_timer()
        if due is not None:
            self._timer = self._loop.call_at(due, self._time_came)

    def _hand_on(self, event: SipEvent) -> None:
        """The edge of the line: whatever one message does to our code, the calls stay up."""
        try:
            self._on_event(event)
        except Exception as error:
            log.exception("an event of the wire could not be dealt with", event_type=type(event).__name__, error=error)

    def _time_came(self) -> None:
        self._timer = None
        self._agent.handle_timer(self._loop.time())
        self.pump()

    # ---- UDP ----

    def _readable(self) -> None:
        assert self._udp is not None
        for _ in range(TAKE_AT_ONCE):
            try:
                data, address = self._udp.recvfrom(LARGEST_DATAGRAM)
            except BlockingIOError:
                break
            except OSError as error:  # an ICMP error of an earlier send
                log.debug("a SIP peer could not be reached", problem=str(error))
                continue
            flow = Flow("UDP", address[0], address[1])
            self.note_received(flow, self._local, data)
            self._agent.receive_datagram(data, flow, self._loop.time())
            self._note_decisions()
        self.pump()

    def _send(self, flow: Flow, data: bytes) -> None:
        if flow.transport == "UDP":
            self._send_datagram(flow, data)
        elif (connection := self._connection_of(flow)) is not None:
            connection.send(data)
        elif flow.connection is None:
            self._send_opening(flow, data)
        else:
            log.info("a message for a connection that is gone was not sent", peer=f"{flow.host}:{flow.port}")
            self._note_unsent(data, "its connection is gone")

    def _send_datagram(self, flow: Flow, data: bytes) -> None:
        if self._udp is None:
            return
        try:
            self._udp.sendto(data, (flow.host, flow.port))
            self.note_sent(flow, self._local, data)
        except OSError as error:
            log.warning("a SIP message could not be sent", peer=f"{flow.host}:{flow.port}", problem=str(error))
            self._note_unsent(data, str(error))

    # ---- TCP and TLS ----

    def connected(self, connection: "_Connection") -> int | None:
        """A connection is open; gives its number, None when there are too many."""
        if len(self._connections) >= CONNECTIONS_LIMIT:
            return None
        self._count += 1
        self._connections[self._count] = connection
        return self._count

    def received(self, message: bytes, flow: Flow) -> None:
        """A whole message came over a connection."""
        self._agent.receive_message(message, flow, self._loop.time())
        self._note_decisions()
        self.pump()

    def lost(self, flow: Flow) -> None:
        """A connection is closed."""
        if flow.connection is not None and self._connections.pop(flow.connection, None) is not None:
            self._agent.connection_lost(flow, self._loop.time())
            self.pump()

    def _connection_of(self, flow: Flow) -> "_Connection | None":
        if flow.connection is not None:
            return self._connections.get(flow.connection)
        for connection in self._connections.values():
            if _peer(connection.flow) == _peer(flow):
                return connection
        return None

    def _send_opening(self, flow: Flow, data: bytes) -> None:
        """Open a connection for a message that has none; what comes meanwhile waits with it."""
        waiting = self._opening.get(_peer(flow))
        if waiting is not None:
            waiting.append(data)
            return
        self._opening[_peer(flow)] = [data]
        task = self._loop.create_task(self._connect(*_peer(flow)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, transport: Transport, host: str, port: int) -> None:
        connection = _Connection(self, transport)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._loop.create_connection(lambda: connection, host, port, ssl=self._context_for(transport))
        except (OSError, TimeoutError) as error:
            log.warning("a SIP connection could not be opened", peer=f"{host}:{port}", problem=str(error))
            for data in self._opening.pop((transport, host, port), ()):
                self._note_unsent(data, "no connection could be opened")
            self._agent.connection_lost(Flow(transport, host, port), self._loop.time())
            self.pump()
        for data in self._opening.pop((transport, host, port), []):
            connection.send(data)

    def _context_for(self, transport: Transport) -> ssl.SSLContext | None:
        """Raises OSError for TLS where it is not set up here."""
        if transport != "TLS":
            return None
        if self._tls is None:
            raise OSError("SIP over TLS is not set up here.")
        return self._tls.opened

    # ---- what is kept of it ----

    def note_received(self, flow: Flow, local: str, data: bytes) -> None:
        """Keep what came, before anybody reads it."""
        if self._trace is not None:
            self._trace.passed("in", flow, local, data)

    def note_sent(self, flow: Flow, local: str, data: bytes) -> None:
        """Keep what is handed to the network."""
        if self._trace is not None:
            self._trace.passed("out", flow, local, data)

    def note_unread(self, flow: Flow, local: str, data: bytes, problem: str) -> None:
        """Keep what came over a connection and is no message."""
        if self._trace is not None:
            self._trace.passed("in", flow, local, data)
            self._trace.broken(data, problem)

    def _note_unsent(self, data: bytes, why: str) -> None:
        if self._trace is not None:
            start = data.split(b"\r\n", 1)[0].decode("utf-8", "replace")
            self._trace.decided(sip_call_id_of(data), f"not sent: {start[:80]} ({why})")

    def _note_decisions(self) -> None:
        decisions = self._agent.take_decisions()
        if self._trace is not None:
            for decided in decisions:
                self._trace.decided(decided.call_id, decided.what)


def _peer(flow: Flow) -> Peer:
    return flow.transport, flow.host, flow.port


class _Connection(asyncio.Protocol):
    """One TCP or TLS connection of a SIP peer."""

    def __init__(self, sockets: SipSockets, transport: Transport) -> None:
        self._sockets = sockets
        self._stream = MessageStream()
        self._transport: asyncio.Transport | None = None
        self.flow = Flow(transport, "", 0)
        self._local = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        host, port = transport.get_extra_info("peername")[:2]
        number = self._sockets.connected(self)
        if number is None:
            log.warning("too many SIP connections; one was closed", peer=f"{host}:{port}")
            transport.abort()
            return
        self._transport = transport
        self.flow = Flow(self.flow.transport, host, port, number)
        self._local = ":".join(str(part) for part in transport.get_extra_info("sockname")[:2])

    def data_received(self, data: bytes) -> None:
        read = self._stream.receive(data)
        for _ in range(read.pings):
            self.send(PONG)
        for message in read.messages:
            self._sockets.note_received(self.flow, self._local, message)
            self._sockets.received(message, self.flow)
        if read.broken is not None:
            self._sockets.note_unread(self.flow, self._local, read.unread, str(read.broken))
            log.warning("a SIP connection cannot be read on; what came is kept", peer=self.flow.host)
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._sockets.lost(self.flow)

    def send(self, data: bytes) -> None:
        """Write, unless the connection is gone; a peer that does not read is hung up on."""
        if self._transport is None:
            return
        self._transport.write(data)
        if data != PONG:
            self._sockets.note_sent(self.flow, self._local, data)
        if self._transport.get_write_buffer_size() > UNSENT_LIMIT:
            log.warning("a SIP peer does not read; its connection is closed", peer=self.flow.host)
            self.abort()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()
