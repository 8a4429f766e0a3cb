"""Exhibits, press text and promised visits, as screens show them: rows like those of `desk.view`."""

from datetime import datetime

import msgspec


class CustodyView(msgspec.Struct, frozen=True):
    """Who had an exhibit, and what was said of that."""

    at: datetime
    by: str
    words: str


class ExhibitView(msgspec.Struct, frozen=True):
    """An exhibit. `state`: held, verified, damaged, in `state_words` a sentence; `url` serves the file, with ranges.

    `flac_sha256`, `flac_size`: of the FLAC that keeps it, empty and null where it lies as it came. `url` gives what was
    taken in either way; with `?stored=true` the FLAC itself.
    """

    exhibit_id: str
    number: int
    kind: str
    title: str
    file_name: str
    size: int | None
    sha256: str
    owner: str
    consent: str
    scope: str
    from_at: datetime | None
    to_at: datetime | None
    child: bool
    access: str
    added_at: datetime
    added_by: str
    custody: tuple[CustodyView, ...]
    state: str
    state_words: str
    url: str
    flac_sha256: str = ""
    flac_size: int | None = None


class UploadView(msgspec.Struct, frozen=True):
    """Where the bytes of a new exhibit are to be sent (tus 1.0): PATCH `location` from `offset` on."""

    location: str
    offset: int
    length: int
    expires_at: datetime


class PressSentenceView(msgspec.Struct, frozen=True):
    """A sentence, and the facts it rests on: their journal positions."""

    text: str
    rests_on: tuple[int, ...]


class PressFactView(msgspec.Struct, frozen=True):
    """A fact of the incident that a sentence may rest on."""

    seq: int
    at: datetime
    words: str


class PressView(msgspec.Struct, frozen=True):
    """The press text of an incident at its newest version (0: none yet). Nothing of it is approved or published."""

    incident_id: str
    version: int
    at: datetime | None
    by: str
    edited: bool
    sentences: tuple[PressSentenceView, ...]
    facts: tuple[PressFactView, ...]
    words: str


class VisitView(msgspec.Struct, frozen=True):
    """A promised visit. `state`: promised, overdue, done."""

    visit_id: str
    incident_id: str
    incident_number: int
    who: str
    due_at: datetime
    words: str
    state: str
    state_words: str
    promised_at: datetime
    promised_by: str
    done_at: datetime | None
