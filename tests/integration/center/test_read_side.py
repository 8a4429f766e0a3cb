"""The read side follows the ledger: cut short, damaged or of another journal, it ends up as the record says."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tenfour.adapters.projection import Projection
from tenfour.desk.ledger import Command, Ledger
from tenfour.desk.read_side import KeptReadSide, restored
from tenfour.incident.event import IncidentOpened, NarrativeAdded
from tenfour.journal.codec import Codec
from tenfour.testing.memory_journal import MemoryJournal
from tenfour.testing.stopped_clock import StoppedClock
from tenfour.vocabulary.envelope import Actor, ActorKind
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import AgencyId, CommandId, EventId, IncidentId, incident_stream
from tenfour.workflow.catalogue import CATALOGUE
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

ONE = IncidentId("incident0001")
ADEYEMI = Actor(ActorKind.PERSON, "adeyemi", "dispatcher", "04")


class Kept:
    """A ledger, its journal, and a real projection file beside them."""

    def __init__(self, path: Path) -> None:
        self.path, clock, ids = path, StoppedClock(), itertools.count(1)
        self.journal = MemoryJournal(Codec(CATALOGUE))
        self.projection = Projection.open(path)
        self.read_side = KeptReadSide(self.projection, self.journal)
        self.ledger = Ledger(
            self.journal,
            Policy(),
            agency=AgencyId("sheriff"),
            now=clock.now,
            recorded_now=clock.now,
            new_id=lambda: EventId(f"01900000-0000-7000-8000-{next(ids):012x}"),
            find_command=self.read_side.command,
        )
        self.ledger.listen(self.read_side.on_records)

    async def tell(self, *texts: str) -> None:
        for text in texts:
            drafts = [Draft(NarrativeAdded(text), incident_stream(ONE))]
            await self.ledger.record(lambda _, __, told=drafts: told, Command(ADEYEMI, CommandId(f"k-{text}")))

    async def same_as_the_record(self) -> bool:
        world = await restored(self.projection, self.journal)
        shown = self.ledger.shown
        return (world.seq, world.incidents, world.units) == (shown.seq, shown.incidents, shown.units)


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
