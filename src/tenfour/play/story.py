"""A story: what people do, and what must come of it. Read from TOML; documented in `docs/stories.md`."""

from pathlib import Path

import msgspec

from tenfour.play.cast import Caller, Crew, Party, Person
from tenfour.play.expectation import Expectation
from tenfour.play.verb import Verb


class Needs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the centre must be for this story: one of these `modes` (never `live`), perhaps the centre `id`."""

    modes: tuple[str, ...] = ("demo", "training")
    id: str = ""


class Story(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One story file. `invented` must be true: names, numbers, times and streets belong to nobody."""

    title: str
    about: str
    invented: bool
    steps: tuple[Verb, ...]
    expectations: tuple[Expectation, ...]
    centre: Needs = Needs()
    callers: tuple[Caller, ...] = ()
    people: tuple[Person, ...] = ()
    units: tuple[Crew, ...] = ()
    parties: tuple[Party, ...] = ()

    @property
    def voices(self) -> dict[str, int]:
        """Whose voice is which tone, in Hz; who speaks in words alone is not there."""
        voices = {caller.name: caller.voice_hz for caller in self.callers}
        voices |= {person.name: person.voice_hz for person in self.people}
        voices |= {party.name: party.voice_hz for party in self.parties}
        return {name: hertz for name, hertz in voices.items() if hertz}


class Script(msgspec.Struct, frozen=True):
    """A story that was read and found playable: its name, its file, and its sound by (caller, clip)."""

    name: str
    path: Path
    story: Story
    clips: dict[tuple[str, str], Path]

    def caller(self, name: str) -> Caller | None:
        """The caller of this name."""
        return next((caller for caller in self.story.callers if caller.name == name), None)

    def person(self, name: str) -> Person | None:
        """The person of this name."""
        return next((person for person in self.story.people if person.name == name), None)

    def party(self, name: str) -> Party | None:
        """Whoever outside has this name."""
        return next((party for party in self.story.parties if party.name == name), None)

    def crew(self, name: str) -> Crew | None:
        """The unit of this call sign."""
        return next((crew for crew in self.story.units if crew.unit == name), None)
