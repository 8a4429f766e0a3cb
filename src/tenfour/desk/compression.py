"""Sealed recordings are compressed after the call, one after the other: a fact first, and only then the WAV goes.

A WAV that is there longer (a full disk, a kill in between) is found again by its name, at the start and every hour.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from tenfour.calltaking.event import RecordingEnded
from tenfour.calltaking.recording import Recording
from tenfour.calltaking.recording_event import RecordingCompressed
from tenfour.desk.ledger import Command, Ledger
from tenfour.vocabulary.envelope import Actor, ActorKind, Recorded
from tenfour.vocabulary.errors import BadInput, Conflict, TenfourError, Unavailable
from tenfour.vocabulary.ids import CallId, CommandId, call_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import Key

LOOK_EVERY_S = 3600.0
TRY_AGAIN_S = 2.0
MACHINE = Actor(ActorKind.RULE, "recording_compressor")

log = structlog.get_logger(__name__)


class Compresses(Protocol):
    """Makes FLACs, and deletes what they replace (see `adapters.compressor`)."""

    async def compress(self, wav: Path, segment: int, sealed: str) -> RecordingCompressed:
        """Make the FLAC beside a WAV. Raises `BadInput` where that cannot be, `Unavailable` where not just now."""
        ...

    async def drop(self, wav: Path, sealed: str, flac_sha256: str) -> None:
        """Delete a WAV that is what was sealed, and whose FLAC is in the record.

        Raises as `compress` does; then the WAV stays.
        """
        ...

    def left(self, folder: Path) -> list[Path]:
        """WAV files of a folder. Blocks."""
        ...


class Compression:
    """Listen to the ledger with `on_records`, keep `run` running."""

    def __init__(
        self, ledger: Ledger, compressor: Compresses, recordings: Path, new_command: Callable[[], CommandId]
    ) -> None:
        self._ledger, self._compressor, self._recordings = ledger, compressor, recordings
        self._new_command = new_command
        self._waiting: asyncio.Queue[tuple[CallId, str]] = asyncio.Queue()
        self._given_up: set[str] = set()
        """Files that cannot be compressed; said once."""

    def on_records(self, records: Sequence[Recorded], _: frozenset[Key]) -> None:
        """A recording was sealed."""
        for record in records:
            if isinstance(record.event, RecordingEnded):
                self._waiting.put_nowait((CallId(record.header.stream.partition("/")[2]), record.event.file))

    async def run(self) -> None:
        """Compress what waits, for ever."""
        while True:
            for wav in await self._left():
                await self._compress(CallId(wav.stem.rpartition("-")[0]), wav.name)
            look_at = asyncio.get_running_loop().time() + LOOK_EVERY_S
            while (waits := await self._next(look_at)) is not None:
                await self._compress(*waits)

    async def _left(self) -> list[Path]:
        try:
            return await asyncio.to_thread(self._compressor.left, self._recordings)
        except OSError as error:
            log.warning("recordings that are still WAV cannot be looked for", problem=str(error))
            return []

    async def _next(self, look_at: float) -> tuple[CallId, str] | None:
        """What waits; None when it is time to look, however much waits."""
        if asyncio.get_running_loop().time() >= look_at:
            return None
        try:
            async with asyncio.timeout_at(look_at):
                return await self._waiting.get()
        except TimeoutError:
            return None

    async def _compress(self, call_id: CallId, file: str) -> None:
        wav = self._recordings / file
        if file in self._given_up or not wav.resolve().is_relative_to(self._recordings.resolve()):
            return
        try:
            recording = self._sealed(call_id, file)
            if recording is None or recording.sha256 is None:
                return
            told = recording.flac
            if told is None:
                told = await self._compressor.compress(wav, recording.segment, recording.sha256)
                await self._record(call_id, told)
            await self._compressor.drop(wav, recording.sha256, told.sha256)
        except (TenfourError, OSError) as error:
            if isinstance(error, BadInput):
                self._given_up.add(file)
            log.warning("a recording stays as WAV", file=file, problem=str(error))

    def _sealed(self, call_id: CallId, file: str) -> Recording | None:
        call = self._ledger.shown.calls.get(call_id)
        recordings = call.recordings if call is not None else ()
        return next((one for one in recordings if one.file == file and one.sha256 is not None), None)

    async def _record(self, call_id: CallId, told: RecordingCompressed) -> None:
        command = Command(MACHINE, self._new_command())
        while True:
            try:
                await self._ledger.record(lambda _, __: [Draft(told, call_stream(call_id))], command)
                return
            except (Unavailable, Conflict):
                await asyncio.sleep(TRY_AGAIN_S)
