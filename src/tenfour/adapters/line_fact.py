"""A fact as bytes: how it lies in the line's outbox and travels over the link (msgspec JSON)."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from tenfour.vocabulary.envelope import Access, Actor, Event, Fact
from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.ids import AgencyId, CommandId, EventId, StreamName


class CarriedFact(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fact whose event is still JSON; `type` is the event's class name and `schema` its shape."""

    id: EventId
    stream: StreamName
    type: str
    schema: int
    payload: msgspec.Raw
    at: datetime
    actor: Actor
    agency: AgencyId
    access: Access = Access.CALL
    cause: EventId | None = None
    command_id: CommandId | None = None


def carry(fact: Fact) -> CarriedFact:
    """The fact, ready for the outbox and the link."""
    return CarriedFact(
        fact.id,
        fact.stream,
        type(fact.event).__name__,
        type(fact.event).SCHEMA,
        msgspec.Raw(msgspec.json.encode(fact.event)),
        fact.at,
        fact.actor,
        fact.agency,
        fact.access,
        fact.cause,
        fact.command_id,
    )


def unpack(carried: CarriedFact, catalogue: Mapping[str, type[Event]]) -> Fact:
    """The fact that was carried.

    Raises `BadInput` when the catalogue has no such type or shape, or the payload is not what the type says.
    """
    kind = catalogue.get(carried.type)
    if kind is None or carried.schema != kind.SCHEMA:
        raise BadInput(f"Fact {carried.id} is a {carried.type} of schema {carried.schema}, which is not known here.")
    try:
        event = msgspec.json.decode(carried.payload, type=kind)
    except msgspec.MsgspecError as error:
        raise BadInput(f"Fact {carried.id} is not a {carried.type}: {error}.") from error
    return Fact(
        carried.id,
        carried.stream,
        event,
        carried.at,
        carried.actor,
        carried.agency,
        carried.access,
        carried.cause,
        carried.command_id,
    )
