"""The digest chain: each header's SHA-256 covers its own columns and the digest before it.

What is hashed is written down here because it can never change: the 64 hexadecimal letters of the digest before
(64 zeros before the first), then the columns of `COLUMNS` as one JSON array in UTF-8 without white space, with
no letter escaped that need not be. `sha256sum` and any JSON writer can check it.
"""

from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from tenfour.vocabulary.envelope import Header

GENESIS = "0" * 64
"""The digest before the first event."""

COLUMNS = (
    "seq",
    "id",
    "stream",
    "version",
    "type",
    "schema",
    "agency",
    "access",
    "at",
    "recorded_at",
    "actor_kind",
    "actor_id",
    "actor_role",
    "actor_position",
    "command_id",
    "cause",
    "node",
    "payload_digest",
)
"""The columns that a digest covers, in their order."""

Columns = tuple[int, str, str, int, str, int, str, str, str, str, str, str, str, str, str | None, str | None, str, str]

_encode = msgspec.json.Encoder().encode


def instant(at: datetime) -> str:
    """An aware time as text: UTC, microseconds always six digits, `2026-11-14T21:41:09.000000Z`; sorts as time."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    if utc.microsecond:
        return _encode(utc).decode()[1:-1]  # the same letters in a seventh of the time; it leaves out zeros only
    return utc.isoformat(timespec="microseconds")[:-6] + "Z"


def columns_of(header: Header) -> Columns:
    """The columns of a header, as hashed and as stored."""
    actor = header.actor
    return (
        header.seq,
        header.id,
        header.stream,
        header.version,
        header.type,
        header.schema,
        header.agency,
        header.access.value,
        instant(header.at),
        instant(header.recorded_at),
        actor.kind.value,
        actor.id,
        actor.role,
        actor.position,
        header.command_id,
        header.cause,
        header.node,
        header.payload_digest,
    )


def chained(before: str, columns: Columns) -> str:
    """The digest of a header that follows the digest `before`; lower-case hex."""
    return sha256(before.encode() + _encode(columns)).hexdigest()


def payload_digest(salt: bytes, payload: bytes) -> str:
    """SHA-256 of salt and payload, lower-case hex."""
    return sha256(salt + payload).hexdigest()
