"""Facts of sending help. They lie on the incident's stream."""

import msgspec

from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Point


class PassedOver(msgspec.Struct, frozen=True):
    """A unit that was not recommended, and why, in words."""

    unit: UnitId
    reason: str
    travel_time_s: float | None = None


class RecommendedUnit(msgspec.Struct, frozen=True):
    """A unit recommended, why, and the position (WGS 84) and age of it that were used."""

    unit: UnitId
    reason: str
    travel_time_s: float
    distance_m: float | None
    position: Point
    position_age_s: float | None
    via: tuple[str, ...] = ()


class RecommendationMade(Event, frozen=True):
    """Tenfour recommends; a person decides. `plan` names the policy. Empty `units`: none, and `words` says why."""

    recommendation_id: str
    plan: str
    units: tuple[RecommendedUnit, ...]
    passed_over: tuple[PassedOver, ...]
    words: str = ""


class UnitsDispatched(Event, frozen=True):
    """A person sent units. `override_reason` is there when they are not those recommended."""

    units: tuple[UnitId, ...]
    recommendation_id: str | None
    override_reason: str = ""
    travel_time_s: float | None = None


class IncidentHeld(Event, frozen=True):
    """No unit could be sent; the hold timer runs, then the sergeant is told."""

    reason: str


class AreaCheckOrdered(Event, frozen=True):
    """No usable address: the area is to be searched."""

    area: str


class SupervisorAlerted(Event, frozen=True):
    """A supervisor was told, and why."""

    why: str


class HelpAsked(Event, frozen=True):
    """A unit on scene asks for a second unit."""

    unit: UnitId
    text: str = ""


EVENTS = (
    RecommendationMade,
    UnitsDispatched,
    IncidentHeld,
    AreaCheckOrdered,
    SupervisorAlerted,
    HelpAsked,
)
