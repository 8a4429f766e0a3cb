"""The live feed: a frame of the rows that changed, at most every 50 ms, serialised once for each class of viewer."""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from tenfour.desk.board import OnBoard, Shown, Viewer, board, touched, visible
from tenfour.desk.clock_row import call_clocks, incident_clocks, unit_clocks
from tenfour.desk.desk import Desk
from tenfour.desk.story import tell_whole
from tenfour.desk.view import Board, ClockView, Frame
from tenfour.vocabulary.envelope import Recorded
from tenfour.vocabulary.ids import CallId, IncidentId, UnitId, call_stream, incident_stream
from tenfour.workflow.world import Key

FRAME_EVERY_S = 0.05
HEARTBEAT_S = 4.0
TIDY_EVERY_S = 1.0
TIDY_REST = 20
"""With very much on the board it is tidied less often: that takes a twentieth of the time at most."""

QUEUED_FRAMES = 200
"""Frames that may wait for one client; a client that is slower than this is dropped and resyncs."""

NONE = Shown()

_encoder = msgspec.json.Encoder()


def _encode(frame: Frame) -> str:
    """As text, once: each window's socket would make it of bytes again."""
    return _encoder.encode(frame).decode()


class Client:
    """One window. `frames` yields messages; None means: you fell behind, come again."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.frames: asyncio.Queue[str | None] = asyncio.Queue(QUEUED_FRAMES + 1)

    def offer(self, frame: str) -> bool:
        """Queue a frame; False when the client has fallen behind and is dropped."""
        if self.frames.qsize() >= QUEUED_FRAMES:
            while not self.frames.empty():
                self.frames.get_nowait()
            self.frames.put_nowait(None)
            return False
        self.frames.put_nowait(frame)
        return True


class Feed:
    """Collects what changed and hands frames to the clients. Keep `run` running."""

    def __init__(self, desk: Desk, keep: timedelta) -> None:
        self._desk = desk
        self.on_board = OnBoard(keep)
        self._changed = self._gone = NONE
        self._some = asyncio.Event()
        self._clients: set[Client] = set()
        self._changed_at: dict[CallId | IncidentId, int] = {}
        self._since = 0
        self._looked_at: datetime | None = None
        self._beat_at = self._tidied_at = 0.0
        self._told_away: datetime | None = None
        self._tidy_after_s = TIDY_EVERY_S

    @property
    def clients(self) -> int:
        """How many windows follow."""
        return len(self._clients)

    def begin(self) -> None:
        """Look at the world once it has caught up: who asks for what came before gets everything."""
        self.on_board.look(self._desk.ledger.shown, self._desk.clock.now())
        self._since = self._desk.ledger.shown.seq

    def on_records(self, _: Sequence[Recorded], keys: frozenset[Key]) -> None:
        """The ledger has something new on disk."""
        world = self._desk.ledger.shown
        self._mark(touched(keys, world), world.seq)

    def mark(self, changed: Shown) -> None:
        """These rows are to be sent, for what is not in the record: a board of this moment may lack it."""
        self._mark(changed, self._desk.ledger.shown.seq + 1)

    def _mark(self, changed: Shown, seq: int) -> None:
        if not changed:
            return
        self.on_board.take(changed)
        self._changed_at.update(dict.fromkeys((*changed.calls, *changed.incidents), seq))
        self._changed |= changed
        self._gone = self._gone.without(changed)
        self._some.set()

    def mark_unit(self, unit: UnitId) -> None:
        """A unit has moved on the map."""
        self.mark(Shown(units=frozenset([unit])))

    def mark_line(self) -> None:
        """The line came or went: calls in progress show it."""
        world = self._desk.ledger.shown
        self.mark(Shown(frozenset(c for c in world.calls_in_progress if not world.calls[c].test), line=True))

    def board(self, viewer: Viewer) -> Board:
        """The snapshot that a feed goes on from."""
        return board(self._desk, self.on_board, viewer)

    def join(self, viewer: Viewer, after: int) -> Client:
        """A window that has seen the board at `after` follows from there."""
        client = Client(viewer)
        self._clients.add(client)
        client.offer(self._frame(self._missed(after), viewer))
        return client

    def leave(self, client: Client) -> None:
        """The window is gone."""
        self._clients.discard(client)

    async def run(self) -> None:
        """Send frames for ever; a frame at least every few seconds, so that a dead feed is noticed."""
        while True:
            with contextlib.suppress(TimeoutError):  # nothing changed: look at the clocks all the same
                async with asyncio.timeout(TIDY_EVERY_S):
                    await self._some.wait()
            self._look_around()
            if not self._some.is_set():
                continue
            self._some.clear()
            changed, self._changed = self._changed, NONE
            gone, self._gone = self._gone, NONE
            for incident_id in changed.incidents:
                await tell_whole(self._desk.ledger, self._desk.chronicle, incident_id)
            self._send(self._clients, changed, gone)
            await asyncio.sleep(FRAME_EVERY_S)

    def _missed(self, after: int) -> Shown:
        """Everything on the board that changed since; all of it where that is not known any more."""
        world = self._desk.ledger.shown
        known = self._since <= after <= world.seq and after > 0

        def fresh(row: CallId | IncidentId) -> bool:
            return not known or self._changed_at.get(row, 0) > after

        return Shown(
            frozenset(call for call in self.on_board.calls if fresh(call)),
            frozenset(incident for incident in self.on_board.incidents if fresh(incident)),
            frozenset(world.units),
            positions=True,
            line=True,
        )

    def _send(self, clients: Iterable[Client], changed: Shown, gone: Shown) -> None:
        frames: dict[Viewer, str | None] = {}
        for client in tuple(clients):
            if client.viewer not in frames:
                frames[client.viewer] = self._frame_if_any(changed, client.viewer, gone)
            frame = frames[client.viewer]
            if frame is not None and not client.offer(frame):
                self._clients.discard(client)

    def _frame_if_any(self, changed: Shown, viewer: Viewer, gone: Shown) -> str | None:
        """A crew for whom nothing changed gets nothing, nor is it told what left a board that it never saw."""
        if viewer.unit is None:
            return self._frame(changed, viewer, gone)
        return self._frame(changed, viewer) if visible(changed, viewer, self._desk.ledger.shown) else None

    def _frame(self, changed: Shown, viewer: Viewer, gone: Shown = NONE) -> str:
        desk, world = self._desk, self._desk.ledger.shown
        rows = visible(changed, viewer, world)
        frame = Frame(
            seq=world.seq,
            now=desk.clock.now(),
            clock_speed=desk.clock.speed,
            calls=tuple(desk.call(viewer.reads, call) for call in rows.calls),
            incidents=tuple(desk.incident(viewer.reads, incident) for incident in rows.incidents),
            units=tuple(desk.unit(viewer.reads, unit) for unit in rows.units),
            positions=desk.positions() if rows.positions else (),
            line=desk.line_row() if rows.line else None,
            record_away_since=desk.ledger.failing_since,
            calls_gone=tuple(gone.calls),
            incidents_gone=tuple(gone.incidents),
        )
        return _encode(frame)

    def _beat(self) -> None:
        """A frame without rows, for those who heard nothing for a while."""
        ledger, clock = self._desk.ledger, self._desk.clock
        self._told_away = ledger.failing_since
        encoded = _encode(
            Frame(
                seq=ledger.shown.seq,
                now=clock.now(),
                clock_speed=clock.speed,
                record_away_since=ledger.failing_since,
            )
        )
        for client in tuple(self._clients):
            if not client.offer(encoded):
                self._clients.discard(client)

    def _look_around(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._tidied_at >= self._tidy_after_s:
            self._tidied_at = now
            self._tidy()
            self._tidy_after_s = max(TIDY_EVERY_S, TIDY_REST * (asyncio.get_running_loop().time() - now))
        if now - self._beat_at >= HEARTBEAT_S or self._told_away != self._desk.ledger.failing_since:
            self._beat_at = now
            self._beat()

    def _tidy(self) -> None:
        """Take away what is finished, let go of its story, and show what has run out since the last look."""
        now, world = self._desk.clock.now(), self._desk.ledger.shown
        calls, incidents = self.on_board.tidy(world, now)
        if calls or incidents:
            self._gone |= Shown(calls, incidents)
            self._some.set()
        self._changed_at = {row: seq for row, seq in self._changed_at.items() if row not in calls | incidents}
        self._desk.chronicle.forget(call_stream(call) for call in calls)
        self._desk.chronicle.forget(incident_stream(incident) for incident in incidents)
        if self._looked_at is not None:
            self.mark(self._run_out(self._looked_at, now))
        self._looked_at = now

    def _run_out(self, since: datetime, now: datetime) -> Shown:
        """Rows with a clock that ran out between two looks: they are overdue now."""
        world, policy = self._desk.ledger.shown, self._desk.ledger.policy

        def out(clocks: Iterable[ClockView]) -> bool:
            return any(clock.due_at is not None and since < clock.due_at <= now for clock in clocks)

        return Shown(
            frozenset(c for c in world.calls_in_progress if out(call_clocks(world.calls[c], policy))),
            frozenset(i for i in world.open_incidents if out(incident_clocks(world.incidents[i], world, policy))),
            frozenset(u.unit_id for u in world.units.values() if out(unit_clocks(u, world, policy))),
        )
