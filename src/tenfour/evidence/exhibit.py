"""An exhibit as folded from its facts."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from tenfour.evidence import event as e
from tenfour.evidence.event import ExhibitKind
from tenfour.vocabulary.envelope import Access, Actor, Event
from tenfour.vocabulary.ids import ExhibitId, IncidentId


class Custody(msgspec.Struct, frozen=True):
    """Who had it, and what was said of that."""

    at: datetime
    actor: Actor
    words: str


class Exhibit(msgspec.Struct, frozen=True):
    """One exhibit. `verified_at`: when its file was last found to be what was taken in; `damaged_at`: not to be.

    `flac`: what keeps it since, and gives back what was taken in; None while it lies as it came.
    """

    exhibit_id: ExhibitId
    incident_id: IncidentId
    number: int
    kind: ExhibitKind
    title: str
    file: str
    file_name: str
    size: int | None
    sha256: str
    owner: str
    consent: str
    scope: str
    from_at: datetime | None
    to_at: datetime | None
    child: bool
    added_at: datetime
    added_by: Actor
    custody: tuple[Custody, ...] = ()
    verified_at: datetime | None = None
    damaged_at: datetime | None = None
    flac: e.ExhibitCompressed | None = None

    @property
    def name(self) -> str:
        """As people say it."""
        return f"Exhibit {self.number}"

    @property
    def access(self) -> Access:
        """Who may read it."""
        return access_of(self.kind, child=self.child)


def access_of(kind: ExhibitKind, *, child: bool) -> Access:
    """The access class of an exhibit: the call's audio as the call itself, a minor's apart, the rest for police."""
    if kind is ExhibitKind.CALL_AUDIO:
        return Access.CALL
    return Access.CHILD if child else Access.POLICE


def apply(exhibit: Exhibit | None, event: Event, *, at: datetime, actor: Actor) -> Exhibit | None:
    """Fold one fact. None: it is of no exhibit that is known."""
    if isinstance(event, e.ExhibitAdded):
        return Exhibit(**{name: getattr(event, name) for name in event.__struct_fields__}, added_at=at, added_by=actor)
    if exhibit is None:
        return None
    match event:
        case e.CustodyNoted(words=words):
            return replace(exhibit, custody=(*exhibit.custody, Custody(at, actor, words)))
        case e.ExhibitVerified():
            return replace(exhibit, verified_at=at, damaged_at=None)
        case e.ExhibitDamaged():
            return replace(exhibit, damaged_at=at)
        case e.ExhibitCompressed():
            return replace(exhibit, flac=event)
        case _:
            return exhibit
