"""Exhibits, press text and visits as rows."""

from tenfour.desk.casework_view import CustodyView, ExhibitView, VisitView
from tenfour.desk.narrative import by
from tenfour.desk.scene import Scene
from tenfour.evidence.exhibit import Exhibit
from tenfour.incident.incident import Incident
from tenfour.outreach.visit import Visit
from tenfour.workflow.casework import Casework


def exhibit_rows(casework: Casework, scene: Scene) -> tuple[ExhibitView, ...]:
    """The exhibits that this reader may read."""
    return tuple(exhibit_row(one, scene) for one in casework.exhibits if one.access in scene.reads)


def exhibit_row(exhibit: Exhibit, scene: Scene) -> ExhibitView:
    """The row of one exhibit."""
    state, words = _state(exhibit, scene)
    return ExhibitView(
        exhibit_id=exhibit.exhibit_id,
        number=exhibit.number,
        kind=exhibit.kind.value,
        title=exhibit.title,
        file_name=exhibit.file_name,
        size=exhibit.size,
        sha256=exhibit.sha256,
        owner=exhibit.owner,
        consent=exhibit.consent,
        scope=exhibit.scope,
        from_at=exhibit.from_at,
        to_at=exhibit.to_at,
        child=exhibit.child,
        access=exhibit.access.value,
        added_at=exhibit.added_at,
        added_by=by(exhibit.added_by, scene.person),
        custody=tuple(CustodyView(one.at, by(one.actor, scene.person), one.words) for one in exhibit.custody),
        state=state,
        state_words=words,
        url=f"/api/exhibits/{exhibit.exhibit_id}/file",
        flac_sha256=exhibit.flac.sha256 if exhibit.flac is not None else "",
        flac_size=exhibit.flac.size if exhibit.flac is not None else None,
    )


def visit_row(visit: Visit, incident: Incident, scene: Scene) -> VisitView:
    """The row of one promised visit."""
    state, words = "promised", f"by {scene.day(visit.due_at)}, {scene.time(visit.due_at)[:5]}"
    if visit.done_at is not None:
        state, words = "done", f"made {scene.day(visit.done_at)}, {scene.time(visit.done_at)[:5]}"
    elif visit.is_overdue(scene.now):
        state, words = "overdue", f"overdue since {scene.day(visit.due_at)}, {scene.time(visit.due_at)[:5]}"
    return VisitView(
        visit_id=visit.visit_id,
        incident_id=visit.incident_id,
        incident_number=incident.number,
        who=visit.who,
        due_at=visit.due_at,
        words=visit.words,
        state=state,
        state_words=words,
        promised_at=visit.promised_at,
        promised_by=by(visit.promised_by, scene.person),
        done_at=visit.done_at,
    )


def _state(exhibit: Exhibit, scene: Scene) -> tuple[str, str]:
    if exhibit.damaged_at is not None:
        at = scene.time(exhibit.damaged_at)
        return "damaged", f"Not what was taken in: hashed again at {at}, another SHA-256 or no file."
    if exhibit.verified_at is not None:
        return "verified", f"Hashed again at {scene.time(exhibit.verified_at)}: the same."
    return "held", "Not hashed again since it was taken in."
