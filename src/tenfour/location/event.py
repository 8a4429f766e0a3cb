"""Facts about where a caller is. They lie on the call's stream; no fix ever replaces another."""

from datetime import datetime
from enum import Enum

from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.place import CivicAddress, Shape


class FixClass(Enum):
    """What kind of fix: the tower's sector only, a computed place, or an address on record."""

    PHASE_I = "Phase I"
    PHASE_II = "Phase II"
    CIVIC = "Civic"


FIXED_METHODS: frozenset[str] = frozenset({"manual", "dhcp", "lldp-med", "wiremap"})
"""Methods, in lower case, of a place that was written down or follows from the wire, and was not measured (registry of
RFC 4119 section 6.1)."""


class FixRecorded(Event, frozen=True):
    """One more fix. `uncertainty_m` is the radius of the area at `confidence_pct` (None where not said).

    `method` is the PIDF-LO `method` element (RFC 4119, registry of RFC 4119 section 6.1: Cell, GPS, A-GPS, ...).
    `fixed_at` is the document's own timestamp. `source` says how it reached us: `by value`, `rebid`.
    """

    fix_class: FixClass
    shape: Shape | None
    uncertainty_m: float | None
    confidence_pct: float | None
    method: str
    source: str
    civic: CivicAddress | None = None
    fixed_at: datetime | None = None


class LocationUnreadable(Event, frozen=True):
    """A location document could not be used; the sentence says why. The document stays in the record."""

    problem: str


EVENTS = (FixRecorded, LocationUnreadable)
