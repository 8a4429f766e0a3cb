"""What has been done for an incident and what comes next: the rungs of its ladder."""

from datetime import datetime

from msgspec.structs import replace

from tenfour.calltaking.call import Call
from tenfour.calltaking.call_words import end_words
from tenfour.desk.door_row import address_words, fix_of
from tenfour.desk.scene import Scene
from tenfour.desk.view import DoorView, StepView
from tenfour.desk.words import count, exactness
from tenfour.incident.incident import Incident

DONE, REFUSED, NEXT, LATER = "done", "refused", "next", "later"


def steps_of(incident: Incident, doors: tuple[DoorView, ...], scene: Scene) -> tuple[StepView, ...]:
    """The rungs in their order; the first that is neither done nor refused is next."""
    calls = [scene.world.calls[call_id] for call_id in incident.call_ids if call_id in scene.world.calls]
    came, ours = [one for one in calls if one.outgoing is None], [one for one in calls if _is_ours(one)]
    rungs = [
        *([_listened(came, scene), _located(incident, doors, scene), _called_back(came, ours, scene)] if came else []),
        _sent(incident, scene),
        _contact(incident),
        _closed(incident),
    ]
    upcoming = next((rung for rung in rungs if rung.state == LATER), None)
    return tuple(replace(rung, state=NEXT) if rung is upcoming else rung for rung in rungs)


def _listened(calls: list[Call], scene: Scene) -> StepView:
    call = calls[0]
    heard = [scene.policy.calltaking.heard.get(code, code) for code in call.heard]
    words = ", ".join([_by_whom(call, scene), *heard])
    if call.ended_at is None:
        return StepView(LATER, "Listen to the end", "on the line" if call.answered_at else "ringing")
    return StepView(DONE if call.answered_at else REFUSED, "Listened to the end", words, call.ended_at)


def _located(incident: Incident, doors: tuple[DoorView, ...], scene: Scene) -> StepView:
    fix = fix_of(incident, scene)
    if fix is None and incident.place is not None:
        return StepView(DONE, "Located", f"{incident.place.label}, told", incident.places[-1].at)
    address = address_words(incident, scene)
    if fix is None and address and not doors:
        return StepView(LATER, "Locate", f"{address}: type it, or area check")
    if fix is None and not address:
        return StepView(LATER, "Locate", "no fix yet: ask again, or area check")
    found = count(len(doors), "likely door") if doors else "no door: area check"
    exact = exactness(fix.uncertainty_m) if fix else ""
    at = fix.at if fix else None
    return StepView(DONE, "Located", ", ".join(part for part in (exact, found, address) if part), at)


def _called_back(calls: list[Call], ours: list[Call], scene: Scene) -> StepView:
    label = "Call back, text"
    if ours:
        return _placed(ours[-1], scene)
    refusal = next((refusal for call in calls for refusal in call.refusals), None)
    if refusal is not None:
        return StepView(REFUSED, label, "refused for this handset, in the record", refusal.at)
    if all(call.handset is not None and not (call.may_call_back or call.may_text) for call in calls):
        return StepView(REFUSED, label, calls[0].handset_words, calls[0].received_at)
    if any(call.in_progress for call in calls):
        return StepView(LATER, label, "when the line is down")
    if scene.places_calls and any(call.may_call_back for call in calls):
        return StepView(LATER, label, "the number can be called")
    return StepView(REFUSED, label, "by telephone: this centre places no calls", _ended(calls))


def _placed(call: Call, scene: Scene) -> StepView:
    """The newest call of ours: under way, or what came of it."""
    if call.in_progress:
        words = "on the line" if call.connected_at else "being called"
        return StepView(LATER, "Call back", f"{call.ani}: {words}")
    spoke = f"{call.ani}: on the line at {scene.time(call.connected_at)}" if call.connected_at else ""
    return StepView(
        DONE, "Called back", spoke or f"{call.ani}: {end_words(call)[:1].lower()}{end_words(call)[1:]}", call.ended_at
    )


def _ended(calls: list[Call]) -> datetime | None:
    return max((call.ended_at for call in calls if call.ended_at is not None), default=None)


def _sent(incident: Incident, scene: Scene) -> StepView:
    assignment = scene.world.assignment(incident.incident_id)
    if assignment.orders:
        units = ", ".join(dict.fromkeys(unit for order in assignment.orders for unit in order.sent.units))
        return StepView(DONE, "Sent a unit", units, assignment.orders[0].at)
    if assignment.held_at is not None:
        return StepView(LATER, "Send a unit", f"held: {assignment.held_reason}", assignment.held_at)
    limit_s = scene.policy.dispatch.timers.send_unit_within_s
    return StepView(LATER, "Send a unit", f"within {limit_s:.0f} s of the drop")


def _contact(incident: Incident) -> StepView:
    if incident.contact_at is not None:
        return StepView(DONE, "Spoke to a person at the door", "a person was seen", incident.contact_at)
    tried = incident.closing.tried if incident.closing else ()
    if tried:
        return StepView(REFUSED, "Speak to a person at the door", f"tried: {', '.join(tried)}")
    return StepView(LATER, "Speak to a person at the door", "else next door, then area check")


def _closed(incident: Incident) -> StepView:
    if incident.closing is not None and not incident.is_open:
        return StepView(DONE, "Closed", f"“{incident.closing.words}”", incident.closing.at)
    return StepView(LATER, "Close", "only after a person was seen")


def _by_whom(call: Call, scene: Scene) -> str:
    to = call.conference.party(call.conference.handed_over_to) if call.conference.handed_over_to is not None else None
    if to is not None:
        return f"left to {to.name}"
    return scene.person(call.person) if call.person else "nobody answered"


def _is_ours(call: Call) -> bool:
    """A call that we placed to somebody, and not into another call."""
    return call.outgoing is not None and call.outgoing.in_call is None
