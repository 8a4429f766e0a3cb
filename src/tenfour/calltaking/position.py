"""A position: a desk of the centre where calls are answered."""

import msgspec

from tenfour.calltaking.event import PositionSet
from tenfour.vocabulary.envelope import Actor, ActorKind, Event
from tenfour.vocabulary.ids import PersonId, PositionId


class Position(msgspec.Struct, frozen=True):
    """A desk: does it answer by itself, and who sits there as far as known."""

    position_id: PositionId
    auto_answer: bool = False
    person: PersonId | None = None


def apply(position: Position | None, event: Event, *, actor: Actor) -> Position | None:
    """Fold one fact of a position."""
    if not isinstance(event, PositionSet):
        return position
    before = position or Position(event.position)
    sits = PersonId(actor.id) if actor.kind is ActorKind.PERSON and actor.position == event.position else None
    return Position(event.position, event.auto_answer, event.person or sits or before.person)
