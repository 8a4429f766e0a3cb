"""What the desk needs of the outside: the centre process gives it the real parts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from tenfour.calltaking.outgoing_event import CallPlaced
from tenfour.calltaking.text_event import TextTyped
from tenfour.calltaking.voice import Member
from tenfour.evidence.upload import Upload
from tenfour.vocabulary.envelope import Access, Actor
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId, StreamName, UnitId
from tenfour.vocabulary.place import CivicAddress, Point, Shape
from tenfour.vocabulary.story import StoryCard, StoryPlayed
from tenfour.workflow.sending import Travel


class Address(Protocol):
    """A row of the address index."""

    @property
    def address_id(self) -> str:
        """Its id."""
        ...

    @property
    def label(self) -> str:
        """House number and street."""
        ...

    @property
    def point(self) -> Point:
        """Where it is."""
        ...

    @property
    def synthetic(self) -> bool:
        """Is its house number made up?"""
        ...


class EarlierIncident(msgspec.Struct, frozen=True):
    """An incident that has, or had, its place at an address."""

    incident_id: IncidentId
    at: datetime


class Places(Protocol):
    """Addresses and streets."""

    def inside(self, shape: Shape, spot_radius_m: float) -> Sequence[Address]:
        """Addresses inside a shape (a bare point: within `spot_radius_m` of it)."""
        ...

    def find(self, text: str, limit: int = 12) -> Sequence[Address]:
        """Addresses that begin so."""
        ...

    def exactly(self, civic: CivicAddress) -> Sequence[Address]:
        """The addresses that are exactly these words; none where anything speaks against it."""
        ...

    def get(self, address_id: str) -> Address:
        """One address; raises `NotFound`."""
        ...

    def street(self, point: Point) -> str:
        """The street a point is at; empty when none is near."""
        ...

    def between(self, point: Point) -> str:
        """Between which cross streets a point is, in words; empty when not known."""
        ...


class RoadTimes(Protocol):
    """How long units take by road."""

    async def travels(self, units: Mapping[UnitId, Point], target: Point) -> Mapping[UnitId, Travel]:
        """Of all units that have a road to `target`; raises `Refused` when it lies off the road network."""
        ...


class MapHeader(Protocol):
    """What a map says of itself."""

    @property
    def length(self) -> int:
        """Bytes of the archive."""
        ...

    @property
    def west(self) -> float:
        """Its western edge, degrees."""
        ...

    @property
    def south(self) -> float:
        """Its southern edge, degrees."""
        ...

    @property
    def east(self) -> float:
        """Its eastern edge, degrees."""
        ...

    @property
    def north(self) -> float:
        """Its northern edge, degrees."""
        ...

    @property
    def credit(self) -> str:
        """Whose data it is."""
        ...


class MapTiles(Protocol):
    """The map: a PMTiles archive."""

    @property
    def header(self) -> MapHeader:
        """What it says of itself."""
        ...

    @property
    def stamp(self) -> str:
        """Another for every other file."""
        ...

    def read(self, start: int, end: int) -> bytes:
        """Bytes `start` to `end` (not included)."""
        ...


class LineControl(Protocol):
    """What can be said to the line process; it is said again when the line comes back."""

    @property
    def connected(self) -> bool:
        """Is the line process there?"""
        ...

    def answer(self, call_id: CallId, position: PositionId, person: PersonId) -> None:
        """A person answered."""
        ...

    def release(self, call_id: CallId) -> None:
        """End the call."""
        ...

    def send_text(self, call_id: CallId, typed: TextTyped) -> None:
        """Somebody typed to the caller."""
        ...

    def pass_on(self, call_id: CallId, target: str, to_call: CallId | None = None) -> None:
        """Ask the caller's side to call this URI, or whoever is on `to_call`, instead of us. Not said again."""
        ...

    def place(self, placed: CallPlaced) -> None:
        """Place a call. Not said again: a person would not expect it any more."""
        ...

    def set_clock(self, real_at: datetime, domain_at: datetime, speed: float) -> None:
        """Set the domain clock."""
        ...

    async def connect_headset(self, position: PositionId, person: PersonId, sdp: str) -> str:
        """Our answer to a browser's offer. Raises `Refused` with a reason, `Unavailable` when the line is away."""
        ...

    def put_headset_away(self, position: PositionId, why: str, *, put_away: bool) -> None:
        """A headset is gone, or was put away by its person."""
        ...

    def voices(
        self, call_id: CallId, members: tuple[Member, ...], *, held: bool, outside: tuple[CallId, ...] = ()
    ) -> None:
        """Who is in a call, all of them, and whether its caller waits."""
        ...

    def record_away(self, away: bool) -> None:
        """The record cannot be written, so nobody can answer; or it can again."""
        ...


class AskLocation(Protocol):
    """Asks a location server."""

    def may_ask(self, uri: str) -> bool:
        """Is this a server that may be asked?"""
        ...

    async def ask(self, uri: str) -> str:
        """The PIDF-LO document; raises `TenfourError` in words."""
        ...


class Clock(Protocol):
    """The domain clock."""

    @property
    def speed(self) -> float:
        """Domain seconds per real second."""
        ...

    def now(self) -> datetime:
        """Domain time, aware, UTC."""
        ...

    def set(self, real_at: datetime, domain_at: datetime, speed: float) -> None:
        """From `real_at`, when it was `domain_at`, go `speed` times real."""
        ...


class Sight(Protocol):
    """Takes unit positions in."""

    def __call__(self, unit: UnitId, point: Point, at: datetime) -> None:
        """A unit was measured there."""
        ...


class FactView(msgspec.Struct, frozen=True):
    """A recorded fact as it is shown; `payload` is its JSON (null once erased)."""

    seq: int
    id: str
    stream: str
    version: int
    type: str
    at: datetime
    recorded_at: datetime
    actor: Actor
    access: Access
    cause: str | None
    command_id: str | None
    payload: msgspec.Raw | None


class FoundView(msgspec.Struct, frozen=True):
    """A fact whose words were searched for; `words` is the part that matched."""

    seq: int
    stream: str
    type: str
    at: datetime
    words: str


class ReadSide(Protocol):
    """The disposable projection, for what is not in memory."""

    def earlier_at(self, address_id: str, access: Collection[Access]) -> Sequence[EarlierIncident]:
        """Earlier incidents at an address, newest first."""
        ...

    async def facts(
        self, stream: StreamName | None, after: int, limit: int, access: Collection[Access]
    ) -> Sequence[FactView]:
        """Facts in order, of one stream or of all."""
        ...

    async def caught_up(self, seq: int) -> None:
        """Return once everything up to this journal position can be read; raises `Unavailable` after a while."""
        ...

    async def search(self, text: str, access: Collection[Access], limit: int) -> Sequence[FoundView]:
        """Facts that hold these words, best first."""
        ...


class StoryCalls(Protocol):
    """Stories whose callers ring this centre, one at a time."""

    @property
    def played(self) -> StoryPlayed | None:
        """The story that is played, or was played last."""
        ...

    def stories(self) -> tuple[StoryCard, ...]:
        """Those that can be played here."""
        ...

    async def start(self, name: str) -> None:
        """Let its callers ring; raises `NotFound`, `Conflict` while another is played."""
        ...

    async def stop(self) -> None:
        """Its callers hang up."""


class EvidenceFiles(Protocol):
    """The files of exhibits. Every method blocks: call it in a thread (see `adapters.evidence_store`)."""

    def begin(self, upload: Upload) -> None:
        """Remember an upload."""
        ...

    def find(self, upload_id: str) -> Upload:
        """What is known of an upload; raises `NotFound`."""
        ...

    def offset(self, upload: Upload) -> int:
        """How many bytes of it are on the disk."""
        ...

    def write(self, upload: Upload, offset: int, data: bytes) -> int:
        """Put data at an offset; the new offset, once it is on the disk. Raises `Unavailable` for a full disk."""
        ...

    def keep(self, upload: Upload) -> tuple[str, str]:
        """Take a whole upload in: its path in the centre folder, and its SHA-256."""
        ...

    def drop(self, upload: Upload) -> None:
        """Nothing of it is to be left."""
        ...

    def mark_done(self, upload: Upload, exhibit_id: str) -> None:
        """It is an exhibit now."""
        ...

    def waiting(self) -> Iterator[Upload]:
        """Every upload that is not finished."""
        ...

    def sweep(self, now: datetime) -> None:
        """Drop what waited too long."""
        ...

    def path(self, file: str) -> Path:
        """The file of an exhibit; raises `NotFound`."""
        ...

    def digest(self, file: str, flac_sha256: str = "") -> str:
        """The SHA-256 of an exhibit's file as it is now, or of what the FLAC of this SHA-256 gives back; empty where it
        cannot be read.
        """
        ...
