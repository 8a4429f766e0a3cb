"""The fixes of one call: all are kept, one is in use."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from tenfour.location.event import FIXED_METHODS, FixClass, FixRecorded, LocationUnreadable
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.place import CivicAddress, Shape


class Fix(msgspec.Struct, frozen=True):
    """One fix as recorded, with the time the fact happened. Radius in metres at `confidence_pct`."""

    at: datetime
    fix_class: FixClass
    shape: Shape | None
    uncertainty_m: float | None
    confidence_pct: float | None
    method: str
    source: str
    civic: CivicAddress | None = None
    fixed_at: datetime | None = None
    seq: int = 0

    @property
    def taken_at(self) -> datetime:
        """When the place was measured, as far as the document says."""
        return self.fixed_at or self.at

    @property
    def measured(self) -> bool:
        """Whether it says where a telephone was, and not where a line is written down to be."""
        return self.shape is not None and self.method.strip().lower() not in FIXED_METHODS


class CallerLocation(msgspec.Struct, frozen=True):
    """Where the caller of one call may be: every fix in the order it came, and documents that could not be read."""

    fixes: tuple[Fix, ...] = ()
    problems: tuple[str, ...] = ()


def apply(location: CallerLocation | None, event: Event, *, at: datetime, seq: int = 0) -> CallerLocation | None:
    """Fold one fact about where a caller is; no fix ever replaces another."""
    before = location or CallerLocation()
    match event:
        case FixRecorded():
            return replace(before, fixes=(*before.fixes, _fix(event, at, seq)))
        case LocationUnreadable(problem=problem):
            return replace(before, problems=(*before.problems, problem))
        case _:
            return location


def _fix(event: FixRecorded, at: datetime, seq: int) -> Fix:
    return Fix(
        at=at,
        fix_class=event.fix_class,
        shape=event.shape,
        uncertainty_m=event.uncertainty_m,
        confidence_pct=event.confidence_pct,
        method=event.method,
        source=event.source,
        civic=event.civic,
        fixed_at=event.fixed_at,
        seq=seq,
    )


SAME_CLASS_RATIO = 1.25
"""Two fixes whose radii differ by no more than this are taken as equally exact, and the newer one is used."""


def in_use(location: CallerLocation | None) -> Fix | None:
    """The fix to search with: the newest among those about as exact as the most exact one.

    Only fixes with a shape count. A computed place (Phase II) goes before a tower's sector (Phase I). A point
    without any stated uncertainty is taken only when no fix states one: not said is not zero.
    """
    shaped = [fix for fix in (location.fixes if location else ()) if fix.shape is not None]
    if not shaped:
        return None
    computed = [fix for fix in shaped if fix.fix_class is not FixClass.PHASE_I] or shaped
    measured = [(fix, fix.uncertainty_m) for fix in computed if fix.uncertainty_m is not None]
    if not measured:
        return max(computed, key=lambda fix: fix.taken_at)
    limit_m = min(radius for _, radius in measured) * SAME_CLASS_RATIO
    return max((fix for fix, radius in measured if radius <= limit_m), key=lambda fix: fix.taken_at)


def conveyed_address(location: CallerLocation | None) -> Fix | None:
    """The newest fix with an address of the caller's; what stands beside a tower's sector is the tower's own."""
    fixes = location.fixes if location else ()
    said = [fix for fix in fixes if fix.civic and fix.civic.street and fix.fix_class is not FixClass.PHASE_I]
    return max(said, key=lambda fix: fix.taken_at, default=None)
