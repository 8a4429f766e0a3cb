"""Sealed recordings are written down by a machine, one after the other, where the agency wants it. It decides nothing.

What was sealed while the centre was away is found again among the calls that are carried.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from tenfour.calltaking.call import Call
from tenfour.calltaking.event import RecordingEnded
from tenfour.calltaking.speech_event import RecordingNotTranscribed, RecordingTranscribed
from tenfour.desk.ledger import Command, Ledger
from tenfour.vocabulary.envelope import Actor, ActorKind, Recorded
from tenfour.vocabulary.errors import Conflict, Unavailable
from tenfour.vocabulary.ids import CallId, CommandId, call_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import Key

TRY_AGAIN_S = 2.0
ELSEWHERE = "The recording's file is not in the folder of recordings."
MACHINE = Actor(ActorKind.RULE, "transcriber")

log = structlog.get_logger(__name__)


class Transcribes(Protocol):
    """Writes one recording down (see `adapters.transcriber`)."""

    async def transcribe(self, path: Path, segment: int) -> RecordingTranscribed | RecordingNotTranscribed:
        """What is said in it. Raises `Unavailable` where nothing can be transcribed."""
        ...


class Transcription:
    """Listen to the ledger with `on_records`, keep `run` running."""

    def __init__(
        self, ledger: Ledger, transcriber: Transcribes, recordings: Path, new_command: Callable[[], CommandId]
    ) -> None:
        self._ledger, self._transcriber, self._recordings = ledger, transcriber, recordings
        self._new_command = new_command
        self._waiting: asyncio.Queue[tuple[CallId, int, str]] = asyncio.Queue()

    def begin(self) -> None:
        """Find what is not written down yet."""
        for call in list(self._ledger.shown.calls.values()):
            for segment, file in not_written_down(call):
                self._waiting.put_nowait((call.call_id, segment, file))

    def on_records(self, records: Sequence[Recorded], _: frozenset[Key]) -> None:
        """A recording was sealed."""
        for record in records:
            if isinstance(record.event, RecordingEnded):
                call_id = CallId(record.header.stream.partition("/")[2])
                self._waiting.put_nowait((call_id, record.event.segment, record.event.file))

    async def run(self) -> None:
        """Write down what waits, for ever; where there is no machine for it, say so once."""
        while True:
            call_id, segment, file = await self._waiting.get()
            path = self._recordings / file
            if not path.resolve().is_relative_to(self._recordings.resolve()):
                await self._record(call_id, RecordingNotTranscribed(segment, ELSEWHERE))
                continue
            try:
                told = await self._transcriber.transcribe(path, segment)
            except Unavailable as error:
                log.error("recordings are not transcribed", problem=str(error))
                await asyncio.Event().wait()  # a part of the centre that ends takes the centre with it
            await self._record(call_id, told)

    async def _record(self, call_id: CallId, told: RecordingTranscribed | RecordingNotTranscribed) -> None:
        command = Command(MACHINE, self._new_command())
        while True:
            try:
                await self._ledger.record(lambda _, __: [Draft(told, call_stream(call_id))], command)
                return
            except (Unavailable, Conflict):
                await asyncio.sleep(TRY_AGAIN_S)


def not_written_down(call: Call) -> list[tuple[int, str]]:
    """Segment and file of the sealed recordings that no machine has tried yet."""
    tried = {transcript.segment for transcript in call.transcripts}
    return [(one.segment, one.file) for one in call.recordings if one.sha256 is not None and one.segment not in tried]
