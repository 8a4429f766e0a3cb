"""SIP on the network: a UDP socket and a TCP listener on one port, a TLS listener on another, around the user agent."""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from typing import Literal

import msgspec
import structlog

from tenfour.adapters.loop_lag import LoopLag
from tenfour.adapters.signal_trace import SignalTrace
from tenfour.adapters.sip_connection import Connection, ConnectionTable
from tenfour.adapters.sip_tls import SipTls
from tenfour.calltaking.event import Trouble
from tenfour.telephony.admission import Admission, PacketClass, Strain, classify, strain_of
from tenfour.telephony.fair_queue import FairQueue
from tenfour.telephony.flow import Flow, Transport
from tenfour.telephony.signalling import sip_call_id_of
from tenfour.telephony.sip_event import SipEvent
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.errors import Unavailable

LARGEST_DATAGRAM = 65_535
READ_AT_ONCE = 256
"""Datagrams read in a row before the loop sees to other things; reading is cheap, dealing with them is not."""

READ_S, SLICE_S, PAUSE_S = 0.002, 0.004, 0.001
"""So long is read, so long is dealt with what came; then audio and timers have their turn, for so long at least."""

CONNECTIONS_A_SOURCE = 100
"""TCP connections that one source may have open."""

CONNECT_TIMEOUT_S = 5.0

HANDSHAKE_TIMEOUT_S = 10.0
"""A peer that has not finished the TLS handshake by then is hung up on."""

Peer = tuple[Transport, str, int]

log = structlog.get_logger(__name__)


class SipSockets:
    """Feeds the user agent and sends what it has to say; `on_event` gets everything that happened.

    `admission` says what is taken of whom, `on_trouble(kind, source, problem)` hears what is wrong with whom.
    `trace` is told each message and decision, where there is one.
    """

    def __init__(
        self,
        agent: UserAgent,
        on_event: Callable[[SipEvent], None],
        *,
        admission: Admission | None = None,
        connections_a_source: int = CONNECTIONS_A_SOURCE,
        on_trouble: Callable[[Trouble, str, str], None] = lambda kind, source, problem: None,
        trace: SignalTrace | None = None,
    ) -> None:
        self._agent, self._on_event, self.trouble, self._trace = agent, on_event, on_trouble, trace
        self._local = ""
        self.admission = admission or Admission(lambda _: ("", 1.0))
        self._a_source = connections_a_source
        self._loop = asyncio.get_running_loop()
        self._udp: socket.socket | None = None
        self._listeners: list[asyncio.Server] = []
        self._tls: SipTls | None = None
        self.connections = ConnectionTable(self._connections_allowed, agent.connections)
        self._queue: FairQueue[tuple[bytes, Flow, Connection | None]] = FairQueue()
        self._paused: dict[str, dict[Connection, None]] = {}
        self._later: asyncio.TimerHandle | None = None
        self._serving = False
        self.lag = LoopLag(self._felt)
        self._opening: dict[Peer, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
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
            tcp = await self._loop.create_server(lambda: Connection(self, "TCP"), host, port, reuse_address=True)
        except OSError as error:
            udp.close()
            raise Unavailable(f"SIP cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}.") from error
        self._udp = udp
        self._local = f"{host}:{port}"
        self.lag.start()
        self._listeners.append(tcp)
        self._loop.add_reader(udp, self._readable)
        return port

    async def listen_tls(self, host: str, port: int, tls: SipTls) -> int:
        """Take TLS connections, too; gives the port. Raises `Unavailable` when it is taken."""
        try:
            listener = await self._loop.create_server(
                lambda: Connection(self, "TLS"),
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
        self.lag.stop()
        for timer in (self._timer, self._later):
            if timer is not None:
                timer.cancel()
        if self._udp is not None:
            self._loop.remove_reader(self._udp)
            self._udp.close()
            self._udp = None
        for listener in self._listeners:
            listener.close()
        for connection in self.connections:
            connection.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def reaches(self, flow: Flow) -> bool:
        """Can a message for this flow be sent now? (Over UDP nobody knows before an answer: True.)"""
        return flow.transport == "UDP" or self.connections.to(flow) is not None

    def pump(self) -> None:
        """Hand on events, send what is to be sent, and see when to look again. After anything happened."""
        self._act()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._agent.next_timer()
        if due is not None:
            self._timer = self._loop.call_at(due, self._time_came)

    def _act(self) -> None:
        while events := self._agent.take_events():
            for event in events:
                self._hand_on(event)
        self._note_decisions()
        for flow, data in self._agent.take_outgoing():
            self._send(flow, data)

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

    # ---- what came waits for its turn ----

    def _take_in(self, data: bytes, flow: Flow, connection: Connection | None) -> bool:
        """Let it wait, or shed it; False when too much of its source waits already."""
        packet, taken = self.admission.admit(data, flow.host, self._loop.time())
        if not taken:
            self._tell_shed(flow.host, packet)
            return True
        if not self._queue.put(flow.host, packet, (data, flow, connection), len(data)):
            return False
        self._note("in", flow, connection.local if connection is not None else self._local, data)
        return True

    def _tell_shed(self, source: str, packet: PacketClass) -> None:
        self.trouble(Trouble.FLOOD_SHED, source, f"More {packet.value} than one source may send.")

    def serve(self) -> None:
        """Deal with what waits, source by source, for a while; with the rest after audio and timers had their turn."""
        if self._later is not None or self._serving:
            return
        self._serving = True
        with self.lag.working():
            until = self._loop.time() + SLICE_S
            while (waiting := self._queue.take()) is not None:
                self._deal_with(*waiting)
                if self._loop.time() >= until:
                    break
            self.pump()
        self._serving = False
        if self._queue:
            self._later = self._loop.call_later(PAUSE_S, self._serve_on)

    def _serve_on(self) -> None:
        self._later = None
        self.serve()

    def _deal_with(self, data: bytes, flow: Flow, connection: Connection | None) -> None:
        if connection is not None:
            connection.waiting -= 1
            if self.connections.to(flow) is None:  # gone meanwhile: what is answered asks for another
                flow = msgspec.structs.replace(flow, connection=None)
        self._agent.receive_message(data, flow, self._loop.time())
        self._note_decisions()
        self._act()
        for paused in list(self._paused.get(flow.host, ())):
            if paused.go_on():
                del self._paused[flow.host][paused]
                if not self._paused[flow.host]:
                    del self._paused[flow.host]

    def _felt(self, late_s: float, busy: float) -> None:
        strain = strain_of(late_s, busy)
        if strain is not Strain.NONE and self.admission.strain is Strain.NONE:
            log.info("the line is behind; less is taken of what ends no call", late_s=late_s, busy=busy)
        self.admission.strain = strain

    # ---- UDP ----

    def _readable(self) -> None:
        assert self._udp is not None
        until = self._loop.time() + READ_S
        for _ in range(READ_AT_ONCE):
            try:
                data, address = self._udp.recvfrom(LARGEST_DATAGRAM)
            except BlockingIOError:
                break
            except OSError as error:  # an ICMP error of an earlier send
                log.debug("a SIP peer could not be reached", problem=str(error))
                continue
            self._datagram(data, Flow("UDP", address[0], address[1]))
            if self._loop.time() >= until:
                break
        self.serve()

    def _datagram(self, data: bytes, flow: Flow) -> None:
        if data.strip(b"\r\n\0 ") and not self._take_in(data, flow, None):
            self.dropped(data, flow.host)

    def dropped(self, data: bytes, source: str) -> None:
        """Too much of a source waits already, and this was let go."""
        packet = classify(data)
        self.admission.count_shed(self.admission.account(source), packet)
        self._tell_shed(source, packet)

    def _send(self, flow: Flow, data: bytes) -> None:
        if flow.transport == "UDP":
            self._send_datagram(flow, data)
        elif (connection := self.connections.to(flow)) is not None:
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
            self._note("out", flow, self._local, data)
        except OSError as error:
            log.warning("a SIP message could not be sent", peer=f"{flow.host}:{flow.port}", problem=str(error))
            self._note_unsent(data, str(error))

    # ---- TCP and TLS ----

    def connected(self, connection: Connection, peer: Flow) -> int | None:
        """A connection is open; gives its number, None when there are too many."""
        number = self.connections.add(connection, peer)
        if number is None:
            self.trouble(Trouble.TOO_MANY_CONNECTIONS, peer.host, "A new connection was closed: none was idle.")
        return number

    def received(self, message: bytes, connection: Connection) -> bool:
        """A whole message came over a connection; False when it must wait with it."""
        connection.waiting += 1
        if not self._take_in(message, connection.flow, connection):
            connection.waiting -= 1
            self._paused.setdefault(connection.flow.host, {})[connection] = None
            return False
        return True

    def needed(self, connection: Connection) -> bool:
        """Does a call need this connection?"""
        return self.connections.needed(connection)

    def lost(self, flow: Flow) -> None:
        """A connection is closed."""
        self.connections.remove(flow)
        if flow.connection is not None:
            self._agent.connection_lost(flow, self._loop.time())
            self.pump()

    def _connections_allowed(self, source: str) -> int:
        return int(self._a_source * self.admission.account(source).times)

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
        connection = Connection(self, transport)
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

    def sent(self, connection: Connection, data: bytes) -> None:
        """A message went out on a connection."""
        self._note("out", connection.flow, connection.local, data)

    def unread(self, connection: Connection, data: bytes, problem: str) -> None:
        """Something came over a connection and is no message."""
        self.trouble(Trouble.BROKEN_STREAM, connection.flow.host, problem)
        self._note("in", connection.flow, connection.local, data)
        if self._trace is not None:
            self._trace.broken(data, problem)

    def _note(self, way: Literal["in", "out"], flow: Flow, local: str, data: bytes) -> None:
        if self._trace is not None:
            self._trace.passed(way, flow, local, data)

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
