"""Whatever is asked of a journal in whatever order, it does what the few lines of a model say."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfour.adapters.sqlite_journal import SqliteJournal
from tenfour.incident.event import NarrativeAdded
from tenfour.journal.codec import Codec
from tenfour.journal.port import Appended, Batch, Conflicted, Journal
from tenfour.journal.verify import Verifier
from tenfour.testing.memory_journal import MemoryJournal
from tenfour.testing.sample_fact import BEGAN, CALL_TAKER
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import AgencyId, EventId, NodeId, StreamName
from tenfour.workflow.catalogue import CATALOGUE


class Asked(NamedTuple):
    """A batch: the ids of its facts with the stream of each, and the versions expected."""

    facts: tuple[tuple[int, str], ...]
    expect: dict[str, int]


asked = st.builds(
    Asked,
    st.lists(st.tuples(st.integers(0, 25), st.sampled_from("abc")), max_size=4).map(tuple),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 4), max_size=2),
)
groups = st.lists(st.lists(asked, min_size=1, max_size=5), max_size=8)
"""Groups of batches that come at the same time, one group after the other."""


class Model:
    """What a journal is, in a list of (id, stream)."""

    def __init__(self) -> None:
        self.events: list[tuple[int, str]] = []

    def version(self, stream: str) -> int:
        return sum(found == stream for _, found in self.events)

    def append(self, batch: Asked) -> list[int] | tuple[str, int, int]:
        """The seqs that answer the facts, or the conflict."""
        new = any(not self.seqs(event_id) for event_id, _ in batch.facts)
        for stream, expected in batch.expect.items():
            if new and self.version(stream) != expected:
                return (stream, expected, self.version(stream))
        for event_id, stream in batch.facts:
            if not self.seqs(event_id):
                self.events.append((event_id, stream))
        return [self.seqs(event_id)[0] for event_id, _ in batch.facts]

    def seqs(self, event_id: int) -> list[int]:
        return [place for place, (found, _) in enumerate(self.events, 1) if found == event_id]


def fact(event_id: int, stream: str) -> Fact:
    event = NarrativeAdded(f"line {event_id}")
    return Fact(EventId(f"id-{event_id}"), StreamName(stream), event, BEGAN, CALL_TAKER, AgencyId("sheriff"))


async def answers(journal: Journal, group: Sequence[Asked]) -> list[list[int] | tuple[str, int, int]]:
    batches = [
        Batch(tuple(fact(*one) for one in batch.facts), {StreamName(s): v for s, v in batch.expect.items()})
        for batch in group
    ]
    found = await asyncio.gather(*(journal.append(batch, recorded_at=BEGAN) for batch in batches))
    return [_plain(answer) for answer in found]


def _plain(answer: Appended | Conflicted) -> list[int] | tuple[str, int, int]:
    if isinstance(answer, Conflicted):
        return (answer.stream, answer.expected, answer.found)
    return [record.seq for record in answer.records]


async def follows_the_model(journal: Journal, asked_for: Sequence[Sequence[Asked]]) -> None:
    model, verifier = Model(), Verifier()
    for group in asked_for:
        expected = [model.append(batch) for batch in group]
        assert await answers(journal, group) == expected
        assert (await journal.head()).seq == len(model.events)
    records = await journal.read(0, 1000)
    assert [(record.header.id, record.header.stream) for record in records] == [
        (f"id-{event_id}", stream) for event_id, stream in model.events
    ]
    for entry in await journal.headers(0, 1000):
        assert verifier.check(*entry) is None
    await journal.close()


@given(groups)
@settings(max_examples=200, deadline=None)
def test_memory_journal_does_what_the_model_says(asked_for: list[list[Asked]]) -> None:
    asyncio.run(follows_the_model(MemoryJournal(Codec(CATALOGUE)), asked_for))


@given(groups)
@settings(max_examples=50, deadline=None)
def test_sqlite_journal_does_what_the_model_says(asked_for: list[list[Asked]]) -> None:
    async def run(path: Path) -> None:
        journal = await SqliteJournal.open(path, node=NodeId("center-1"), codec=Codec(CATALOGUE))
        await follows_the_model(journal, asked_for)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder) / "journal.sqlite"))


@pytest.mark.parametrize("streams", ["a", "abc"])
async def test_writers_who_expect_versions_never_overwrite_each_other(tmp_path: Path, streams: str) -> None:
    journal = await SqliteJournal.open(tmp_path / "j.sqlite", node=NodeId("center-1"), codec=Codec(CATALOGUE))
    ids = iter(range(10_000))

    async def count_up(stream: StreamName) -> int:
        """Read the version, append one more; on a conflict read again. Gives the conflicts met."""
        conflicts = 0
        for _ in range(10):
            while True:
                version = len(await journal.read_stream(stream))
                batch = Batch((fact(next(ids), stream),), {stream: version})
                if isinstance(await journal.append(batch, recorded_at=BEGAN), Appended):
                    break
                conflicts += 1
        return conflicts

    met = await asyncio.gather(*(count_up(StreamName(stream)) for stream in streams for _ in range(5)))
    assert sum(met) > 0
    for stream in streams:
        records = await journal.read_stream(StreamName(stream))
        assert [record.header.version for record in records] == list(range(1, 51))
    await journal.close()
