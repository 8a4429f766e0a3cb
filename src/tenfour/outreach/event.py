"""What becomes of a promised visit (stream `visit/<visit id>`). Each names the incident it came of."""

from datetime import datetime

from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import IncidentId, VisitId


class VisitPromised(Event, frozen=True):
    """Somebody (`who`: a person or a unit) promised to come by `due_at`. `words`: what was promised."""

    visit_id: VisitId
    incident_id: IncidentId
    who: str
    due_at: datetime
    words: str


class VisitMoved(Event, frozen=True):
    """The visit is to be later or sooner, and why: the family was told so."""

    incident_id: IncidentId
    due_at: datetime
    reason: str


class VisitDone(Event, frozen=True):
    """Somebody was there."""

    incident_id: IncidentId
    words: str = ""


class VisitFellDue(Event, frozen=True):
    """The time by which it was promised has come, and nobody has said that somebody was there."""

    incident_id: IncidentId
    due_at: datetime


EVENTS = (VisitPromised, VisitMoved, VisitDone, VisitFellDue)
