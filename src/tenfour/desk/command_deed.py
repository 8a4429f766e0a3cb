"""What an instruction of the command line does: the very decisions that the buttons make, all of them or none."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import assert_never

import msgspec

from tenfour.desk.desk import Desk
from tenfour.desk.incident_row import proposal_row
from tenfour.desk.ledger import Decide
from tenfour.desk.permission import Permission
from tenfour.desk.place import place_of
from tenfour.desk.principal import Principal
from tenfour.desk.request import Propose
from tenfour.dispatch.command_context import Context
from tenfour.dispatch.command_instruction import Instruction
from tenfour.dispatch.command_verb import Act
from tenfour.incident import decision as incidents
from tenfour.incident.code import Codes
from tenfour.incident.incident import Incident
from tenfour.units import decision as units
from tenfour.units.event import UnitStatus
from tenfour.vocabulary.errors import Refused
from tenfour.vocabulary.ids import IncidentId, StreamName, UnitId, incident_stream, unit_stream
from tenfour.workflow import sending
from tenfour.workflow.passed_on import passed_on
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

DecideDraft = Callable[[World, Incident], Draft]


class Deed(msgspec.Struct, frozen=True):
    """What is to be recorded. `stream`: what it is about (None for what is only being opened).

    `consequence` says what will be written where the line alone does not say it.
    """

    decide: Decide
    stream: StreamName | None = None
    consequence: str = ""


QUESTIONS = frozenset({Act.SELECT, Act.HISTORY, Act.HELP})
"""These record nothing."""


def deed_of(asked: Instruction, context: Context, desk: Desk, principal: Principal) -> Deed | None:
    """What carries the instruction out; None for a question. Raises `NotPermitted` where the role may not."""
    match asked.act:
        case Act.SEND:
            principal.require(Permission.SEND_UNIT)
            return _on_incident(asked, context, _send(asked))
        case Act.HOLD:
            principal.require(Permission.SEND_UNIT)
            return _on_incident(
                asked, context, lambda world, one: Draft(sending.hold(world, one, asked.text), _of(one))
            )
        case Act.NOTE:
            principal.require(Permission.REPORT_FROM_SCENE)
            return _on_incident(asked, context, lambda _, one: Draft(incidents.note(one, asked.text), _of(one)))
        case Act.CLOSE:
            principal.require(Permission.CLOSE_INCIDENT)
            return _close(asked, context, desk, principal)
        case Act.EN_ROUTE:
            return _status(asked, context, principal, UnitStatus.EN_ROUTE)
        case Act.ON_SCENE:
            return _status(asked, context, principal, UnitStatus.ON_SCENE)
        case Act.CLEAR_UNIT:
            return _status(asked, context, principal, UnitStatus.AVAILABLE)
        case Act.RESET_TIMER:
            return _reset(asked, principal)
        case Act.SELF_INITIATE:
            principal.require(Permission.OPEN_INCIDENT)
            return _self_initiated(asked, desk, principal)
        case Act.SELECT | Act.HELP:
            return None
        case Act.HISTORY:
            principal.require(Permission.READ_RECORD)
            return None
        case _:
            assert_never(asked.act)


def rehearse(deed: Deed, desk: Desk) -> None:
    """Decide as if now, record nothing. Raises what carrying it out would."""
    list(deed.decide(desk.ledger.shown, desk.clock.now()))


# ---- incidents ----


def _on_incident(asked: Instruction, context: Context, decided: DecideDraft, consequence: str = "") -> Deed:
    incident_id = context.incidents[_number(asked)].incident_id

    def decide(world: World, _: datetime) -> list[Draft]:
        return [decided(world, world.incident(incident_id))]

    return Deed(decide, incident_stream(incident_id), consequence)


def _number(asked: Instruction) -> int:
    if asked.number is None:
        raise Refused("No incident is named.")
    return asked.number


def _of(incident: Incident) -> StreamName:
    return incident_stream(incident.incident_id)


def _send(asked: Instruction) -> DecideDraft:
    def decided(world: World, incident: Incident) -> Draft:
        return Draft(sending.dispatch(world, incident, asked.units, override_reason=asked.text), _of(incident))

    return decided


def _close(asked: Instruction, context: Context, desk: Desk, principal: Principal) -> Deed:
    """Dispositions as given, else as proposed from the words; the cause as proposed."""
    incident = desk.ledger.shown.incident(context.incidents[_number(asked)].incident_id)
    wanted = Propose(asked.text, asked.dispositions or None, None, asked.seen, asked.tried)
    proposal = proposal_row(incident, wanted, desk.scene(principal.reads))
    codes = tuple(code for code, _ in proposal.dispositions)

    def decided(world: World, one: Incident) -> Draft:
        ended = incidents.close(
            one,
            asked.text,
            codes,
            proposal.cause,
            seen=asked.seen,
            tried=asked.tried,
            passed_on=passed_on(world, one),
            codes=_codes(desk),
        )
        return Draft(ended, _of(one))

    ended = ", ".join(f"{code} {label}" for code, label in proposal.dispositions)
    return _on_incident(asked, context, decided, f"Writes {ended or 'no disposition'}; cause: {proposal.cause_label}.")


def _self_initiated(asked: Instruction, desk: Desk, principal: Principal) -> Deed:
    """A new incident at a place, with the unit on scene."""
    new_id, place, codes = IncidentId(desk.new_i3_id()), place_of(desk.places, text=asked.text), _codes(desk)
    stream = incident_stream(new_id)
    for unit in asked.units:
        principal.require_unit(unit)
    why = f"{' and '.join(asked.units)} stopped there, told by {principal.name}"

    def decide(world: World, now: datetime) -> list[Draft]:
        opened = incidents.open_incident(new_id, world.next_number, asked.kind, why=why, codes=codes)
        blank = Incident(new_id, world.next_number, now)
        drafts = [Draft(event, stream) for event in (*opened, incidents.set_place(blank, place))]
        for unit in (world.unit(name) for name in asked.units):
            there = units.change_status(unit, UnitStatus.ON_SCENE, new_id)
            drafts.append(Draft(there, unit_stream(unit.unit_id), agency=unit.agency))
        return drafts

    return Deed(decide, None, f"Place {place.label}{'' if place.point else ', not in the address index'}.")


def _codes(desk: Desk) -> Codes:
    return desk.ledger.policy.incident.codes


# ---- units ----


def _status(asked: Instruction, context: Context, principal: Principal, status: UnitStatus) -> Deed:
    for unit in asked.units:
        principal.require_unit(unit)
    incident_id = context.incidents[asked.number].incident_id if asked.number is not None else None

    def decide(world: World, _: datetime) -> list[Draft]:
        named = [world.unit(name) for name in asked.units]
        changes = [(unit, sending.set_status(world, unit, status, incident_id, asked.text)) for unit in named]
        return [Draft(change, unit_stream(unit.unit_id), agency=unit.agency) for unit, change in changes]

    return Deed(decide, _first(asked.units))


def _reset(asked: Instruction, principal: Principal) -> Deed:
    """The button is there while the timer runs; so it is here."""
    for unit in asked.units:
        principal.require_unit(unit)

    def decide(world: World, _: datetime) -> list[Draft]:
        named = [world.unit(name) for name in asked.units]
        idle = [unit.unit_id for unit in named if unit.safety_from is None]
        if idle:
            raise Refused(f"{' and '.join(idle)}: no safety timer runs that could start anew.")
        return [
            Draft(units.check_safety(unit, "reset by radio"), unit_stream(unit.unit_id), agency=unit.agency)
            for unit in named
        ]

    return Deed(decide, _first(asked.units))


def _first(named: Sequence[UnitId]) -> StreamName:
    return unit_stream(named[0])
