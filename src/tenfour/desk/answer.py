"""Answers that are no rows: who is logged in, what this centre is, the clock."""

from datetime import datetime

import msgspec

from tenfour.desk.conference_view import ListedView
from tenfour.journal.event import Agency
from tenfour.units.colour import StatusColour
from tenfour.vocabulary.place import Point
from tenfour.vocabulary.story import StoryCard, StoryPlayed


class SessionView(msgspec.Struct, frozen=True):
    """A login. `token` is only there when it was just made: send it as `Authorization: Bearer`."""

    role: str
    person: str
    name: str
    position: str | None
    unit: str | None
    permissions: tuple[str, ...]
    token: str = ""


class PersonCard(msgspec.Struct, frozen=True):
    """Somebody who works here. `unit`: the unit they crew, if any."""

    id: str
    name: str
    roles: tuple[str, ...]
    unit: str = ""


class UnitCard(msgspec.Struct, frozen=True):
    """A unit of the roster."""

    unit_id: str
    service: str
    crew: tuple[str, ...]


class ChecklistCard(msgspec.Struct, frozen=True):
    """An item of the on-scene checklist."""

    item: str
    label: str


class MapCard(msgspec.Struct, frozen=True):
    """Where the map is served, whose data it is, and what it covers (west, south, east, north in degrees).

    Where there is none, `url` is empty and `words` say why.
    """

    url: str
    words: str
    credit: str
    bounds: tuple[float, ...]


class CentreView(msgspec.Struct, frozen=True):
    """What this centre is: mode, people, codes. Codes map code to label, `colours` the letter of a status to its own.

    `sip`: where calls come in.
    """

    centre_id: str
    name: str
    mode: str
    time_zone: str
    agencies: tuple[Agency, ...]
    people: tuple[PersonCard, ...]
    positions: tuple[str, ...]
    units: tuple[UnitCard, ...]
    kinds: dict[str, str]
    dispositions: dict[str, str]
    causes: dict[str, str]
    checklist: tuple[ChecklistCard, ...]
    heard: dict[str, str]
    not_ready_reasons: tuple[str, ...]
    phrases: tuple[str, ...]
    sip: str
    line_words: str
    places_calls: bool
    """Can the line call somebody?"""
    transfers: tuple[str, ...]
    """Names of other centres that a call may be passed on to."""
    third_parties: tuple[ListedView, ...]
    """Who can be called into a call by one key."""
    colours: dict[str, StatusColour]
    map: MapCard


class AddressView(msgspec.Struct, frozen=True):
    """An address that can be chosen as a place."""

    address_id: str
    label: str
    point: Point


class ClockState(msgspec.Struct, frozen=True):
    """The domain clock: its time, and how many times as fast as real time it goes."""

    now: datetime
    speed: float


class StoriesView(msgspec.Struct, frozen=True):
    """Stories to be played onto one's own desk, and the one that is played or was played last."""

    stories: tuple[StoryCard, ...]
    played: StoryPlayed | None


class HeadsetAnswer(msgspec.Struct, frozen=True):
    """Our side's session description, for the browser."""

    sdp: str
