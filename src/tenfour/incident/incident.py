"""An incident as folded from its facts (screens may say "call for service")."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from tenfour.incident import event as e
from tenfour.incident.event import IncidentStatus
from tenfour.vocabulary.envelope import Actor, Event
from tenfour.vocabulary.ids import CallId, IncidentId
from tenfour.vocabulary.place import Place


class LinkedCall(msgspec.Struct, frozen=True):
    """A call of this incident. Not `certain`: only the handset's number says so."""

    call_id: CallId
    certain: bool
    why: str
    at: datetime


class Entry(msgspec.Struct, frozen=True):
    """A line of the narrative, as it was said."""

    at: datetime
    actor: Actor
    text: str
    seq: int = 0


class Mark(msgspec.Struct, frozen=True):
    """A checklist item, as last set."""

    item: str
    done: bool
    at: datetime
    actor: Actor


class PlaceRow(msgspec.Struct, frozen=True):
    """A place the incident had or has; earlier ones stay."""

    at: datetime
    actor: Actor
    place: Place
    door_rank: int | None
    reason: str


class RuledOut(msgspec.Struct, frozen=True):
    """A door that is not the house."""

    address_id: str
    label: str
    reason: str
    at: datetime


class Closing(msgspec.Struct, frozen=True):
    """With what the incident was closed."""

    at: datetime
    actor: Actor
    words: str
    dispositions: tuple[str, ...]
    cause: str
    seen: tuple[str, ...]
    tried: tuple[str, ...]


class Incident(msgspec.Struct, frozen=True):
    """One incident. `contact_at`: when a person was first seen (checklist) or spoken to at the place."""

    incident_id: IncidentId
    number: int
    opened_at: datetime
    opened_why: str = ""
    status: IncidentStatus = IncidentStatus.ACTIVE
    status_at: datetime | None = None
    calls: tuple[LinkedCall, ...] = ()
    kind: str | None = None
    kind_rule: str = ""
    kind_at: datetime | None = None
    priority: int | None = None
    priority_reason: str = ""
    places: tuple[PlaceRow, ...] = ()
    place: Place | None = None
    door_rank: int | None = None
    verified_by: str = ""
    verified_at: datetime | None = None
    read_back_at: datetime | None = None
    ruled_out: tuple[RuledOut, ...] = ()
    narrative: tuple[Entry, ...] = ()
    checklist: tuple[Mark, ...] = ()
    contact_at: datetime | None = None
    closing: Closing | None = None
    """The present closing; None while open."""
    earlier_closings: tuple[Closing, ...] = ()
    reopened_at: datetime | None = None
    reopened_reason: str = ""

    @property
    def is_open(self) -> bool:
        """Not closed and not cancelled."""
        return self.status is not IncidentStatus.CLOSED and self.status is not IncidentStatus.CANCELLED

    @property
    def name(self) -> str:
        """What people say: `Incident 1043`."""
        return f"Incident {self.number}"

    @property
    def call_ids(self) -> tuple[CallId, ...]:
        """Its calls, in the order they were linked."""
        return tuple(linked.call_id for linked in self.calls)

    @property
    def done_items(self) -> tuple[str, ...]:
        """Checklist items that are ticked now."""
        return tuple(mark.item for mark in self.checklist if mark.done)


PERSON_SEEN = ("adult_seen", "child_seen")
"""Checklist items that say a person was seen."""


def apply(incident: Incident | None, event: Event, *, at: datetime, actor: Actor, seq: int = 0) -> Incident | None:
    """Fold one fact of an incident. Facts before `IncidentOpened` are nothing to fold; others' facts change nothing."""
    if incident is None:
        return _opened(event, at) if isinstance(event, e.IncidentOpened) else None
    return _story(_where(incident, event, at, actor), event, at, actor, seq)


def _opened(event: e.IncidentOpened, at: datetime) -> Incident:
    first = (LinkedCall(event.call_id, True, event.why, at),) if event.call_id else ()
    return Incident(event.incident_id, event.number, at, event.why, calls=first, status_at=at)


def _where(incident: Incident, event: Event, at: datetime, actor: Actor) -> Incident:
    """Fold what concerns the place."""
    match event:
        case e.PlaceSet(place=place, door_rank=door_rank, reason=reason):
            row = PlaceRow(at, actor, place, door_rank, reason)
            return replace(
                incident,
                place=place,
                door_rank=door_rank,
                places=(*incident.places, row),
                read_back_at=None,
                verified_by="",
                verified_at=None,
            )
        case e.PlaceVerified(by=by) if incident.place is not None:
            return replace(incident, place=replace(incident.place, verified=True), verified_by=by, verified_at=at)
        case e.PlaceReadBack():
            return replace(incident, read_back_at=at)
        case e.DoorRuledOut(address_id=address_id, label=label, reason=reason):
            return replace(incident, ruled_out=(*incident.ruled_out, RuledOut(address_id, label, reason, at)))
        case _:
            return incident


def _story(incident: Incident, event: Event, at: datetime, actor: Actor, seq: int) -> Incident:
    """Fold kind, priority, calls, narrative, checklist and status."""
    match event:
        case e.CallLinked(call_id=call_id, certain=certain, why=why):
            return _linked(incident, LinkedCall(call_id, certain, why, at))
        case e.KindSet(kind=kind, rule=rule):
            return replace(incident, kind=kind, kind_rule=rule, kind_at=at)
        case e.PrioritySet(priority=priority, reason=reason):
            return replace(incident, priority=priority, priority_reason=reason)
        case e.NarrativeAdded(text=text):
            return replace(incident, narrative=(*incident.narrative, Entry(at, actor, text, seq)))
        case e.ChecklistMarked(item=item, done=done):
            return _marked(incident, Mark(item, done, at, actor))
        case e.StatusMoved(status=status):
            return replace(incident, status=status, status_at=at)
        case e.IncidentClosed():
            return _closed(incident, event, at, actor)
        case e.IncidentReopened(reason=reason):
            return _reopened(incident, reason, at)
        case _:
            return incident


def _linked(incident: Incident, linked: LinkedCall) -> Incident:
    others = tuple(call for call in incident.calls if call.call_id != linked.call_id)
    return replace(incident, calls=(*others, linked))


def _marked(incident: Incident, mark: Mark) -> Incident:
    others = tuple(m for m in incident.checklist if m.item != mark.item)
    contact_at = incident.contact_at
    if mark.done and mark.item in PERSON_SEEN:
        contact_at = contact_at or mark.at
    return replace(incident, checklist=(*others, mark), contact_at=contact_at)


def _closed(incident: Incident, event: e.IncidentClosed, at: datetime, actor: Actor) -> Incident:
    closing = Closing(at, actor, event.words, event.dispositions, event.cause, event.seen, event.tried)
    contact_at = incident.contact_at or (at if event.seen else None)
    return replace(incident, closing=closing, contact_at=contact_at, status=IncidentStatus.CLOSED, status_at=at)


def _reopened(incident: Incident, reason: str, at: datetime) -> Incident:
    earlier = (*incident.earlier_closings, incident.closing) if incident.closing else incident.earlier_closings
    return replace(
        incident,
        closing=None,
        earlier_closings=earlier,
        status=IncidentStatus.REOPENED,
        status_at=at,
        reopened_at=at,
        reopened_reason=reason,
    )


def people_seen(items: Sequence[str]) -> tuple[str, ...]:
    """Those checklist items that say a person was seen."""
    return tuple(item for item in items if item in PERSON_SEEN)
