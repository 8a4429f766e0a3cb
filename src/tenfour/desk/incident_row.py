"""An incident as a row: form, ladder, doors, recommendation, story, checklist."""

from tenfour.calltaking.event import Handset
from tenfour.desk.casework_row import exhibit_rows, visit_row
from tenfour.desk.clock_row import incident_clocks, overdue
from tenfour.desk.door_row import door_rows, doors_of
from tenfour.desk.request import Propose
from tenfour.desk.scene import Scene
from tenfour.desk.step_row import steps_of
from tenfour.desk.view import (
    AdviceView,
    ChecklistItemView,
    DoorView,
    IncidentView,
    PassedOverView,
    ProposalView,
    RecommendationView,
    RecommendedUnitView,
)
from tenfour.desk.words import INCIDENT_WORDS
from tenfour.dispatch.assignment import Recommendation
from tenfour.incident.incident import Incident
from tenfour.incident.proposal import Circumstances, propose, will_be_written
from tenfour.units.status import letter
from tenfour.vocabulary.errors import NotFound
from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Place
from tenfour.workflow.passed_on import passed_on
from tenfour.workflow.sending import stale


def incident_row(incident: Incident, scene: Scene) -> IncidentView:
    """The row of one incident."""
    doors = door_rows(incident, doors_of(incident, scene))
    newest = scene.world.assignment(incident.incident_id).recommendation
    clocks = incident_clocks(incident, scene.world, scene.policy)
    units = scene.world.units_on(incident.incident_id)
    closing, casework = incident.closing, scene.world.casework_of(incident.incident_id)
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
        place_synthetic=_made_up(place, scene),
        between=scene.places.between(place.point) if place and place.point else "",
        read_back_at=incident.read_back_at,
        beat=(scene.beat_of(place.point) or "") if place and place.point else "",
        opened_at=incident.opened_at,
        closed_at=closing.at if closing else None,
        call_ids=incident.call_ids,
        units=tuple(unit.unit_id for unit in units),
        advice=_advice(incident, scene),
        steps=steps_of(incident, doors, scene),
        doors=doors,
        recommendation=recommendation_row(newest, incident, scene) if newest else None,
        narrative=scene.chronicle.of_incident(incident.incident_id, incident.call_ids, scene.reads),
        checklist=_checklist(incident, scene),
        clocks=clocks,
        dispositions=tuple((c, codes.dispositions.get(c, c)) for c in (closing.dispositions if closing else ())),
        cause=closing.cause if closing else "",
        closing_words=closing.words if closing else "",
        exhibits=exhibit_rows(casework, scene),
        press_version=casework.press.version if casework.press else 0,
        visits=tuple(visit_row(visit, incident, scene) for visit in casework.visits),
        overdue=overdue(clocks, scene.now) or any(visit.is_overdue(scene.now) for visit in casework.visits),
    )


def proposal_row(incident: Incident, asked: Propose, scene: Scene) -> ProposalView:
    """What closing with these words would record. A person confirms. Raises `BadInput` for unknown codes."""
    codes = scene.policy.incident.codes
    for code in asked.dispositions or ():
        codes.disposition(code)
    if asked.cause is not None:
        codes.cause(asked.cause)
    calls = [scene.world.calls[call_id] for call_id in incident.call_ids if call_id in scene.world.calls]
    circumstances = Circumstances(
        deactivated_phone=any(call.handset is Handset.NSI for call in calls),
        child=any("child_voice" in call.heard for call in calls) or "child_seen" in incident.done_items,
        passed_on=passed_on(scene.world, incident),
    )
    proposed = propose(
        incident,
        asked.words,
        circumstances,
        dispositions=asked.dispositions,
        cause=asked.cause,
        seen=asked.seen,
        tried=asked.tried,
    )
    return ProposalView(
        words=proposed.words,
        dispositions=tuple((code, codes.dispositions.get(code, code)) for code in proposed.dispositions),
        cause=proposed.cause,
        cause_label=codes.causes.get(proposed.cause, proposed.cause),
        may_close=proposed.may_close,
        why=proposed.why,
        will_be_written=will_be_written(proposed, codes),
    )


def _place_words(incident: Incident, doors: tuple[DoorView, ...]) -> str:
    if incident.place is None:
        return "no place yet"
    if incident.verified_by:
        return f"verified by {incident.verified_by}"
    door = f"door {incident.door_rank} of {len(doors)}, " if incident.door_rank and doors else ""
    return f"{door}not verified"


def _made_up(place: Place | None, scene: Scene) -> bool:
    """Was the house number of this place made up for a demo? Words and points have none."""
    if place is None or place.address_id is None:
        return False
    try:
        return scene.places.get(place.address_id).synthetic
    except NotFound:
        return False  # the centre's addresses were imported anew since


def _advice(incident: Incident, scene: Scene) -> AdviceView | None:
    """The newest advice on one of its calls."""
    calls = [scene.world.calls[call_id] for call_id in incident.call_ids if call_id in scene.world.calls]
    advised = [(call.advised_at, call.advice) for call in calls if call.advice is not None and call.advised_at]
    if not advised:
        return None
    _, advice = max(advised, key=lambda one: one[0])
    label = scene.policy.incident.codes.kinds.get(advice.kind, advice.kind)
    return AdviceView(advice.kind, label, advice.priority, advice.rule, advice.reason, advice.next_step)


def recommendation_row(recommendation: Recommendation, incident: Incident, scene: Scene) -> RecommendationView:
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
        stale=stale(made, incident, scene.world),
    )


def _letter(unit_id: UnitId, scene: Scene) -> str:
    unit = scene.world.units.get(unit_id)
    return letter(unit.status, emergency=unit.emergency_since is not None) if unit else "O"


def _crew(unit_id: UnitId, scene: Scene) -> str:
    unit = scene.world.units.get(unit_id)
    return ", ".join(unit.crew) if unit else ""


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
