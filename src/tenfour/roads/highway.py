"""What OpenStreetMap's tags of a way mean to a responding unit: may it drive there, which way, how fast.

Sources: the OpenStreetMap wiki's keys `highway`, `access`, `motor_vehicle`, `emergency`, `oneway`, `maxspeed`. Speeds
are what a unit driving to a call averages, junctions included; they are planning figures, not permissions.
"""

import re
from collections.abc import Mapping

import msgspec

SPEED_KMH: dict[str, float] = {
    "motorway": 105.0,
    "motorway_link": 60.0,
    "trunk": 85.0,
    "trunk_link": 50.0,
    "primary": 60.0,
    "primary_link": 45.0,
    "secondary": 55.0,
    "secondary_link": 45.0,
    "tertiary": 50.0,
    "tertiary_link": 40.0,
    "unclassified": 45.0,
    "residential": 38.0,
    "living_street": 20.0,
    "road": 35.0,
    "service": 20.0,
    "track": 15.0,
    "pedestrian": 10.0,
    "footway": 8.0,
    "cycleway": 8.0,
    "path": 6.0,
}
"""Average speed of a responding unit by class, where no limit is posted."""

ON_FOOT = frozenset({"pedestrian", "footway", "cycleway", "path"})
"""Not for cars, unless the way says that emergency vehicles may."""

UNHINDERED = frozenset({"motorway", "motorway_link", "trunk", "trunk_link"})
JUNCTION_SHARE = 0.85
"""Of a posted limit, what is left on average where there are crossings and signals."""

GATED_SHARE = 0.5
"""Of the speed, what is left on a private way: gates, narrow drives."""

SLOWEST_KMH, FASTEST_KMH = 5.0, 130.0

_KMH_PER_MPH = 1.609344
_LIMIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(mph|km/h|kmh|kph)?\s*$")
_YES = frozenset({"yes", "designated", "official", "permissive"})
_GATED = frozenset({"private", "permit", "customers", "delivery", "residents"})
_SHUT = frozenset({"no", "agricultural", "forestry"})


class Drivable(msgspec.Struct, frozen=True):
    """How a way may be driven: km/h, and in which of its directions."""

    road_class: str
    speed_kmh: float
    forward: bool
    backward: bool


def drivable(tags: Mapping[str, str]) -> Drivable | None:
    """What a way is to a responding unit; None when it is no road for it.

    Closed: `access` or `motor_vehicle` of no (unless `emergency` allows), `emergency=no`, areas, roads not built,
    ways for feet and bicycles (unless `emergency` allows), reversible lanes (nobody here knows their direction).
    Private ways are open to responders, at half speed. One-way streets are obeyed, unless `oneway:emergency=no`.
    """
    road_class = tags.get("highway", "")
    if road_class not in SPEED_KMH or tags.get("area") == "yes":
        return None
    access = _access(tags)
    let_in = tags.get("emergency") in _YES
    if tags.get("emergency") == "no" or (not let_in and (access in _SHUT or road_class in ON_FOOT)):
        return None
    way = _directions(tags, road_class)
    if way is None:
        return None
    speed = _speed(tags, road_class) * (GATED_SHARE if access in _GATED and not let_in else 1.0)
    return Drivable(road_class, min(max(speed, SLOWEST_KMH), FASTEST_KMH), *way)


def posted_kmh(text: str) -> float | None:
    """A `maxspeed` in km/h (`65 mph`, `89`); None for words such as `signals` and for lists."""
    found = _LIMIT.match(text)
    if not found or float(found[1]) <= 0:
        return None
    return float(found[1]) * (_KMH_PER_MPH if found[2] == "mph" else 1.0)


def _access(tags: Mapping[str, str]) -> str:
    """The most particular of the keys that speak about cars."""
    for key in ("motor_vehicle", "motorcar", "vehicle", "access"):
        if key in tags:
            return tags[key]
    return "yes"


def _speed(tags: Mapping[str, str], road_class: str) -> float:
    posted = posted_kmh(tags.get("maxspeed", ""))
    if posted is None or road_class in ON_FOOT:
        return SPEED_KMH[road_class]
    return posted if road_class in UNHINDERED else posted * JUNCTION_SHARE


def _directions(tags: Mapping[str, str], road_class: str) -> tuple[bool, bool] | None:
    """(forward, backward); None when the direction changes with the hour."""
    if tags.get("oneway:emergency") == "no":
        return True, True
    oneway = tags.get("oneway", "")
    if oneway in {"-1", "reverse"}:
        return False, True
    if oneway in {"yes", "true", "1"}:
        return True, False
    if oneway in {"reversible", "alternating"}:
        return None
    implied = road_class in {"motorway", "motorway_link"} or tags.get("junction") in {"roundabout", "circular"}
    return True, not (implied and oneway not in {"no", "false", "0"})
