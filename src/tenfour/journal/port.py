"""The append contract, which every store keeps (`tests/…/journal_contract.py` runs on each)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from tenfour.vocabulary.envelope import Fact, Header, Recorded
from tenfour.vocabulary.ids import StreamName


class Batch(msgspec.Struct, frozen=True):
    """Facts that are appended all or not at all.

    `expect` names the version a stream must have before (0: must be new); streams not named are not checked.
    A fact whose id is already in the journal is the same fact: it is not appended again, and its first
    record is the answer.
    """

    facts: tuple[Fact, ...]
    expect: Mapping[StreamName, int] = {}


class Appended(msgspec.Struct, frozen=True):
    """The acknowledgement: on disk, fsynced. `records` answer the facts one for one, in their order."""

    records: tuple[Recorded, ...]


class Conflicted(msgspec.Struct, frozen=True):
    """Nothing was appended: `stream` has version `found`, not `expected`."""

    stream: StreamName
    expected: int
    found: int


class Head(msgspec.Struct, frozen=True):
    """The end of the journal: last `seq` (0 when empty) and its digest (64 zeros when empty)."""

    seq: int
    digest: str


class Altered(msgspec.Struct, frozen=True):
    """The first event that is not what was written, and what is wrong with it."""

    seq: int
    problem: str


class Journal(Protocol):
    """An append-only journal of one centre."""

    async def append(self, batch: Batch, *, recorded_at: datetime) -> Appended | Conflicted:
        """Append durably; concurrent calls share one fsync. Raises `Unavailable` when the store cannot write."""
        ...

    async def read(self, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """Up to `limit` events with `seq` > `after`, in order."""
        ...

    async def read_stream(self, stream: StreamName, newest: int | None = None) -> Sequence[Recorded]:
        """All events of one stream, by version; or only the `newest` so many."""
        ...

    def subscribe(self, after: int = 0) -> AsyncIterator[Recorded]:
        """Every event after `after`, in order, for ever: those there, then those that come."""
        ...

    async def head(self) -> Head:
        """Where the journal ends now."""
        ...

    async def headers(self, after: int = 0, limit: int = 1000) -> Sequence[tuple[Header, bytes | None, bytes]]:
        """Headers with stored payload bytes (None if erased) and salt, for verification and export."""
        ...

    async def close(self) -> None:
        """Finish what was begun and let go of the store."""
        ...
