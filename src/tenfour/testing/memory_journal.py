"""A journal in memory that keeps the append contract. It can be told to be away, to see what others do then."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from tenfour.journal.admission import SALT_BYTES, Admission, Entry, ids_of, prepare
from tenfour.journal.codec import Codec
from tenfour.journal.digest import GENESIS
from tenfour.journal.port import Appended, Batch, Conflicted, Head
from tenfour.vocabulary.envelope import Header, Recorded
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import EventId, NodeId, StreamName


class MemoryJournal:
    """Implements `tenfour.journal.port.Journal`. While `away` is true, appends raise `Unavailable`."""

    def __init__(self, codec: Codec, *, node: NodeId = NodeId("center-1")) -> None:  # noqa: B008
        self.away = False
        self._codec = codec
        self._node = node
        self._head = Head(0, GENESIS)
        self._records: list[Recorded] = []
        self._entries: list[Entry] = []
        self._by_id: dict[EventId, Recorded] = {}
        self._versions: dict[StreamName, int] = {}
        self._grown = asyncio.Event()
        self._closed = False

    async def append(self, batch: Batch, *, recorded_at: datetime) -> Appended | Conflicted:
        """Append at once. Raises `BadInput` for what can never be recorded, `Unavailable` while away or closed."""
        prepared = prepare(batch, recorded_at, self._codec, bytes(SALT_BYTES * len(batch.facts)))
        if self.away or self._closed:
            raise Unavailable("The journal in memory is away; nothing was recorded.")
        known = {event_id: self._by_id[event_id] for event_id in ids_of([prepared]) if event_id in self._by_id}
        admission = Admission(self._head, self._node, version_of=self._version, known=known)
        answer = admission.admit(prepared)
        self._keep(admission)
        return answer

    async def read(self, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """Up to `limit` events with `seq` > `after`, in order."""
        return [self._decoded(seq) for seq in range(after, min(after + limit, len(self._records)))]

    async def read_stream(self, stream: StreamName, newest: int | None = None) -> Sequence[Recorded]:
        """All events of one stream, by version; or only the `newest` so many."""
        found = [self._decoded(place) for place, r in enumerate(self._records) if r.header.stream == stream]
        return found if newest is None else found[max(0, len(found) - newest) :]

    async def headers(self, after: int = 0, limit: int = 1000) -> Sequence[tuple[Header, bytes | None, bytes]]:
        """Headers with payload bytes and salt (zeros: nothing here is secret)."""
        pairs = zip(self._records[after : after + limit], self._entries[after : after + limit], strict=True)
        return [(record.header, entry.payload, entry.salt) for record, entry in pairs]

    async def head(self) -> Head:
        """Where the journal ends now."""
        return self._head

    async def subscribe(self, after: int = 0) -> AsyncIterator[Recorded]:
        """Every event after `after`, in order: those there, then those that come, until the journal is closed."""
        while not self._closed:
            if after >= self._head.seq:
                await self._grown.wait()
                continue
            for record in await self.read(after):
                yield record
                after = record.seq

    async def close(self) -> None:
        """End the subscriptions."""
        self._closed = True
        self._grown.set()

    def _version(self, stream: StreamName) -> int:
        return self._versions.get(stream, 0)

    def _keep(self, admission: Admission) -> None:
        if not admission.entries:
            return
        self._entries += admission.entries
        self._records += admission.records
        self._by_id |= {record.header.id: record for record in admission.records}
        self._versions |= admission.versions
        self._head = admission.head
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()

    def _decoded(self, place: int) -> Recorded:
        """As a store on disk would give it: the event read back from its payload."""
        header = self._records[place].header
        return Recorded(header, self._codec.decode(header.type, header.schema, self._entries[place].payload))
