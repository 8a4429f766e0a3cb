"""Decisions on calls of ours: who may be called, and what our INVITE says of it."""

from typing import Final

from tenfour.calltaking.call import Call, CallState
from tenfour.calltaking.decision import is_in_hand, name
from tenfour.calltaking.event import CallbackRefused
from tenfour.calltaking.handset import digits, display, is_deactivated
from tenfour.calltaking.outgoing_event import CallPlaced, NumberRefused
from tenfour.calltaking.transfer import refer_target
from tenfour.calltaking.transfer_event import TransferOrdered
from tenfour.telephony.i3 import call_info
from tenfour.vocabulary.errors import BadInput, IllegalTransition, Refused
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId

CALLBACK_HEADERS: Final = (("Priority", "psap-callback"), ("Resource-Priority", "esnet.0"))
"""What tells networks that a call to somebody is a callback of an emergency (RFC 7090, NENA-STA-010.3)."""

NO_TRUNK: Final = "This line places no calls: {number} is dialled by telephone."
NO_TEXTS: Final = "This line sends no texts: {number} is texted by telephone."
EMERGENCY_NUMBERS: Final = frozenset({"911", "112"})
LONGEST_NUMBER: Final = 15
"""Digits of a number (ITU-T E.164)."""


def call_back(
    call: Call,
    means: str,
    position: PositionId,
    person: PersonId,
    *,
    new_id: CallId,
    host: str,
    places_calls: bool,
) -> CallPlaced | CallbackRefused:
    """Somebody wants to call or text back. A refusal is a fact, so that the record shows that it was thought of.

    The original call's identifiers go along; `host` made those that are ours. Raises `IllegalTransition` while the
    caller is still on the line, `BadInput` for other means.
    """
    if means not in ("voice", "text"):
        raise BadInput(f"{name(call)} can be asked back by voice or text, not by {means!r}.")
    if call.in_progress or call.outgoing is not None:
        raise IllegalTransition(name(call), call.state.value, wanted="a call that has ended, and that came in")
    if not (call.may_call_back if means == "voice" else call.may_text):
        return CallbackRefused(means, call.handset_words or "Nothing is known of this handset that could be called.")
    if means == "text" or not places_calls or not call.reach.uri:
        words = NO_TEXTS if means == "text" else NO_TRUNK
        return CallbackRefused(means, words.format(number=call.callback_number))
    return CallPlaced(
        new_id,
        call.i3_incident_id,
        call.callback_number or call.ani,
        position,
        person,
        target=call.reach.uri,
        headers=(*CALLBACK_HEADERS, *identifiers(call, host)),
        callback_of=call.call_id,
        incident_id=call.incident_id,
    )


def identifiers(call: Call, host: str) -> tuple[tuple[str, str], ...]:
    """The identifiers of the original call, each with the name of whoever made it."""
    of_call, _ = call_info(call.call_id, call.i3_incident_id, call.reach.call_host or host)
    _, of_incident = call_info(call.call_id, call.i3_incident_id, call.reach.incident_host or host)
    return of_call, of_incident


def goes_along(call: Call) -> tuple[tuple[str, str], ...]:
    """What another centre is told of the caller beside the identifiers: that it is an emergency (RFC 4412), and where
    location and additional data are to be had (RFC 6442, RFC 7852).
    """
    location = (("Geolocation", f"<{call.location_uri}>"),) if call.location_uri else ()
    data = tuple(("Call-Info", value) for value in call.reach.data)
    return (("Resource-Priority", "esnet.1"), *location, *data) if call.is_emergency else (*location, *data)


def dial(
    number: str,
    position: PositionId,
    person: PersonId,
    *,
    new_id: CallId,
    i3_incident_id: IncidentId,
    host: str,
    incident_id: IncidentId | None = None,
) -> CallPlaced | NumberRefused:
    """An ordinary call to a number. Raises `BadInput` for what is no telephone number.

    What only a telephone without service shows is not called, nor is an emergency number: that is us.
    """
    dialled = digits(number)
    if not 2 <= len(dialled) <= LONGEST_NUMBER or set(number) - set("0123456789+-.() "):
        raise BadInput(f"{number!r} is no telephone number; expected such as 614-555-0137.")
    if is_deactivated(number):
        return NumberRefused(
            position, display(number), "A telephone without a service plan shows it: nobody answers it."
        )
    if dialled in EMERGENCY_NUMBERS:
        return NumberRefused(position, dialled, "It is the emergency number itself.")
    headers = call_info(new_id, i3_incident_id, host)
    return CallPlaced(
        new_id, i3_incident_id, display(number), position, person, headers=headers, incident_id=incident_id
    )


def pass_on(call: Call, to: str, uri: str, position: PositionId, *, host: str, bridge: bool = False) -> TransferOrdered:
    """Pass the call on to another centre, with the identifiers of call and incident. `bridge`: see `TransferOrdered`.

    Raises `IllegalTransition` unless caller and centre are connected, `Refused` for one who is not in the call and
    while it is being passed on already.
    """
    may_be_passed_on(call, position)
    return TransferOrdered(to, refer_target(uri, identifiers(call, host)), position, bridge=bridge)


def connect(call: Call, other: Call, position: PositionId, *, host: str) -> TransferOrdered:
    """Connect the caller with whoever is on another call of ours (to have spoken with first), and leave both.

    Raises as `pass_on`, and `Refused` unless the other call was placed here, is on the line, and is in the hand of this
    position or a third party of this call.
    """
    may_be_passed_on(call, position)
    if other.outgoing is None or other.state is not CallState.TALKING or other.call_id == call.call_id:
        raise Refused(f"{name(call)} can be connected with a call that we placed and that is on the line.")
    party = call.conference.party(other.call_id)
    if other.position != position and (party is None or not party.is_live):
        raise Refused(f"{name(call)}: the call to {other.ani} is neither at position {position} nor in this call.")
    return TransferOrdered(other.ani, refer_target("", identifiers(call, host)), position, other.call_id)


def may_be_passed_on(call: Call, position: PositionId) -> None:
    """Raises `IllegalTransition` unless a person has it and it is on the line, `Refused` for one who is not in it, and
    while it is passed on.
    """
    is_in_hand(call, position)
    if call.transfer is not None and call.transfer.under_way:
        raise Refused(f"{name(call)} is being passed on to {call.transfer.name} already.")
