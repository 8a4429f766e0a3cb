"""What people may do with exhibits. Each decision gives a fact, or refuses in a sentence."""

import re
from datetime import datetime

import msgspec

from tenfour.evidence import event as e
from tenfour.evidence.event import ExhibitKind
from tenfour.evidence.exhibit import Exhibit
from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.ids import ExhibitId, IncidentId

LONGEST_NAME = 200
_DIGEST = re.compile(r"[0-9a-f]{64}")


class About(msgspec.Struct, frozen=True):
    """What is known of a file before it is here."""

    kind: ExhibitKind
    title: str
    file_name: str
    owner: str
    consent: str
    scope: str
    from_at: datetime | None = None
    to_at: datetime | None = None
    child: bool = False
    sha256: str = ""
    """As the uploader says; compared with what came. Empty: not said."""


def about(given: About) -> About:
    """What was said of a file, checked: words that are there, times in order, a name without folders.

    Raises `BadInput`.
    """
    title, owner = given.title.strip(), given.owner.strip()
    if not title or not owner:
        raise BadInput("An exhibit needs a title, and an owner: whose it is.")
    if given.kind is not ExhibitKind.CALL_AUDIO and not (given.consent.strip() and given.scope.strip()):
        raise BadInput("An exhibit needs the owner's consent in words, and its scope: what it may be used for.")
    if given.from_at and given.to_at and given.to_at < given.from_at:
        raise BadInput("An exhibit cannot end before it begins.")
    if any(time is not None and time.tzinfo is None for time in (given.from_at, given.to_at)):
        raise BadInput("The times of an exhibit need their zone.")
    digest = given.sha256.strip().lower()
    if digest and not _DIGEST.fullmatch(digest):
        raise BadInput("A SHA-256 is 64 hexadecimal digits.")
    name = bare_name(given.file_name)
    return msgspec.structs.replace(given, title=title, owner=owner, file_name=name, sha256=digest)


def bare_name(name: str) -> str:
    """A file's own name: no folders, nothing unprintable, not too long; `file` where nothing is left."""
    last = name.replace("\\", "/").rpartition("/")[2]
    bare = "".join(sign for sign in last if sign.isprintable()).strip().lstrip(".")
    return bare[-LONGEST_NAME:] or "file"


def add(incident_id: IncidentId, number: int, known: About, *, file: str, size: int, sha256: str) -> e.ExhibitAdded:
    """A whole file, on disk as `file`, becomes an exhibit. Raises `BadInput` where it is not the one announced."""
    if known.sha256 and known.sha256 != sha256:
        raise BadInput(
            f"{known.title} did not arrive as it was sent: its SHA-256 is {sha256[:12]}…, announced was "
            f"{known.sha256[:12]}…. Nothing is kept; send it again."
        )
    return e.ExhibitAdded(
        exhibit_id_of(incident_id, number),
        incident_id,
        number,
        known.kind,
        known.title,
        file,
        known.file_name,
        size,
        sha256,
        known.owner,
        known.consent.strip(),
        known.scope.strip(),
        known.from_at,
        known.to_at,
        known.child,
    )


def exhibit_id_of(incident_id: IncidentId, number: int) -> ExhibitId:
    """The id of an incident's exhibit of this number."""
    return ExhibitId(f"{incident_id}-{number}")


def incident_of(exhibit_id: str) -> IncidentId:
    """The incident that an exhibit's id names."""
    return IncidentId(exhibit_id.rpartition("-")[0])


def note_custody(exhibit: Exhibit, words: str) -> e.CustodyNoted:
    """Somebody had it or gave it on."""
    if not words.strip():
        raise BadInput(f"{exhibit.name}: say who had it, and why.")
    return e.CustodyNoted(exhibit.incident_id, words.strip())


def verify(exhibit: Exhibit, found: str) -> e.ExhibitVerified | e.ExhibitDamaged:
    """What hashing its file again says. `found`: its SHA-256 now (of a FLAC: of what it gives back, where the FLAC
    itself is what the record says; else its own), empty where the file cannot be read.
    """
    if found == exhibit.sha256:
        return e.ExhibitVerified(exhibit.incident_id)
    return e.ExhibitDamaged(exhibit.incident_id, found)
