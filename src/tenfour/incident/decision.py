"""What people may do with an incident. Each decision takes the state and gives facts, or refuses in a sentence."""

from collections.abc import Mapping, Sequence

from tenfour.incident import event as e
from tenfour.incident.code import CHECKLIST, Codes
from tenfour.incident.incident import PERSON_SEEN, Incident, people_seen
from tenfour.vocabulary.code import REFERRED, UNABLE_TO_LOCATE, Priority
from tenfour.vocabulary.errors import BadInput, IllegalTransition, Refused
from tenfour.vocabulary.ids import CallId, IncidentId
from tenfour.vocabulary.place import Place


def open_incident(
    incident_id: IncidentId,
    number: int,
    kind: str | None = None,
    *,
    call_id: CallId | None = None,
    why: str,
    codes: Codes,
) -> tuple[e.IncidentOpened | e.KindSet, ...]:
    """A person opens an incident, of a kind if it is known. Raises `BadInput` for an unknown kind."""
    opened = e.IncidentOpened(incident_id, number, call_id, why)
    if kind is None:
        return (opened,)
    codes.kind(kind)
    return (opened, e.KindSet(kind))


def link_call(incident: Incident, call_id: CallId, *, certain: bool, why: str) -> e.CallLinked:
    """A further call belongs to it."""
    must_be_open(incident)
    if call_id in incident.call_ids:
        raise Refused(f"The call belongs to {incident.name} already.")
    return e.CallLinked(call_id, certain, why)


def set_kind(incident: Incident, kind: str, rule: str = "", *, codes: Codes) -> e.KindSet:
    """A person sets the incident type; `rule`: the advice that was followed."""
    must_be_open(incident)
    codes.kind(kind)
    return e.KindSet(kind, rule)


def set_priority(incident: Incident, priority: int, reason: str = "") -> e.PrioritySet:
    """A person sets the priority. To lower it a reason is required: calm alone is none, but a person may know more."""
    must_be_open(incident)
    if priority not in {p.value for p in Priority}:
        raise BadInput(f"Priority is 1 (most urgent) to {len(Priority)}, not {priority}.")
    if incident.priority is not None and priority > incident.priority and not reason.strip():
        raise Refused(f"{incident.name} has priority {incident.priority}; lowering it to {priority} needs a reason.")
    return e.PrioritySet(priority, reason.strip())


def set_place(incident: Incident, place: Place, *, door_rank: int | None = None, reason: str = "") -> e.PlaceSet:
    """Set where it is; earlier places stay in the record."""
    must_be_open(incident)
    if not place.label.strip():
        raise BadInput(f"{incident.name}: a place needs words that can be read back.")
    return e.PlaceSet(place, door_rank, reason.strip())


def read_back(incident: Incident) -> e.PlaceReadBack:
    """The address was read back and confirmed."""
    must_be_open(incident)
    return e.PlaceReadBack(_place(incident).label)


def verify_place(incident: Incident, by: str) -> e.PlaceVerified:
    """Somebody (`by`: who) stood there or spoke to somebody there, and it is the place."""
    must_be_open(incident)
    _place(incident)
    return e.PlaceVerified(by)


def next_door(
    incident: Incident, doors: Sequence[Place], reason: str
) -> tuple[e.DoorRuledOut] | tuple[e.DoorRuledOut, e.PlaceSet]:
    """This is the wrong house: rule it out and set the next candidate of `doors` (ranked, best first).

    When none is left only the ruling out is returned: the area is to be checked. The neighbours' history stays clean:
    the door ruled out is not this incident's place any more.
    """
    must_be_open(incident)
    place = _place(incident)
    wrong = e.DoorRuledOut(place.address_id or "", place.label, reason.strip() or "wrong house")
    gone = {out.address_id for out in incident.ruled_out} | {wrong.address_id}
    left = [(rank, door) for rank, door in enumerate(doors, start=1) if door.address_id not in gone]
    if not left:
        return (wrong,)
    rank, door = left[0]
    return wrong, e.PlaceSet(door, rank, f"next door after {place.label}: {wrong.reason}")


def note(incident: Incident, text: str) -> e.NarrativeAdded:
    """Add a line to the narrative; also after it was closed, as a correction follows and never replaces."""
    if not text.strip():
        raise BadInput(f"{incident.name}: an empty note says nothing.")
    return e.NarrativeAdded(text.strip())


def mark(incident: Incident, item: str, done: bool, *, checklist: Mapping[str, str] = CHECKLIST) -> e.ChecklistMarked:
    """Tick or clear an item of the on-scene checklist."""
    must_be_open(incident)
    if item not in checklist:
        raise BadInput(f"There is no checklist item {item!r}; known are {', '.join(checklist)}.")
    return e.ChecklistMarked(item, done)


def close(
    incident: Incident,
    words: str,
    dispositions: Sequence[str],
    cause: str,
    *,
    seen: Sequence[str] = (),
    tried: Sequence[str] = (),
    passed_on: Sequence[str] = (),
    codes: Codes,
) -> e.IncidentClosed:
    """Close it. Nothing closes unless a person was seen, or 14 "unable to locate" is given with what was tried, or 15
    "referred" where other centres have its calls (`passed_on`: which).

    `seen` adds to the ticked checklist items; only those that say a person was seen count.
    Raises `BadInput` for unknown codes, `Refused` where contact is missing.
    """
    must_be_open(incident)
    tried = tuple(line.strip() for line in tried if line.strip())
    if not dispositions:
        raise BadInput(needs_disposition(incident))
    for code in dispositions:
        codes.disposition(code)
    codes.cause(cause)
    people = _people(incident, seen)
    refusal = why_not_closed(incident, dispositions, people, tried, passed_on)
    if refusal:
        raise Refused(refusal)
    with_others = tuple(passed_on) if REFERRED in dispositions else ()
    return e.IncidentClosed(words.strip(), tuple(dict.fromkeys(dispositions)), cause, people, tried, with_others)


def _people(incident: Incident, seen: Sequence[str]) -> tuple[str, ...]:
    wrong = [item for item in seen if item not in PERSON_SEEN]
    if wrong:
        raise BadInput(f"{', '.join(wrong)} does not say that a person was seen; {' and '.join(PERSON_SEEN)} do.")
    return tuple(dict.fromkeys((*people_seen(incident.done_items), *seen)))


def needs_disposition(incident: Incident) -> str:
    """Nothing closes without saying how it ended."""
    return f"{incident.name} needs at least one disposition to be closed."


def why_not_closed(
    incident: Incident,
    dispositions: Sequence[str],
    people: Sequence[str],
    tried: Sequence[str],
    passed_on: Sequence[str] = (),
) -> str:
    """Why it may not be closed with these, as a sentence; empty when it may."""
    if people or (passed_on and REFERRED in dispositions):
        return ""
    if UNABLE_TO_LOCATE not in dispositions:
        have = "has" if len(passed_on) == 1 else "have"
        referred = f" Or give {REFERRED} (referred): {' and '.join(passed_on)} {have} the call." if passed_on else ""
        return (
            f"{incident.name} cannot be closed: nobody was seen. "
            f"Tick who was seen, or give disposition {UNABLE_TO_LOCATE} (unable to locate) with what was tried."
            f"{referred}"
        )
    if not tried:
        return f"{incident.name} cannot be closed as unable to locate: say what was tried."
    return ""


def reopen(incident: Incident, reason: str) -> e.IncidentReopened:
    """Closed, and to be worked on again."""
    if incident.is_open:
        raise IllegalTransition(incident.name, incident.status.value, wanted="a closed incident")
    if not reason.strip():
        raise Refused(f"{incident.name} is closed; reopening it needs a reason.")
    return e.IncidentReopened(reason.strip())


def must_be_open(incident: Incident) -> None:
    """Raises `IllegalTransition` for an incident that is closed."""
    if not incident.is_open:
        raise IllegalTransition(incident.name, incident.status.value, wanted="an open incident (reopen it first)")


def _place(incident: Incident) -> Place:
    if incident.place is None:
        raise Refused(f"{incident.name} has no place yet.")
    return incident.place
