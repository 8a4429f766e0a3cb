"""What is on the board: calls and incidents in progress, and those finished a short while ago."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from tenfour.calltaking.call import Call
from tenfour.desk.desk import Desk
from tenfour.desk.permission import Permission
from tenfour.desk.principal import Principal
from tenfour.desk.view import Board
from tenfour.incident.incident import Incident
from tenfour.vocabulary.envelope import Access
from tenfour.vocabulary.ids import CallId, IncidentId, StreamName, UnitId, call_stream, incident_stream
from tenfour.workflow.world import Key, Kind, World


class Viewer(msgspec.Struct, frozen=True):
    """A class of viewers who see the same rows: the access classes they read; a crew, its unit as well."""

    reads: frozenset[Access]
    unit: UnitId | None = None


def viewer_of(principal: Principal) -> Viewer:
    """The class a person belongs to."""
    return Viewer(principal.reads, None if principal.may(Permission.READ_BOARD) else principal.unit)


class Shown(msgspec.Struct, frozen=True):
    """Names of rows."""

    calls: frozenset[CallId] = frozenset()
    incidents: frozenset[IncidentId] = frozenset()
    units: frozenset[UnitId] = frozenset()
    positions: bool = False
    line: bool = False

    def __or__(self, other: "Shown") -> "Shown":
        return Shown(
            self.calls | other.calls,
            self.incidents | other.incidents,
            self.units | other.units,
            self.positions or other.positions,
            self.line or other.line,
        )

    def without(self, others: "Shown") -> "Shown":
        """The calls and incidents of these that are not among the others."""
        return Shown(self.calls - others.calls, self.incidents - others.incidents)

    def __bool__(self) -> bool:
        return bool(self.calls or self.incidents or self.units or self.positions or self.line)


class OnBoard:
    """Which calls and incidents are on the board. What is finished stays for `keep`, then only a question brings it.

    A test call is never on it: it is nobody's work.
    """

    def __init__(self, keep: timedelta) -> None:
        self._keep = keep
        self.calls: set[CallId] = set()
        self.incidents: set[IncidentId] = set()

    def streams(self) -> frozenset[StreamName]:
        """The streams of what is on the board."""
        calls = (call_stream(call) for call in self.calls)
        return frozenset((*calls, *(incident_stream(incident) for incident in self.incidents)))

    def look(self, world: World, now: datetime) -> None:
        """Take up everything that belongs on the board; done once, at the start."""
        self.calls = {call_id for call_id, call in world.calls.items() if self._fresh_call(call, now)}
        self.incidents = {i for i in world.incidents if self._belongs(i, world, now)}

    def take(self, shown: Shown) -> None:
        """What has just changed is on the board."""
        self.calls |= shown.calls
        self.incidents |= shown.incidents

    def tidy(self, world: World, now: datetime) -> tuple[frozenset[CallId], frozenset[IncidentId]]:
        """Take away what is finished for long enough; answers what went."""
        calls = frozenset(c for c in self.calls if not self._fresh_call(world.calls[c], now))
        incidents = frozenset(i for i in self.incidents if not self._belongs(i, world, now))
        self.calls -= calls
        self.incidents -= incidents
        return calls, incidents

    def _fresh_call(self, call: Call, now: datetime) -> bool:
        return not call.test and (call.ended_at is None or call.ended_at + self._keep > now)

    def _belongs(self, incident_id: IncidentId, world: World, now: datetime) -> bool:
        """Fresh, or a visit that was promised there is overdue."""
        waits = incident_id in world.visits_open and any(
            v.is_overdue(now) for v in world.casework_of(incident_id).visits
        )
        return waits or self._fresh_incident(world.incidents[incident_id], now)

    def _fresh_incident(self, incident: Incident, now: datetime) -> bool:
        return incident.is_open or (incident.status_at or incident.opened_at) + self._keep > now


def touched(keys: Iterable[Key], world: World) -> Shown:
    """The rows that these states stand in: a call stands in its incident's row too, a unit in that of its run, a third
    party in that of the call that it is in.
    """
    calls: set[CallId] = set()
    incidents: set[IncidentId] = set()
    units: set[UnitId] = set()
    positions = False
    for key in keys:
        match key.kind:
            case Kind.CALL | Kind.LOCATION if _is_shown(CallId(key.id), world):
                calls.add(CallId(key.id))
            case Kind.INCIDENT | Kind.ASSIGNMENT | Kind.CASEWORK if IncidentId(key.id) in world.incidents:
                incidents.add(IncidentId(key.id))
            case Kind.UNIT:
                units.add(UnitId(key.id))
            case Kind.POSITION:
                positions = True
            case _:
                continue
    calls |= _calls_with(calls, world)
    incidents |= _incidents_of(calls, world) | _incidents_with(units, world)
    calls |= {call for incident in incidents for call in world.incidents[incident].call_ids if call in world.calls}
    return Shown(frozenset(calls), frozenset(incidents), frozenset(units), positions)


def _is_shown(call_id: CallId, world: World) -> bool:
    call = world.calls.get(call_id)
    return call is not None and not call.test


def _calls_with(thirds: Iterable[CallId], world: World) -> set[CallId]:
    """The calls that these were called into."""
    placed = (world.calls[call].outgoing for call in thirds)
    named = (one.in_call for one in placed if one is not None)
    return {call for call in named if call is not None and call in world.calls}


def _incidents_of(calls: Iterable[CallId], world: World) -> set[IncidentId]:
    named = (world.calls[call].incident_id for call in calls)
    return {incident for incident in named if incident is not None and incident in world.incidents}


def _incidents_with(units: set[UnitId], world: World) -> set[IncidentId]:
    """Open incidents that a unit is on, or that it is recommended for."""
    if not units:
        return set()
    found = {world.units[unit].incident_id for unit in units}
    for incident_id in world.open_incidents:
        newest = world.assignment(incident_id).recommendation
        named = (
            {row.unit for row in newest.made.units} | {row.unit for row in newest.made.passed_over} if newest else set()
        )
        if named & units:
            found.add(incident_id)
    return {incident for incident in found if incident is not None and incident in world.incidents}


def visible(shown: Shown, viewer: Viewer, world: World) -> Shown:
    """What of these rows a viewer sees: a crew sees its unit, its incident and that incident's calls."""
    if viewer.unit is None:
        return shown
    unit = world.units.get(viewer.unit)
    incident = world.incidents.get(unit.incident_id) if unit and unit.incident_id else None
    return Shown(
        shown.calls & frozenset(incident.call_ids if incident else ()),
        shown.incidents & frozenset([incident.incident_id] if incident else []),
        shown.units & frozenset([viewer.unit]),
        line=shown.line,
    )


def board(desk: Desk, on_board: OnBoard, viewer: Viewer) -> Board:
    """The snapshot for a viewer."""
    world = desk.ledger.shown
    everything = Shown(
        frozenset(on_board.calls), frozenset(on_board.incidents), frozenset(world.units), positions=True, line=True
    )
    rows = visible(everything, viewer, world)
    return Board(
        seq=world.seq,
        now=desk.clock.now(),
        clock_speed=desk.clock.speed,
        calls=tuple(
            desk.call(viewer.reads, call) for call in sorted(rows.calls, key=lambda c: world.calls[c].received_at)
        ),
        incidents=tuple(
            desk.incident(viewer.reads, incident)
            for incident in sorted(rows.incidents, key=lambda i: world.incidents[i].number)
        ),
        units=tuple(desk.unit(viewer.reads, unit) for unit in sorted(rows.units)),
        positions=desk.positions() if rows.positions else (),
        line=desk.line_row(),
        record_away_since=desk.ledger.failing_since,
    )
