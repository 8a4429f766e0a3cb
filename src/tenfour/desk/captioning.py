"""Captions of calls in progress: shown while they change, recorded in batches when they are final, deciding nothing.

Nobody waits for them. What cannot be recorded just now is recorded later, or, where that is too much, not at all.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from tenfour.calltaking.caption import Caption, Pace, Said
from tenfour.calltaking.speech_event import CallCaptioned, CaptionedLine
from tenfour.desk.ledger import Command, Ledger
from tenfour.desk.live_captions import LiveCaptions, LiveLine
from tenfour.desk.transcription import MACHINE
from tenfour.vocabulary.errors import Conflict, TenfourError, Unavailable
from tenfour.vocabulary.ids import CallId, CommandId, call_stream
from tenfour.workflow.reaction import Draft

GATHER_S = 4.0
"""Final lines gather for so long before they are recorded."""

MOST_UNRECORDED = 200
"""Lines of one call that wait for a record that is away; older ones are lost to it."""

LONGEST_TEXT = 2000

BEHIND_S = (6, 3)
"""Told in steps: words that change all the time are read by nobody, and read out to somebody."""
LOST_TOLD_FOR = timedelta(seconds=10)

BEGINS = "The captions are being begun."
STOPPED = "The captions have stopped, and are begun again."
LOST = "This machine cannot keep up with the captions: words are missing."

log = structlog.get_logger(__name__)


class Captions(Protocol):
    """Understands calls while they go on (see `adapters.captioner`)."""

    @property
    def model(self) -> str:
        """The model's name, as the record has it."""
        ...

    @property
    def language(self) -> str:
        """What it understands."""
        ...

    async def run(self, tell: Callable[[Said | Pace | None], None]) -> None:
        """Tell what is understood, for ever; None: it stopped, and is begun again. Raises `Unavailable`."""


class Captioning:
    """Keep `run` and `record_for_ever` running. `on_change` hears whose captions are different."""

    def __init__(
        self,
        ledger: Ledger,
        captions: Captions,
        now: Callable[[], datetime],
        new_command: Callable[[], CommandId],
        on_change: Callable[[CallId], None],
    ) -> None:
        self._ledger, self._captions, self._now = ledger, captions, now
        self._new_command, self._on_change = new_command, on_change
        self._lines: dict[CallId, dict[int, LiveLine]] = {}
        """By their number in the call."""
        self._highest: dict[CallId, int] = {}
        """The highest number given in a call: of a line that was taken back, too, and so never given again."""
        self._open: dict[int, int] = {}
        """The number in its call of each line that the captioner may tell again."""
        self._problem = BEGINS
        self._lost_at: datetime | None = None

    def live(self, call_id: CallId) -> LiveCaptions | None:
        """What the record does not have of a call; None where it is over, or none of ours."""
        call = self._ledger.shown.calls.get(call_id)
        lines = tuple(self._lines.get(call_id, {}).values())
        if call is None or call.test or not (call.in_progress or lines):
            return None
        return LiveCaptions(self._captions.model, self._problem if call.in_progress else "", lines)

    async def run(self) -> None:
        """Take what is understood, for ever; where nothing can be, say why."""
        try:
            await self._captions.run(self._take)
        except Unavailable as error:
            log.error("calls are not captioned", problem=str(error))
            self._tell_problem(str(error))
            await asyncio.Event().wait()  # a part of the centre that ends takes the centre with it

    async def record_for_ever(self) -> None:
        """Record lines that are final, every few seconds."""
        while True:
            await asyncio.sleep(GATHER_S)
            await self._record()

    # ---- what the captioner tells ----

    def _take(self, told: Said | Pace | None) -> None:
        match told:
            case Said():
                self._said(told)
            case Pace():
                self._tell_problem(self._problem_of(told))
            case None:
                self._end_lines()
                self._tell_problem(STOPPED)

    def _said(self, said: Said) -> None:
        call = self._ledger.shown.calls.get(said.call_id)
        if call is None or call.test:
            return
        lines = self._lines.setdefault(said.call_id, {})
        number = self._open.get(said.line)
        if number is None:
            number = 1 + max(call.captions.last, self._highest.get(said.call_id, 0))
            self._highest[said.call_id] = number
        if said.final:
            self._open.pop(said.line, None)
        else:
            self._open[said.line] = number
        if said.text:
            began_at, ended_at = (self._now() - timedelta(seconds=ago) for ago in (said.began_ago_s, said.ended_ago_s))
            if number in lines:
                began_at = lines[number].caption.began_at
            caption = Caption(number, said.party, began_at, ended_at, said.text[:LONGEST_TEXT])
            lines[number] = LiveLine(caption, said.final)
        else:
            lines.pop(number, None)
        if len(lines) > MOST_UNRECORDED:
            del lines[min(lines)]
        self._on_change(said.call_id)

    def _end_lines(self) -> None:
        """What nobody goes on with is as it was understood last."""
        self._open.clear()
        for lines in self._lines.values():
            for number, line in lines.items():
                lines[number] = LiveLine(line.caption, final=True)

    def _problem_of(self, pace: Pace) -> str:
        now = self._now()
        if pace.lost_s > 0:
            self._lost_at = now
        if self._lost_at is not None and now - self._lost_at < LOST_TOLD_FOR:
            return LOST
        behind_s = next((step for step in BEHIND_S if pace.behind_s >= step), 0)
        return f"The captions are more than {behind_s} s behind." if behind_s else ""

    def _tell_problem(self, problem: str) -> None:
        if problem == self._problem:
            return
        self._problem = problem
        world = self._ledger.shown
        for call_id in world.calls_in_progress:
            if not world.calls[call_id].test:
                self._on_change(call_id)

    # ---- the record ----

    async def _record(self) -> None:
        final = {
            call_id: [line.caption for line in lines.values() if line.final] for call_id, lines in self._lines.items()
        }
        for call_id, captions in final.items():
            if captions and not await self._recorded(call_id, captions):
                return
            lines = self._lines[call_id]
            for caption in captions:
                lines.pop(caption.number, None)
            if not lines:
                del self._lines[call_id]
        calls = self._ledger.shown.calls
        self._highest = {call_id: number for call_id, number in self._highest.items() if call_id in calls}

    async def _recorded(self, call_id: CallId, captions: list[Caption]) -> bool:
        """Is it in the record, or can it never be?"""
        now = self._now()
        lines = tuple(
            CaptionedLine(line.number, line.party, line.text, _ms(now - line.began_at), _ms(now - line.ended_at))
            for line in sorted(captions, key=lambda line: line.began_at)
        )
        told = CallCaptioned(self._captions.model, self._captions.language, lines)
        try:
            await self._ledger.record(
                lambda _, __: [Draft(told, call_stream(call_id))], Command(MACHINE, self._new_command(), at=now)
            )
        except (Unavailable, Conflict):
            return False
        except TenfourError as error:
            log.error("captions are not recorded", call=call_id, problem=str(error))
        return True


def _ms(ago: timedelta) -> int:
    return max(0, round(ago.total_seconds() * 1000))
