"""The press text of an incident: drafted from facts, edited by a person. It is not approved or published here."""

from collections.abc import Callable, Sequence
from datetime import datetime

from litestar import get, post
from litestar.params import FromPath, JSONBody

from tenfour.desk.casework_view import PressFactView, PressSentenceView, PressView
from tenfour.desk.desk import Desk
from tenfour.desk.given import GivenDesk, GivenPrincipal, Key
from tenfour.desk.narrative import by
from tenfour.desk.permission import Permission
from tenfour.desk.principal import Principal
from tenfour.desk.request import DraftPress, SavePress
from tenfour.release import draft as drafts
from tenfour.release import press
from tenfour.release.event import PressSentence
from tenfour.release.private import private_strings
from tenfour.vocabulary.envelope import Access, Event, Recorded
from tenfour.vocabulary.ids import IncidentId, call_stream, incident_stream, release_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

Decision = Callable[[IncidentId, press.PressText | None], Event]
PATH = "/api/incidents/{incident_id:str}/press"
NOT_HERE = "A draft. It is not approved, and nothing is published from here: approvals come with a later part."


@get(PATH, summary="The press text of an incident", tags=["release"])
async def read_press(desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str]) -> PressView:
    """The newest version, and the facts that its sentences may rest on."""
    principal.require(Permission.WRITE_PRESS)
    return _row(desk, principal, incident_id, await _facts(desk, incident_id))


@post(f"{PATH}/draft", summary="Draft a press text from the facts", tags=["release"], status_code=200)
async def draft_press(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[DraftPress], key: Key = None
) -> PressView:
    """A new version, of journalled facts only; the version before stays in the record."""
    principal.require(Permission.WRITE_PRESS)
    records = await _facts(desk, incident_id)
    made = drafts.sentences(records, _names(desk, incident_id))
    await _change(
        desk,
        principal,
        incident_id,
        key,
        lambda one, before: press.draft(one, before, data.based_on, made),
    )
    return _row(desk, principal, incident_id, records)


@post(PATH, summary="Save the press text", tags=["release"], status_code=200)
async def save_press(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[SavePress], key: Key = None
) -> PressView:
    """Each sentence names the facts it rests on. One that holds a number or an address of the incident is refused."""
    principal.require(Permission.WRITE_PRESS)
    records = await _facts(desk, incident_id)
    written = [PressSentence(one.text, one.rests_on) for one in data.sentences]
    facts, private = frozenset(record.seq for record in records), private_strings(records)
    await _change(
        desk,
        principal,
        incident_id,
        key,
        lambda one, before: press.edit(one, before, data.based_on, written, facts=facts, private=private),
    )
    return _row(desk, principal, incident_id, records)


async def _change(desk: Desk, principal: Principal, incident_id: str, key: str | None, decision: Decision) -> None:
    stream = release_stream(IncidentId(incident_id))

    def decide(world: World, _: datetime) -> Sequence[Draft]:
        one = world.incident(incident_id).incident_id
        return [Draft(decision(one, world.casework_of(one).press), stream, Access.POLICE)]

    await desk.do(principal, key, stream, decide)


async def _facts(desk: Desk, incident_id: str) -> list[Recorded]:
    """The facts of the incident and of its calls, in the order of the record."""
    incident = desk.ledger.shown.incident(incident_id)
    streams = [incident_stream(incident.incident_id), *(call_stream(call) for call in incident.call_ids)]
    records = [record for stream in streams for record in await desk.ledger.read_stream(stream)]
    return sorted(records, key=lambda record: record.seq)


def _names(desk: Desk, incident_id: str) -> drafts.Names:
    world = desk.ledger.shown
    runs = world.assignment(IncidentId(incident_id)).runs
    sent = world.units.get(runs[0].unit) if runs else None
    agency = desk.agencies.get(sent.agency, "") if sent else ""
    return drafts.Names(desk.card.name, agency or desk.card.name, desk.card.dispositions, desk.zone)


def _row(desk: Desk, principal: Principal, incident_id: str, records: Sequence[Recorded]) -> PressView:
    scene = desk.scene(principal.reads)
    text = desk.ledger.shown.casework_of(IncidentId(incident_id)).press
    lines = desk.chronicle.lines_of(records, desk.ledger.shown, principal.reads)
    return PressView(
        incident_id=incident_id,
        version=text.version if text else 0,
        at=text.at if text else None,
        by=by(text.actor, scene.person) if text else "",
        edited=text.edited if text else False,
        sentences=tuple(PressSentenceView(one.text, one.rests_on) for one in (text.sentences if text else ())),
        facts=tuple(PressFactView(line.seq, line.at, line.text) for line in lines),
        words=NOT_HERE,
    )


ROUTES = (read_press, draft_press, save_press)
