"""One TCP or TLS connection of a SIP peer, and the table of all: bounded in all and for each source."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Protocol

import structlog

from tenfour.calltaking.event import Trouble
from tenfour.telephony.flow import Flow, Transport
from tenfour.telephony.stream import MessageStream, StreamRead, Unfinished

CONNECTIONS_LIMIT = 1024
"""TCP connections that may be open at once; above it an idle one makes room, or the new one is closed."""

UNSENT_LIMIT = 1024 * 1024
"""Bytes that may wait for a peer that does not read; then its connection is closed."""

PONG = b"\r\n"
"""What a keep-alive ping is answered with (RFC 5626 section 4.4.1)."""

IDLE_S = 1.0
"""A connection on which nothing came for so long, and that no call needs, may be closed for a new one."""

QUIET_S = {Unfinished.INVITE: 2.0, Unfinished.INVITE_HEAD: 8.0}
"""When nothing more came for so long, an INVITE is taken as far as it came."""

REST_LIMIT_S = 32.0
"""So long after its first byte anything else must be whole."""

SKIPPED_LIMIT = 64 * 1024
"""Bytes in a row that are no message; then a connection that no call needs is closed."""

LOOK_AGAIN_S = 0.2
"""How long the list of connections that calls need is taken for true."""

log = structlog.get_logger(__name__)


class Owner(Protocol):
    """Who has the connections."""

    def connected(self, connection: "Connection", peer: Flow) -> int | None:
        """A connection is open; gives its number, None when there are too many."""

    def received(self, message: bytes, connection: "Connection") -> bool:
        """A whole message came; False when it must wait with the connection, which reads no further."""

    def serve(self) -> None:
        """Deal with what was received."""

    def dropped(self, data: bytes, source: str) -> None:
        """A message was let go: its connection is gone, and too much of its source waits."""

    def needed(self, connection: "Connection") -> bool:
        """Does a call need this connection?"""

    def lost(self, flow: Flow) -> None:
        """A connection is closed."""

    def trouble(self, kind: Trouble, source: str, problem: str) -> None:
        """Something is wrong with a peer."""

    def sent(self, connection: "Connection", data: bytes) -> None:
        """A message went out."""

    def unread(self, connection: "Connection", data: bytes, problem: str) -> None:
        """Something came that is no message."""


class Connection(asyncio.Protocol):
    """Cuts the stream into messages; what does not come whole is taken or dropped when its time is over."""

    def __init__(self, owner: Owner, transport: Transport) -> None:
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._stream = MessageStream()
        self._transport: asyncio.Transport | None = None
        self._held: list[bytes] = []
        self._rest: asyncio.TimerHandle | None = None
        self._begun_at = self.heard_at = self._loop.time()
        self.flow = Flow(transport, "", 0)
        self.local = ""
        self.waiting = 0
        """Messages of this connection that came and were not dealt with yet."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        peer = transport.get_extra_info("peername")
        if not peer:  # gone before we looked
            transport.abort()
            return
        host, port = peer[:2]
        peer_flow = Flow(self.flow.transport, host, port)
        number = self._owner.connected(self, peer_flow)
        if number is None:
            transport.abort()
            return
        self._transport = transport
        self.flow = Flow(self.flow.transport, host, port, number)
        self.local = ":".join(str(part) for part in transport.get_extra_info("sockname")[:2])

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        read = self._stream.receive(data)
        for _ in range(read.pings):
            self.send(PONG)
        if read.broken is not None:
            self._owner.unread(self, read.unread, str(read.broken))
        self._take(read)
        if read.messages:
            self._begun_at = self.heard_at
        self._await_rest()
        if self._stream.skipped > SKIPPED_LIMIT and not self._owner.needed(self):
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._stop_waiting()
        for message in self._held:
            if not self._owner.received(message, self):
                self._owner.dropped(message, self.flow.host)
        self._held.clear()
        self._owner.serve()
        self._owner.lost(self.flow)

    def send(self, data: bytes) -> None:
        """Write, unless the connection is gone; a peer that does not read is hung up on."""
        if self._transport is None:
            return
        self._transport.write(data)
        if data != PONG:
            self._owner.sent(self, data)
        if self._transport.get_write_buffer_size() > UNSENT_LIMIT:
            self._owner.trouble(Trouble.SLOW_PEER, self.flow.host, "It does not read what it is sent.")
            self.abort()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def go_on(self) -> bool:
        """There is room again: hand on what was held, and read on. False while something is still held."""
        held, self._held = self._held, []
        self._take(StreamRead(tuple(held)))
        if not self._held and self._transport is not None:
            self._transport.resume_reading()
        return not self._held

    def _take(self, read: StreamRead) -> None:
        for message in read.messages:
            if self._held or not self._owner.received(message, self):
                self._held.append(message)
        if self._held and self._transport is not None:
            self._transport.pause_reading()
        self._owner.serve()

    # ---- what does not come whole ----

    def _await_rest(self) -> None:
        """Something has begun: come back when its rest is overdue."""
        if self._stream.unfinished is Unfinished.NOTHING:
            self._begun_at = self.heard_at
            self._stop_waiting()
        elif self._rest is None:
            self._rest = self._loop.call_at(self._due(), self._overdue)

    def _due(self) -> float:
        latest = self._begun_at + REST_LIMIT_S
        quiet_s = QUIET_S.get(self._stream.unfinished)
        return latest if quiet_s is None else min(latest, self.heard_at + quiet_s)

    def _overdue(self) -> None:
        self._rest = None
        if self._stream.unfinished is Unfinished.NOTHING:
            return
        if self._due() > self._loop.time():
            self._await_rest()
            return
        read = self._stream.give_up()
        self._owner.trouble(Trouble.SLOW_PEER, self.flow.host, str(read.broken))
        self._take(read)
        if not read.messages and not self._owner.needed(self):
            self.abort()

    def _stop_waiting(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None


class ConnectionTable:
    """All open connections by number; those of one source are bounded, too.

    `allowed(source)`: how many one source may have. `in_use()`: the numbers of those that calls need.
    """

    def __init__(
        self,
        allowed: Callable[[str], int],
        in_use: Callable[[], frozenset[int]],
        *,
        limit: int = CONNECTIONS_LIMIT,
    ) -> None:
        self._allowed, self._in_use, self._limit = allowed, in_use, limit
        self._loop = asyncio.get_running_loop()
        self._open: dict[int, Connection] = {}
        self._newest: dict[Flow, int] = {}
        self._used: tuple[float, frozenset[int]] = (float("-inf"), frozenset())
        self._count = 0
        self.by_source: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._open.values()))

    def to(self, flow: Flow) -> Connection | None:
        """The connection that a flow names; where it names none, the newest to its peer."""
        number = flow.connection if flow.connection is not None else self._newest.get(flow)
        return self._open.get(number) if number is not None else None

    def add(self, connection: Connection, peer: Flow) -> int | None:
        """Take a new one in; the one that was idle longest makes room where room is needed. None: there is none."""
        source = peer.host
        full = self.by_source[source] >= self._allowed(source)
        if full or len(self._open) >= self._limit:
            idle = self._longest_idle(source if full else None)
            if idle is None:
                return None
            self.remove(idle.flow)
            idle.abort()
        self._count += 1
        self._open[self._count] = connection
        self._newest[peer] = self._count
        self.by_source[source] += 1
        return self._count

    def remove(self, flow: Flow) -> bool:
        """A connection is gone; False when it was not in the table."""
        if flow.connection is None or self._open.pop(flow.connection, None) is None:
            return False
        peer = Flow(flow.transport, flow.host, flow.port)
        if self._newest.get(peer) == flow.connection:
            del self._newest[peer]
        self.by_source[flow.host] -= 1
        if not self.by_source[flow.host]:
            del self.by_source[flow.host]
        return True

    def needed(self, connection: Connection) -> bool:
        """Does a call need it, or has it said something that was not dealt with yet?"""
        return bool(connection.waiting) or connection.flow.connection in self._in_use()

    def _longest_idle(self, source: str | None) -> Connection | None:
        now = self._loop.time()
        if now - self._used[0] > LOOK_AGAIN_S:
            self._used = now, self._in_use()
        idle = [
            connection
            for number, connection in self._open.items()
            if (source is None or connection.flow.host == source)
            and now - connection.heard_at >= IDLE_S
            and not connection.waiting
            and number not in self._used[1]
        ]
        return min(idle, key=lambda connection: connection.heard_at, default=None)
