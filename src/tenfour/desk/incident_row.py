"""An incident as a row: form, ladder, doors, recommendation, story, checklist."""

from tenfour.desk.clock_row import incident_clocks, overdue
from tenfour.desk.door_row import doors_of
from tenfour.desk.scene import Scene
from tenfour.desk.step_row import steps_of
from tenfour.desk.view import (
    AdviceView,
    ChecklistItemView,
    DoorView,
    IncidentView,
    PassedOverView,
    RecommendationView,
    RecommendedUnitView,
)
from tenfour.desk.words import INCIDENT_WORDS
from tenfour.dispatch.assignment import Recommendation
from tenfour.incident.incident import Incident
from tenfour.units.status import SENDABLE, letter
from tenfour.vocabulary.ids import UnitId


def incident_row(incident: Incident, scene: Scene) -> IncidentView:
    """The row of one incident."""
    doors = doors_of(incident, scene)
    assignment = scene.world.assignment(incident.incident_id)
    clocks = incident_clocks(incident, scene.world, scene.policy)
    units = scene.world.units_on(incident.incident_id)
    closing = incident.closing
    codes = scene.policy.incident.codes
    place = incident.place
    return IncidentView(
        seq=scene.seq,
        incident_id=incident.incident_id,
        number=incident.number,
        status=incident.status.value,
        status_words=INCIDENT_WORDS[incident.status],
        kind=incident.kind,
        kind_label=codes.kinds.get(incident.kind, incident.kind) if incident.kind else "",
        priority=incident.priority,
        place=place.label if place else "",
        place_words=_place_words(incident, doors),
        place_point=place.point if place else None,
        place_verified=place.verified if place else False,
        read_back_at=incident.read_back_at,
        beat=units[0].beat if units else "",
        opened_at=incident.opened_at,
        closed_at=closing.at if closing else None,
        call_ids=incident.call_ids,
        units=tuple(unit.unit_id for unit in units),
        advice=_advice(incident, scene),
        steps=steps_of(incident, doors, scene),
        doors=doors,
        recommendation=_recommendation(assignment.recommendation, scene),
        narrative=scene.chronicle.of_incident(incident.incident_id, incident.call_ids),
        checklist=_checklist(incident, scene),
        clocks=clocks,
        dispositions=tuple((c, codes.dispositions.get(c, c)) for c in (closing.dispositions if closing else ())),
        cause=closing.cause if closing else "",
        closing_words=closing.words if closing else "",
        overdue=overdue(clocks, scene.now),
    )


def _place_words(incident: Incident, doors: tuple[DoorView, ...]) -> str:
    if incident.place is None:
        return "no place yet"
    if incident.verified_by:
        return f"verified by {incident.verified_by}"
    door = f"door {incident.door_rank} of {len(doors)}, " if incident.door_rank and doors else ""
    return f"{door}not verified"


def _advice(incident: Incident, scene: Scene) -> AdviceView | None:
    """The newest advice on one of its calls."""
    calls = [scene.world.calls[call_id] for call_id in incident.call_ids if call_id in scene.world.calls]
    advised = [(call.advised_at, call.advice) for call in calls if call.advice is not None and call.advised_at]
    if not advised:
        return None
    _, advice = max(advised, key=lambda one: one[0])
    label = scene.policy.incident.codes.kinds.get(advice.kind, advice.kind)
    return AdviceView(advice.kind, label, advice.priority, advice.rule, advice.reason, advice.next_step)


def recommendation_row(recommendation: Recommendation, scene: Scene) -> RecommendationView:
    """A recommendation, with what its units are now."""
    made = recommendation.made
    return RecommendationView(
        recommendation_id=made.recommendation_id,
        at=recommendation.at,
        plan=made.plan,
        words=made.words,
        units=tuple(
            RecommendedUnitView(
                unit=one.unit,
                letter=_letter(one.unit, scene),
                crew=_crew(one.unit, scene),
                reason=one.reason,
                travel_time_s=one.travel_time_s,
                distance_m=one.distance_m,
                via=one.via,
            )
            for one in made.units
        ),
        passed_over=tuple(
            PassedOverView(one.unit, _letter(one.unit, scene), one.reason, one.travel_time_s)
            for one in made.passed_over
        ),
        stale=any(not _sendable(one.unit, scene) for one in made.units),
    )


def _recommendation(recommendation: Recommendation | None, scene: Scene) -> RecommendationView | None:
    return recommendation_row(recommendation, scene) if recommendation else None


def _letter(unit_id: UnitId, scene: Scene) -> str:
    unit = scene.world.units.get(unit_id)
    return letter(unit.status, emergency=unit.emergency_since is not None) if unit else "O"


def _crew(unit_id: UnitId, scene: Scene) -> str:
    unit = scene.world.units.get(unit_id)
    return ", ".join(unit.crew) if unit else ""


def _sendable(unit_id: UnitId, scene: Scene) -> bool:
    unit = scene.world.units.get(unit_id)
    return unit is not None and unit.status in SENDABLE and unit.emergency_since is None


def _checklist(incident: Incident, scene: Scene) -> tuple[ChecklistItemView, ...]:
    marks = {mark.item: mark for mark in incident.checklist}
    numbers = ", ".join(dict.fromkeys(scene.world.calls[c].ani for c in incident.call_ids if c in scene.world.calls))
    hints = {"call_log_matches": f"our call: {numbers}" if numbers else ""}
    return tuple(
        ChecklistItemView(
            item=item,
            label=label,
            done=item in marks and marks[item].done,
            at=marks[item].at if item in marks else None,
            hint=hints.get(item, ""),
        )
        for item, label in scene.policy.incident.checklist.items()
    )
