"""The read side follows the ledger: cut short, damaged or of another journal, it ends up as the record says."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tenfour.adapters.projection import Projection
from tenfour.calltaking.event import CallReceived
from tenfour.desk.ledger import Command, Ledger
from tenfour.desk.read_side import KeptReadSide, restored
from tenfour.incident.event import IncidentOpened, NarrativeAdded
from tenfour.journal.codec import Codec
from tenfour.testing.memory_journal import MemoryJournal
from tenfour.testing.stopped_clock import StoppedClock
from tenfour.vocabulary.envelope import Access, Actor, ActorKind, Recorded
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import (
    AgencyId,
    CallId,
    CommandId,
    EventId,
    IncidentId,
    StreamName,
    call_stream,
    incident_stream,
)
from tenfour.workflow.catalogue import CATALOGUE
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import Key, Kind, World

ONE = IncidentId("incident0001")
ADEYEMI = Actor(ActorKind.PERSON, "adeyemi", "dispatcher", "04")


class Kept:
    """A ledger, its journal, and a real projection file beside them."""

    def __init__(self, path: Path) -> None:
        self.path, clock, ids = path, StoppedClock(), itertools.count(1)
        self.journal = MemoryJournal(Codec(CATALOGUE))
        self.projection = Projection.open(path)
        self.read_side = KeptReadSide(self.projection, self.journal, self._stream)
        self.ledger = Ledger(
            self.journal,
            Policy(),
            agency=AgencyId("sheriff"),
            now=clock.now,
            recorded_now=clock.now,
            new_id=lambda: EventId(f"01900000-0000-7000-8000-{next(ids):012x}"),
            find_command=self.read_side.command,
        )
        self.seen: list[Recorded] = []
        self.ledger.listen(self.read_side.on_records)
        self.ledger.listen(lambda records, _: self.seen.extend(records))

    def _stream(self, stream: StreamName) -> Sequence[Recorded]:
        return [record for record in self.seen if record.header.stream == stream]

    async def tell(self, *texts: str) -> None:
        for text in texts:
            drafts = [Draft(NarrativeAdded(text), incident_stream(ONE))]
            await self.ledger.record(lambda _, __, told=drafts: told, Command(ADEYEMI, CommandId(f"k-{text}")))

    async def same_as_the_record(self) -> bool:
        world = await restored(self.projection, self.journal)
        shown = self.ledger.shown
        return (world.seq, world.incidents, world.units) == (shown.seq, shown.incidents, shown.units)


def ledger_on(journal: MemoryJournal, read_side: KeptReadSide) -> Ledger:
    clock = StoppedClock()
    return Ledger(
        journal,
        Policy(),
        agency=AgencyId("sheriff"),
        now=clock.now,
        recorded_now=clock.now,
        new_id=lambda: EventId("none"),
        find_command=read_side.command,
    )


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Kept]:
    made = Kept(tmp_path / "projection.sqlite")
    await made.ledger.catch_up(World())
    running = asyncio.create_task(made.ledger.run())
    opened = [Draft(IncidentOpened(ONE, 1), incident_stream(ONE))]
    await made.ledger.record(lambda _, __: opened, Command(ADEYEMI, CommandId("open")))
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    made.projection.close()


async def test_world_comes_back_from_the_read_side_as_it_was(kept: Kept) -> None:
    await kept.tell("a", "b")
    await kept.read_side.keep_up(kept.ledger)
    assert await kept.same_as_the_record()
    assert [header.type for header in await kept.read_side.command(CommandId("k-a"))] == ["NarrativeAdded"]


async def test_saving_that_is_cut_short_is_done_the_next_time(kept: Kept) -> None:
    await kept.tell("a")
    saving = asyncio.create_task(kept.read_side.keep_up(kept.ledger))
    await asyncio.sleep(0)
    saving.cancel()
    await asyncio.gather(saving, return_exceptions=True)
    await kept.tell("b")
    await kept.read_side.keep_up(kept.ledger)
    assert await kept.same_as_the_record()


async def test_read_side_that_lost_its_place_begins_anew_with_all_states(kept: Kept) -> None:
    await kept.tell("a")
    await kept.read_side.keep_up(kept.ledger)
    kept.projection.begin_anew()
    await kept.tell("b")
    await kept.read_side.keep_up(kept.ledger)
    assert await kept.same_as_the_record()


async def test_read_side_of_another_journal_is_thrown_away(kept: Kept, tmp_path: Path) -> None:
    await kept.tell("a")
    await kept.read_side.keep_up(kept.ledger)
    other = MemoryJournal(Codec(CATALOGUE))
    assert (await restored(kept.projection, other)).seq == 0
    assert kept.projection.last_seq == 0


class CountingJournal(MemoryJournal):
    """Counts the events that were read from it."""

    events_read = 0

    async def read(self, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        page = await super().read(after, limit)
        self.events_read += len(page)
        return page


async def test_start_reads_only_what_came_after_the_read_side(kept: Kept, tmp_path: Path) -> None:
    await kept.tell(*(f"n{number}" for number in range(300)))
    await kept.read_side.keep_up(kept.ledger)
    await kept.tell("late")
    journal = CountingJournal(Codec(CATALOGUE))
    journal.__dict__.update({**kept.journal.__dict__, "events_read": 0})
    again = Kept(tmp_path / "projection.sqlite")
    world = await restored(again.projection, journal, again.read_side)
    starting = ledger_on(journal, again.read_side)
    await starting.catch_up(world)
    assert journal.events_read == 1
    assert starting.shown.incidents == kept.ledger.shown.incidents
    again.projection.close()


async def test_read_side_takes_in_page_by_page_what_it_missed_altogether(kept: Kept) -> None:
    await kept.tell(*(f"n{number}" for number in range(30)))
    await kept.read_side.keep_up(kept.ledger)
    await kept.tell("a", "b", "c")
    kept.read_side._records.clear()
    await kept.tell("d")
    await kept.read_side.keep_up(kept.ledger)
    assert kept.projection.last_seq == kept.ledger.shown.seq
    assert await kept.same_as_the_record()


async def test_call_is_found_in_the_journal_while_the_read_side_is_made_anew(kept: Kept) -> None:
    call_id = CallId("call000001")
    received = CallReceived(call_id, IncidentId("i"), True, "614-555-0137", None, "s", "x", "UDP", "h")
    drafts = [Draft(received, call_stream(call_id))]
    await kept.ledger.record(lambda _, __: drafts, Command(ADEYEMI, CommandId("ring")))
    await kept.read_side.keep_up(kept.ledger)
    saved = kept.read_side.state(Kind.CALL, call_id)
    kept.projection.begin_anew()
    assert not kept.read_side.whole
    assert kept.read_side.state(Kind.CALL, call_id) == saved
    assert kept.read_side.state(Kind.CALL, "nobody") is None
    assert kept.read_side.state(Kind.INCIDENT, "nothing") is None
    assert kept.read_side.earlier_at("kendall-9417", frozenset(Access)) == []
    with pytest.raises(Unavailable, match="made anew"):
        kept.read_side.state(Kind.INCIDENT, ONE)
    await kept.read_side.keep_up(kept.ledger)
    assert kept.read_side.state(Kind.INCIDENT, ONE) is not None


async def test_calls_of_a_number_before_are_found(kept: Kept) -> None:
    call_id = CallId("call000001")
    received = CallReceived(call_id, IncidentId("i"), True, "614-555-0137", None, "s", "x", "UDP", "h")
    drafts = [Draft(received, call_stream(call_id))]
    await kept.ledger.record(lambda _, __: drafts, Command(ADEYEMI, CommandId("ring")))
    await kept.read_side.keep_up(kept.ledger)
    assert [one.call_id for one in await kept.read_side.earlier_of("614-555-0137", frozenset(Access))] == [call_id]


async def test_what_belongs_together_is_saved_and_let_go_of_together(kept: Kept) -> None:
    kept.read_side._keys = {Key(Kind.INCIDENT, "a"), Key(Kind.LOCATION, "b")}
    assert kept.read_side.unsaved == {
        Key(Kind.INCIDENT, "a"),
        Key(Kind.ASSIGNMENT, "a"),
        Key(Kind.CASEWORK, "a"),
        Key(Kind.LOCATION, "b"),
        Key(Kind.CALL, "b"),
    }


async def test_question_that_comes_too_early_waits_or_is_refused_in_words(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept.tell("a")
    asking = asyncio.create_task(kept.read_side.caught_up(kept.ledger.shown.seq))
    await asyncio.sleep(0)
    assert not asking.done()
    await kept.read_side.keep_up(kept.ledger)
    await asking
    monkeypatch.setattr("tenfour.desk.read_side.PATIENCE_S", 0.05)
    with pytest.raises(Unavailable, match="behind the record"):
        await kept.read_side.caught_up(10_000)
