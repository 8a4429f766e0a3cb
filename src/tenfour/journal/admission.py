"""What of a group of batches enters the journal, and which place each fact gets. Every store decides by this.

A store prepares each batch when it is handed in (encoding, and refusing what can never be recorded), and admits
a group of prepared batches together, in the order in which they came, then writes all their entries at once.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from tenfour.journal.codec import Codec
from tenfour.journal.digest import Columns, chained, instant, payload_digest
from tenfour.journal.port import Appended, Batch, Conflicted, Head
from tenfour.vocabulary.envelope import Fact, Header, Recorded
from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.ids import EventId, NodeId, StreamName

SALT_BYTES = 16


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """A fact with all that can be said before it has a place: its payload, salt and digest, its time as text."""

    fact: Fact
    type: str
    schema: int
    at: str
    payload: bytes
    salt: bytes
    payload_digest: str


class PreparedBatch(msgspec.Struct, frozen=True):
    """A batch, ready to be admitted. `recorded_at` is aware UTC, and once more as text."""

    facts: tuple[Prepared, ...]
    expect: Mapping[StreamName, int]
    recorded_at: datetime
    recorded_text: str


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What a store keeps of one fact: the columns that are hashed, their digest, and the payload apart."""

    columns: Columns
    digest: str
    salt: bytes
    payload: bytes


def prepare(batch: Batch, recorded_at: datetime, codec: Codec, salts: bytes) -> PreparedBatch:
    """Encode a batch. `salts` holds `SALT_BYTES` random bytes a fact.

    Raises `BadInput` for a fact that can never be recorded: no catalogue entry, a field of a wrong kind, a time
    without a zone, text that is not Unicode.
    """
    if recorded_at.tzinfo is None:
        raise BadInput("The time of recording has no time zone; it must be UTC.")
    facts = tuple(
        _prepared(fact, codec, salts[place * SALT_BYTES : (place + 1) * SALT_BYTES])
        for place, fact in enumerate(batch.facts)
    )
    return PreparedBatch(facts, batch.expect, recorded_at.astimezone(UTC), instant(recorded_at))


def _prepared(fact: Fact, codec: Codec, salt: bytes) -> Prepared:
    event = fact.event
    name = type(event).__name__
    payload = codec.encode(event)
    if fact.at.tzinfo is None:
        raise BadInput(f"{name} {fact.id} has a time without a zone; it must be UTC.")
    if fact.at.tzinfo is not UTC:
        fact = msgspec.structs.replace(fact, at=fact.at.astimezone(UTC))
    _require_text(fact, name)
    return Prepared(fact, name, event.SCHEMA, instant(fact.at), payload, salt, payload_digest(salt, payload))


def _require_text(fact: Fact, name: str) -> None:
    actor = fact.actor
    words = (fact.id, fact.stream, fact.agency, actor.id, actor.role, actor.position)
    try:
        "".join((*words, fact.command_id or "", fact.cause or "")).encode()
    except (UnicodeEncodeError, TypeError) as error:
        raise BadInput(f"{name} {fact.id!r} has an envelope that is not text: {error}.") from error
    if not fact.id or not fact.stream:
        raise BadInput(f"{name} needs an id and a stream; its id is {fact.id!r}, its stream {fact.stream!r}.")


class Admission:
    """One group on its way into the journal.

    `head` is where the journal ends; `version_of` tells the version of a stream there (0 where there is none);
    `known` has the records of those ids of the group that are in the journal already. When all batches have been
    admitted, `entries` is what must be written in one transaction, `head` the new end and `versions` the versions
    that it moved. Nothing is true until it is written: on failure the admission is thrown away.
    """

    def __init__(
        self,
        head: Head,
        node: NodeId,
        *,
        version_of: Callable[[StreamName], int],
        known: Mapping[EventId, Recorded],
    ) -> None:
        self.versions: dict[StreamName, int] = {}
        self.entries: list[Entry] = []
        self.records: list[Recorded] = []
        self._seq, self._digest = head.seq, head.digest
        self._node = node
        self._version_of = version_of
        self._known: dict[EventId, Recorded] = dict(known)

    @property
    def head(self) -> Head:
        """The end of the journal once `entries` are written."""
        return Head(self._seq, self._digest)

    def admit(self, batch: PreparedBatch) -> Appended | Conflicted:
        """Give a batch its places, all or none: facts already recorded answer with their first record."""
        if any(prepared.fact.id not in self._known for prepared in batch.facts):
            conflict = self._conflict(batch.expect)
            if conflict is not None:
                return conflict
        return Appended(tuple(self._placed(prepared, batch) for prepared in batch.facts))

    def _conflict(self, expect: Mapping[StreamName, int]) -> Conflicted | None:
        for stream, expected in expect.items():
            found = self._version(stream)
            if found != expected:
                return Conflicted(stream, expected, found)
        return None

    def _version(self, stream: StreamName) -> int:
        version = self.versions.get(stream)
        return self._version_of(stream) if version is None else version

    def _placed(self, prepared: Prepared, batch: PreparedBatch) -> Recorded:
        fact = prepared.fact
        known = self._known.get(fact.id)
        if known is not None:
            return known
        version = self._version(fact.stream) + 1
        columns = self._columns(prepared, version, batch.recorded_text)
        self._seq, self._digest = self._seq + 1, chained(self._digest, columns)
        record = Recorded(self._header(prepared, version, batch.recorded_at), fact.event)
        self.versions[fact.stream] = version
        self.entries.append(Entry(columns, self._digest, prepared.salt, prepared.payload))
        self.records.append(record)
        self._known[fact.id] = record
        return record

    def _columns(self, prepared: Prepared, version: int, recorded_text: str) -> Columns:
        fact = prepared.fact
        actor = fact.actor
        return (
            self._seq + 1,
            fact.id,
            fact.stream,
            version,
            prepared.type,
            prepared.schema,
            fact.agency,
            fact.access.value,
            prepared.at,
            recorded_text,
            actor.kind.value,
            actor.id,
            actor.role,
            actor.position,
            fact.command_id,
            fact.cause,
            self._node,
            prepared.payload_digest,
        )

    def _header(self, prepared: Prepared, version: int, recorded_at: datetime) -> Header:
        fact = prepared.fact
        return Header(
            seq=self._seq,
            id=fact.id,
            stream=fact.stream,
            version=version,
            type=prepared.type,
            schema=prepared.schema,
            agency=fact.agency,
            access=fact.access,
            at=fact.at,
            recorded_at=recorded_at,
            actor=fact.actor,
            command_id=fact.command_id,
            cause=fact.cause,
            node=self._node,
            payload_digest=prepared.payload_digest,
            digest=self._digest,
        )


def ids_of(batches: Sequence[PreparedBatch]) -> set[EventId]:
    """The ids of a group: a store looks them up before it admits the group."""
    return {prepared.fact.id for batch in batches for prepared in batch.facts}
