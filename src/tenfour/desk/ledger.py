"""The only way into the record: decide, react, append, and only then show.

Two worlds are kept. Decisions are made on `pending`, which already holds what waits for the disk; screens show `shown`,
which holds only what is on it. One task appends: whatever waits while the disk is busy goes together with the next
fsync. When an append fails, `pending` is taken anew from `shown`, and everybody who waited is told in a sentence; calls
go on regardless. What is long finished both worlds let go of (`let_go`); they find it on their shelf.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime

import msgspec
import structlog

from tenfour.desk.command import Command, Decide, Done, DoneCommands, FindCommand, done_again
from tenfour.desk.fold import fold
from tenfour.journal.port import Batch, Conflicted, Journal
from tenfour.vocabulary.envelope import Fact, Recorded
from tenfour.vocabulary.errors import BadInput, Conflict, TenfourError, Unavailable
from tenfour.vocabulary.ids import AgencyId, EventId, StreamName, UnitId
from tenfour.vocabulary.place import Point
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.settle import settle
from tenfour.workflow.world import Key, World

__all__ = ["AWAY", "Command", "Decide", "Done", "FindCommand", "Ledger", "Listen"]

READ_PAGE = 5000
GROUP_TICKETS = 500
TRY_AGAIN_S = 0.25
AWAY = "The record is away just now; nothing was done. Try again in a moment."

log = structlog.get_logger(__name__)

Listen = Callable[[Sequence[Recorded], frozenset[Key]], None]
"""Is told of facts on disk, in order, and of the states of the world that they changed."""


class _Ticket(msgspec.Struct, frozen=True):
    facts: tuple[Fact, ...]
    expect: Mapping[StreamName, int]
    answer: "asyncio.Future[tuple[Recorded, ...]]"


class Ledger:
    """Decides on the pending world, appends in order, shows what is durable.

    `now` is the domain clock, `recorded_now` the real one. Call `catch_up` first, then keep `run` running.
    """

    def __init__(
        self,
        journal: Journal,
        policy: Policy,
        *,
        agency: AgencyId,
        now: Callable[[], datetime],
        recorded_now: Callable[[], datetime],
        new_id: Callable[[], EventId],
        find_command: FindCommand,
    ) -> None:
        self._journal, self._policy, self._agency = journal, policy, agency
        self._now, self._recorded_now, self._new_id = now, recorded_now, new_id
        self._find_command = find_command
        self.shown = World()
        self.pending = World()
        self.away = False
        """The pending world is being taken anew: nothing can be decided."""
        self.failing = False
        """The last append failed: nothing can be recorded, until one succeeds."""
        self.failing_since: datetime | None = None
        self.on_failing: Callable[[bool], None] = lambda _: None
        self._queue: deque[_Ticket] = deque()
        self._appending: list[_Ticket] = []
        self._some = asyncio.Event()
        self._commands = DoneCommands()
        self._listeners: list[Listen] = []

    @property
    def policy(self) -> Policy:
        """The policy that decisions and reactions follow."""
        return self._policy

    @property
    def waiting(self) -> int:
        """How many requests wait for the disk now."""
        return len(self._queue) + len(self._appending)

    def listen(self, listener: Listen) -> None:
        """Tell `listener` of every fact from now on, once it is durable. It must not wait and not raise."""
        self._listeners.append(listener)

    async def catch_up(self, world: World, page_read: Callable[[], Awaitable[None]] | None = None) -> None:
        """Go on from `world` (restored, or empty) with what the journal holds after it; `page_read` after each page."""
        self.shown = world
        while await self._read_page():
            if page_read is not None:
                await page_read()
        self.pending = self.shown.copy()

    async def record(self, decide: Decide, command: Command, *, expect: Mapping[StreamName, int] | None = None) -> Done:
        """Do a command once, whatever the number of times it is asked for; returns when it is on disk.

        Raises what `decide` raises, `Unavailable` when the record is away, `Conflict` when somebody else wrote first.
        """
        known = self._commands.get(command.id)
        if known is not None:
            done = done_again(await asyncio.shield(known), command)
            self._commands.require_same(command)
            return done
        task = asyncio.create_task(self._first_time(decide, command, expect or {}))
        self._commands.begin(command, task)
        return await asyncio.shield(task)  # whoever asked may leave; what was begun is finished, once

    async def take(self, facts: Sequence[Fact]) -> None:
        """Record facts that came with their own ids (the line's); returns when they are on disk, however long it takes.

        A fact that is recorded already is not recorded again. One that cannot be folded is recorded all the same.
        """
        while True:
            try:
                await self._append_facts(self._settled_anyhow(facts), {})  # also what the shelf lacks just now waits
                return
            except (Unavailable, Conflict):
                await asyncio.sleep(TRY_AGAIN_S)  # it was logged when it began

    async def state_rule(self, facts: Callable[[World, datetime], Sequence[Fact]]) -> None:
        """Record facts that a named rule states with ids of their own (timers); raises `Unavailable`."""
        batch = self._settle(facts(self.pending, self._now()))
        if batch:
            await self._append_facts(batch, {})

    def sight(self, unit: UnitId, point: Point, at: datetime) -> None:
        """Take in where a unit was measured to be: a measurement, not a fact."""
        self.pending.sight(unit, point, at)
        self.shown.sight(unit, point, at)

    def let_go(self, before: datetime, unsaved: Collection[Key]) -> bool:
        """Let both worlds go of what was finished `before` and stands on the shelf; `unsaved`: what does not.

        Only while nothing waits for the disk, when both are the same; else nothing is done and the answer is False.
        """
        if self.waiting:
            return False
        keys = self.shown.finished(before) - frozenset(unsaved)
        self.shown.let_go(keys)
        self.pending.let_go(keys)
        return True

    async def read_stream(self, stream: StreamName, newest: int | None = None) -> Sequence[Recorded]:
        """Every fact of one stream, or only the `newest` so many."""
        return await self._journal.read_stream(stream, newest)

    async def run(self) -> None:
        """Append what waits, for ever."""
        while True:
            await self._some.wait()
            self._some.clear()
            while self._queue:
                self._appending = self._next_group()
                await self._append_group()

    # ---- commands ----

    async def _first_time(self, decide: Decide, command: Command, expect: Mapping[StreamName, int]) -> Done:
        if command.given:
            earlier = await self._find_command(command.id)
            if earlier:
                return done_again(Done(tuple(earlier)), command)
        now = self._now()
        if self.away:
            raise Unavailable(AWAY)
        drafts = list(decide(self.pending, now))
        batch = self._settle([self._fact(draft, command, now) for draft in drafts])
        records = await self._append_facts(batch, expect)
        return Done(tuple(record.header for record in records))

    def _fact(self, draft: Draft, command: Command, now: datetime) -> Fact:
        return Fact(
            id=self._new_id(),
            stream=draft.stream,
            event=draft.event,
            at=command.at or now,
            actor=command.actor,
            agency=draft.agency or self._agency,
            access=draft.access,
            command_id=command.id,
        )

    # ---- folding ----

    def _settle(self, facts: Sequence[Fact]) -> list[Fact]:
        try:
            return settle(facts, self.pending, self._policy, now=self._now())
        except BaseException:
            self._take_pending_anew()
            raise

    def _settled_anyhow(self, facts: Sequence[Fact]) -> list[Fact]:
        """Each fact with what follows from it; where a rule fails, the fact alone: the record takes what happened."""
        batch: list[Fact] = []
        for fact in facts:
            try:
                batch += settle((fact,), self.pending, self._policy, now=self._now())
            except Unavailable:
                self._take_pending_anew()
                raise
            except Exception as error:  # the edge: what happened on the wire is recorded, whatever we make of it
                log.error("a fact could not be folded", fact=fact.id, stream=fact.stream, exc_info=error)
                self._take_pending_anew(batch)
                self.pending.recall((fact.id,))
                batch.append(fact)
        return batch

    def _take_pending_anew(self, more: Sequence[Fact] = ()) -> None:
        self.pending = self.shown.copy()
        for ticket in (*self._appending, *self._queue):
            for fact in ticket.facts:
                fold(self.pending, fact)
        for fact in more:
            fold(self.pending, fact)

    # ---- appending ----

    async def _append_facts(self, facts: Sequence[Fact], expect: Mapping[StreamName, int]) -> tuple[Recorded, ...]:
        if not facts:
            return ()
        try:
            self.shown.carry(facts)  # once it is on disk it must be shown, whatever has become of the shelf
        except Unavailable:
            self._take_pending_anew()
            raise
        answer: asyncio.Future[tuple[Recorded, ...]] = asyncio.get_running_loop().create_future()
        self._queue.append(_Ticket(tuple(facts), expect, answer))
        self._some.set()
        return await asyncio.shield(answer)

    def _next_group(self) -> list[_Ticket]:
        """Whatever waits, in order; a ticket that expects a version goes alone."""
        group = [self._queue.popleft()]
        while self._queue and len(group) < GROUP_TICKETS and not group[0].expect and not self._queue[0].expect:
            group.append(self._queue.popleft())
        return group

    async def _append_group(self) -> None:
        group = self._appending
        batch = Batch(tuple(fact for ticket in group for fact in ticket.facts), group[0].expect)
        try:
            answer = await self._journal.append(batch, recorded_at=self._recorded_now())
        except BadInput as error:
            await self._without_the_bad(error)
            return
        except (Unavailable, OSError) as error:
            self._set_failing(True, str(error))
            await self._fail(Unavailable(AWAY))
            return
        self._set_failing(False)
        if isinstance(answer, Conflicted):
            await self._fail(Conflict(f"{answer.stream} is at {answer.found}, not {answer.expected}: read it again."))
            return
        known = any(record.seq <= self.shown.seq for record in answer.records)
        await self._publish(answer.records)
        self._appending = []
        if known:
            self._take_pending_anew()  # a redelivered fact was folded twice
        self._answer(group, answer.records)

    async def _without_the_bad(self, error: BadInput) -> None:
        """One fact of the group can never be recorded: append the tickets singly, up to the bad one."""
        group = self._appending
        if len(group) > 1:
            for ticket in reversed(group[1:]):
                self._queue.appendleft(ticket)
            self._appending = group[:1]
            await self._append_group()
            return
        self._appending = []
        log.error("a fact cannot be recorded", problem=str(error))
        _reject(group, error)
        await self._fail(Conflict("A fact before this one could not be recorded; nothing was done. Try again."))

    async def _publish(self, records: Sequence[Recorded]) -> None:
        fresh = [record for record in records if record.seq > self.shown.seq]
        if len(fresh) < len(records):
            log.warning("facts were there already", known=len(records) - len(fresh))
        if fresh and fresh[0].seq != self.shown.seq + 1:
            await self._read_on()  # somebody else wrote to this journal: take it in as well
            return
        self._show(fresh)

    def _show(self, records: Sequence[Recorded]) -> None:
        for record in records:
            fold(self.shown, record)
            self._commands.note(record, appended=bool(self._appending))
        changed = self.shown.changed()
        self.pending.changed()  # nobody asks for these: they would be gathered for ever
        for listener in self._listeners:
            listener(records, changed)

    async def _read_on(self) -> None:
        while await self._read_page():
            pass

    async def _read_page(self) -> bool:
        page = await self._journal.read(self.shown.seq, READ_PAGE)
        if page:
            self._show(page)
        return bool(page)

    def _answer(self, group: Sequence[_Ticket], records: Sequence[Recorded]) -> None:
        start = 0
        for ticket in group:
            end = start + len(ticket.facts)
            if not ticket.answer.done():
                ticket.answer.set_result(tuple(records[start:end]))
            start = end

    async def _fail(self, error: TenfourError) -> None:
        """Nothing of what waits was recorded, as far as we know: tell all, then see what the journal holds."""
        self.away = True
        group, self._appending = [*self._appending, *self._queue], []
        self._queue.clear()
        self.pending = self.shown.copy()
        _reject(group, error)
        while True:
            try:
                await self._read_on()
                break
            except (Unavailable, OSError) as problem:
                self._set_failing(True, str(problem))
                await asyncio.sleep(TRY_AGAIN_S)
        self._take_pending_anew()
        self.away = False

    def _set_failing(self, failing: bool, problem: str = "") -> None:
        """Say once when the record goes away, and once when it is back."""
        if failing == self.failing:
            return
        self.failing = failing
        self.failing_since = self._now() if failing else None
        if failing:
            log.error("the record is away; calls and the line's facts wait for it", problem=problem)
        else:
            log.info("the record is back")
        self.on_failing(failing)


def _reject(tickets: Sequence[_Ticket], error: TenfourError) -> None:
    for ticket in tickets:
        if not ticket.answer.done():
            ticket.answer.set_exception(error)
            ticket.answer.exception()  # whoever stopped waiting need not hear of it
