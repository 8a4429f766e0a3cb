"""A promised visit: as folded from its facts, and what people may do with it."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from tenfour.outreach import event as e
from tenfour.vocabulary.envelope import Actor, Event
from tenfour.vocabulary.errors import BadInput, Refused
from tenfour.vocabulary.ids import IncidentId, VisitId


class Visit(msgspec.Struct, frozen=True):
    """A visit that was promised. `fell_due_at`: when its time had come without it. `set_at`: when it was last dated."""

    visit_id: VisitId
    incident_id: IncidentId
    who: str
    due_at: datetime
    words: str
    promised_at: datetime
    promised_by: Actor
    set_at: datetime
    fell_due_at: datetime | None = None
    done_at: datetime | None = None
    done_words: str = ""

    @property
    def is_open(self) -> bool:
        """Is it still to be made?"""
        return self.done_at is None

    def is_overdue(self, now: datetime) -> bool:
        """Should somebody have been there by now?"""
        return self.is_open and self.due_at <= now


def apply(visit: Visit | None, event: Event, *, at: datetime, actor: Actor) -> Visit | None:
    """Fold one fact. None: it is of no visit that is known."""
    if isinstance(event, e.VisitPromised):
        return Visit(event.visit_id, event.incident_id, event.who, event.due_at, event.words, at, actor, at)
    if visit is None:
        return None
    match event:
        case e.VisitMoved(due_at=due_at):
            return replace(visit, due_at=due_at, set_at=at, fell_due_at=None)
        case e.VisitDone(words=words):
            return replace(visit, done_at=at, done_words=words)
        case e.VisitFellDue():
            return replace(visit, fell_due_at=at)
        case _:
            return visit


def promise(
    incident_id: IncidentId, number: int, who: str, due_at: datetime, words: str, *, now: datetime
) -> e.VisitPromised:
    """Somebody promises to come. Raises `BadInput` without a name, words, or a time that is still to come."""
    if not who.strip() or not words.strip():
        raise BadInput("A promised visit needs who will come, and what was promised.")
    return e.VisitPromised(
        visit_id_of(incident_id, number), incident_id, who.strip(), _ahead(due_at, now), words.strip()
    )


def move(visit: Visit, due_at: datetime, reason: str, *, now: datetime) -> e.VisitMoved:
    """Another time, and why. Raises `Refused` for one that was made."""
    _must_be_open(visit)
    if not reason.strip():
        raise BadInput("Somebody waits for this visit: moving it needs a reason.")
    return e.VisitMoved(visit.incident_id, _ahead(due_at, now), reason.strip())


def done(visit: Visit, words: str = "") -> e.VisitDone:
    """Somebody was there. Raises `Refused` for one that was made already."""
    _must_be_open(visit)
    return e.VisitDone(visit.incident_id, words.strip())


def visit_id_of(incident_id: IncidentId, number: int) -> VisitId:
    """The id of an incident's promised visit of this number."""
    return VisitId(f"{incident_id}-v{number}")


def incident_of(visit_id: str) -> IncidentId:
    """The incident that a visit's id names."""
    return IncidentId(visit_id.rpartition("-")[0])


def _must_be_open(visit: Visit) -> None:
    if not visit.is_open:
        raise Refused(f"The visit of {visit.who} was made already.")


def _ahead(due_at: datetime, now: datetime) -> datetime:
    if due_at.tzinfo is None:
        raise BadInput("The time of a visit needs its zone.")
    if due_at <= now:
        raise BadInput("The time of a visit must lie ahead.")
    return due_at
