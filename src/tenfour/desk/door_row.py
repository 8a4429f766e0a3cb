"""Candidate doors: addresses inside the fix in use, most likely first, with what happened there before."""

from collections.abc import Sequence
from math import exp

from tenfour.desk.port import Address, EarlierCall
from tenfour.desk.scene import Scene
from tenfour.desk.view import DoorView
from tenfour.incident.incident import Incident
from tenfour.location.fix import Fix, in_use
from tenfour.location.policy import LocationPolicy
from tenfour.vocabulary.place import Place, Spot, distance_m, middle

EARLIER_CALL_WEIGHT = 1.0
"""A door with an earlier call is as likely again as its distance alone makes it; more calls add no more."""


def fix_of(incident: Incident, scene: Scene) -> Fix | None:
    """The fix that doors are searched with: that of the newest call that has one."""
    fixes = (in_use(scene.world.locations.get(call_id)) for call_id in reversed(incident.call_ids))
    return next((fix for fix in fixes if fix is not None), None)


def doors_of(incident: Incident, scene: Scene) -> tuple[DoorView, ...]:
    """The ranked doors of an incident; none where the fix is too coarse to name any."""
    fix = fix_of(incident, scene)
    policy = scene.policy.location
    if fix is None or fix.shape is None or _reach_m(fix, policy) > policy.largest_door_search_m:
        return ()
    centre, reach_m = middle(fix.shape), _reach_m(fix, policy)
    inside = scene.places.inside(fix.shape, policy.unstated_radius_m)
    weighed = []
    for address in inside:
        earlier = [call for call in scene.earlier(address.address_id) if call.incident_id != incident.incident_id]
        away_m = distance_m(centre, address.point)
        weight = exp(-((away_m / (reach_m / 2)) ** 2) / 2) * (1 + (EARLIER_CALL_WEIGHT if earlier else 0))
        weighed.append((weight, away_m, address, earlier))
    weighed.sort(key=lambda one: (-one[0], one[2].address_id))
    total = sum(weight for weight, *_ in weighed) or 1.0
    gone = {out.address_id for out in incident.ruled_out}
    return tuple(
        _row(rank, weight / total, away_m, address, earlier, address.address_id in gone, scene)
        for rank, (weight, away_m, address, earlier) in enumerate(weighed[: policy.doors_shown], start=1)
    )


def as_place(door: DoorView) -> Place:
    """The door as the place of an incident."""
    return Place(door.label, door.point, door.address_id)


def _reach_m(fix: Fix, policy: LocationPolicy) -> float:
    if isinstance(fix.shape, Spot) or not fix.uncertainty_m:
        return policy.unstated_radius_m
    return fix.uncertainty_m


def _row(
    rank: int,
    likelihood: float,
    away_m: float,
    address: Address,
    earlier: Sequence[EarlierCall],
    ruled_out: bool,
    scene: Scene,
) -> DoorView:
    return DoorView(
        rank=rank,
        address_id=address.address_id,
        label=address.label,
        point=address.point,
        distance_m=round(away_m, 1),
        likelihood=round(likelihood, 3),
        why=f"{away_m:.0f} m. {_history(earlier, scene)}",
        earlier_calls=len(earlier),
        ruled_out=ruled_out,
    )


def _history(earlier: Sequence[EarlierCall], scene: Scene) -> str:
    if not earlier:
        return "No earlier calls"
    newest = earlier[0]
    more = f", and {len(earlier) - 1} more" if len(earlier) > 1 else ""
    return f"{scene.day(newest.at)} {newest.words}{more}"
