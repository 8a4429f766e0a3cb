"""Which units to send, why these, and who was passed over and why. A person decides."""

from bisect import insort
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from tenfour.dispatch.event import PassedOver, RecommendationMade, RecommendedUnit
from tenfour.dispatch.policy import DispatchPolicy, Need, Plan
from tenfour.dispatch.words import count, duration, longer
from tenfour.units.event import UnitStatus
from tenfour.units.status import SENDABLE, WORDS
from tenfour.vocabulary.code import Service
from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Point

NO_ROAD: Final = float("inf")
_ONLY_IF_NEEDED_S: Final = 1e9
"""Puts a conditionally available unit behind all others, however near it is."""

_OFF: Final = frozenset({UnitStatus.OUT_OF_SERVICE, UnitStatus.NOT_AVAILABLE})


class Candidate(msgspec.Struct, frozen=True):
    """A unit that could be asked for, as it is now.

    `travel_time_s`, `distance_m`: by road to the incident, None where no road leads. `straight_m`: on the map.
    `status_age_s`: how long it is in its status. `position_age_s`: None where it is taken to be at its post.
    `incident_number`: the call it is on; `on_this`: it is the one units are wanted for.
    """

    unit_id: UnitId
    status: UnitStatus
    service: Service
    capabilities: tuple[str, ...]
    beat: str
    position: Point
    position_age_s: float | None
    travel_time_s: float | None
    distance_m: float | None
    incident_number: int | None
    crew: tuple[str, ...] = ()
    status_age_s: float = 0.0
    straight_m: float | None = None
    via: tuple[str, ...] = ()
    emergency: bool = False
    on_this: bool = False


def recommend(
    plan: Plan,
    candidates: Sequence[Candidate],
    *,
    recommendation_id: str,
    policy: DispatchPolicy,
    more: Sequence[Need] = (),
    further: int = 0,
) -> RecommendationMade:
    """The nearest free units by road that meet the plan's needs, units already on the incident counted in.

    `more` is wanted beside those that are there (a second unit was asked for). `further` counts units that were not
    even looked at. Empty `units` when none can be sent; `words` says why. One pass over the candidates for each need.
    """
    chosen: list[tuple[Candidate, Need]] = []
    missing: list[str] = []
    asked = [(need, need.units - _there(need, candidates)) for need in plan.needs] + [(n, n.units) for n in more]
    for need, wanted in asked:
        taken = {candidate.unit_id for candidate, _ in chosen}
        found = _nearest(need, candidates, taken, wanted)
        chosen.extend((candidate, need) for candidate in found)
        if len(found) < wanted:
            missing.append(f"{wanted - len(found)} more {_asked(need)}")
    passed, uncounted = _passed_over(
        [need for need, _ in asked], candidates, [c for c, _ in chosen], policy.passed_over_listed
    )
    return RecommendationMade(
        recommendation_id=recommendation_id,
        plan=plan.name,
        units=tuple(_recommended(candidate, policy) for candidate, _ in chosen),
        passed_over=passed,
        words=_words(chosen, missing, uncounted + further),
    )


def _capable(need: Need, candidate: Candidate) -> bool:
    return candidate.service is need.service and (not need.capability or need.capability in candidate.capabilities)


def _there(need: Need, candidates: Iterable[Candidate]) -> int:
    return sum(1 for candidate in candidates if candidate.on_this and _capable(need, candidate))


def _free(candidate: Candidate) -> bool:
    return candidate.status in SENDABLE and not candidate.emergency and not candidate.on_this


def _time_s(candidate: Candidate) -> float:
    return NO_ROAD if candidate.travel_time_s is None else candidate.travel_time_s


def _nearest(need: Need, candidates: Iterable[Candidate], taken: set[UnitId], wanted: int) -> list[Candidate]:
    """Those wholly available first, then by road, then by name, so that the same world gives the same answer.

    Nearness is asked before anything else: of ten thousand units few are nearer than the best so far.
    """
    kept: list[tuple[float, str, Candidate]] = []
    if wanted <= 0:
        return []
    for c in candidates:
        time_s = c.travel_time_s
        if time_s is None or c.service is not need.service or (len(kept) == wanted and time_s > kept[-1][0]):
            continue
        if _capable(need, c) and _free(c) and c.unit_id not in taken:
            later_s = _ONLY_IF_NEEDED_S if c.status is UnitStatus.CONDITIONALLY_AVAILABLE else 0.0
            insort(kept, (time_s + later_s, c.unit_id, c))
            del kept[wanted:]
    return [candidate for _, _, candidate in kept]


def _passed_over(
    needs: Sequence[Need], candidates: Iterable[Candidate], chosen: Sequence[Candidate], listed: int
) -> tuple[tuple[PassedOver, ...], int]:
    """Those of the services asked for that were not chosen, the nearest first; and how many more there are."""
    services = tuple({need.service for need in needs})
    taken = {candidate.unit_id for candidate in chosen}
    kept: list[tuple[float, str, Candidate]] = []
    others = 0
    for c in candidates:
        if c.service not in services or c.on_this or c.unit_id in taken:
            continue
        others += 1
        time_s = c.travel_time_s
        if time_s is None:
            time_s = NO_ROAD
        if len(kept) < listed or (kept and time_s <= kept[-1][0]):
            insort(kept, (time_s, c.unit_id, c))
            del kept[listed:]
    rows = tuple(PassedOver(c.unit_id, why_passed(c, needs, chosen), c.travel_time_s) for _, _, c in kept)
    return rows, others - len(rows)


def why_passed(candidate: Candidate, asked: Sequence[Need], chosen: Sequence[Candidate]) -> str:
    """Why a unit was passed over, in words."""
    if candidate.emergency:
        return "has raised an emergency"
    if candidate.status in _OFF:
        return WORDS[candidate.status].lower()
    if candidate.status not in SENDABLE:
        return _busy(candidate)
    needs = [need for need in asked if need.service is candidate.service]
    if not any(_capable(need, candidate) for need in needs):
        return f"cannot do what is asked: {', '.join(need.capability for need in needs)}"
    if candidate.travel_time_s is None:
        return "no road from where it is"
    return _farther(candidate, candidate.travel_time_s, chosen)


def _busy(candidate: Candidate) -> str:
    at = f"on a call: {candidate.incident_number}, " if candidate.incident_number is not None else ""
    return f"{at}{WORDS[candidate.status].lower()} {duration(candidate.status_age_s)}"


def _farther(candidate: Candidate, travel_time_s: float, chosen: Sequence[Candidate]) -> str:
    rivals = [c for c in chosen if c.service is candidate.service]
    if not rivals:
        return f"not needed by the plan ({duration(travel_time_s)})"
    last = max(rivals, key=_time_s)
    if candidate.status is UnitStatus.CONDITIONALLY_AVAILABLE and travel_time_s <= _time_s(last):
        return f"available only if needed ({duration(travel_time_s)})"
    nearer = candidate.straight_m is not None and last.straight_m is not None and candidate.straight_m < last.straight_m
    start = "nearer on the map, " if nearer else ""
    return f"{start}{longer(travel_time_s - _time_s(last))} by road ({duration(travel_time_s)})"


def _recommended(candidate: Candidate, policy: DispatchPolicy) -> RecommendedUnit:
    return RecommendedUnit(
        unit=candidate.unit_id,
        reason=_reason(candidate, policy.position_old_s),
        travel_time_s=_time_s(candidate),
        distance_m=candidate.distance_m,
        position=candidate.position,
        position_age_s=candidate.position_age_s,
        via=candidate.via,
    )


def _reason(candidate: Candidate, position_old_s: float) -> str:
    parts = [WORDS[candidate.status].lower(), f"nearest by road ({duration(_time_s(candidate))})"]
    if candidate.beat:
        parts.append(f"beat {candidate.beat}")
    if candidate.position_age_s is None:
        parts.append("taken to be at its post")
    elif candidate.position_age_s > position_old_s:
        parts.append(f"position is {duration(candidate.position_age_s)} old")
    return ", ".join(parts)


def _asked(need: Need) -> str:
    return f"{need.service.value} unit" + (f" ({need.capability})" if need.capability else "")


def _words(chosen: Sequence[tuple[Candidate, Need]], missing: Sequence[str], uncounted: int) -> str:
    said = f"{count(len(chosen))} {'unit' if len(chosen) == 1 else 'units'}, nearest by road."
    parts = [said if chosen else "No further unit needed." if not missing else "No unit can be sent."]
    if missing:
        parts.append(f"The plan asks for {' and '.join(missing)}, and none is free with a road to the place.")
    if uncounted > 0:
        parts.append(f"{uncounted} more passed over.")
    return " ".join(parts)
