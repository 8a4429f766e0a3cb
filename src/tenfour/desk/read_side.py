"""Feeds the read side what is on disk, and asks it questions off the event loop."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec
import structlog

from tenfour.desk.ledger import Ledger
from tenfour.desk.port import EarlierIncident, FactView, FoundView
from tenfour.journal.port import Head, Journal
from tenfour.vocabulary.envelope import Access, Header, Recorded
from tenfour.vocabulary.errors import RecordBroken, Unavailable
from tenfour.vocabulary.ids import CommandId, IncidentId, StreamName
from tenfour.workflow.world import Key, Kind, World

EVERY_S = 0.1
PAGE = 5000
PATIENCE_S = 5.0
RECALLED_IDS = 10_000
"""So many of the newest ids are known again after a restart: what the line had in flight is recorded once."""

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

    def states(self) -> Mapping[tuple[str, str], bytes]:
        """The saved states (kind, id) as JSON."""
        ...

    def apply(
        self,
        records: Sequence[Recorded],
        states: Mapping[tuple[str, str], bytes],
        closed: Collection[tuple[str, str]] = (),
    ) -> None:
        """Take in the next records and the states they led to."""
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

    def command(self, command_id: CommandId) -> Sequence[Header]:
        """What a command led to."""
        ...


class KeptReadSide:
    """The read side, kept up with the ledger. Listen to the ledger with `on_records`, keep `run` running."""

    def __init__(self, projection: Projection, journal: Journal) -> None:
        self._projection, self._journal = projection, journal
        self._records: list[Recorded] = []
        self._keys: set[Key] = set()
        self._taking: frozenset[Key] = frozenset()
        """What is being saved; should that be cut short, it is saved the next time."""
        self._progress = asyncio.Condition()

    def on_records(self, records: Sequence[Recorded], keys: frozenset[Key]) -> None:
        """The ledger has something new on disk."""
        self._records.extend(records)
        self._keys |= keys

    async def run(self, ledger: Ledger) -> None:
        """Take in what came, for ever."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.keep_up(ledger)

    async def keep_up(self, ledger: Ledger) -> None:
        """Take in what came since; from the beginning when the file turned out damaged."""
        if not self._records:
            return
        records, keys = list(self._records), self._taking | self._keys
        self._taking, self._keys = frozenset(keys), set()
        states = _saved(ledger.shown, keys)
        try:
            await asyncio.to_thread(self._projection.apply, records, states, _over(keys, ledger.shown))
        except (RecordBroken, Unavailable) as error:
            log.warning("the read side begins anew", problem=str(error))
            await self._rebuild(ledger)
        del self._records[: len(records)]
        self._taking = frozenset()
        async with self._progress:
            self._progress.notify_all()

    async def _rebuild(self, ledger: Ledger) -> None:
        await asyncio.to_thread(self._projection.begin_anew)
        whole = False
        while not whole:  # states go with the record that they were true at, so only with the last page
            after = self._projection.last_seq
            page = await self._journal.read(after, min(PAGE, ledger.shown.seq - after))
            whole = after + len(page) == ledger.shown.seq
            keys = every_key(ledger.shown) if whole else frozenset()
            states, over = _saved(ledger.shown, keys), _over(keys, ledger.shown)
            await asyncio.to_thread(self._projection.apply, page, states, over)

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
        """Earlier incidents at an address, newest first."""
        rows = self._projection.earlier_at(address_id, access)
        named = ((row.stream.partition("/"), row.at) for row in rows)
        return [EarlierIncident(IncidentId(name), at) for (kind, _, name), at in named if kind == "incident"]

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


async def restored(projection: Projection, journal: Journal) -> World:
    """The world as the read side kept it, if that is of this journal; else an empty one and a read side begun anew."""
    head, journal_head = projection.head, await journal.head()
    if head.seq == 0:
        return World()
    at_head = await journal.headers(head.seq - 1, 1) if head.seq <= journal_head.seq else ()
    if not at_head or at_head[0][0].digest != head.digest:
        log.warning("the read side is not of this journal and begins anew", seq=head.seq)
        projection.begin_anew()
        return World()
    world = World.restore(head.seq, await asyncio.to_thread(projection.states))
    first = max(0, head.seq - RECALLED_IDS)
    headers = await journal.headers(first, head.seq - first)
    world.recall(header.id for header, _, _ in headers)
    return world


def every_key(world: World) -> frozenset[Key]:
    """Names of all states of a world."""
    held: tuple[tuple[str, Collection[str]], ...] = (
        (Kind.CALL, world.calls),
        (Kind.LOCATION, world.locations),
        (Kind.POSITION, world.positions),
        (Kind.INCIDENT, world.incidents),
        (Kind.ASSIGNMENT, world.assignments),
        (Kind.UNIT, world.units),
    )
    single = [Key(Kind.CENTRE, "")] if world.founded else []
    single += [Key(Kind.CLOCK, "")] if world.clock else []
    return frozenset([*single, *(Key(kind, name) for kind, names in held for name in names)])


def _over(keys: Collection[Key], world: World) -> list[Key]:
    """Those states that are over: ended calls, closed incidents, and what belongs to them."""
    calls: Collection[str] = world.calls_in_progress
    incidents: Collection[str] = world.open_incidents
    running = {Kind.CALL: calls, Kind.LOCATION: calls, Kind.INCIDENT: incidents, Kind.ASSIGNMENT: incidents}
    return [key for key in keys if key.kind in running and key.id not in running[key.kind]]


def _saved(world: World, keys: Collection[Key]) -> dict[tuple[str, str], bytes]:
    return {(key.kind, key.id): state for key, state in world.states(keys).items()}
