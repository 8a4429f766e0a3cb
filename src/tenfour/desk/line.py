"""What the line is told, derived from the record, and what comes of a call that the line has lost."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import structlog

from tenfour.calltaking.event import CallAnswered, CallFailed, CallReleaseOrdered
from tenfour.desk.ledger import Command, Ledger
from tenfour.desk.port import Clock, LineControl
from tenfour.journal.event import ClockSet
from tenfour.vocabulary.envelope import Actor, ActorKind, Fact, Recorded
from tenfour.vocabulary.errors import TenfourError
from tenfour.vocabulary.ids import CallId, CommandId, call_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import Key, World

QUIET_S = 2.0
"""The line has delivered what it had when nothing has come for so long."""

LOST = Actor(ActorKind.RULE, "line_lost_call")

log = structlog.get_logger(__name__)


class LineDesk:
    """Says to the line what the record says, again whenever the line comes back."""

    def __init__(self, ledger: Ledger, line: LineControl, clock: Clock, new_command: Callable[[], CommandId]) -> None:
        self._ledger, self._line, self._clock, self._new_command = ledger, line, clock, new_command
        self._last_fact = 0.0
        self._checking: asyncio.Task[None] | None = None

    async def on_facts(self, facts: Sequence[Fact]) -> None:
        """Facts of the line: returns when they are on disk."""
        self._last_fact = asyncio.get_running_loop().time()
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
                case ClockSet(real_at=real_at, domain_at=domain_at, speed=speed):
                    self._clock.set(real_at, domain_at, speed)
                    self._line.set_clock(real_at, domain_at, speed)
                case _:
                    continue

    def on_connected(self, has: Collection[CallId]) -> None:
        """The line is there, with these calls: say everything again, and see which calls it has lost."""
        world = self._ledger.shown
        if world.clock is not None:
            self._line.set_clock(world.clock.real_at, world.clock.domain_at, world.clock.speed)
        for call_id in world.calls_in_progress:
            call = world.calls[call_id]
            if call.position is not None and call.person is not None:
                self._line.answer(call_id, call.position, call.person)
            if call.release_ordered_at is not None:
                self._line.release(call_id)
        missing = frozenset(world.calls_in_progress) - frozenset(has)
        if self._checking is not None:
            self._checking.cancel()
        self._checking = asyncio.create_task(self._fail_lost(missing)) if missing else None

    async def _fail_lost(self, missing: Collection[CallId]) -> None:
        """What the line knew of these calls it has delivered by now; those still in progress are gone."""
        loop = asyncio.get_running_loop()
        self._last_fact = loop.time()
        while (quiet_s := loop.time() - self._last_fact) < QUIET_S:  # noqa: ASYNC110 - quiet is what is waited for
            await asyncio.sleep(QUIET_S - quiet_s)
        if not self._line.connected:
            return

        def decide(world: World, _: datetime) -> list[Draft]:
            lost = [call_id for call_id in missing if call_id in world.calls_in_progress]
            return [Draft(CallFailed("the line no longer has this call"), call_stream(call_id)) for call_id in lost]

        try:
            await self._ledger.record(decide, Command(LOST, self._new_command()))
        except TenfourError as error:
            log.warning("calls that the line has lost could not be recorded", problem=str(error))
