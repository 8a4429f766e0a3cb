"""What the journal in memory can do beyond the contract: be away."""

import pytest

from tenfour.journal.codec import Codec
from tenfour.journal.port import Appended, Batch
from tenfour.testing.memory_journal import MemoryJournal
from tenfour.testing.sample_fact import BEGAN, SampleFacts
from tenfour.vocabulary.errors import Unavailable
from tenfour.workflow.catalogue import CATALOGUE


async def test_journal_that_is_away_records_nothing_and_comes_back() -> None:
    journal, batch = MemoryJournal(Codec(CATALOGUE)), Batch((SampleFacts().note(),))
    journal.away = True
    with pytest.raises(Unavailable):
        await journal.append(batch, recorded_at=BEGAN)
    assert (await journal.head()).seq == 0
    journal.away = False
    assert isinstance(await journal.append(batch, recorded_at=BEGAN), Appended)


async def test_same_facts_make_the_same_journal_in_every_run() -> None:
    heads = []
    for _ in range(2):
        journal = MemoryJournal(Codec(CATALOGUE))
        await journal.append(Batch((SampleFacts().call(),)), recorded_at=BEGAN)
        heads.append(await journal.head())
    assert heads[0] == heads[1]
