"""Candidate doors: the addresses that a fix allows, and the one that came with the call, the likeliest first.

An address that came in words (`Candidate.conveyed`) is ranked together with the doors inside the circle:

- Without a circle to search, it is door 1. It is not verified, and a person confirms it.
- Inside the circle both agree: it is door 1, and the doors around it share what is left (`CONVEYED_SHARE`).
- Outside a circle that was measured it comes last, and is always shown: the telephone was somewhere else, and the
  address may be that of a bill. `why` says how far apart the two are.
- Outside a place that was written down as well (`Fix.measured` is false), it is door 1: the number and the street are
  what people wrote, the point was made from them.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from tenfour.location.fix import Fix
from tenfour.location.policy import LocationPolicy
from tenfour.vocabulary.place import Circle, Place, Point, Polygon, Shape, distance_m, middle

PRIOR_WEIGHT: Final = 1.5
"""An address with an earlier call of this kind counts as much as this many without."""


CONVEYED_SHARE: Final = 0.8
"""Likelihood of the address that came with the call, over all doors, where no measurement speaks against it."""

CONVEYED_WORDS: Final = "The address that came with the call, not verified"


class EarlierCall(msgspec.Struct, frozen=True):
    """A call of earlier days at an address. `words` as they are shown: `2 Nov hang-up: child, settled by contact`.

    `likely`: it makes the address likelier (a hang-up, or the same handset), which a noise complaint does not.
    """

    words: str
    likely: bool = False


class Candidate(msgspec.Struct, frozen=True):
    """An address of the index that may be the door. `synthetic`: its house number is made up, for a demo.

    `conveyed`: it came with the call in words, and the index has exactly it.
    """

    address_id: str
    label: str
    point: Point
    earlier: tuple[EarlierCall, ...] = ()
    synthetic: bool = False
    conveyed: bool = False


class Door(msgspec.Struct, frozen=True):
    """A ranked candidate. `likelihood` 0..1 over all candidates; `why` is a sentence. `distance_m` from the middle of
    the fix, 0 where there is none to search with.
    """

    rank: int
    address_id: str
    label: str
    point: Point
    distance_m: float
    likelihood: float
    why: str
    earlier_calls: int
    synthetic: bool = False

    def place(self) -> Place:
        """The place it is, not verified."""
        return Place(self.label, self.point, self.address_id)


class Search(msgspec.Struct, frozen=True):
    """Where to look for doors: a middle, how far, and the one-sigma error of the fix, in metres."""

    centre: Point
    radius_m: float
    sigma_m: float


def search_of(fix: Fix | None, policy: LocationPolicy) -> Search | None:
    """Where a fix lets doors be looked for; None when there is no fix, or it is too inexact (then: area check)."""
    if fix is None or fix.shape is None:
        return None
    radius_m = fix.uncertainty_m if fix.uncertainty_m is not None else policy.unstated_radius_m
    if radius_m > policy.largest_door_search_m:
        return None
    return Search(middle(fix.shape), max(radius_m, 1.0), sigma_m(max(radius_m, 1.0), fix.confidence_pct))


def sigma_m(radius_m: float, confidence_pct: float | None) -> float:
    """The error along one axis of a circular normal error that lies within `radius_m` at this confidence.

    RFC 7459 section 5.2 (two dimensions): `radius = sigma * sqrt(-2 ln(1 - confidence))`.
    """
    confidence = min(max((confidence_pct or 95.0) / 100, 0.01), 0.999)
    return radius_m / math.sqrt(-2 * math.log(1 - confidence))


class _Row(msgspec.Struct, frozen=True):
    """A candidate with its distance from the middle of the fix (None: no fix to search with) and its weight."""

    candidate: Candidate
    metres: float | None
    weight: float


def rank_doors(candidates: Iterable[Candidate], fix: Fix | None, policy: LocationPolicy) -> tuple[Door, ...]:
    """The doors inside the fix and those that came with the call, the likeliest first; see this module's head."""
    asked = list(candidates)
    search = search_of(fix, policy)
    conveyed = [candidate for candidate in asked if candidate.conveyed]
    inside = _inside_rows([one for one in asked if not one.conveyed], fix, search)
    shown = inside[: max(policy.doors_shown - len(conveyed), 0)]
    agreeing = _total(inside) * CONVEYED_SHARE / (1 - CONVEYED_SHARE) / max(len(conveyed), 1)
    behind = _BEHIND * (shown[-1].weight if shown else 1.0)
    told = [_conveyed_row(one, search, behind if _is_elsewhere(one, fix, search) else agreeing) for one in conveyed]
    total = _total([*inside, *told])
    ordered = sorted((*shown, *told), key=_order)[: policy.doors_shown]
    return tuple(_door(rank, row, row.weight / total, search) for rank, row in enumerate(ordered, start=1))


def _total(rows: Sequence[_Row]) -> float:
    return sum(row.weight for row in rows) or 1.0


def _order(row: _Row) -> tuple[float, float, str]:
    return -row.weight, row.metres or 0.0, row.candidate.label


def _inside_rows(candidates: Sequence[Candidate], fix: Fix | None, search: Search | None) -> list[_Row]:
    """Those inside the fix, heaviest first; none where it cannot be searched with."""
    if search is None or fix is None or fix.shape is None:
        return []
    reached = [c for c in candidates if _inside(c.point, fix.shape, search)]
    away = [(candidate, distance_m(search.centre, candidate.point)) for candidate in reached]
    return sorted((_Row(one, metres, _weight(one, metres, search)) for one, metres in away), key=_order)


def _conveyed_row(candidate: Candidate, search: Search | None, weight: float) -> _Row:
    return _Row(candidate, distance_m(search.centre, candidate.point) if search else None, weight)


def _is_elsewhere(candidate: Candidate, fix: Fix | None, search: Search | None) -> bool:
    """Does a measured place speak against the address that came with the call?"""
    if search is None or fix is None or fix.shape is None or not fix.measured:
        return False
    return not _inside(candidate.point, fix.shape, search)


_BEHIND: Final = 0.999
"""Just behind the last door shown."""


def _weight(candidate: Candidate, metres: float, search: Search) -> float:
    near = math.exp(-0.5 * (metres / search.sigma_m) ** 2)
    return near * (PRIOR_WEIGHT if any(call.likely for call in candidate.earlier) else 1.0)


def _door(rank: int, row: _Row, likelihood: float, search: Search | None) -> Door:
    candidate = row.candidate
    earlier = "; ".join(call.words for call in candidate.earlier) or "No earlier calls"
    return Door(
        rank=rank,
        address_id=candidate.address_id,
        label=candidate.label,
        point=candidate.point,
        distance_m=round(row.metres or 0.0, 1),
        likelihood=round(likelihood, 4),
        why=f"{_where(row, search)}. {earlier}",
        earlier_calls=len(candidate.earlier),
        synthetic=candidate.synthetic,
    )


def _where(row: _Row, search: Search | None) -> str:
    if row.metres is None or search is None:
        return CONVEYED_WORDS
    if row.candidate.conveyed:
        outside = ", outside the fix" if row.metres > search.radius_m else ""
        return f"{CONVEYED_WORDS}; {_metres(row.metres)} from the fix{outside}"
    edge = ", near the edge" if row.metres > 0.8 * search.radius_m else ""
    return f"{row.metres:.0f} m{edge}"


def _metres(metres: float) -> str:
    return f"{metres:.0f} m" if metres < 1000 else f"{metres / 1000:.1f} km"


def _inside(point: Point, shape: Shape, search: Search) -> bool:
    match shape:
        case Polygon(corners=corners):
            return _in_polygon(point, corners)
        case Circle(centre=centre, radius_m=radius_m):
            return distance_m(centre, point) <= radius_m
        case _:
            return distance_m(search.centre, point) <= search.radius_m


def _in_polygon(point: Point, corners: Sequence[Point]) -> bool:
    """Ray casting; a degree grid is flat enough for areas that are searched door by door."""
    inside = False
    for a, b in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (a.lat > point.lat) != (b.lat > point.lat):
            crossing = a.lon + (point.lat - a.lat) / (b.lat - a.lat) * (b.lon - a.lon)
            inside ^= point.lon < crossing
    return inside
