"""What was sent to an incident, folded from the dispatch facts and from the units' statuses."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from tenfour.dispatch import event as e
from tenfour.units.event import UnitStatus, UnitStatusChanged
from tenfour.vocabulary.envelope import Actor, Event
from tenfour.vocabulary.ids import UnitId


class Run(msgspec.Struct, frozen=True):
    """One unit on one incident: when it did what. A unit sent twice keeps the first times."""

    unit: UnitId
    dispatched_at: datetime | None = None
    acknowledged_at: datetime | None = None
    en_route_at: datetime | None = None
    on_scene_at: datetime | None = None
    cleared_at: datetime | None = None
    travel_time_s: float | None = None


class Recommendation(msgspec.Struct, frozen=True):
    """A recommendation as made, with its time."""

    at: datetime
    made: e.RecommendationMade
    seq: int = 0


class Alert(msgspec.Struct, frozen=True):
    """A supervisor was told, and why."""

    at: datetime
    why: str
    rule: str
    """The actor that told: the rule's name, or a person."""
    seq: int = 0


class Help(msgspec.Struct, frozen=True):
    """A unit asked for a second unit."""

    at: datetime
    unit: UnitId
    text: str
    seq: int = 0


class Order(msgspec.Struct, frozen=True):
    """A person sent units."""

    at: datetime
    actor: Actor
    sent: e.UnitsDispatched
    seq: int = 0


class Assignment(msgspec.Struct, frozen=True):
    """The sending of help to one incident.

    `held_at`: no unit could be sent since then; None again as soon as one is.
    """

    recommendations: tuple[Recommendation, ...] = ()
    orders: tuple[Order, ...] = ()
    runs: tuple[Run, ...] = ()
    held_at: datetime | None = None
    held_reason: str = ""
    area_checks: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()
    help: tuple[Help, ...] = ()

    @property
    def recommendation(self) -> Recommendation | None:
        """The newest recommendation."""
        return self.recommendations[-1] if self.recommendations else None

    def run(self, unit: UnitId) -> Run:
        """What `unit` did on this incident."""
        return next((run for run in self.runs if run.unit == unit), Run(unit))

    def alerted(self, rule: str, *, since: datetime) -> bool:
        """Whether this rule told a supervisor at `since` or later."""
        return any(alert.rule == rule and alert.at >= since for alert in self.alerts)


def apply(
    assignment: Assignment | None, event: Event, *, at: datetime, actor: Actor, seq: int = 0
) -> Assignment | None:
    """Fold one dispatch fact of an incident; others' facts change nothing."""
    before = assignment or Assignment()
    match event:
        case e.RecommendationMade():
            return replace(before, recommendations=(*before.recommendations, Recommendation(at, event, seq)))
        case e.UnitsDispatched():
            return _dispatched(before, event, at, actor, seq)
        case e.IncidentHeld(reason=reason):
            return replace(before, held_at=before.held_at or at, held_reason=reason)
        case e.AreaCheckOrdered(area=area):
            return replace(before, area_checks=(*before.area_checks, area))
        case e.SupervisorAlerted(why=why):
            return replace(before, alerts=(*before.alerts, Alert(at, why, actor.id, seq)))
        case e.HelpAsked(unit=unit, text=text):
            return replace(before, help=(*before.help, Help(at, unit, text, seq)))
        case _:
            return assignment


def _dispatched(before: Assignment, event: e.UnitsDispatched, at: datetime, actor: Actor, seq: int) -> Assignment:
    kept = [run for run in before.runs if run.unit not in event.units]
    sent = [
        replace(
            before.run(u),
            dispatched_at=before.run(u).dispatched_at or at,
            travel_time_s=event.travel_time_s,
            cleared_at=None,
        )
        for u in event.units
    ]
    orders = (*before.orders, Order(at, actor, event, seq))
    return replace(before, orders=orders, runs=(*kept, *sent), held_at=None, held_reason="")


_FIRST: dict[UnitStatus, str] = {
    UnitStatus.DISPATCHED: "dispatched_at",
    UnitStatus.ACKNOWLEDGED: "acknowledged_at",
    UnitStatus.EN_ROUTE: "en_route_at",
    UnitStatus.ON_SCENE: "on_scene_at",
}


def follow(assignment: Assignment | None, unit: UnitId, event: UnitStatusChanged, *, at: datetime) -> Assignment:
    """Fold a status of a unit that is, or was until now, on this incident. The first time of each status stays."""
    before = assignment or Assignment()
    run = before.run(unit)
    field = _FIRST.get(event.status)
    if event.incident_id is None or event.status is UnitStatus.CLEARED:
        run = replace(run, cleared_at=run.cleared_at or at)
    elif field is not None and getattr(run, field) is None:
        run = replace(run, **{field: at})
    others = [r for r in before.runs if r.unit != unit]
    return replace(before, runs=(*others, run))
