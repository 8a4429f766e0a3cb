"""Whatever comes in whatever order, the shown world is the fold of the journal: commands, facts of the line said once
or twice, a record that is away, saving and letting go, a damaged read side, restarts."""

import asyncio
import itertools
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfour.adapters.projection import Projection
from tenfour.calltaking import decision as calls
from tenfour.calltaking.event import CallAbandoned, CallerDisconnected, CallReceived, RecordingEnded, Signal
from tenfour.desk import ledger as ledger_module
from tenfour.desk.fold import fold_all
from tenfour.desk.ledger import Command, Decide, Ledger
from tenfour.desk.read_side import KeptReadSide, restored
from tenfour.incident import decision as incidents
from tenfour.journal.codec import Codec
from tenfour.journal.port import Appended, Batch, Conflicted
from tenfour.testing.memory_journal import MemoryJournal
from tenfour.vocabulary.envelope import Actor, ActorKind, Event, Fact, Recorded
from tenfour.vocabulary.errors import TenfourError, Unavailable
from tenfour.vocabulary.ids import (
    AgencyId,
    CallId,
    CommandId,
    EventId,
    IncidentId,
    PersonId,
    PositionId,
    StreamName,
    call_stream,
    incident_stream,
)
from tenfour.workflow.catalogue import CATALOGUE
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

ADEYEMI = Actor(ActorKind.PERSON, "adeyemi", "dispatcher", "04")
LINE = Actor(ActorKind.DEVICE, "line-1")
NUMBERS = ("911-442-7186", "614-555-0137", "614-555-0138")
KEEP = timedelta(minutes=60)
BEGAN = datetime(2026, 11, 14, 21, 40, 45, tzinfo=UTC)


class UnsteadyJournal(MemoryJournal):
    """Refuses the next appends, or takes them and does not say so."""

    def __init__(self) -> None:
        super().__init__(Codec(CATALOGUE))
        self.refuse = self.keep_quiet = 0

    async def append(self, batch: Batch, *, recorded_at: datetime) -> Appended | Conflicted:
        await asyncio.sleep(0)
        if self.refuse:
            self.refuse -= 1
            raise Unavailable("The disk is full.")
        answer = await super().append(batch, recorded_at=recorded_at)
        if self.keep_quiet:
            self.keep_quiet -= 1
            raise Unavailable("Whether it was written is not known.")
        return answer

    def stream(self, stream: StreamName) -> Sequence[Recorded]:
        return [self._decoded(place) for place, record in enumerate(self._records) if record.header.stream == stream]


class Life:
    """A centre's middle, from its first day on: its journal and its file stay, its ledger is made anew at a restart."""

    def __init__(self, folder: Path) -> None:
        self.path, self.now, self.ids = folder / "projection.sqlite", BEGAN, itertools.count(1)
        self.journal = UnsteadyJournal()
        self.told: list[Fact] = []
        self.known_calls: list[CallId] = []
        self.done: list[CommandId] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self.projection = Projection.open(self.path)
        self.read_side = KeptReadSide(self.projection, self.journal, self.journal.stream)
        self.ledger = Ledger(
            self.journal,
            Policy(),
            agency=AgencyId("sheriff"),
            now=lambda: self.now,
            recorded_now=lambda: self.now,
            new_id=self.new_id,
            find_command=self.read_side.command,
        )
        world = await restored(self.projection, self.journal, self.read_side, lambda _: self.now - KEEP)
        self.ledger.listen(self.read_side.on_records)
        await self.ledger.catch_up(world, self.save)
        self.running = asyncio.create_task(self.ledger.run())

    async def stop(self, *, tidily: bool) -> None:
        if tidily:
            await self.idle()
            await self.save()
        self.running.cancel()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(self.running, *self.tasks, return_exceptions=True)
        self.tasks.clear()
        self.projection.close()

    async def idle(self) -> None:
        """Everything that was told is on disk, and every command was answered."""
        self.journal.refuse = self.journal.keep_quiet = 0
        await asyncio.gather(*self.tasks)
        self.tasks.clear()

    def new_id(self) -> EventId:
        return EventId(f"01900000-0000-7000-8000-{next(self.ids):012x}")

    # ---- what happens ----

    def tell(self, call_id: CallId, *events: Event) -> None:
        """The line says something: it says it until it is taken, over restarts as well."""
        facts = [
            Fact(self.new_id(), call_stream(call_id), event, self.now, LINE, AgencyId("sheriff")) for event in events
        ]
        self.told += facts
        self.tasks.append(asyncio.create_task(self.ledger.take(facts)))

    def order(self, decide: Decide) -> None:
        """A person does something; it may be refused."""
        command = Command(ADEYEMI, CommandId(f"command-{next(self.ids)}"))
        self.tasks.append(asyncio.create_task(self._ordered(decide, command)))

    async def _ordered(self, decide: Decide, command: Command) -> None:
        try:
            done = await self.ledger.record(decide, command)
        except TenfourError:
            return
        if done.headers:
            self.done.append(command.id)

    async def save(self) -> None:
        await self.read_side.keep_up(self.ledger)
        self.ledger.let_go(self.now - KEEP, self.read_side.unsaved)

    def damage(self) -> None:
        self.projection.begin_anew()

    # ---- what must hold ----

    async def check(self) -> None:
        await self.idle()
        records = await self.journal.read(0, 1_000_000)
        whole = World()
        fold_all(whole, records)
        shown, pending = self.ledger.shown, self.ledger.pending
        assert shown.seq == whole.seq
        for world in (shown, pending):
            assert world.calls_in_progress == whole.calls_in_progress
            assert world.open_incidents == whole.open_incidents
            assert world.next_number == whole.next_number
            assert world._by_number == whole._by_number
        if not self.read_side.whole:
            await self.read_side.keep_up(self.ledger)
        for call_id, call in whole.calls.items():
            assert shown.calls[call_id] == call
            assert shown.locations.get(call_id) == whole.locations.get(call_id)
            assert pending.calls[call_id].state == call.state
        for incident_id, incident in whole.incidents.items():
            assert shown.incidents[incident_id] == incident
            assert shown.assignment(incident_id) == whole.assignment(incident_id)
            assert pending.incidents[incident_id].status == incident.status
        ids = Counter(record.header.id for record in records)
        assert set(ids.values()) <= {1}
        assert {fact.id for fact in self.told} <= set(ids)
        assert set(self.done) <= {record.header.command_id for record in records}


def ring(life: Life, pick: int) -> None:
    call_id = CallId(f"call{len(life.known_calls):016}")
    incident_id = IncidentId(f"incident{len(life.known_calls) // 2:012}")  # two calls may come with one identifier
    life.known_calls.append(call_id)
    number = NUMBERS[pick % len(NUMBERS)]
    life.tell(call_id, CallReceived(call_id, incident_id, True, number, None, "s", call_id, "UDP", "h"))


def some_call(life: Life, pick: int) -> CallId:
    return life.known_calls[pick % len(life.known_calls)] if life.known_calls else CallId("nobody")


def some_incident(life: Life, pick: int) -> IncidentId:
    known = sorted({r.header.stream for r in life.journal._records if r.header.stream.startswith("incident/")})
    return IncidentId(known[pick % len(known)].partition("/")[2]) if known else IncidentId("none")


def answer(life: Life, pick: int) -> None:
    call_id = some_call(life, pick)

    def decide(world: World, _: datetime) -> list[Draft]:
        return [Draft(calls.answer(world.call(call_id), PositionId("04"), PersonId("adeyemi")), call_stream(call_id))]

    life.order(decide)


def end(life: Life, pick: int) -> None:
    life.tell(some_call(life, pick), CallAbandoned(Signal.CANCEL) if pick % 2 else CallerDisconnected())


def late(life: Life, pick: int) -> None:
    life.tell(some_call(life, pick), RecordingEnded("a.wav", 1 + pick % 3, 2.0, "0" * 64))


def say_again(life: Life, pick: int) -> None:
    if life.told:
        life.tasks.append(asyncio.create_task(life.ledger.take([life.told[pick % len(life.told)]])))


def note(life: Life, pick: int) -> None:
    incident_id = some_incident(life, pick)

    def decide(world: World, _: datetime) -> list[Draft]:
        return [Draft(incidents.note(world.incident(incident_id), f"note {pick}"), incident_stream(incident_id))]

    life.order(decide)


def close(life: Life, pick: int) -> None:
    incident_id = some_incident(life, pick)

    def decide(world: World, _: datetime) -> list[Draft]:
        codes = Policy().incident.codes
        one = world.incident(incident_id)
        closed = incidents.close(one, "x", ["18"], "unknown", seen=("adult_seen",), codes=codes)
        return [Draft(closed, incident_stream(incident_id))]

    life.order(decide)


def reopen(life: Life, pick: int) -> None:
    incident_id = some_incident(life, pick)

    def decide(world: World, _: datetime) -> list[Draft]:
        return [Draft(incidents.reopen(world.incident(incident_id), "again"), incident_stream(incident_id))]

    life.order(decide)


async def restart(life: Life, pick: int) -> None:
    """Tidily, or cut short: then what was told is told again, as the line does."""
    tidily = pick % 2 == 0
    await life.stop(tidily=tidily)
    if pick % 5 == 0:
        life.path.unlink()
    await life.start()
    if not tidily:
        life.tasks.append(asyncio.create_task(life.ledger.take(life.told)))


HAPPENINGS = {"ring": ring, "answer": answer, "end": end, "late": late, "again": say_again, "note": note}
HAPPENINGS |= {"close": close, "reopen": reopen}
STEPS = st.tuples(
    st.sampled_from([*HAPPENINGS, *("ring", "end", "close") * 2, "breathe", "refuse", "quiet", "save", "hours"])
    | st.sampled_from(["hours", "hours", "damage", "restart", "check"]),
    st.integers(0, 50),
)


async def play(steps: Sequence[tuple[str, int]], folder: Path) -> None:
    life = Life(folder)
    await life.start()
    for name, pick in steps:
        match name:
            case "breathe":
                for _ in range(pick):
                    await asyncio.sleep(0)
            case "refuse":
                life.journal.refuse = 1 + pick % 3
            case "quiet":
                life.journal.keep_quiet = 1
            case "save":
                await life.save()
            case "hours":
                life.now += timedelta(hours=2)
                await life.idle()
                await life.save()
                assert not life.read_side.unsaved or life.read_side.whole
            case "damage":
                life.damage()
            case "restart":
                await restart(life, pick)
            case "check":
                await life.check()
            case _:
                HAPPENINGS[name](life, pick)
                await asyncio.sleep(0)
    await life.check()
    await restart(life, 1)
    await life.check()
    await life.stop(tidily=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "TRY_AGAIN_S", 0.001)


@given(st.lists(STEPS, min_size=5, max_size=45))
@settings(max_examples=60, deadline=None)
def test_shown_world_is_the_fold_of_the_journal_whatever_happens(steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(steps, Path(folder)))


def test_closed_incident_of_a_day_long_ago_is_reopened_after_damage_and_restart(tmp_path: Path) -> None:
    story = [("ring", 0), ("end", 1), ("breathe", 50), ("close", 0), ("hours", 0), ("damage", 0), ("late", 0)]
    more = [("check", 0), ("hours", 0), ("restart", 5), ("reopen", 0), ("ring", 0), ("check", 0), ("hours", 0)]
    asyncio.run(play([*story, *more], tmp_path))
