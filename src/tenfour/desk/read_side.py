"""Feeds the read side what is on disk, and asks it questions off the event loop."""

import asyncio
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
import structlog

from tenfour.desk.fold import fold_all
from tenfour.desk.ledger import Ledger
from tenfour.desk.port import EarlierIncident, FactView, FoundView
from tenfour.journal.event import ClockSet
from tenfour.journal.port import Head, Journal
from tenfour.vocabulary.envelope import Access, Header, Recorded
from tenfour.vocabulary.errors import RecordBroken, Unavailable
from tenfour.vocabulary.ids import CallId, CommandId, IncidentId, StreamName, call_stream, incident_stream
from tenfour.workflow.shelf import Shelf
from tenfour.workflow.world import Key, Kind, World

EVERY_S = 0.1
AGAIN_S = 1.0
HELD_RECORDS = 10_000
"""So many records wait for the read side in memory, at most."""

PAGE = 1000
PATIENCE_S = 5.0
RECALLED_IDS = 10_000
"""So many of the newest ids are known again after a restart: what the line had in flight is recorded once."""

OF_CALL = (Kind.CALL, Kind.LOCATION)
OF_INCIDENT = (Kind.INCIDENT, Kind.ASSIGNMENT, Kind.CASEWORK)
"""States that are finished together."""

_NEVER = datetime.max.replace(tzinfo=UTC)

log = structlog.get_logger(__name__)


class EarlierRow(Protocol):
    """Something that was at a place."""

    @property
    def stream(self) -> StreamName:
        """The call's or incident's stream."""
        ...

    @property
    def at(self) -> datetime:
        """When."""
        ...


class Projection(Protocol):
    """The disposable file (see `adapters.projection`). Every method may be called from any thread."""

    @property
    def last_seq(self) -> int:
        """How far it has come."""
        ...

    @property
    def head(self) -> Head:
        """The same, with the digest there: it tells whose journal this is of."""
        ...

    def states(self, *, since: datetime | None = None) -> Mapping[tuple[str, str], bytes]:
        """The saved states (kind, id) as JSON; `since`: only what was not finished by then."""
        ...

    def state(self, kind: str, name: str) -> bytes | None:
        """One saved state; None for what was never saved."""
        ...

    def apply(
        self,
        records: Sequence[Recorded],
        states: Mapping[tuple[str, str], bytes],
        finished: Mapping[tuple[str, str], datetime] | None = None,
    ) -> None:
        """Take in the next records and the states they led to; `finished`: which of those are over, since when."""
        ...

    def begin_anew(self) -> None:
        """Throw everything away."""
        ...

    def facts(self, stream: StreamName | None, after: int, limit: int, access: Collection[Access]) -> Sequence[Any]:
        """Facts in order."""
        ...

    def search(self, text: str, access: Collection[Access], limit: int) -> Sequence[Any]:
        """Facts with these words."""
        ...

    def earlier_at(self, address_id: str, access: Collection[Access]) -> Sequence[EarlierRow]:
        """What was at an address."""
        ...

    def earlier_of(self, ani: str, access: Collection[Access]) -> Sequence[EarlierRow]:
        """Calls that showed a number."""
        ...

    def command(self, command_id: CommandId) -> Sequence[Header]:
        """What a command led to."""
        ...


class EarlierOfNumber(msgspec.Struct, frozen=True):
    """A call that showed a number, and when it came."""

    call_id: CallId
    at: datetime


class KeptReadSide:
    """The read side, kept up with the ledger; and the shelf where the ledger's worlds find what they let go of.

    Listen to the ledger with `on_records`, keep `run` running. `read_stream` reads a stream of the journal at once: the
    shelf asks it while the read side is being made anew.
    """

    def __init__(
        self,
        projection: Projection,
        journal: Journal,
        read_stream: Callable[[StreamName], Sequence[Recorded]] = lambda _: (),
    ) -> None:
        self._projection, self._journal, self._read_stream = projection, journal, read_stream
        self._records: list[Recorded] = []
        self._keys: set[Key] = set()
        self._taking: frozenset[Key] = frozenset()
        """What is being saved; should that be cut short, it is saved the next time."""
        self._kept = self._saved_to = projection.last_seq
        """How far it was kept: a file that has come less far has begun anew since. And how far it had ever been saved:
        whatever a world let go of ended before that."""
        self._progress = asyncio.Condition()

    @property
    def whole(self) -> bool:
        """Does the file hold everything that was saved?"""
        return self._projection.last_seq >= self._kept

    @property
    def unsaved(self) -> frozenset[Key]:
        """States that are not in the file as they are now, and those that go with them."""
        return _with_parts(self._keys | self._taking)

    def on_records(self, records: Sequence[Recorded], keys: frozenset[Key]) -> None:
        """The ledger has something new on disk."""
        self._records.extend(records)
        del self._records[:-HELD_RECORDS]  # the rest is read from the journal again
        self._keys |= keys

    async def run(self, ledger: Ledger) -> None:
        """Take in what came, for ever; where the disk does not take it, again and again."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.keep_up(ledger)
            except (Unavailable, OSError) as error:
                log.warning("the read side cannot be kept up; it is tried again", problem=str(error))
                await asyncio.sleep(AGAIN_S)

    async def keep_up(self, ledger: Ledger) -> None:
        """Take in what came since; from the beginning when the file turned out damaged. Raises `Unavailable`."""
        if self.whole and not self._records:
            return
        try:
            if self.whole:
                await self._take_in(ledger)
        except (RecordBroken, Unavailable) as error:
            if self.whole and not isinstance(error, RecordBroken):
                raise
            self._kept = sys.maxsize
            log.warning("the read side begins anew", problem=str(error))
        if not self.whole:
            await self._make_anew(ledger)
        async with self._progress:
            self._progress.notify_all()

    async def _take_in(self, ledger: Ledger) -> None:
        records = list(self._records)
        if not records or records[0].seq > self._projection.last_seq + 1:
            await self._follow(ledger)
            return
        keys = self._taking | _with_parts(self._keys)
        self._taking, self._keys = frozenset(keys), set()
        states, over = _saved(ledger.shown, keys), _finished(keys, ledger.shown)
        await asyncio.to_thread(self._projection.apply, records, states, over)
        self._taking = frozenset()
        self._drop_taken(records[-1].seq)

    async def _make_anew(self, ledger: Ledger) -> None:
        """Fill the file from the journal: the ledger does not carry all states any more."""
        self._kept = sys.maxsize
        await asyncio.to_thread(self._projection.begin_anew)
        await self._follow(ledger)

    async def _follow(self, ledger: Ledger) -> None:
        """Take the journal in from where the file stands, page by page with its states: folded beside the ledger."""
        saved = await asyncio.to_thread(lambda: self._projection.states(since=_NEVER))
        world = World.restore(self._projection.last_seq, saved, self._projection)
        while (after := self._projection.last_seq) < ledger.shown.seq:
            page = await self._journal.read(after, min(PAGE, ledger.shown.seq - after))
            await asyncio.to_thread(self._refold, world, page)
        self._drop_taken(world.seq)

    def _refold(self, world: World, page: Sequence[Recorded]) -> None:
        fold_all(world, page)
        keys = _with_parts(world.changed())
        self._projection.apply(page, _saved(world, keys), _finished(keys, world))
        world.let_go(world.finished(_NEVER))

    def _drop_taken(self, seq: int) -> None:
        self._kept = self._saved_to = seq
        self._records = [record for record in self._records if record.seq > self._kept]

    # ---- the shelf ----

    def state(self, kind: str, name: str) -> bytes | None:
        """A saved state. While the file is made anew: a call's from the journal, `Unavailable` for a known incident."""
        try:
            found = self._projection.state(kind, name)
        except Unavailable as error:
            if self.whole:
                raise
            log.warning("the shelf reads from the journal", problem=str(error))
        else:
            if self.whole:
                return found
        of_call = kind in OF_CALL
        stream = call_stream(CallId(name)) if of_call else incident_stream(IncidentId(name))
        records = [record for record in self._read_stream(stream) if record.seq <= self._saved_to]
        if not records:
            return None
        if not of_call:
            raise Unavailable("The read side is being made anew; what is long finished can be had again soon.")
        world = World()
        fold_all(world, records)
        return world.states([Key(kind, name)]).get(Key(kind, name))

    # ---- questions ----

    async def caught_up(self, seq: int) -> None:
        """Return once everything up to `seq` can be read; raises `Unavailable` after some seconds."""
        try:
            async with asyncio.timeout(PATIENCE_S), self._progress:
                await self._progress.wait_for(lambda: self._projection.last_seq >= seq)
        except TimeoutError as error:
            raise Unavailable("The read side is behind the record just now; ask again soon.") from error

    async def command(self, command_id: CommandId) -> Sequence[Header]:
        """Headers of the facts that a command led to."""
        return await asyncio.to_thread(self._projection.command, command_id)

    def earlier_at(self, address_id: str, access: Collection[Access]) -> Sequence[EarlierIncident]:
        """Earlier incidents at an address, newest first; none while the file is being made anew."""
        if not self.whole:
            return []
        try:
            rows = self._projection.earlier_at(address_id, access)
        except Unavailable as error:
            log.warning("what was at an address before is not known just now", problem=str(error))
            return []
        named = ((row.stream.partition("/"), row.at) for row in rows)
        return [EarlierIncident(IncidentId(name), at) for (kind, _, name), at in named if kind == "incident"]

    async def earlier_of(self, ani: str, access: Collection[Access]) -> Sequence[EarlierOfNumber]:
        """Calls that showed this number, newest first."""
        rows = await asyncio.to_thread(self._projection.earlier_of, ani, access)
        return [EarlierOfNumber(CallId(row.stream.partition("/")[2]), row.at) for row in rows]

    async def facts(
        self, stream: StreamName | None, after: int, limit: int, access: Collection[Access]
    ) -> Sequence[FactView]:
        """Facts in order, of one stream or of all."""
        rows = await asyncio.to_thread(self._projection.facts, stream, after, limit, access)
        return [FactView(**msgspec.structs.asdict(row)) for row in rows]

    async def search(self, text: str, access: Collection[Access], limit: int) -> Sequence[FoundView]:
        """Facts that hold these words, best first."""
        rows = await asyncio.to_thread(self._projection.search, text, access, limit)
        return [FoundView(row.seq, row.stream, row.type, row.at, row.words) for row in rows]


async def restored(
    projection: Projection,
    journal: Journal,
    shelf: Shelf | None = None,
    since: Callable[[ClockSet | None], datetime | None] = lambda _: None,
) -> World:
    """The world as the read side kept it, if that is of this journal; else an empty one and a read side begun anew.

    `since` is told the domain clock as it was set last, and says from when on finished calls and incidents are carried.
    """
    head, journal_head = projection.head, await journal.head()
    if head.seq == 0:
        return World(shelf)
    at_head = await journal.headers(head.seq - 1, 1) if head.seq <= journal_head.seq else ()
    if not at_head or at_head[0][0].digest != head.digest:
        log.warning("the read side is not of this journal and begins anew", seq=head.seq)
        projection.begin_anew()
        return World(shelf)
    clock = projection.state(Kind.CLOCK, "")
    recent = since(None if clock is None else msgspec.json.decode(clock, type=ClockSet))
    world = World.restore(head.seq, await asyncio.to_thread(lambda: projection.states(since=recent)), shelf)
    first = max(0, head.seq - RECALLED_IDS)
    headers = await journal.headers(first, head.seq - first)
    world.recall(header.id for header, _, _ in headers)
    return world


def _with_parts(keys: Collection[Key]) -> frozenset[Key]:
    """With a call its location, with an incident its assignment and casework, and the other ways: finished together."""
    return frozenset(keys) | {
        Key(kind, key.id) for key in keys for whole in (OF_CALL, OF_INCIDENT) if key.kind in whole for kind in whole
    }


def _saved(world: World, keys: Collection[Key]) -> dict[tuple[str, str], bytes]:
    return {(key.kind, key.id): state for key, state in world.states(keys).items()}


def _finished(keys: Collection[Key], world: World) -> dict[tuple[str, str], datetime]:
    """Those states that are over, and since when: ended calls, closed incidents, and what belongs to them."""
    found = ((key, _finished_at(key, world)) for key in keys)
    return {(key.kind, key.id): at for key, at in found if at is not None}


def _finished_at(key: Key, world: World) -> datetime | None:
    if key.kind in OF_CALL:
        call = world.calls.get(CallId(key.id))
        return None if call is None else call.ended_at
    if key.kind in OF_INCIDENT:
        incident = world.incidents.get(IncidentId(key.id))
        if incident is None or incident.is_open or incident.incident_id in world.visits_open:
            return None
        return incident.status_at
    return None
