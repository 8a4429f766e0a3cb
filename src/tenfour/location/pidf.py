"""PIDF-LO documents read as fixes (RFC 4119, RFC 5139, RFC 5491, RFC 7459). Text in, fixes out: nothing is fetched.

Every geopriv element gives a fix for each shape in its location-info; a civic address beside a shape goes with it.
Shapes other than point, circle and polygon are read as the circle around them, so that nothing inside them is missed.
"""

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tenfour.location.civic import read_civic
from tenfour.location.event import FixClass, FixRecorded
from tenfour.location.shape import ShapeUnreadable, local_name, read_shape
from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.place import CivicAddress, Shape, reach_m

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LARGEST_DOCUMENT: Final = 256 * 1024
"""Characters; a longer document is not read."""

MOST_FIXES: Final = 32
"""Rows that one document may give; what is beyond is left out."""

CONFIDENCE_UNSTATED_PCT: Final = 95.0
"""RFC 7459 section 2.3: an uncertainty without a stated confidence is at 95 %."""

_DECLARATION: Final = re.compile(r"^[\ufeff\s]*(<\?xml[^>]*\?>)?")
"""Byte order mark and XML declaration: the encoding it names is that of bytes which were decoded long ago."""

_TOWER_METHODS: Final = frozenset({"cell", "cellid", "cell-id", "cell_id", "ecid", "sector"})
_SHAPES: Final = frozenset({"point", "circle", "polygon", "ellipse", "arcband", "sphere", "ellipsoid", "prism"})


class PidfLoUnreadable(BadInput):
    """The document gives no fix; the sentence says why."""


def read_pidf_lo(document: str, *, source: str, tower_radius_m: float) -> tuple[FixRecorded, ...]:
    """The fixes of a PIDF-LO document, in its order. Raises `PidfLoUnreadable` when there is none to be had.

    A circle of `tower_radius_m` or more, or one measured by the cell alone, is a tower's sector: Phase I.
    """
    root = _parsed(document)
    fixes: list[FixRecorded] = []
    problems: list[str] = []
    for geopriv, stamp in islice(_geoprivs(root), MOST_FIXES):
        try:
            fixes.extend(_fixes(geopriv, stamp, source, tower_radius_m))
        except ShapeUnreadable as error:
            problems.append(str(error))
    if not fixes:
        raise PidfLoUnreadable(
            problems[0] if problems else "The location document holds neither a shape nor an address."
        )
    return tuple(fixes[:MOST_FIXES])


def _parsed(document: str) -> "Element":
    if len(document) > LARGEST_DOCUMENT:
        raise PidfLoUnreadable(f"The location document is too long to be read ({len(document)} characters).")
    try:
        root: Element = fromstring(_DECLARATION.sub("", document, count=1).encode(), forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        raise PidfLoUnreadable(f"The location document is no XML: line {line}, column {column}.") from None
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise PidfLoUnreadable(f"The location document is not read, it is unsafe: {type(error).__name__}.") from None
    return root


def _geoprivs(root: "Element") -> Iterator[tuple["Element", datetime | None]]:
    """Each geopriv element with the timestamp of its tuple, device or person (RFC 5491 section 3)."""
    holders = [root, *(child for child in root if local_name(child) in {"tuple", "device", "person"})]
    for holder in holders[1:] or holders:
        stamp = next((e.text for e in holder.iter() if local_name(e) == "timestamp"), None)
        for element in holder.iter():
            if local_name(element) == "geopriv":
                yield element, _time(stamp)


class _Told(msgspec.Struct, frozen=True):
    """What a geopriv element says beside its shapes."""

    method: str
    confidence_pct: float | None
    civic: CivicAddress | None
    fixed_at: datetime | None
    source: str


def _fixes(geopriv: "Element", stamp: datetime | None, source: str, tower_radius_m: float) -> Iterator[FixRecorded]:
    told = _Told(
        method=next((_text(e) for e in geopriv if local_name(e) == "method"), ""),
        confidence_pct=_confidence(geopriv),
        civic=next((read_civic(e) for e in geopriv.iter() if local_name(e) == "civicaddress"), None),
        fixed_at=stamp,
        source=source,
    )
    shapes: list[Shape | None] = [read_shape(e) for e in _shape_elements(geopriv)]
    for shape in shapes or ([None] if told.civic else []):
        yield _fix(shape, told, tower_radius_m)


def _shape_elements(geopriv: "Element") -> Iterator["Element"]:
    """The outermost shapes of every location-info (a prism holds a polygon that is not another shape)."""
    for info in (e for e in geopriv.iter() if local_name(e) == "location-info"):
        for child in info:
            wrapped = [child] if local_name(child) in _SHAPES else list(child)
            yield from (e for e in wrapped if local_name(e) in _SHAPES)


def _fix(shape: Shape | None, told: _Told, tower_radius_m: float) -> FixRecorded:
    uncertainty_m = None if shape is None else reach_m(shape)
    confidence_pct = told.confidence_pct or CONFIDENCE_UNSTATED_PCT
    return FixRecorded(
        fix_class=classify(shape, uncertainty_m, told.method, tower_radius_m),
        shape=shape,
        uncertainty_m=uncertainty_m,
        confidence_pct=None if uncertainty_m is None else confidence_pct,
        method=told.method,
        source=told.source,
        civic=told.civic,
        fixed_at=told.fixed_at,
    )


def classify(shape: Shape | None, uncertainty_m: float | None, method: str, tower_radius_m: float) -> FixClass:
    """The tower's sector only (Phase I), a computed place (Phase II), or an address on record."""
    if shape is None:
        return FixClass.CIVIC
    tower = method.strip().lower() in _TOWER_METHODS
    large = uncertainty_m is not None and uncertainty_m >= tower_radius_m
    return FixClass.PHASE_I if tower or large else FixClass.PHASE_II


def _confidence(geopriv: "Element") -> float | None:
    """RFC 7459 section 4: a percentage, or `unknown`."""
    for element in geopriv.iter():
        if local_name(element) == "confidence":
            try:
                percent = float(_text(element))
            except ValueError:
                return None
            return percent if math.isfinite(percent) and 0 < percent <= 100 else None
    return None


def _time(stamp: str | None) -> datetime | None:
    """An RFC 3339 time; a time without a zone, or no time at all, is none."""
    try:
        parsed = datetime.fromisoformat(stamp.strip()) if stamp else None
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed and parsed.tzinfo else None


def _text(element: "Element") -> str:
    return (element.text or "").strip()
