"""Decisions on further parties of a call: who may be called in, and to whom the caller may be left."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from tenfour.calltaking.call import Call
from tenfour.calltaking.conference import ThirdParty, ThirdState
from tenfour.calltaking.conference_event import CallHandedOver, CallTakenBack, ThirdPartyCalled
from tenfour.calltaking.decision import is_in_hand, name
from tenfour.calltaking.event import CallReleaseOrdered
from tenfour.calltaking.outgoing_event import CallPlaced, NumberRefused
from tenfour.calltaking.placing import dial, goes_along, identifiers
from tenfour.calltaking.position import Position
from tenfour.calltaking.third_party import PSAP
from tenfour.calltaking.voice_decision import with_headset
from tenfour.calltaking.voice_event import CallHeld, PartyJoined, PartyLeft
from tenfour.telephony.party import Role
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.errors import IllegalTransition, NotFound, Refused
from tenfour.vocabulary.ids import CallId, PersonId, PositionId

MOST_AT_ONCE: Final = 4
"""Third parties of one call."""

NOT_HEARD: Final = (
    "{call}: nothing was heard of {who} yet, and the caller would be left to silence. Wait for a voice, or say why the "
    "caller is left there all the same."
)


class Target(msgspec.Struct, frozen=True):
    """Whom to call in. `uri` of one that has a SIP, tel or service URI; else `number` is dialled."""

    name: str
    kind: str = ""
    uri: str = ""
    number: str = ""


class CalledIn(msgspec.Struct, frozen=True):
    """What follows for the call (and for whom is called)."""

    of_call: tuple[Event, ...]
    placed: CallPlaced


def call_in(
    call: Call,
    target: Target,
    position: PositionId,
    person: PersonId,
    *,
    new_id: CallId,
    host: str,
    hold: bool = False,
    then_leave: bool = False,
    told: str = "",
) -> CalledIn | NumberRefused:
    """Call somebody into the call; the identifiers of call and incident go along. `hold`: the caller waits meanwhile.
    `told`: what another centre is told in words.

    Raises `IllegalTransition` for a call that is not on the line, `Refused` for one who is not in it, `BadInput` for
    what is no telephone number.
    """
    is_in_hand(call, position)
    _has_room(call, target)
    placed = place(call, target, position, person, new_id=new_id, host=host, told=told)
    if isinstance(placed, NumberRefused):
        return placed
    called = ThirdPartyCalled(new_id, target.name or placed.number, target.kind, position, then_leave)
    waits = hold and call.voice.held_at is None
    return CalledIn((called, CallHeld(position, f"to speak with {called.name}")) if waits else (called,), placed)


def place(
    call: Call, target: Target, position: PositionId, person: PersonId, *, new_id: CallId, host: str, told: str = ""
) -> CallPlaced | NumberRefused:
    """The third party's own call; `told` goes to another centre only."""
    if not target.uri:
        placed = dial(
            target.number,
            position,
            person,
            new_id=new_id,
            i3_incident_id=call.i3_incident_id,
            host=host,
            incident_id=call.incident_id,
        )
        if isinstance(placed, NumberRefused):
            return placed
        return msgspec.structs.replace(placed, headers=identifiers(call, host), in_call=call.call_id)
    return CallPlaced(
        new_id,
        call.i3_incident_id,
        target.name,
        position,
        person,
        target=target.uri,
        headers=(*identifiers(call, host), *(goes_along(call) if target.kind == PSAP else ())),
        incident_id=call.incident_id,
        in_call=call.call_id,
        told=told if target.kind == PSAP else "",
    )


def drop(call: Call, third: CallId, position: PositionId) -> CallReleaseOrdered:
    """Let a third party go, or call it no longer. Raises `NotFound` for one that is not there."""
    is_in_hand(call, position)
    _live(call, third)
    return CallReleaseOrdered(position)


def hand_over(
    call: Call, third: CallId | None, position: PositionId, *, was_heard: Callable[[CallId], bool], reason: str = ""
) -> Sequence[Event]:
    """Leave the caller to a third party that is in the call; both stay connected through us, a caller on hold too.

    `was_heard(third)`: did audio ever come from it? `reason`: why the caller is left to it though none did.
    Raises `Refused` where nobody of outside is in the call, or nothing was heard of it and there is no reason.
    """
    is_in_hand(call, position)
    party = _live(call, third) if third is not None else next(iter(call.conference.joined), None)
    if party is None or party.state is not ThirdState.IN_CALL:
        who = party.name if party is not None else "a third party"
        raise Refused(f"{name(call)}: {who} is not in the call; the caller is left to nobody.")
    if was_heard(party.call_id):
        return handed_over(call, party.call_id, party.name, position)
    if not reason.strip():
        raise Refused(NOT_HEARD.format(call=name(call), who=party.name))
    return handed_over(call, party.call_id, party.name, position, reason.strip())


def take_back(call: Call, at: Position | None, position: PositionId, person: PersonId) -> Sequence[Event]:
    """Speak with a caller again who was handed over; whoever has the caller stays in the call.

    Raises `IllegalTransition` for a caller who was left to nobody, `Refused` for a position without a headset.
    """
    if not call.in_progress or call.conference.handed_over_to is None:
        raise IllegalTransition(name(call), call.state.value, wanted="a caller who was left to a third party")
    with_headset(call, at, position)
    return (CallTakenBack(position, person), PartyJoined(position, person, Role.CALL_TAKER))


def handed_over(call: Call, third: CallId, to: str, position: PositionId | None, why: str = "") -> Sequence[Event]:
    """The caller is left to this party: whoever of ours spoke with the caller leaves."""
    left = [PartyLeft(one.position, f"left the caller to {to}") for one in call.voice.speaking]
    return (*left, CallHandedOver(third, to, position, why))


def _has_room(call: Call, target: Target) -> None:
    live = call.conference.live
    if len(live) >= MOST_AT_ONCE:
        raise Refused(f"{name(call)} has {len(live)} third parties; more cannot be called in.")
    same = next((one for one in live if target.name and one.name == target.name), None)
    if same is not None:
        raise Refused(f"{name(call)}: {same.name} is in the call, or called, already.")
    if call.is_third_alone:
        raise Refused(f"{name(call)} is in another call as a third party.")


def _live(call: Call, third: CallId) -> ThirdParty:
    party = call.conference.party(third)
    if party is None or not party.is_live:
        raise NotFound("third party", third)
    return party
