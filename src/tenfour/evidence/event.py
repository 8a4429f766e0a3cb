"""What happens to an exhibit (stream `exhibit/<exhibit id>`). Each names the incident, where its state is kept."""

from datetime import datetime
from enum import Enum

from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import ExhibitId, IncidentId


class ExhibitKind(Enum):
    """What an exhibit is."""

    CALL_AUDIO = "911 audio"
    BODY_CAMERA = "body camera"
    DOORBELL = "doorbell"
    PHOTO = "photo"
    DOCUMENT = "document"
    OTHER = "other"


class ExhibitAdded(Event, frozen=True):
    """A file is an exhibit of an incident, whole and on disk. `number` is what people say.

    `file` is its path in the centre folder, named by us; `file_name` what its owner called it. `sha256` (hex) and
    `size` (bytes; null where nobody said) are of the file as it was taken in. `consent` and `scope` are the owner's
    words: whether it may be used, and for what. `from_at` and `to_at`: the time it shows. `child`: a minor is in it.
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
    from_at: datetime | None = None
    to_at: datetime | None = None
    child: bool = False


class CustodyNoted(Event, frozen=True):
    """Somebody had the exhibit, or gave it on; in words."""

    incident_id: IncidentId
    words: str


class ExhibitVerified(Event, frozen=True):
    """Its file was hashed again and is what was taken in."""

    incident_id: IncidentId


class ExhibitDamaged(Event, frozen=True):
    """Its file was hashed again and is not what was taken in. `found`: its SHA-256 now, empty where there is none."""

    incident_id: IncidentId
    found: str


class ExhibitCompressed(Event, frozen=True):
    """Its file is kept as FLAC from now on: `file` in the centre folder, `size` bytes, with its own SHA-256 (hex).

    The exhibit is what it was: the FLAC was decoded and gave back what was taken in, byte for byte.
    """

    incident_id: IncidentId
    file: str
    sha256: str
    size: int


EVENTS = (ExhibitAdded, CustodyNoted, ExhibitVerified, ExhibitDamaged, ExhibitCompressed)
