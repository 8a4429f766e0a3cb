"""Candidate doors as rows: addresses inside the fix in use, most likely first, with what happened there before."""

from tenfour.desk.scene import Scene
from tenfour.desk.view import DoorView
from tenfour.incident.incident import Incident
from tenfour.location.door import Candidate, Door, rank_doors, search_of
from tenfour.location.fix import Fix, in_use


def fix_of(incident: Incident, scene: Scene) -> Fix | None:
    """The fix that doors are searched with: that of the newest call that has one."""
    fixes = (in_use(scene.world.locations.get(call_id)) for call_id in reversed(incident.call_ids))
    return next((fix for fix in fixes if fix is not None), None)


def doors_of(incident: Incident, scene: Scene) -> tuple[Door, ...]:
    """The ranked doors of an incident; none where the fix is too coarse to name any."""
    fix = fix_of(incident, scene)
    policy = scene.policy.location
    if fix is None or fix.shape is None or search_of(fix, policy) is None:
        return ()
    candidates = [
        Candidate(
            address.address_id,
            address.label,
            address.point,
            scene.earlier(address.address_id, incident.incident_id),
            address.synthetic,
        )
        for address in scene.places.inside(fix.shape, policy.unstated_radius_m)
    ]
    return rank_doors(candidates, fix, policy)


def door_rows(incident: Incident, doors: tuple[Door, ...]) -> tuple[DoorView, ...]:
    """The doors with those that were ruled out marked."""
    gone = {out.address_id for out in incident.ruled_out}
    return tuple(
        DoorView(
            rank=door.rank,
            address_id=door.address_id,
            label=door.label,
            point=door.point,
            distance_m=door.distance_m,
            likelihood=door.likelihood,
            why=door.why,
            earlier_calls=door.earlier_calls,
            ruled_out=door.address_id in gone,
            synthetic=door.synthetic,
        )
        for door in doors
    )
