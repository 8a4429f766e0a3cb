"""The envelope of every fact. Its fields cannot change later, so they are complete now."""

from datetime import datetime
from enum import Enum
from typing import ClassVar

import msgspec

from tenfour.vocabulary.ids import AgencyId, CommandId, EventId, NodeId, StreamName


class Access(Enum):
    """Who may read a fact. A role reads a set of classes (see `desk.permission`)."""

    PUBLIC = "public"
    CALL = "call"
    POLICE = "police"
    MEDICAL = "medical"
    CHILD = "child"


class ActorKind(Enum):
    """What kind of actor caused a fact."""

    PERSON = "person"
    DEVICE = "device"
    RULE = "rule"


class Actor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who or what: an authenticated person with role and position (or unit), a device, or a named rule."""

    kind: ActorKind
    id: str
    role: str = ""
    position: str = ""


class Event(msgspec.Struct, frozen=True):
    """Base of every payload. The class name is the event's `type`; `SCHEMA` counts its shapes."""

    SCHEMA: ClassVar[int] = 1


class Fact(msgspec.Struct, frozen=True):
    """Something that happened, with its true time and its writer's id, on its way into the journal."""

    id: EventId
    stream: StreamName
    event: Event
    at: datetime
    actor: Actor
    agency: AgencyId
    access: Access = Access.CALL
    cause: EventId | None = None
    command_id: CommandId | None = None


class Header(msgspec.Struct, frozen=True):
    """The envelope as recorded. `digest` is SHA-256 over the header before it and this header without `digest`.

    `seq` is dense, in commit order, one sequence a centre; `version` is dense per stream, from 1.
    `payload_digest` is SHA-256(salt + payload): the payload may be erased and the chain still verifies.
    Times are aware UTC. Digests are lower-case hex.
    """

    seq: int
    id: EventId
    stream: StreamName
    version: int
    type: str
    schema: int
    agency: AgencyId
    access: Access
    at: datetime
    recorded_at: datetime
    actor: Actor
    command_id: CommandId | None
    cause: EventId | None
    node: NodeId
    payload_digest: str
    digest: str


class Recorded(msgspec.Struct, frozen=True):
    """A fact in the journal: its header, and what it says (None once its payload has been erased)."""

    header: Header
    event: Event | None

    @property
    def seq(self) -> int:
        """Place in the journal."""
        return self.header.seq

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.header.at
