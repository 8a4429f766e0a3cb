"""The world: the state of the centre as folded from its facts. Aggregates are frozen; the world only holds them.

It carries what is open and what was finished a short while ago. The rest it lets go of (`let_go`) and finds
again on its shelf when somebody asks for it, or when a late fact of it is folded: then it is carried again.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec

from tenfour.calltaking import call as calls
from tenfour.calltaking import position as positions
from tenfour.calltaking.call import Call
from tenfour.calltaking.distribution_event import OfferPassed
from tenfour.calltaking.position import Position
from tenfour.dispatch import assignment as assignments
from tenfour.dispatch.assignment import Assignment
from tenfour.incident import incident as incidents
from tenfour.incident.incident import Incident
from tenfour.journal.event import CentreFounded, ClockSet
from tenfour.location import fix as fixes
from tenfour.location.fix import CallerLocation
from tenfour.units import unit as units
from tenfour.units.event import UnitStatusChanged
from tenfour.units.unit import Unit
from tenfour.vocabulary.envelope import Actor, Event, Fact, Recorded
from tenfour.vocabulary.errors import NotFound
from tenfour.vocabulary.ids import AgencyId, CallId, EventId, IncidentId, PositionId, UnitId
from tenfour.vocabulary.place import Point
from tenfour.workflow import casework as caseworks
from tenfour.workflow.casework import Casework
from tenfour.workflow.shelf import Carried, Shelf
from tenfour.workflow.state import STATE_TYPES, Key, Kind, Numbering, Sighting

__all__ = ["FIRST_NUMBER", "REMEMBERED_IDS", "Key", "Kind", "Sighting", "World"]

FIRST_NUMBER: Final = 1
"""What the first incident of a centre is called."""

REMEMBERED_IDS: Final = 200_000
"""How many ids of facts are remembered, so that a redelivered fact is not folded twice."""

_NOTHING_SENT: Final = Assignment()

_T = TypeVar("_T")
_Name = TypeVar("_Name")


_Kept = TypeVar("_Kept", bound=msgspec.Struct)


class World:
    """Everything the centre knows now. `apply` folds one fact; `changed` names what it touched.

    Read the mappings, never write to them. `seq` is the last journal position folded (0 for facts not yet recorded).
    Without a `shelf` nothing may be let go of.
    """

    def __init__(self, shelf: Shelf | None = None) -> None:
        self._shelf = shelf
        self.seq = 0
        self.founded: CentreFounded | None = None
        self.clock: ClockSet | None = None
        self.calls: Carried[CallId, Call] = Carried(self._find(Kind.CALL, Call))
        self.locations: Carried[CallId, CallerLocation] = Carried(
            self._find(Kind.LOCATION, CallerLocation), of=self.calls
        )
        self.positions: dict[PositionId, Position] = {}
        self.incidents: Carried[IncidentId, Incident] = Carried(self._find(Kind.INCIDENT, Incident))
        self.assignments: Carried[IncidentId, Assignment] = Carried(
            self._find(Kind.ASSIGNMENT, Assignment), of=self.incidents
        )
        self.casework: Carried[IncidentId, Casework] = Carried(self._find(Kind.CASEWORK, Casework), of=self.incidents)
        self.units: dict[UnitId, Unit] = {}
        self.sightings: dict[UnitId, Sighting] = {}
        self.next_number = FIRST_NUMBER
        self.calls_in_progress: set[CallId] = set()
        self.open_incidents: set[IncidentId] = set()
        self.visits_open: set[IncidentId] = set()
        """Incidents of which a visit is promised and not made: carried until it is, however long they are closed."""
        self._units_on: dict[IncidentId, tuple[UnitId, ...]] = {}
        self._by_number: dict[str, frozenset[IncidentId]] = {}
        """Open incidents by the numbers that their calls show."""
        self._known: dict[EventId, None] = {}
        self._known_order: deque[EventId] = deque()
        self._changed: set[Key] = set()

    def _find(self, kind: str, type_: type[_Kept]) -> Callable[[str], _Kept | None]:
        def find(name: str) -> _Kept | None:
            saved = None if self._shelf is None else self._shelf.state(kind, name)
            return None if saved is None else msgspec.json.decode(saved, type=type_)

        return find

    # ---- folding ----

    def apply(self, told: Fact | Recorded) -> bool:
        """Fold one fact, given or recorded. False when its id is known already: then nothing was done."""
        said = told.header if isinstance(told, Recorded) else told
        if isinstance(told, Recorded):
            self.seq = max(self.seq, told.seq)
        if said.id in self._known:
            return False
        self._remember(said.id)
        if told.event is not None:
            self._fold(said.stream, told.event, at=told.at, actor=said.actor, agency=said.agency)
        return True

    def recall(self, ids: Iterable[EventId]) -> None:
        """Remember ids as known, oldest first: after `restore`, give it the journal's newest ids."""
        for fact_id in ids:
            if fact_id not in self._known:
                self._remember(fact_id)

    def _remember(self, fact_id: EventId) -> None:
        self._known[fact_id] = None
        self._known_order.append(fact_id)
        if len(self._known_order) > REMEMBERED_IDS:
            del self._known[self._known_order.popleft()]

    def knows(self, fact_id: EventId) -> bool:
        """Whether a fact of this id was folded (among the last `REMEMBERED_IDS`)."""
        return fact_id in self._known

    def _fold(self, stream: str, event: Event, *, at: datetime, actor: Actor, agency: AgencyId) -> None:
        kind, _, name = stream.partition("/")
        match kind:
            case "call":
                self._fold_call(CallId(name), event, at, actor)
            case "incident":
                self._fold_incident(IncidentId(name), event, at, actor)
            case "unit":
                self._fold_unit(UnitId(name), event, at, agency)
            case "exhibit" | "release" | "visit":
                self._fold_casework(name, event, at, actor)
            case "position":
                before = self.positions.get(PositionId(name))
                if (position := positions.apply(before, event, at=at, actor=actor)) is not None:
                    self._put(Key(Kind.POSITION, name), position)
            case "centre":
                self._fold_centre(event)

    def _fold_centre(self, event: Event) -> None:
        if isinstance(event, CentreFounded):
            self._put(Key(Kind.CENTRE, ""), event)
        elif isinstance(event, ClockSet):
            self._put(Key(Kind.CLOCK, ""), event)

    def _fold_call(self, call_id: CallId, event: Event, at: datetime, actor: Actor) -> None:
        self.calls.carry(call_id)
        before = self.calls.carried(call_id)
        call = calls.apply(before, event, at=at, actor=actor, seq=self.seq)
        if call is not None and call is not before:
            self._put(Key(Kind.CALL, call_id), call)
            self._touch_position(before, call, event, at)
        here = self.locations.carried(call_id)
        location = fixes.apply(here, event, at=at, seq=self.seq)
        if location is not None and location is not here:
            self._put(Key(Kind.LOCATION, call_id), location)

    def _touch_position(self, before: Call | None, call: Call, event: Event, at: datetime) -> None:
        """The position that took a call, is done with one, or did not take one, had to do with it just now."""
        was: tuple[PositionId | None, bool] = (None, True)
        if before is not None:
            was = (before.position, before.in_progress)
        moved = was != (call.position, call.in_progress)
        position_id = (call.position or was[0]) if moved else None
        if isinstance(event, OfferPassed) and event.missed:
            position_id = event.position
        position = self.positions.get(position_id) if position_id is not None else None
        if position is not None:
            self._put(Key(Kind.POSITION, position.position_id), positions.touched(position, at=at))

    def _fold_incident(self, incident_id: IncidentId, event: Event, at: datetime, actor: Actor) -> None:
        self.incidents.carry(incident_id)
        before = self.incidents.carried(incident_id)
        incident = incidents.apply(before, event, at=at, actor=actor, seq=self.seq)
        if incident is not None and incident is not before:
            self._put(Key(Kind.INCIDENT, incident_id), incident)
        sent = self.assignments.carried(incident_id)
        assignment = assignments.apply(sent, event, at=at, actor=actor, seq=self.seq)
        if assignment is not None and assignment is not sent:
            self._put(Key(Kind.ASSIGNMENT, incident_id), assignment)

    def _fold_casework(self, name: str, event: Event, at: datetime, actor: Actor) -> None:
        incident_id: IncidentId | None = getattr(event, "incident_id", None)
        if incident_id is None:
            return
        self.incidents.carry(incident_id)
        before = self.casework.carried(incident_id) or Casework()
        self._put(Key(Kind.CASEWORK, incident_id), caseworks.apply(before, name, event, at=at, actor=actor))

    def _fold_unit(self, unit_id: UnitId, event: Event, at: datetime, agency: AgencyId) -> None:
        before = self.units.get(unit_id)
        unit = units.apply(before, event, at=at, agency=agency)
        if unit is None or unit is before:
            return
        self._put(Key(Kind.UNIT, unit_id), unit)
        if isinstance(event, UnitStatusChanged):
            self._follow_run(unit_id, event, before.incident_id if before else None, at)

    def _follow_run(self, unit_id: UnitId, event: UnitStatusChanged, left: IncidentId | None, at: datetime) -> None:
        """Both incidents hear of it: the one the unit leaves and the one it is on now."""
        for incident_id in {left, event.incident_id} - {None}:
            self.incidents.carry(IncidentId(str(incident_id)))
        if left is not None and left != event.incident_id:
            gone = msgspec.structs.replace(event, incident_id=None)
            self._put(Key(Kind.ASSIGNMENT, left), assignments.follow(self.assignments.get(left), unit_id, gone, at=at))
        if event.incident_id is not None:
            now_on = assignments.follow(self.assignments.get(event.incident_id), unit_id, event, at=at)
            self._put(Key(Kind.ASSIGNMENT, event.incident_id), now_on)

    def sight(self, unit_id: UnitId, point: Point, at: datetime) -> None:
        """Take in a measured position; an older one than the latest is dropped."""
        latest = self.sightings.get(unit_id)
        if latest is None or latest.at <= at:
            self.sightings[unit_id] = Sighting(point, at)

    # ---- holding ----

    def _put(self, key: Key, state: msgspec.Struct) -> None:
        self._changed.add(key)
        match state:
            case Call():
                self._put_call(state)
            case Incident():
                self._put_incident(state)
            case Unit():
                self._put_unit(state)
            case CallerLocation():
                self.locations[CallId(key.id)] = state
            case Assignment():
                self.assignments[IncidentId(key.id)] = state
            case Casework():
                self.casework[IncidentId(key.id)] = state
                _keep(self.visits_open, IncidentId(key.id), state.visits_open)
            case Position():
                self.positions[state.position_id] = state
            case CentreFounded():
                self.founded = state
            case ClockSet():
                self.clock = state
            case Numbering():
                self.next_number = max(self.next_number, state.next_number)

    def _put_call(self, call: Call) -> None:
        self.calls[call.call_id] = call
        _keep(self.calls_in_progress, call.call_id, call.in_progress)
        if call.incident_id in self.open_incidents:
            self._by_number[call.ani] = self._by_number.get(call.ani, frozenset()) | {call.incident_id}

    def _put_incident(self, incident: Incident) -> None:
        self.incidents[incident.incident_id] = incident
        if incident.is_open or incident.incident_id in self.open_incidents:
            self._index(incident)
        _keep(self.open_incidents, incident.incident_id, incident.is_open)
        if incident.number >= self.next_number:
            self.next_number = incident.number + 1
            self._changed.add(Key(Kind.NUMBERING, ""))

    def _index(self, incident: Incident) -> None:
        """Have an open incident found by the numbers of its calls, and a closed one no longer."""
        own = frozenset([incident.incident_id])
        for number in self._numbers(incident):
            others = self._by_number.get(number, frozenset()) - own
            self._by_number[number] = others | own if incident.is_open else others
            if not self._by_number[number]:
                del self._by_number[number]

    def _numbers(self, incident: Incident) -> set[str]:
        calls = (self.calls.get(call_id) for call_id in incident.call_ids)
        return {call.ani for call in calls if call is not None}

    def _put_unit(self, unit: Unit) -> None:
        before = self.units.get(unit.unit_id)
        self.units[unit.unit_id] = unit
        if before is not None and before.incident_id is not None:
            self._units_on[before.incident_id] = tuple(
                u for u in self._units_on.get(before.incident_id, ()) if u != unit.unit_id
            )
        if unit.incident_id is not None:
            self._units_on[unit.incident_id] = (*self._units_on.get(unit.incident_id, ()), unit.unit_id)

    def copy(self) -> "World":
        """A second world in the same state, which can go its own way."""
        twin = World(self._shelf)
        twin.seq, twin.founded, twin.clock, twin.next_number = self.seq, self.founded, self.clock, self.next_number
        twin.calls.update(self.calls)
        twin.locations.update(self.locations)
        twin.incidents.update(self.incidents)
        twin.assignments.update(self.assignments)
        twin.casework.update(self.casework)
        twin.positions, twin.units, twin.sightings = dict(self.positions), dict(self.units), dict(self.sightings)
        twin.calls_in_progress, twin.open_incidents = set(self.calls_in_progress), set(self.open_incidents)
        twin.visits_open = set(self.visits_open)
        twin._units_on, twin._by_number = dict(self._units_on), dict(self._by_number)
        twin._known, twin._known_order = dict(self._known), deque(self._known_order)
        twin._changed = set(self._changed)
        return twin

    # ---- asking ----

    def call(self, call_id: str) -> Call:
        """The call, or `NotFound`."""
        return _found("call", self.calls, CallId(call_id))

    def incident(self, incident_id: str) -> Incident:
        """The incident, or `NotFound`."""
        return _found("incident", self.incidents, IncidentId(incident_id))

    def unit(self, unit_id: str) -> Unit:
        """The unit, or `NotFound`."""
        return _found("unit", self.units, UnitId(unit_id))

    def assignment(self, incident_id: IncidentId) -> Assignment:
        """What was sent to an incident; nothing yet is an empty one."""
        here = self.incidents.carries(incident_id)  # then its assignment is, too, or there is none
        found = self.assignments.carried(incident_id) if here else self.assignments.get(incident_id)
        return found or _NOTHING_SENT

    def casework_of(self, incident_id: IncidentId) -> Casework:
        """Exhibits, press text and visits of an incident; nothing yet is an empty one."""
        return self.casework.get(incident_id) or Casework()

    def units_on(self, incident_id: IncidentId) -> tuple[Unit, ...]:
        """The units on an incident now, in the order they came to it."""
        return tuple(self.units[unit_id] for unit_id in self._units_on.get(incident_id, ()))

    def open_incident_of_number(self, ani: str) -> Incident | None:
        """The open incident that a call showing this number was linked to last."""
        found = [self.incidents[incident_id] for incident_id in self._by_number.get(ani, ())]
        return max(found, key=lambda one: (self._linked_at(one, ani), one.number), default=None)

    def _linked_at(self, incident: Incident, ani: str) -> datetime:
        calls = ((link.at, self.calls.get(link.call_id)) for link in incident.calls)
        return max((at for at, call in calls if call is not None and call.ani == ani), default=incident.opened_at)

    def calls_at(self, position_id: PositionId) -> Iterator[Call]:
        """Calls in progress that were answered at a position."""
        for call_id in self.calls_in_progress:
            if self.calls[call_id].position == position_id:
                yield self.calls[call_id]

    # ---- letting go ----

    def finished(self, before: datetime) -> frozenset[Key]:
        """States of calls and incidents that were over at `before` and that nothing open refers to."""
        over = {
            call_id
            for call_id, call in self.calls.items()
            if call.ended_at is not None and call.ended_at <= before and call.incident_id not in self.open_incidents
        }
        closed = [name for name, incident in self.incidents.items() if self._is_over(incident, before, over)]
        keys = [Key(kind, call_id) for call_id in over for kind in (Kind.CALL, Kind.LOCATION)]
        keys += [Key(kind, name) for name in closed for kind in (Kind.INCIDENT, Kind.ASSIGNMENT, Kind.CASEWORK)]
        return frozenset(keys)

    def _is_over(self, incident: Incident, before: datetime, over: set[CallId]) -> bool:
        last = incident.status_at or incident.opened_at
        calls = {call_id for call_id in incident.call_ids if self.calls.carries(call_id)}
        held = self._units_on.get(incident.incident_id) or calls - over or incident.incident_id in self.visits_open
        return not incident.is_open and not held and last <= before

    def carry(self, facts: Iterable[Fact]) -> None:
        """Take down from the shelf what these facts will be folded on."""
        streams = {fact.stream for fact in facts}
        named = (getattr(fact.event, "incident_id", None) for fact in facts)
        for kind, _, name in (stream.partition("/") for stream in streams):
            if kind == "call":
                self.calls.carry(CallId(name))
            elif kind == "incident":
                self.incidents.carry(IncidentId(name))
        for incident_id in {one for one in named if one is not None}:
            self.incidents.carry(incident_id)

    def let_go(self, keys: Iterable[Key]) -> None:
        """Carry these no longer: only what is `finished` and stands on the shelf as it is here."""
        carried: dict[str, Carried[Any, Any]] = {
            Kind.CALL: self.calls,
            Kind.LOCATION: self.locations,
            Kind.INCIDENT: self.incidents,
            Kind.ASSIGNMENT: self.assignments,
            Kind.CASEWORK: self.casework,
        }
        for kind, name in keys if self._shelf is not None else ():
            carried[kind].let_go(name)
            if kind == Kind.INCIDENT:
                self._units_on.pop(IncidentId(name), None)

    # ---- saving ----

    def changed(self) -> frozenset[Key]:
        """What was touched since it was last asked."""
        keys, self._changed = frozenset(self._changed), set()
        return keys

    def states(self, keys: Iterable[Key]) -> Mapping[Key, bytes]:
        """Those of the states named that there are, as msgspec JSON, to be kept beside `seq` and given to `restore`."""
        found = ((key, self._get(key)) for key in keys)
        return {key: msgspec.json.encode(state) for key, state in found if state is not None}

    def _get(self, key: Key) -> msgspec.Struct | None:
        held: Mapping[str, Callable[[], msgspec.Struct | None]] = {
            Kind.CENTRE: lambda: self.founded,
            Kind.CLOCK: lambda: self.clock,
            Kind.CALL: lambda: self.calls.get(CallId(key.id)),
            Kind.LOCATION: lambda: self.locations.get(CallId(key.id)),
            Kind.POSITION: lambda: self.positions.get(PositionId(key.id)),
            Kind.INCIDENT: lambda: self.incidents.get(IncidentId(key.id)),
            Kind.ASSIGNMENT: lambda: self.assignments.get(IncidentId(key.id)),
            Kind.CASEWORK: lambda: self.casework.get(IncidentId(key.id)),
            Kind.UNIT: lambda: self.units.get(UnitId(key.id)),
            Kind.NUMBERING: lambda: Numbering(self.next_number),
        }
        return held[key.kind]()

    @classmethod
    def restore(
        cls, seq: int, states: Mapping[Key, bytes] | Mapping[tuple[str, str], bytes], shelf: Shelf | None = None
    ) -> "World":
        """The world as it was saved at journal position `seq`; go on with the facts after it."""
        world = cls(shelf)
        world.seq = seq
        for (kind, name), state in sorted(states.items()):  # calls come before the incidents that name them
            world._put(Key(kind, name), msgspec.json.decode(state, type=STATE_TYPES[kind]))
        for call in world.calls.values():
            world._put_call(call)
        world.changed()
        return world


def _keep(members: set[_T], member: _T, belongs: bool) -> None:
    if belongs:
        members.add(member)
    else:
        members.discard(member)


def _found(kind: str, things: Mapping[_Name, _T], name: _Name) -> _T:
    thing = things.get(name)
    if thing is None:
        raise NotFound(kind, str(name))
    return thing
