"""The append contract, on every journal there is."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tenfour.adapters.sqlite_journal import SqliteJournal
from tenfour.incident.event import NarrativeAdded, PrioritySet
from tenfour.journal.codec import Codec
from tenfour.journal.digest import GENESIS
from tenfour.journal.port import Appended, Batch, Conflicted, Head, Journal
from tenfour.journal.verify import Verifier
from tenfour.testing.memory_journal import MemoryJournal
from tenfour.testing.sample_fact import BEGAN, SampleFacts
from tenfour.vocabulary.envelope import Event, Fact, Recorded
from tenfour.vocabulary.errors import BadInput, Unavailable
from tenfour.vocabulary.ids import NodeId, StreamName
from tenfour.workflow.catalogue import CATALOGUE

A, B = StreamName("incident/a"), StreamName("incident/b")
LATER = BEGAN + timedelta(milliseconds=3)


@pytest.fixture(params=["memory", "sqlite"])
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Journal]:
    codec = Codec(CATALOGUE)
    made: Journal
    if request.param == "memory":
        made = MemoryJournal(codec, node=NodeId("center-1"))
    else:
        made = await SqliteJournal.open(tmp_path / "journal.sqlite", node=NodeId("center-1"), codec=codec)
    yield made
    await made.close()


@pytest.fixture
def facts() -> SampleFacts:
    return SampleFacts()


async def append(journal: Journal, *facts: Fact, **expect: int) -> Appended:
    """Append what must be accepted. `a=1` expects version 1 of `incident/a`."""
    wanted = {StreamName(f"incident/{name}"): version for name, version in expect.items()}
    answer = await journal.append(Batch(facts, wanted), recorded_at=LATER)
    assert isinstance(answer, Appended)
    return answer


async def whole(journal: Journal) -> list[Recorded]:
    return list(await journal.read(0, 1_000_000))


async def assert_verifies(journal: Journal) -> None:
    verifier = Verifier(known=await journal.head())
    for header, payload, salt in await journal.headers(0, 1_000_000):
        assert verifier.check(header, payload, salt) is None
    assert verifier.finish() is None
    assert verifier.head == await journal.head()


async def test_empty_journal_has_no_head(journal: Journal) -> None:
    assert await journal.head() == Head(0, GENESIS)
    assert list(await journal.read()) == []
    assert list(await journal.headers()) == []


async def test_appended_fact_is_read_back_as_it_was_given(journal: Journal, facts: SampleFacts) -> None:
    fact = facts.call()
    answer = await append(journal, fact)
    [record] = await whole(journal)
    assert answer.records == (record,)
    header = record.header
    assert record.event == fact.event
    assert (header.seq, header.version, header.type, header.schema) == (1, 1, "CallReceived", 1)
    assert (header.id, header.stream, header.agency, header.access) == (fact.id, fact.stream, fact.agency, fact.access)
    assert (header.at, header.recorded_at, header.actor) == (fact.at, LATER, fact.actor)
    assert (header.cause, header.command_id, header.node) == (None, None, "center-1")
    assert await journal.head() == Head(1, header.digest)


async def test_cause_and_command_are_kept(journal: Journal, facts: SampleFacts) -> None:
    first = facts.note()
    second = facts.of(NarrativeAdded("after"), command_id="key-7", cause=first.id)
    await append(journal, first, second)
    record = (await whole(journal))[1]
    assert record.header.cause == first.id
    assert record.header.command_id == "key-7"


async def test_time_in_another_zone_is_the_same_instant(journal: Journal, facts: SampleFacts) -> None:
    local = BEGAN.astimezone(timezone(timedelta(hours=-5)))
    await append(journal, facts.of(NarrativeAdded("x"), at=local))
    [record] = await whole(journal)
    assert record.at == BEGAN
    assert record.at.utcoffset() == timedelta(0)
    await assert_verifies(journal)


async def test_seq_is_dense_and_versions_are_dense_per_stream(journal: Journal, facts: SampleFacts) -> None:
    for stream in "abacab":
        await append(journal, facts.note(f"incident/{stream}"), facts.note(f"incident/{stream}"))
    records = await whole(journal)
    assert [record.seq for record in records] == list(range(1, 13))
    for stream in "abc":
        versions = [r.header.version for r in records if r.header.stream == f"incident/{stream}"]
        assert versions == list(range(1, len(versions) + 1))
    await assert_verifies(journal)


async def test_wrong_expected_version_appends_nothing_of_the_batch(journal: Journal, facts: SampleFacts) -> None:
    await append(journal, facts.note("incident/a"), a=0)
    answer = await journal.append(
        Batch((facts.note("incident/b"), facts.note("incident/a")), {A: 0}), recorded_at=LATER
    )
    assert answer == Conflicted(A, expected=0, found=1)
    assert len(await whole(journal)) == 1
    await append(journal, facts.note("incident/a"), a=1, b=0)


async def test_stream_without_expectation_never_conflicts(journal: Journal, facts: SampleFacts) -> None:
    for _ in range(5):
        await append(journal, facts.note("incident/a"))
    assert len(await journal.read_stream(A)) == 5


async def test_retry_with_the_same_ids_answers_the_first_record(journal: Journal, facts: SampleFacts) -> None:
    batch = Batch((facts.note("incident/a"), facts.note("incident/b")), {A: 0})
    first = await journal.append(batch, recorded_at=LATER)
    again = await journal.append(batch, recorded_at=LATER + timedelta(minutes=1))
    assert first == again
    assert len(await whole(journal)) == 2


async def test_batch_with_an_old_and_a_new_fact_appends_the_new_one(journal: Journal, facts: SampleFacts) -> None:
    old, new = facts.note(), facts.note()
    [first] = (await append(journal, old)).records
    answer = await append(journal, old, new)
    assert answer.records[0] == first
    assert [record.header.id for record in await whole(journal)] == [old.id, new.id]


async def test_same_fact_twice_in_a_batch_is_one_event(journal: Journal, facts: SampleFacts) -> None:
    fact = facts.note()
    answer = await append(journal, fact, fact)
    assert answer.records[0] == answer.records[1]
    assert len(await whole(journal)) == 1


async def test_same_batch_twice_at_the_same_time_is_one_event(journal: Journal, facts: SampleFacts) -> None:
    batch = Batch((facts.note(),), {A: 0})
    first, second = await asyncio.gather(*(journal.append(batch, recorded_at=LATER) for _ in range(2)))
    assert isinstance(first, Appended)
    assert first == second
    assert len(await whole(journal)) == 1


async def test_conflicting_batch_does_not_disturb_others_at_the_same_time(journal: Journal, facts: SampleFacts) -> None:
    batches = [Batch((facts.note("incident/a"),), {A: 0}) for _ in range(10)]
    batches += [Batch((facts.note("incident/b"),)) for _ in range(10)]
    answers = await asyncio.gather(*(journal.append(batch, recorded_at=LATER) for batch in batches))
    assert [type(answer) for answer in answers] == [Appended] + [Conflicted] * 9 + [Appended] * 10
    assert answers[1] == Conflicted(A, expected=0, found=1)
    assert (len(await journal.read_stream(A)), len(await journal.read_stream(B))) == (1, 10)
    await assert_verifies(journal)


async def test_empty_batch_is_acknowledged_and_changes_nothing(journal: Journal) -> None:
    assert await journal.append(Batch(()), recorded_at=LATER) == Appended(())
    assert (await journal.head()).seq == 0


async def test_read_gives_pages_in_order(journal: Journal, facts: SampleFacts) -> None:
    await append(journal, *(facts.note() for _ in range(7)))
    assert [record.seq for record in await journal.read(0, 3)] == [1, 2, 3]
    assert [record.seq for record in await journal.read(3, 3)] == [4, 5, 6]
    assert [record.seq for record in await journal.read(6, 3)] == [7]
    assert list(await journal.read(7, 3)) == []
    assert [header.seq for header, _, _ in await journal.headers(2, 2)] == [3, 4]


async def test_read_stream_gives_one_stream_by_version(journal: Journal, facts: SampleFacts) -> None:
    await append(journal, facts.note("incident/a"), facts.note("incident/b"), facts.note("incident/a"))
    assert [(record.seq, record.header.version) for record in await journal.read_stream(A)] == [(1, 1), (3, 2)]
    assert list(await journal.read_stream(StreamName("incident/none"))) == []
    assert [record.header.version for record in await journal.read_stream(A, 1)] == [2]
    assert [record.header.version for record in await journal.read_stream(A, 9)] == [1, 2]
    assert list(await journal.read_stream(StreamName("incident/none"), 1)) == []


class NotInCatalogue(Event, frozen=True):
    """An event that nobody has listed."""


@pytest.mark.parametrize(
    "event", [NotInCatalogue(), PrioritySet("urgent"), NarrativeAdded("\ud800")], ids=["unlisted", "kind", "unicode"]
)
async def test_event_that_could_not_be_read_back_is_refused(journal: Journal, facts: SampleFacts, event: Event) -> None:
    with pytest.raises(BadInput):
        await append(journal, facts.note(), facts.of(event))
    assert (await journal.head()).seq == 0
    await append(journal, facts.note())


async def test_time_without_a_zone_is_refused(journal: Journal, facts: SampleFacts) -> None:
    naive = datetime(2026, 11, 14, 21, 41, 9)  # noqa: DTZ001
    with pytest.raises(BadInput, match="zone"):
        await append(journal, facts.of(NarrativeAdded("x"), at=naive))
    with pytest.raises(BadInput, match="zone"):
        await journal.append(Batch((facts.note(),)), recorded_at=naive)


@pytest.mark.parametrize("stream", ["", "incident/\udcff"])
async def test_stream_that_is_no_name_is_refused(journal: Journal, facts: SampleFacts, stream: str) -> None:
    with pytest.raises(BadInput):
        await append(journal, facts.note(stream))
    assert (await journal.head()).seq == 0


async def taken(journal: Journal, after: int, count: int) -> list[int]:
    """The next `count` seqs of a subscription."""
    seqs: list[int] = []
    async for record in journal.subscribe(after):
        seqs.append(record.seq)
        if len(seqs) == count:
            break
    return seqs


async def test_subscription_catches_up_and_then_follows(journal: Journal, facts: SampleFacts) -> None:
    await append(journal, *(facts.note() for _ in range(5)))
    listening = asyncio.create_task(taken(journal, 2, 6))
    for _ in range(3):
        await append(journal, facts.note())
    assert await listening == [3, 4, 5, 6, 7, 8]


async def test_subscriptions_lose_nothing_while_many_append(journal: Journal, facts: SampleFacts) -> None:
    listening = [asyncio.create_task(taken(journal, after, 400 - after)) for after in (0, 0, 17)]

    async def writer() -> None:
        for _ in range(20):
            await append(journal, facts.note())

    await asyncio.gather(*(writer() for _ in range(20)))
    for task, after in zip(listening, (0, 0, 17), strict=True):
        assert await task == list(range(after + 1, 401))


async def test_subscription_after_the_end_waits_for_what_comes_then(journal: Journal, facts: SampleFacts) -> None:
    listening = asyncio.create_task(taken(journal, 3, 1))
    await append(journal, *(facts.note() for _ in range(4)))
    assert await listening == [4]


async def test_closing_ends_subscriptions_and_refuses_appends(journal: Journal, facts: SampleFacts) -> None:
    listening = asyncio.create_task(taken(journal, 1, 10))
    await append(journal, facts.note())
    await asyncio.sleep(0)
    await journal.close()
    assert await listening == []
    with pytest.raises(Unavailable):
        await append(journal, facts.note())


async def test_cancelled_caller_does_not_disturb_others(journal: Journal, facts: SampleFacts) -> None:
    given_up = asyncio.create_task(append(journal, facts.note()))
    others = [asyncio.create_task(append(journal, facts.note())) for _ in range(5)]
    await asyncio.sleep(0)
    given_up.cancel()
    assert all(isinstance(answer, Appended) for answer in await asyncio.gather(*others))
    await assert_verifies(journal)


async def test_recorded_time_is_the_one_given_with_the_append(journal: Journal, facts: SampleFacts) -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    batches = [(Batch((facts.note(),)), late), (Batch((facts.note(),)), early)]
    await asyncio.gather(*(journal.append(batch, recorded_at=at) for batch, at in batches))
    assert [record.header.recorded_at for record in await whole(journal)] == [late, early]
