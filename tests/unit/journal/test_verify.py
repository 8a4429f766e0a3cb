"""The verifier names the first event that is not what was written."""

import asyncio
from collections.abc import Callable, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.journal.codec import Codec
from tenfour.journal.digest import chained, columns_of, payload_digest
from tenfour.journal.port import Altered, Batch, Head
from tenfour.journal.verify import Verifier
from tenfour.testing.memory_journal import MemoryJournal
from tenfour.testing.sample_fact import BEGAN, SampleFacts
from tenfour.vocabulary.envelope import Header
from tenfour.vocabulary.ids import StreamName
from tenfour.workflow.catalogue import CATALOGUE

Entry = tuple[Header, bytes | None, bytes]
EVENTS = 8


async def written() -> list[Entry]:
    journal, facts = MemoryJournal(Codec(CATALOGUE)), SampleFacts()
    batch = Batch(tuple(facts.note(f"incident/{'aab'[number % 3]}", f"line {number}") for number in range(EVENTS)))
    await journal.append(batch, recorded_at=BEGAN)
    return list(await journal.headers())


@pytest.fixture
async def entries() -> list[Entry]:
    return await written()


def first_altered(entries: Sequence[Entry], verifier: Verifier | None = None) -> Altered | None:
    verifier = verifier or Verifier()
    for entry in entries:
        altered = verifier.check(*entry)
        if altered is not None:
            return altered
    return verifier.finish()


def sealed_again(entry: Entry, before: str) -> Entry:
    """As a forger would who knows the chain: the digest made to fit."""
    header = entry[0]
    return (msgspec.structs.replace(header, digest=chained(before, columns_of(header))), *entry[1:])


async def test_what_was_written_verifies(entries: list[Entry]) -> None:
    verifier = Verifier()
    assert first_altered(entries, verifier) is None
    assert verifier.head == Head(EVENTS, entries[-1][0].digest)


async def test_nothing_at_all_verifies() -> None:
    assert first_altered([]) is None


@pytest.mark.parametrize("place", range(EVENTS))
async def test_altered_payload_is_named(entries: list[Entry], place: int) -> None:
    header, _, salt = entries[place]
    entries[place] = (header, b'{"text":"It was a prank."}', salt)
    assert first_altered(entries) == Altered(place + 1, "its payload was altered")


async def test_altered_salt_is_an_altered_payload(entries: list[Entry]) -> None:
    header, payload, _ = entries[2]
    entries[2] = (header, payload, b"another salt")
    assert first_altered(entries) == Altered(3, "its payload was altered")


@pytest.mark.parametrize("place", range(EVENTS))
async def test_altered_header_is_named(entries: list[Entry], place: int) -> None:
    header, payload, salt = entries[place]
    entries[place] = (msgspec.structs.replace(header, at=BEGAN.replace(year=2025)), payload, salt)
    altered = first_altered(entries)
    assert altered is not None
    assert (altered.seq, "header was altered" in altered.problem) == (place + 1, True)


async def test_header_altered_with_its_digest_is_found_at_the_next(entries: list[Entry]) -> None:
    header, payload, salt = entries[3]
    forged = (msgspec.structs.replace(header, at=BEGAN.replace(year=2025)), payload, salt)
    entries[3] = sealed_again(forged, entries[2][0].digest)
    altered = first_altered(entries)
    assert altered is not None
    assert altered.seq == 5


async def test_payload_altered_with_its_digest_is_an_altered_header(entries: list[Entry]) -> None:
    header, _, salt = entries[3]
    body = b'{"text":"It was a prank."}'
    entries[3] = (msgspec.structs.replace(header, payload_digest=payload_digest(salt, body)), body, salt)
    altered = first_altered(entries)
    assert altered is not None
    assert (altered.seq, "header" in altered.problem) == (4, True)


async def test_missing_event_is_named(entries: list[Entry]) -> None:
    del entries[4]
    assert first_altered(entries) == Altered(5, "it is missing; event 6 follows 4")


async def test_missing_first_event_is_named(entries: list[Entry]) -> None:
    assert first_altered(entries[1:]) == Altered(1, "it is missing; event 2 follows 0")


async def test_event_told_twice_is_named(entries: list[Entry]) -> None:
    entries.insert(4, entries[3])
    assert first_altered(entries) == Altered(4, "it stands out of order, after event 4")


async def test_missing_payload_is_named_unless_it_was_lawfully_erased(entries: list[Entry]) -> None:
    entries[5] = (entries[5][0], None, b"")
    assert first_altered(entries) == Altered(6, "its payload is missing")
    assert first_altered(entries, Verifier(erased={6})) is None


async def test_version_that_is_not_dense_is_named(entries: list[Entry]) -> None:
    header, payload, salt = entries[6]
    wrong = (msgspec.structs.replace(header, version=9), payload, salt)
    entries[6] = sealed_again(wrong, entries[5][0].digest)
    altered = first_altered(entries)
    assert altered is not None
    assert (altered.seq, altered.problem) == (7, f"its version in {header.stream} is 9, not {header.version}")


async def test_cut_off_end_is_found_only_with_a_head_noted_before(entries: list[Entry]) -> None:
    known = Head(EVENTS, entries[-1][0].digest)
    assert first_altered(entries[:5]) is None
    altered = first_altered(entries[:5], Verifier(known=known))
    assert altered == Altered(6, f"it is missing; the journal once had {EVENTS} events")


async def test_journal_written_anew_is_found_with_a_head_noted_before(entries: list[Entry]) -> None:
    known = Head(3, "f" * 64)
    assert first_altered(entries, Verifier(known=known)) == Altered(
        3, "its digest is not the one that was noted before"
    )


@pytest.mark.parametrize("seq", [3, EVENTS])
async def test_journal_that_is_as_long_as_when_its_head_was_noted_or_longer_verifies(
    entries: list[Entry], seq: int
) -> None:
    assert first_altered(entries, Verifier(known=Head(seq, entries[seq - 1][0].digest))) is None


FORGERIES: dict[str, Callable[[Header], Header]] = {
    "stream": lambda header: msgspec.structs.replace(header, stream=StreamName("incident/z")),
    "type": lambda header: msgspec.structs.replace(header, type="KindSet"),
    "version": lambda header: msgspec.structs.replace(header, version=header.version + 1),
    "digest": lambda header: msgspec.structs.replace(header, digest=header.digest[::-1]),
}


@given(places=st.sets(st.integers(0, EVENTS - 1), min_size=1), what=st.sampled_from(sorted(FORGERIES)))
def test_the_first_of_several_alterations_is_the_one_named(places: set[int], what: str) -> None:
    entries = asyncio.run(written())
    for place in places:
        header, payload, salt = entries[place]
        entries[place] = (FORGERIES[what](header), payload, salt)
    altered = first_altered(entries)
    assert altered is not None
    assert altered.seq == min(places) + 1
