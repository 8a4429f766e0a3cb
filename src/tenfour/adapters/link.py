"""The link between line and centre: a Unix socket, the line is the server.

Each frame is four bytes of length (big-endian) and one JSON object with a `frame` tag. The line delivers facts in
order, many in flight; the centre acknowledges the highest `n` it has journalled. Everything the centre says may be
said again. A frame that is too long or not understood closes the connection, never the process.
"""

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from tenfour.adapters.frame_buffer import FrameBuffer
from tenfour.adapters.line_fact import unpack
from tenfour.adapters.link_frame import (
    Ack,
    Answer,
    CentreHello,
    Deliver,
    DeliverAsKept,
    Drained,
    FromCentre,
    FromLine,
    LineCall,
    LineHello,
    Order,
    PassOn,
    Place,
    RecordAway,
    Release,
    SendText,
    SetClock,
    Status,
    decode_centre,
    decode_line,
    packed,
)
from tenfour.adapters.outbox import Outbox
from tenfour.adapters.voice_frame import HeadsetAnswer, HeadsetAway, HeadsetRequests, Voices
from tenfour.calltaking.line_status import LineStatus
from tenfour.calltaking.outgoing_event import CallPlaced
from tenfour.calltaking.text_event import TextTyped
from tenfour.calltaking.voice import Member
from tenfour.vocabulary.envelope import Event, Fact
from tenfour.vocabulary.errors import TenfourError, Unavailable
from tenfour.vocabulary.ids import CallId, NodeId, PersonId, PositionId

BACKOFF_S = (0.02, 0.05, 0.1, 0.2, 0.3)
"""Pauses of the centre before it tries the line again; the last one repeats."""

STATUS_EVERY_S = 2.0

CENTRE_NODE = NodeId("center-1")

DELIVERED_AT_ONCE = 256
"""Facts that the line takes out of its outbox in one go."""

_CHUNK = 256 * 1024

log = structlog.get_logger(__name__)


class _Visit:
    """One centre's connection, and whether it is over."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.over = asyncio.Event()


class LineServerLink:
    """The line's end: takes one centre at a time (a new one replaces the old) of the same user."""

    def __init__(
        self,
        path: Path,
        outbox: Outbox,
        *,
        node: NodeId,
        calls: Callable[[], Sequence[LineCall]],
        on_order: Callable[[Order], None],
        on_presence: Callable[[bool], None],
        status: Callable[[], LineStatus] = LineStatus,
        headsets: Callable[[], Sequence[PositionId]] = tuple,
    ) -> None:
        self._path, self._outbox, self._node = path, outbox, node
        self._headsets = headsets
        self._calls, self._on_order, self._on_presence = calls, on_order, on_presence
        self._status = status
        self._server: asyncio.Server | None = None
        self._centre: _Visit | None = None
        self._grown = asyncio.Event()
        outbox.on_grown = self._grown.set

    @property
    def connected(self) -> bool:
        """Is a centre on the link?"""
        return self._centre is not None

    async def start(self) -> None:
        """Listen at the path (mode 0600).

        Raises `Unavailable` when another line listens there.
        """
        _remove_stale(self._path)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        mask = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._accept, str(self._path))
        finally:
            os.umask(mask)

    async def close(self) -> None:
        """Hang up on the centre and stop listening."""
        if self._server is not None:
            self._server.close()
        await self._replace(None)
        self._path.unlink(missing_ok=True)

    def say(self, frame: HeadsetAnswer) -> None:
        """Answer the centre; nothing when it is away."""
        if self._centre is not None and not self._centre.writer.is_closing():
            self._centre.writer.write(packed(frame))

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if _peer_uid(writer) != os.getuid():
            log.warning("somebody else's process came to the line's socket", uid=_peer_uid(writer))
            writer.close()
            return
        visit = _Visit(writer)
        await self._replace(visit)
        self._on_presence(True)
        try:
            await self._serve(reader, writer)
        finally:
            writer.close()
            visit.over.set()
            if self._centre is visit:
                self._centre = None
            if self._centre is None:
                self._on_presence(False)

    async def _replace(self, visit: "_Visit | None") -> None:
        """Hang up on the centre that is there, and wait until it is gone."""
        old, self._centre = self._centre, visit
        if old is not None:
            old.writer.transport.abort()
            await old.over.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(packed(LineHello(self._node, tuple(self._calls()), tuple(self._headsets()))))
        deliver = asyncio.create_task(self._deliver(writer, self._outbox.last))
        listen = asyncio.create_task(self._listen(reader))
        tell = asyncio.create_task(self._tell_status(writer))
        try:
            done, _ = await asyncio.wait([deliver, listen, tell], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except (OSError, TenfourError, msgspec.MsgspecError) as error:
            log.warning("the link to the centre broke", problem=str(error))
        finally:
            deliver.cancel()
            listen.cancel()
            tell.cancel()
            await asyncio.gather(deliver, listen, tell, return_exceptions=True)

    async def _tell_status(self, writer: asyncio.StreamWriter) -> None:
        told: LineStatus | None = None
        while True:
            status = self._status()
            if status != told:
                told = status
                writer.write(packed(Status(status)))
                await writer.drain()
            await asyncio.sleep(STATUS_EVERY_S)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        buffer = FrameBuffer()
        while chunk := await reader.read(_CHUNK):
            for body in buffer.feed(chunk):
                match decode_centre(body):
                    case Ack(n=n):
                        self._outbox.trim(n)
                    case CentreHello(node=node):
                        log.info("the centre is on the line", node=node)
                    case order:
                        self._on_order(order)

    async def _deliver(self, writer: asyncio.StreamWriter, at_hello: int) -> None:
        """Deliver what waits, and what comes; between the two, once, the word that what waited is delivered."""
        last, drained = 0, False
        while True:
            self._grown.clear()
            more = True
            while more:
                frames = []
                facts = await self._outbox.waiting(last, DELIVERED_AT_ONCE)
                for waiting in facts:
                    if not drained and waiting.n > at_hello:
                        drained = True
                        frames.append(packed(Drained()))
                    frames.append(packed(DeliverAsKept(waiting.n, msgspec.Raw(waiting.encoded))))
                    last = waiting.n
                writer.write(b"".join(frames))
                await writer.drain()
                more = len(facts) == DELIVERED_AT_ONCE
            if not drained:
                drained = True
                writer.write(packed(Drained()))
            await self._grown.wait()


class LineLink:
    """The centre's end: connects and reconnects for ever, hands facts on in order, acknowledges after.

    `on_facts` must return only when the facts are journalled (a fact may come twice with the same id);
    `on_connected` gets the line's calls in progress: say there what the line must be told again. Before it
    `on_headsets` gets the positions whose headsets the line has. `on_drained` follows
    once everything that the line had to tell until then went through `on_facts`, and nothing that came later.
    """

    def __init__(
        self,
        path: Path,
        *,
        catalogue: Mapping[str, type[Event]],
        on_facts: Callable[[Sequence[Fact]], Awaitable[None]],
        on_connected: Callable[[Sequence[LineCall]], Awaitable[None]],
        on_lost: Callable[[], None],
        on_drained: Callable[[], Awaitable[None]],
        on_status: Callable[[LineStatus], None] = lambda _: None,
        on_headsets: Callable[[Sequence[PositionId]], None] = lambda _: None,
        node: NodeId = CENTRE_NODE,
    ) -> None:
        self._path, self._catalogue, self._node = path, catalogue, node
        self._on_facts, self._on_connected, self._on_lost = on_facts, on_connected, on_lost
        self._on_drained, self._on_status, self._on_headsets = on_drained, on_status, on_headsets
        self._writer: asyncio.StreamWriter | None = None
        self._offers = HeadsetRequests()

    @property
    def connected(self) -> bool:
        """Is the line on the link, and has it said what calls it has?"""
        return self._writer is not None

    async def run(self) -> None:
        """Keep the link up until cancelled."""
        failures = 0
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(str(self._path))
            except OSError:
                await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])
                failures += 1
                continue
            failures = 0 if await self._converse(reader, writer) else failures + 1
            await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])

    def answer(self, call_id: CallId, position: PositionId, person: PersonId) -> None:
        """Tell the line that a person answered; nothing when the line is away."""
        self._say(Answer(call_id, position, person))

    def release(self, call_id: CallId) -> None:
        """Tell the line to end the call; nothing when the line is away."""
        self._say(Release(call_id))

    def send_text(self, call_id: CallId, typed: TextTyped) -> None:
        """Tell the line what to type to the caller; nothing when the line is away."""
        self._say(SendText(call_id, typed))

    def pass_on(self, call_id: CallId, target: str, to_call: CallId | None = None) -> None:
        """Tell the line to pass a call on; nothing when the line is away."""
        self._say(PassOn(call_id, target, to_call))

    def place(self, placed: CallPlaced) -> None:
        """Tell the line to place a call; nothing when the line is away."""
        self._say(Place(placed))

    def set_clock(self, real_at: datetime, domain_at: datetime, speed: float) -> None:
        """Tell the line the domain clock; nothing when the line is away."""
        self._say(SetClock(real_at, domain_at, speed))

    def record_away(self, away: bool) -> None:
        """Tell the line whether the record can be written; nothing when the line is away."""
        self._say(RecordAway(away))

    async def connect_headset(self, position: PositionId, person: PersonId, sdp: str) -> str:
        """Our answer to a browser's offer. Raises `Refused` with a reason, `Unavailable` when the line is away."""
        return await self._offers.ask(self._say, position, person, sdp)

    def put_headset_away(self, position: PositionId, why: str, *, put_away: bool) -> None:
        """Tell the line that a headset is gone; nothing when the line is away."""
        self._say(HeadsetAway(position, why, put_away))

    def voices(
        self, call_id: CallId, members: tuple[Member, ...], *, held: bool, outside: tuple[CallId, ...] = ()
    ) -> None:
        """Tell the line who is in a call; nothing when the line is away."""
        self._say(Voices(call_id, members, held, outside))

    def _say(self, frame: FromCentre) -> bool:
        """Say it; False when the line is away."""
        if self._writer is None or self._writer.is_closing():
            return False
        self._writer.write(packed(frame))
        return True

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One connection, to its end. True when the line said hello on it."""
        greeted = False
        try:
            writer.write(packed(CentreHello(self._node)))
            buffer = FrameBuffer()
            while chunk := await reader.read(_CHUNK):
                frames = [decode_line(body) for body in buffer.feed(chunk)]
                greeted = await self._take(frames, writer) or greeted
        except (OSError, TenfourError, msgspec.MsgspecError) as error:
            log.warning("the link to the line broke", problem=str(error))
        finally:
            writer.close()
            if self._writer is not None:
                self._writer = None
                self._on_lost()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return greeted

    async def _take(self, frames: Sequence[FromLine], writer: asyncio.StreamWriter) -> bool:
        """Hand on what arrived together, in order; acknowledge what is journalled. True when the line said hello."""
        greeted, facts = False, list[Deliver]()
        for frame in frames:
            if isinstance(frame, Deliver):
                facts.append(frame)
                continue
            if isinstance(frame, Status):
                self._on_status(frame.status)
                continue
            if isinstance(frame, HeadsetAnswer):
                self._offers.answered(frame)
                continue
            await self._journal(facts, writer)
            facts.clear()
            if isinstance(frame, LineHello):
                self._writer, greeted = writer, True
                self._on_headsets(frame.headsets)
                await self._on_connected(frame.calls)
            else:
                await self._on_drained()
        await self._journal(facts, writer)
        return greeted

    async def _journal(self, delivered: Sequence[Deliver], writer: asyncio.StreamWriter) -> None:
        if not delivered:
            return
        await self._on_facts([unpack(frame.fact, self._catalogue) for frame in delivered])
        writer.write(packed(Ack(max(frame.n for frame in delivered))))
        await writer.drain()


def _peer_uid(writer: asyncio.StreamWriter) -> int:
    """The user of the process at the other end (SO_PEERCRED)."""
    credentials = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    _pid, uid, _gid = struct.unpack("3i", credentials)
    return int(uid)


def _remove_stale(path: Path) -> None:
    """Remove the socket a dead line left behind; a living one is left alone."""
    if not path.exists():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise Unavailable(f"Another line listens at {path}; one centre folder has one line.")
