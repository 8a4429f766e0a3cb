"""Candidate doors as rows: the address that came with the call and those inside the fix in use, most likely first."""

from collections.abc import Callable, Sequence

from tenfour.desk.port import Address
from tenfour.desk.scene import Scene
from tenfour.desk.view import DoorView
from tenfour.incident.incident import Incident
from tenfour.location.door import Candidate, Door, rank_doors, search_of
from tenfour.location.fix import CallerLocation, Fix, conveyed_address, in_use
from tenfour.vocabulary.place import CivicAddress


def fix_of(incident: Incident, scene: Scene) -> Fix | None:
    """The fix that doors are searched with: that of the newest call that has one."""
    return _newest(in_use, incident, scene)


def address_of(incident: Incident, scene: Scene) -> CivicAddress | None:
    """The address that came in words with a call: that of the newest call that has one. Nobody verified it."""
    fix = _newest(conveyed_address, incident, scene)
    return fix.civic if fix else None


def doors_of(incident: Incident, scene: Scene) -> tuple[Door, ...]:
    """The ranked doors of an incident; none where no address came that the index has, and the fix is too coarse."""
    fix, policy = fix_of(incident, scene), scene.policy.location
    conveyed = _conveyed(incident, scene)
    own = {address.address_id for address in conveyed}
    inside: Sequence[Address] = ()
    if fix is not None and fix.shape is not None and search_of(fix, policy) is not None:
        inside = scene.places.inside(fix.shape, policy.unstated_radius_m)
    addresses = [*conveyed, *(address for address in inside if address.address_id not in own)]
    candidates = (_candidate(address, incident, scene, address.address_id in own) for address in addresses)
    return rank_doors(candidates, fix, policy)


def address_words(incident: Incident, scene: Scene) -> str:
    """What is to be said of the address that came with the call; empty where none came."""
    address = address_of(incident, scene)
    if address is None:
        return ""
    if _conveyed(incident, scene):
        return f"{address.line()} came with the call, not verified"
    return f"{address.line()} came with the call and is not in the address index"


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


def _newest(choose: Callable[[CallerLocation | None], Fix | None], incident: Incident, scene: Scene) -> Fix | None:
    fixes = (choose(scene.world.locations.get(call_id)) for call_id in reversed(incident.call_ids))
    return next((fix for fix in fixes if fix is not None), None)


def _conveyed(incident: Incident, scene: Scene) -> Sequence[Address]:
    address = address_of(incident, scene)
    return scene.places.exactly(address) if address else ()


def _candidate(address: Address, incident: Incident, scene: Scene, conveyed: bool) -> Candidate:
    return Candidate(
        address.address_id,
        address.label,
        address.point,
        scene.earlier(address.address_id, incident.incident_id),
        address.synthetic,
        conveyed,
    )
