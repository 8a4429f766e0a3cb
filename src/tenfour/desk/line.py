"""What the line is told, derived from the record, and what comes of a call that the line has lost."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import structlog

from tenfour.calltaking.event import CallAnswered, CallFailed, CallReleaseOrdered
from tenfour.calltaking.outgoing_event import CallPlaced
from tenfour.calltaking.text_event import TextTyped
from tenfour.calltaking.transfer_event import TransferOrdered
from tenfour.desk.ledger import Command, Ledger
from tenfour.desk.port import Clock, LineControl
from tenfour.journal.event import ClockSet
from tenfour.vocabulary.envelope import Actor, ActorKind, Fact, Recorded
from tenfour.vocabulary.errors import Conflict, Unavailable
from tenfour.vocabulary.ids import CallId, CommandId, call_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import Key, World

TRY_AGAIN_S = 0.25

LOST = Actor(ActorKind.RULE, "line_lost_call")

log = structlog.get_logger(__name__)


class LineDesk:
    """Says to the line what the record says, again whenever the line comes back."""

    def __init__(self, ledger: Ledger, line: LineControl, clock: Clock, new_command: Callable[[], CommandId]) -> None:
        self._ledger, self._line, self._clock, self._new_command = ledger, line, clock, new_command
        self._has: frozenset[CallId] = frozenset()
        self._failing: asyncio.Task[None] | None = None
        ledger.on_failing = line.record_away

    async def on_facts(self, facts: Sequence[Fact]) -> None:
        """Facts of the line: returns when they are on disk."""
        await self._ledger.take(facts)

    def on_records(self, records: Sequence[Recorded], _: frozenset[Key]) -> None:
        """Tell the line what concerns it."""
        for record in records:
            call_id = CallId(record.header.stream.partition("/")[2])
            match record.event:
                case CallAnswered(position=position, person=person):
                    self._line.answer(call_id, position, person)
                case CallReleaseOrdered():
                    self._line.release(call_id)
                case TextTyped():
                    self._line.send_text(call_id, record.event)
                case TransferOrdered(target=target):
                    self._line.pass_on(call_id, target)
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
            if call.position is not None and call.person is not None:
                self._line.answer(call_id, call.position, call.person)
            for piece in call.conversation.pieces:
                self._line.send_text(call_id, piece)
            if call.release_ordered_at is not None:
                self._line.release(call_id)
        self._has = frozenset(has)

    def on_drained(self) -> None:
        """All that the line knew at `on_connected` is recorded: a call in progress that it did not name is gone."""
        lost = self._ledger.shown.calls_in_progress - self._has
        if self._failing is not None:
            self._failing.cancel()
        self._failing = asyncio.create_task(self._fail(lost)) if lost else None

    async def _fail(self, lost: Collection[CallId]) -> None:
        def decide(world: World, _: datetime) -> list[Draft]:
            gone = [call_id for call_id in sorted(lost) if call_id in world.calls_in_progress]
            return [Draft(CallFailed("the line no longer has this call"), call_stream(call_id)) for call_id in gone]

        while True:
            try:
                await self._ledger.record(decide, Command(LOST, self._new_command()))
                return
            except (Unavailable, Conflict) as error:
                log.warning("calls that the line has lost wait for the record", calls=len(lost), problem=str(error))
                await asyncio.sleep(TRY_AGAIN_S)
