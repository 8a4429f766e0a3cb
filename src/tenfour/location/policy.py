"""Policy of location: how far from a fix doors are looked for, and how many are shown."""

import msgspec


class LocationPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything an agency may set about finding the caller. Distances in metres."""

    doors_shown: int = 12
    largest_door_search_m: float = 400.0
    """A fix less exact than this gives no doors: the area is to be checked."""
    unstated_radius_m: float = 100.0
    """Searched around a point that comes without any uncertainty."""
    tower_radius_m: float = 1000.0
    """A computed-looking circle at least this large is taken for a tower's sector (Phase I)."""
