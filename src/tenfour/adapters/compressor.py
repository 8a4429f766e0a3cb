"""Has sealed recordings compressed by a process of its own, one at a time; it ends when idle."""

import asyncio
import sys
from pathlib import Path

import msgspec
import structlog

from tenfour.adapters.flac_file import PART
from tenfour.adapters.flac_worker import Answer, Wanted
from tenfour.calltaking.recording_event import RecordingCompressed
from tenfour.vocabulary.errors import BadInput, Unavailable

IDLE_S = 10.0
"""The process is kept so long after the last recording."""

PATIENCE_S = 600.0
"""A recording that takes longer is left as it is; ten hours of sound take seconds."""


log = structlog.get_logger(__name__)


class Compressor:
    """Not to be asked for two things at once."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None

    async def compress(self, wav: Path, segment: int, sealed: str) -> RecordingCompressed:
        """Make the FLAC beside a WAV. Raises `BadInput` where that cannot be, `Unavailable` where not just now."""
        answer = await self._ask(Wanted(str(wav), sealed))
        if answer.made is None:
            raise Unavailable(answer.why_not) if answer.again else BadInput(answer.why_not)
        return RecordingCompressed(segment, answer.made.file, answer.made.sha256, answer.made.size)

    async def drop(self, wav: Path, sealed: str, flac_sha256: str) -> None:
        """Delete a WAV that is what was sealed, and whose FLAC is in the record.

        Raises as `compress` does; then the WAV stays.
        """
        answer = await self._ask(Wanted(str(wav), sealed, flac_sha256))
        if answer.why_not:
            raise Unavailable(answer.why_not) if answer.again else BadInput(answer.why_not)

    def left(self, folder: Path) -> list[Path]:
        """WAV files of a folder; what a killed process left half made is cleared away."""
        for part in folder.glob(f"*{PART}"):
            try:
                part.unlink(missing_ok=True)
            except OSError as error:
                log.warning("what is half made of a FLAC stays", file=part.name, problem=str(error))
        return sorted(folder.glob("*.wav"))

    async def close(self) -> None:
        """End the process."""
        self._leave()
        process, self._process = self._process, None
        if process is not None:
            await process.wait()

    async def _ask(self, wanted: Wanted) -> Answer:
        if self._idle is not None:
            self._idle.cancel()
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer = await self._answer(wanted)
        except (OSError, TimeoutError, msgspec.MsgspecError) as error:
            await self.close()
            raise Unavailable(f"The compressor failed on {Path(wanted.wav).name} ({error or 'late'}).") from error
        self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._leave)
        return answer

    async def _answer(self, wanted: Wanted) -> Answer:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tenfour.adapters.flac_worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(msgspec.json.encode(wanted) + b"\n")
        await process.stdin.drain()
        answer = await process.stdout.readline()
        if not answer:
            raise OSError(f"it ended with status {await process.wait()}")
        return msgspec.json.decode(answer, type=Answer)

    def _leave(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
