"""Commands and questions about an incident: what it is, where it is, its story, its end."""

from collections.abc import Callable, Sequence
from datetime import datetime

from litestar import get, post
from litestar.params import FromPath, JSONBody

from tenfour.desk.crew import require_on
from tenfour.desk.desk import Desk
from tenfour.desk.door_row import doors_of
from tenfour.desk.given import GivenDesk, GivenFeed, GivenPrincipal, Key
from tenfour.desk.incident_row import proposal_row
from tenfour.desk.permission import Permission
from tenfour.desk.place import place_of
from tenfour.desk.principal import Principal
from tenfour.desk.request import (
    Close,
    MarkItem,
    NextDoor,
    Note,
    Nothing,
    OpenIncident,
    Propose,
    Reopen,
    Report,
    SetKind,
    SetPlace,
    SetPriority,
)
from tenfour.desk.story import tell_whole
from tenfour.desk.view import IncidentView, ProposalView
from tenfour.incident import decision as incidents
from tenfour.incident.incident import PERSON_SEEN, Incident
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId, IncidentId, incident_stream
from tenfour.workflow.joining import join
from tenfour.workflow.passed_on import passed_on
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

DecideIncident = Callable[[Incident, World], Sequence[Event]]
PATH = "/api/incidents/{incident_id:str}"


@get(PATH, summary="An incident", tags=["incident"])
async def read_incident(
    desk: GivenDesk, feed: GivenFeed, principal: GivenPrincipal, incident_id: FromPath[str]
) -> IncidentView:
    """The incident with its story, doors, ladder and recommendation. A crew sees its own only."""
    desk.require_incident(principal, incident_id)
    await tell_whole(desk.ledger, desk.chronicle, incident_id)
    row = desk.incident(principal.reads, incident_id)
    if incident_id not in feed.on_board.incidents:
        desk.chronicle.forget([incident_stream(IncidentId(incident_id))])
    return row


@post("/api/incidents", summary="Open an incident", tags=["incident"])
async def open_incident(
    desk: GivenDesk, principal: GivenPrincipal, data: JSONBody[OpenIncident], key: Key = None
) -> IncidentView:
    """Kind and place are enough. The place is an address of the index when the words mean exactly one."""
    principal.require(Permission.OPEN_INCIDENT)
    new_id = IncidentId(desk.new_i3_id())
    place = place_of(desk.places, text=data.place) if data.place.strip() else None
    codes = desk.ledger.policy.incident.codes

    def decide(world: World, _: datetime) -> list[Draft]:
        stream = incident_stream(new_id)
        opened = incidents.open_incident(
            new_id, world.next_number, data.kind, why=f"opened by {principal.name}", codes=codes
        )
        drafts = [Draft(event, stream) for event in opened]
        if place is not None:
            blank = Incident(new_id, world.next_number, desk.clock.now())
            drafts.append(Draft(incidents.set_place(blank, place), stream))
        if data.call_id is not None:
            drafts += _linked(world, CallId(data.call_id), new_id, principal)
        return drafts

    done = await desk.do(principal, key, None, decide)
    return desk.incident(principal.reads, done.subject("incident") or new_id)


def _linked(world: World, call_id: CallId, incident_id: IncidentId, principal: Principal) -> list[Draft]:
    """The call belongs to the incident that is just being opened."""
    future = world.copy()
    future.incidents[incident_id] = Incident(incident_id, world.next_number, world.call(call_id).received_at)
    return list(join(future, call_id, incident_id, f"opened for this call by {principal.name}"))


async def change(
    desk: Desk,
    principal: Principal,
    incident_id: str,
    key: str | None,
    decision: DecideIncident,
    *,
    at: datetime | None = None,
    afterwards: bool = False,
) -> IncidentView:
    """Carry a decision on one incident out, and answer its row. `at`: when it was, as a device says it.

    A crew must be on the incident; `afterwards`: it may have left it.
    """
    desk.require_told_incident(principal, incident_id)
    stream = incident_stream(IncidentId(incident_id))

    def decide(world: World, _: datetime) -> list[Draft]:
        incident = world.incident(incident_id)
        if not afterwards:
            require_on(principal, incident, world)
        return [Draft(event, stream) for event in decision(incident, world)]

    await desk.do(principal, key, stream, decide, at=desk.true_time(at))
    await tell_whole(desk.ledger, desk.chronicle, incident_id)
    return desk.incident(principal.reads, incident_id)


@post(f"{PATH}/kind", summary="Set the incident type", tags=["incident"], status_code=200)
async def set_kind(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[SetKind], key: Key = None
) -> IncidentView:
    """A code of `kinds`; `rule` names the advice that was followed."""
    principal.require(Permission.WORK_INCIDENT)
    codes = desk.ledger.policy.incident.codes
    return await change(
        desk, principal, incident_id, key, lambda one, _: (incidents.set_kind(one, data.kind, data.rule, codes=codes),)
    )


@post(f"{PATH}/priority", summary="Set the priority", tags=["incident"], status_code=200)
async def set_priority(
    desk: GivenDesk,
    principal: GivenPrincipal,
    incident_id: FromPath[str],
    data: JSONBody[SetPriority],
    key: Key = None,
) -> IncidentView:
    """1 most urgent to 5; lowering it needs a reason."""
    principal.require(Permission.WORK_INCIDENT)
    return await change(
        desk, principal, incident_id, key, lambda one, _: (incidents.set_priority(one, data.priority, data.reason),)
    )


@post(f"{PATH}/place", summary="Set the place", tags=["incident"], status_code=200)
async def set_place(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[SetPlace], key: Key = None
) -> IncidentView:
    """An address, or words, or a point. Earlier places stay in the record."""
    principal.require(Permission.WORK_INCIDENT)
    place = place_of(desk.places, text=data.text, address_id=data.address_id, point=data.point)

    def decided(incident: Incident, _: World) -> tuple[Event, ...]:
        ranks = {door.address_id: door.rank for door in doors_of(incident, desk.scene(principal.reads))}
        rank = ranks.get(place.address_id) if place.address_id else None
        return (incidents.set_place(incident, place, door_rank=rank, reason=data.reason),)

    return await change(desk, principal, incident_id, key, decided)


@post(f"{PATH}/next-door", summary="Not this door: take the next", tags=["incident"], status_code=200)
async def next_door(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[NextDoor], key: Key = None
) -> IncidentView:
    """Rules the present door out and sets the next candidate; when none is left, the area is to be checked."""
    principal.require(Permission.REPORT_FROM_SCENE)

    def decided(incident: Incident, _: World) -> tuple[Event, ...]:
        doors = [door.place() for door in doors_of(incident, desk.scene(principal.reads))]
        return incidents.next_door(incident, doors, data.reason)

    return await change(desk, principal, incident_id, key, decided, at=data.at)


@post(f"{PATH}/verify-place", summary="This is the place", tags=["incident"], status_code=200)
async def verify_place(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[Report], key: Key = None
) -> IncidentView:
    """Somebody stood there, or spoke to somebody there."""
    principal.require(Permission.REPORT_FROM_SCENE)
    by = principal.unit or principal.name
    return await change(
        desk, principal, incident_id, key, lambda one, _: (incidents.verify_place(one, by),), at=data.at
    )


@post(f"{PATH}/read-back", summary="The address was read back", tags=["incident"], status_code=200)
async def read_back(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[Nothing], key: Key = None
) -> IncidentView:
    """Read back and confirmed."""
    principal.require(Permission.REPORT_FROM_SCENE)
    return await change(desk, principal, incident_id, key, lambda one, _: (incidents.read_back(one),))


@post(f"{PATH}/notes", summary="Add a line to the narrative", tags=["incident"], status_code=200)
async def note(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[Note], key: Key = None
) -> IncidentView:
    """Also after closing: corrections follow, nothing is replaced. A crew may add one until a day after it left."""
    principal.require(Permission.REPORT_FROM_SCENE)
    return await change(
        desk,
        principal,
        incident_id,
        key,
        lambda one, _: (incidents.note(one, data.text),),
        at=data.at,
        afterwards=True,
    )


@post(f"{PATH}/checklist", summary="Tick an item of the checklist", tags=["incident"], status_code=200)
async def mark(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[MarkItem], key: Key = None
) -> IncidentView:
    """Items are those of `checklist` in /api/centre; `done` false takes it back."""
    principal.require(Permission.REPORT_FROM_SCENE)
    checklist = desk.ledger.policy.incident.checklist
    return await change(
        desk,
        principal,
        incident_id,
        key,
        lambda one, _: (incidents.mark(one, data.item, data.done, checklist=checklist),),
        at=data.at,
    )


@post(f"{PATH}/propose", summary="What closing with these words would record", tags=["incident"], status_code=200)
async def propose(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[Propose]
) -> ProposalView:
    """Dispositions and cause are proposed from the words; nothing is recorded, a person confirms.

    Asked again with what the person changed, it says what would be written then, and whether it may be closed so.
    """
    principal.require(Permission.CLOSE_INCIDENT)
    desk.require_told_incident(principal, incident_id)
    incident = desk.ledger.shown.incident(incident_id)
    require_on(principal, incident, desk.ledger.shown)
    return proposal_row(incident, data, desk.scene(principal.reads))


@post(f"{PATH}/close", summary="Close the incident", tags=["incident"], status_code=200)
async def close(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[Close], key: Key = None
) -> IncidentView:
    """Only when a person was seen, or disposition 14 is given with what was tried, or 15 and another centre has its
    calls. Its units become available."""
    principal.require(Permission.CLOSE_INCIDENT)
    policy = desk.ledger.policy.incident
    seen = tuple(item for item in data.seen if item in PERSON_SEEN or item not in policy.checklist)

    def decided(incident: Incident, world: World) -> tuple[Event, ...]:
        closed = incidents.close(
            incident,
            data.words,
            data.dispositions,
            data.cause,
            seen=seen,
            tried=data.tried,
            passed_on=passed_on(world, incident),
            codes=policy.codes,
        )
        return (closed,)

    return await change(desk, principal, incident_id, key, decided, at=data.at)


@post(f"{PATH}/reopen", summary="Open a closed incident again", tags=["incident"], status_code=200)
async def reopen(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[Reopen], key: Key = None
) -> IncidentView:
    """Needs a reason; for supervisors."""
    principal.require(Permission.REOPEN_INCIDENT)
    return await change(desk, principal, incident_id, key, lambda one, _: (incidents.reopen(one, data.reason),))


ROUTES = (
    read_incident,
    open_incident,
    set_kind,
    set_priority,
    set_place,
    next_door,
    verify_place,
    read_back,
    note,
    mark,
    propose,
    close,
    reopen,
)
