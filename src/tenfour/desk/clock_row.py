"""The running clocks of calls, incidents and units, with their limits from the policy."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tenfour.calltaking.call import UNANSWERED, Call
from tenfour.desk.view import ClockView
from tenfour.dispatch.policy import safety_s
from tenfour.incident.incident import Incident
from tenfour.units.event import UnitStatus
from tenfour.units.unit import Unit
from tenfour.workflow.policy import Policy
from tenfour.workflow.timer import send_unit_from
from tenfour.workflow.world import World


def call_clocks(call: Call, policy: Policy) -> tuple[ClockView, ...]:
    """A ringing call has its ring clock; on an administrative line only where the policy sets a limit."""
    if call.state not in UNANSWERED:
        return ()
    limit_s = policy.calltaking.ring_limit_s(call)
    if call.is_emergency:
        limit_s = min((goal.seconds for goal in policy.calltaking.ring), default=policy.calltaking.ring_overdue_s)
    if limit_s is None:
        return ()
    return (_clock("ring", f"Answer within {limit_s:g} s", call.received_at, limit_s),)


def incident_clocks(incident: Incident, world: World, policy: Policy) -> tuple[ClockView, ...]:
    """Until a unit is sent: the time to send one, and the hold timer while none can be."""
    assignment = world.assignment(incident.incident_id)
    if not incident.is_open or world.units_on(incident.incident_id):
        return ()
    timers = policy.dispatch.timers
    clocks = []
    if assignment.held_at is not None:
        clocks.append(_clock("hold", "Held: tell the sergeant", assignment.held_at, timers.hold_s))
    started = send_unit_from(incident, world)
    if started is not None and not assignment.orders:
        clocks.append(_clock("send_unit", "Send a unit", started, timers.send_unit_within_s))
    return tuple(clocks)


def unit_clocks(unit: Unit, world: World, policy: Policy) -> tuple[ClockView, ...]:
    """A dispatched unit has to acknowledge; a unit at work has its safety timer."""
    timers = policy.dispatch.timers
    if unit.status is UnitStatus.DISPATCHED:
        return (_clock("acknowledge", "Acknowledge", unit.since, timers.acknowledge_s),)
    if unit.safety_from is None:
        return ()
    incident = world.incidents.get(unit.incident_id) if unit.incident_id else None
    return (_clock("safety", "Safety check", unit.safety_from, safety_s(timers, incident.kind if incident else None)),)


def overdue(clocks: Iterable[ClockView], now: datetime) -> bool:
    """Has any of these run out?"""
    return any(clock.due_at is not None and clock.due_at <= now for clock in clocks)


def next_due(clocks: Iterable[ClockView], now: datetime) -> datetime | None:
    """When the next of these runs out."""
    return min((clock.due_at for clock in clocks if clock.due_at is not None and clock.due_at > now), default=None)


def _clock(name: str, label: str, started_at: datetime, limit_s: float) -> ClockView:
    return ClockView(name, label, started_at, started_at + timedelta(seconds=limit_s))
