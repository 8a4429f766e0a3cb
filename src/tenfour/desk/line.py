"""What the line is told, derived from the record, and what comes of a call that the line has lost."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import structlog

from tenfour.calltaking import voice_event
from tenfour.calltaking.conference_event import CONFERENCE_EVENTS, CallHandedOver
from tenfour.calltaking.event import CallAnswered, CallFailed, CallReleaseOrdered
from tenfour.calltaking.outgoing_event import CallPlaced
from tenfour.calltaking.text_event import TextTyped
from tenfour.calltaking.transfer_event import TransferOrdered
from tenfour.calltaking.voice_event import HeadsetLost
from tenfour.desk.ledger import Command, Ledger
from tenfour.desk.port import Clock, LineControl
from tenfour.journal.event import ClockSet
from tenfour.vocabulary.envelope import Actor, ActorKind, Event, Fact, Recorded
from tenfour.vocabulary.errors import Conflict, Unavailable
from tenfour.vocabulary.ids import CallId, CommandId, PersonId, PositionId, call_stream, position_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import Key, World

TRY_AGAIN_S = 0.25

LOST_HEADSET = "The line no longer has this headset."
LOST = Actor(ActorKind.RULE, "line_lost_call")

log = structlog.get_logger(__name__)


class LineDesk:
    """Says to the line what the record says, again whenever the line comes back."""

    def __init__(self, ledger: Ledger, line: LineControl, clock: Clock, new_command: Callable[[], CommandId]) -> None:
        self._ledger, self._line, self._clock, self._new_command = ledger, line, clock, new_command
        self._has: frozenset[CallId] = frozenset()
        self._headsets: frozenset[PositionId] = frozenset()
        self._failing: asyncio.Task[None] | None = None
        ledger.on_failing = line.record_away

    async def on_facts(self, facts: Sequence[Fact]) -> None:
        """Facts of the line: returns when they are on disk."""
        await self._ledger.take(facts)

    def on_records(self, records: Sequence[Recorded], _: frozenset[Key]) -> None:
        """Tell the line what concerns it; who speaks comes first, so that an answered call is two-way at once."""
        for call_id in dict.fromkeys(_call_of(record) for record in records if _is_of_voices(record)):
            self._tell_voices(call_id)
        for record in records:
            call_id = _call_of(record)
            match record.event:
                case CallAnswered(position=position, person=person):
                    self._line.answer(call_id, position, person)
                case CallHandedOver():
                    self._line.answer(call_id, PositionId(""), PersonId(""))
                case CallReleaseOrdered():
                    self._line.release(call_id)
                case TextTyped():
                    self._line.send_text(call_id, record.event)
                case TransferOrdered(target=target, to_call=to_call):
                    self._line.pass_on(call_id, target, to_call)
                case CallPlaced() as placed:
                    self._has |= {call_id}  # the line learns of it only now: it is not one that it has lost
                    self._line.place(placed)
                case ClockSet(real_at=real_at, domain_at=domain_at, speed=speed):
                    self._clock.set(real_at, domain_at, speed)
                    self._line.set_clock(real_at, domain_at, speed)
                case _:
                    continue

    def on_connected(self, has: Collection[CallId]) -> None:
        """The line is there, with these calls: say everything again."""
        world = self._ledger.shown
        if self._ledger.failing:
            self._line.record_away(True)
        if world.clock is not None:
            self._line.set_clock(world.clock.real_at, world.clock.domain_at, world.clock.speed)
        for call_id in world.calls_in_progress:
            call = world.calls[call_id]
            if call.voice.members or call.conference.parties:
                self._tell_voices(call_id)
            if call.conference.handed_over_to is not None:
                self._line.answer(call_id, PositionId(""), PersonId(""))
            if call.position is not None and call.person is not None:
                self._line.answer(call_id, call.position, call.person)
            for piece in call.conversation.pieces:
                self._line.send_text(call_id, piece)
            if call.release_ordered_at is not None:
                self._line.release(call_id)
        self._has = frozenset(has)

    def on_headsets(self, has: Collection[PositionId]) -> None:
        """The line is there, with these headsets."""
        self._headsets = frozenset(has)

    def _tell_voices(self, call_id: CallId) -> None:
        call = self._ledger.shown.calls.get(call_id)
        if call is not None and call.in_progress:
            outside = tuple(one.call_id for one in call.conference.joined)
            self._line.voices(call_id, call.voice.members, held=call.voice.held_at is not None, outside=outside)

    def on_drained(self) -> None:
        """All that the line knew at `on_connected` is recorded: what it did not name of calls and headsets is gone."""
        world = self._ledger.shown
        lost = world.calls_in_progress - self._has
        headsets = {one.position_id for one in world.positions.values() if one.headset} - self._headsets
        if self._failing is not None:
            self._failing.cancel()
        self._failing = asyncio.create_task(self._fail(lost, headsets)) if lost or headsets else None

    async def _fail(self, lost: Collection[CallId], headsets: Collection[PositionId]) -> None:
        def decide(world: World, _: datetime) -> list[Draft]:
            gone = [call_id for call_id in sorted(lost) if call_id in world.calls_in_progress]
            failed = [Draft(CallFailed("the line no longer has this call"), call_stream(call_id)) for call_id in gone]
            silent = [one for one in sorted(headsets) if world.positions[one].headset]
            return [*failed, *(Draft(HeadsetLost(one, LOST_HEADSET), position_stream(one)) for one in silent)]

        while True:
            try:
                await self._ledger.record(decide, Command(LOST, self._new_command()))
                return
            except (Unavailable, Conflict) as error:
                log.warning("calls that the line has lost wait for the record", calls=len(lost), problem=str(error))
                await asyncio.sleep(TRY_AGAIN_S)


def _call_of(record: Recorded) -> CallId:
    return CallId(record.header.stream.partition("/")[2])


def _is_of_voices(record: Recorded) -> bool:
    told: tuple[type[Event], ...] = (CallAnswered, *voice_event.EVENTS, *CONFERENCE_EVENTS)
    return isinstance(record.event, told) and record.header.stream.startswith("call/")
