"""Candidate doors: the addresses that a fix allows, the likeliest first."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from tenfour.location.fix import Fix
from tenfour.location.policy import LocationPolicy
from tenfour.vocabulary.place import Circle, Place, Point, Polygon, Shape, distance_m, middle

PRIOR_WEIGHT: Final = 1.5
"""An address with an earlier call of this kind counts as much as this many without."""


class EarlierCall(msgspec.Struct, frozen=True):
    """A call of earlier days at an address. `words` as they are shown: `2 Nov hang-up: child, settled by contact`.

    `likely`: it makes the address likelier (a hang-up, or the same handset), which a noise complaint does not.
    """

    words: str
    likely: bool = False


class Candidate(msgspec.Struct, frozen=True):
    """An address of the index that may be the door. `synthetic`: its house number is made up, for a demo."""

    address_id: str
    label: str
    point: Point
    earlier: tuple[EarlierCall, ...] = ()
    synthetic: bool = False


class Door(msgspec.Struct, frozen=True):
    """A ranked candidate. `likelihood` 0..1 over all candidates of the fix; `why` is a sentence."""

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


def rank_doors(candidates: Iterable[Candidate], fix: Fix | None, policy: LocationPolicy) -> tuple[Door, ...]:
    """The doors inside the fix, the likeliest first; empty when the fix allows none."""
    search = search_of(fix, policy)
    if search is None or fix is None or fix.shape is None:
        return ()
    shape = fix.shape
    reached = [(c, distance_m(search.centre, c.point)) for c in candidates if _inside(c.point, shape, search)]
    weights = [_weight(candidate, metres, search) for candidate, metres in reached]
    total = sum(weights) or 1.0
    ordered = sorted(zip(reached, weights, strict=True), key=lambda row: (-row[1], row[0][1], row[0][0].label))
    return tuple(
        _door(rank, candidate, metres, weight / total, search)
        for rank, ((candidate, metres), weight) in enumerate(ordered[: policy.doors_shown], start=1)
    )


def _weight(candidate: Candidate, metres: float, search: Search) -> float:
    near = math.exp(-0.5 * (metres / search.sigma_m) ** 2)
    return near * (PRIOR_WEIGHT if any(call.likely for call in candidate.earlier) else 1.0)


def _door(rank: int, candidate: Candidate, metres: float, likelihood: float, search: Search) -> Door:
    edge = ", near the edge" if metres > 0.8 * search.radius_m else ""
    earlier = "; ".join(call.words for call in candidate.earlier) or "No earlier calls"
    return Door(
        rank=rank,
        address_id=candidate.address_id,
        label=candidate.label,
        point=candidate.point,
        distance_m=round(metres, 1),
        likelihood=round(likelihood, 4),
        why=f"{metres:.0f} m{edge}. {earlier}",
        earlier_calls=len(candidate.earlier),
        synthetic=candidate.synthetic,
    )


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
