"""What a command line is read against: the units, the incidents, the codes, and what is selected."""

from collections.abc import Mapping
from functools import cached_property

import msgspec

from tenfour.dispatch.command_text import folded
from tenfour.vocabulary.ids import IncidentId, UnitId

SHORTEST_BEGINNING = 2
"""So many letters of a call sign must be typed before they can mean it."""


class KnownUnit(msgspec.Struct, frozen=True):
    """A unit as a line may name it. `words`: crew and status; `number`: the incident it is on."""

    unit_id: UnitId
    words: str = ""
    letter: str = "A"
    number: int | None = None


class KnownIncident(msgspec.Struct, frozen=True):
    """An incident as a line may name it. `words`: kind and place. `units`: those on it now."""

    incident_id: IncidentId
    number: int
    words: str = ""
    place: str = ""
    is_open: bool = True
    units: tuple[UnitId, ...] = ()
    travel_times_s: Mapping[UnitId, float] = {}
    """By road, of the units in its newest recommendation."""


class Context(msgspec.Struct, frozen=True, dict=True):
    """Units by id and incidents by number, each in the order they are offered in; codes to labels."""

    units: Mapping[UnitId, KnownUnit] = {}
    incidents: Mapping[int, KnownIncident] = {}
    unit: UnitId | None = None
    """The selected unit."""
    number: int | None = None
    """The selected incident."""
    kinds: Mapping[str, str] = {}
    dispositions: Mapping[str, str] = {}
    seen: Mapping[str, str] = {}

    @cached_property
    def _by_folded(self) -> Mapping[str, KnownUnit]:
        return {folded(name): unit for name, unit in self.units.items()}

    def unit_named(self, word: str) -> KnownUnit | None:
        """The unit of exactly this call sign, in any case."""
        return self._by_folded.get(folded(word))

    def units_beginning(self, word: str) -> tuple[KnownUnit, ...]:
        """Units whose call sign begins so."""
        wanted = folded(word)
        return tuple(unit for name, unit in self._by_folded.items() if name.startswith(wanted))

    def unit_meant(self, word: str) -> KnownUnit | None:
        """The unit of this call sign, or the only one that begins so."""
        exact = self.unit_named(word)
        if exact is not None or len(folded(word)) < SHORTEST_BEGINNING:
            return exact
        begun = self.units_beginning(word)
        return begun[0] if len(begun) == 1 else None

    def incident_numbered(self, word: str) -> KnownIncident | None:
        """The incident of this number; a `#` in front is nothing."""
        number = number_of(word)
        return self.incidents.get(number) if number is not None else None

    @property
    def selected(self) -> KnownIncident | None:
        """The selected incident."""
        return self.incidents.get(self.number) if self.number is not None else None


LONGEST_NUMBER = 9


def number_of(word: str) -> int | None:
    """A word as a number; None for what is none."""
    figures = word.removeprefix("#")
    return int(figures) if figures.isdecimal() and len(figures) <= LONGEST_NUMBER else None


def code_meant(word: str, codes: Mapping[str, str]) -> str | None:
    """The code of this spelling, the same number, or the only one that begins so."""
    wanted, number = folded(word), number_of(word)
    for code in codes:
        if folded(code) == wanted or (number is not None and number_of(code) == number):
            return code
    begun = [code for code in codes if wanted and folded(code).startswith(wanted)]
    return begun[0] if len(begun) == 1 else None
