"""The clocks that run out: what is due now, and when to look again.

Pure: `now` is given. What was folded is not due again, so a timer that is asked twice says it once. The ids of the
facts follow from what ran out, so that the same clock, asked twice at once, states the same fact.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tenfour.calltaking.call import UNANSWERED, Call, CallState
from tenfour.calltaking.conference_event import CallCameBack
from tenfour.calltaking.distribution import further
from tenfour.calltaking.distribution_event import OfferPassed, PositionReady
from tenfour.calltaking.event import RingOverdue
from tenfour.calltaking.policy import CalltakingPolicy
from tenfour.calltaking.position import Position, PositionState
from tenfour.calltaking.queue import CallQueue, Distribution, named
from tenfour.calltaking.voice_event import CallRangForAll
from tenfour.dispatch.event import SupervisorAlerted
from tenfour.dispatch.policy import Timers, safety_s
from tenfour.incident.incident import Incident
from tenfour.outreach.event import VisitFellDue
from tenfour.outreach.visit import Visit
from tenfour.units.event import AcknowledgementOverdue, SafetyCheckDue, UnitStatus
from tenfour.units.unit import Unit
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import AgencyId, call_stream, incident_stream, position_stream, unit_stream, visit_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft, derived_id, rule_fact
from tenfour.workflow.staffing import state_of
from tenfour.workflow.world import World

RING: Final = "ring_overdue"
OFFER: Final = "offered_call_not_taken"
OVERFLOW: Final = "waited_long_in_queue"
WRAP_UP: Final = "wrap_up_is_over"
SILENT: Final = "silent_after_hand_over"
RING_BACK: Final = "rang_back_too_long"
ACKNOWLEDGE: Final = "acknowledgement_overdue"
SAFETY: Final = "safety_check_due"
HOLD: Final = "held_too_long"
SEND_UNIT: Final = "no_unit_sent_in_time"
VISIT: Final = "promised_visit_fell_due"

Say = Callable[[float], tuple[Draft, ...]]
"""What is said when a clock runs out, after so many seconds."""


class Clock(msgspec.Struct, frozen=True):
    """A clock that runs: its rule, on what stream, since when and until when, and which round of it this is."""

    rule: str
    stream: str
    started_at: datetime
    due_at: datetime
    say: Say
    round: int = 1

    @property
    def key(self) -> str:
        """Tells one round of the clock from the next."""
        return f"{self.stream} {self.started_at.isoformat()} {self.round}"


def due(world: World, policy: Policy, now: datetime) -> list[Fact]:
    """The facts of all clocks that have run out by `now`, to be settled; the clock that ran out first comes first."""
    out = sorted((c for c in clocks(world, policy) if c.due_at <= now), key=lambda c: (c.due_at, c.rule, c.key))
    return [fact for clock in out for fact in _facts(clock, world, now)]


def next_due(world: World, policy: Policy) -> datetime | None:
    """When the next clock runs out; None when none runs."""
    return min((clock.due_at for clock in clocks(world, policy)), default=None)


def clocks(world: World, policy: Policy) -> Iterator[Clock]:
    """Every clock that runs now."""
    timers = policy.dispatch.timers
    for call_id in world.calls_in_progress:
        yield from _of_call(world.calls[call_id], policy)
        yield from _of_waiting(world.calls[call_id], policy.calltaking)
        yield from _of_handed_over(world.calls[call_id], world, policy.calltaking.handed_over_silent_s)
    for position in world.positions.values():
        yield from _of_position(position, world)
    for unit in world.units.values():
        incident = world.incidents.get(unit.incident_id) if unit.incident_id else None
        yield from _of_unit(unit, incident, timers)
    for incident_id in world.open_incidents:
        yield from _of_incident(world.incidents[incident_id], world, timers)
    for incident_id in world.visits_open:
        yield from (_of_visit(visit) for visit in world.casework_of(incident_id).visits if _waits(visit))


def _facts(clock: Clock, world: World, now: datetime) -> list[Fact]:
    centre = AgencyId(world.founded.centre_id if world.founded else "")
    waited_s = round((now - clock.started_at).total_seconds(), 1)
    return [
        rule_fact(draft, rule=clock.rule, fact_id=derived_id(clock.key, clock.rule, index), at=now, agency=centre)
        for index, draft in enumerate(clock.say(waited_s))
    ]


def _of_call(call: Call, policy: Policy) -> Iterator[Clock]:
    """A call that rings too long is told to the supervisor, once; one that rang back in vain rings for all."""
    if call.state is CallState.TALKING and call.voice.rang_back_at is not None:
        yield _ring_back(call, call.voice.rang_back_at, policy.calltaking.ring_back_s)
    limit_s = policy.calltaking.ring_limit_s(call)
    if call.state not in UNANSWERED or call.ring_overdue_at is not None or limit_s is None:
        return
    started_at, stream = call.received_at, call_stream(call.call_id)
    due_at = started_at + timedelta(seconds=limit_s)
    yield Clock(RING, stream, started_at, due_at, lambda s: (Draft(RingOverdue(s), stream),))


def _of_waiting(call: Call, policy: CalltakingPolicy) -> Iterator[Clock]:
    """A call that is offered goes on when it was not taken in time, and out of its queue when it waited long there."""
    waiting, stream = call.waiting, call_stream(call.call_id)
    if call.state not in UNANSWERED or waiting.entered_at is None:
        return
    queue = named(policy.queue, waiting.queue)
    if (offer := waiting.offer) is not None:
        seconds = (queue or CallQueue("")).offer_s
        passed = OfferPassed(offer.position, missed=True, why=f"not taken in {seconds:g} s")
        due_at = offer.at + timedelta(seconds=seconds)
        yield Clock(OFFER, stream, offer.at, due_at, lambda _: (Draft(passed, stream),))
    rings_all = queue is None or (queue.distribution is Distribution.RING_ALL and not queue.overflow_to)
    if queue is None or rings_all or waiting.everywhere_why:
        return
    if queue.overflow_after_s > 0:
        on = further(call, queue, policy, f"waited {queue.overflow_after_s:g} s")
        due_at = waiting.entered_at + timedelta(seconds=queue.overflow_after_s)
        yield Clock(OVERFLOW, stream, waiting.entered_at, due_at, lambda _: (Draft(on, stream),))


def _of_handed_over(call: Call, world: World, limit_s: float) -> Iterator[Clock]:
    """A caller left to one from whom no audio comes is not left in silence: it rings here again."""
    conference, stream = call.conference, call_stream(call.call_id)
    party = conference.party(conference.handed_over_to) if conference.handed_over_to is not None else None
    third = world.calls.get(party.call_id) if party is not None else None
    if party is None or third is None or call.state is not CallState.TALKING or limit_s <= 0:
        return
    silent_since = third.silent_since if third.audio_since is not None else third.connected_at
    if silent_since is None:
        return
    since = max(silent_since, conference.handed_over_at or silent_since)
    back = CallCameBack(party.call_id, f"Nothing is heard from {party.name} for {limit_s:g} s.")
    yield Clock(SILENT, stream, since, since + timedelta(seconds=limit_s), lambda _: (Draft(back, stream),))


def _of_position(position: Position, world: World) -> Iterator[Clock]:
    """A wrap-up ends by itself."""
    until, began_at = position.wrap_up_until, position.since
    if until is None or began_at is None or state_of(world, position) is not PositionState.WRAP_UP:
        return
    stream = position_stream(position.position_id)
    yield Clock(WRAP_UP, stream, began_at, until, lambda _: (Draft(PositionReady(position.position_id), stream),))


def _ring_back(call: Call, started_at: datetime, limit_s: float) -> Clock:
    stream = call_stream(call.call_id)
    due_at = started_at + timedelta(seconds=limit_s)
    return Clock(RING_BACK, stream, started_at, due_at, lambda s: (Draft(CallRangForAll(s), stream),))


def _of_unit(unit: Unit, incident: Incident | None, timers: Timers) -> Iterator[Clock]:
    if unit.status is UnitStatus.DISPATCHED and incident is not None:
        yield _acknowledgement(unit, incident, timers)
    if unit.safety_from is not None:
        yield _safety(unit, unit.safety_from, incident, timers)


def _acknowledgement(unit: Unit, incident: Incident, timers: Timers) -> Clock:
    """Alerted again and again until it acknowledges; the supervisor hears of it once."""
    alert = unit.acknowledge_alerts + 1
    due_at = unit.since + timedelta(seconds=timers.acknowledge_s)
    if unit.acknowledge_alerted_at is not None:
        due_at = unit.acknowledge_alerted_at + timedelta(seconds=timers.realert_every_s)

    def say(waited_s: float) -> tuple[Draft, ...]:
        overdue = AcknowledgementOverdue(incident.incident_id, waited_s, alert)
        told = Draft(overdue, unit_stream(unit.unit_id), agency=unit.agency)
        if alert != timers.realerts_before_supervisor + 1:
            return (told,)
        why = f"Unit {unit.unit_id} has not acknowledged {incident.name.lower()} in {waited_s:.0f} s."
        return told, Draft(SupervisorAlerted(why), incident_stream(incident.incident_id))

    return Clock(ACKNOWLEDGE, unit_stream(unit.unit_id), unit.since, due_at, say, alert)


def _safety(unit: Unit, started_at: datetime, incident: Incident | None, timers: Timers) -> Clock:
    """Asked for again and again until somebody checked; the supervisor hears of it once, if there is an incident."""
    alert = unit.safety_alerts + 1
    due_at = started_at + timedelta(seconds=safety_s(timers, incident.kind if incident else None))
    if unit.safety_alerted_at is not None:
        due_at = unit.safety_alerted_at + timedelta(seconds=timers.safety_every_s)

    def say(waited_s: float) -> tuple[Draft, ...]:
        check = SafetyCheckDue(unit.incident_id, waited_s, alert)
        told = Draft(check, unit_stream(unit.unit_id), agency=unit.agency)
        if incident is None or alert != timers.safety_alerts_before_supervisor + 1:
            return (told,)
        why = f"Nobody has checked on unit {unit.unit_id} for {waited_s:.0f} s."
        return told, Draft(SupervisorAlerted(why), incident_stream(incident.incident_id))

    return Clock(SAFETY, unit_stream(unit.unit_id), started_at, due_at, say, alert)


def _waits(visit: Visit) -> bool:
    return visit.is_open and visit.fell_due_at is None


def _of_visit(visit: Visit) -> Clock:
    """A promised visit that was not made by its time is told once; told again when it was moved and not made either."""
    stream = visit_stream(visit.visit_id)
    fell_due = VisitFellDue(visit.incident_id, visit.due_at)
    return Clock(VISIT, stream, visit.set_at, visit.due_at, lambda _: (Draft(fell_due, stream),))


def _of_incident(incident: Incident, world: World, timers: Timers) -> Iterator[Clock]:
    """An incident held without a unit, or without any unit sent in time, is told to the supervisor, once."""
    assignment = world.assignment(incident.incident_id)
    if assignment.held_at is not None:
        if not assignment.alerted(HOLD, since=assignment.held_at):
            why = f"is held without a unit: {assignment.held_reason}"
            yield _told_once(HOLD, incident, assignment.held_at, timers.hold_s, why)
        return
    started_at = send_unit_from(incident, world)
    if started_at is None or assignment.orders or assignment.alerted(SEND_UNIT, since=started_at):
        return
    why = f"has no unit {timers.send_unit_within_s:.0f} s after the call."
    yield _told_once(SEND_UNIT, incident, started_at, timers.send_unit_within_s, why)


def _told_once(rule: str, incident: Incident, started_at: datetime, seconds: float, why: str) -> Clock:
    stream = incident_stream(incident.incident_id)
    due_at = started_at + timedelta(seconds=seconds)
    return Clock(
        rule, stream, started_at, due_at, lambda _: (Draft(SupervisorAlerted(f"{incident.name} {why}"), stream),)
    )


def send_unit_from(incident: Incident, world: World) -> datetime | None:
    """Since when a unit is to be sent: the end of its first call to end, or its opening where it has no call.

    Distress heard on an open line counts from the policy's advice. None while its only calls are still on the line
    without any: the call taker is with the caller. An incident opened again counts
    from then.
    """
    if incident.reopened_at is not None:
        return incident.reopened_at
    found = (world.calls.get(call_id) for call_id in incident.call_ids)
    known = [call for call in found if call is not None and call.outgoing is None]
    if not known:
        return incident.opened_at
    begun = [time for call in known for time in (call.ended_at, call.first_advised_at) if time is not None]
    return min(begun, default=None)
