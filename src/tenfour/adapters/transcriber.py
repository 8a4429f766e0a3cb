"""Has recordings written down by a process of its own, one at a time; started when there is one, ended when idle."""

import asyncio
import sys
from pathlib import Path

import msgspec

from tenfour.adapters.speech_model import MODEL, Written, model_folder
from tenfour.calltaking.speech_event import RecordingNotTranscribed, RecordingTranscribed

LONGEST_ANSWER = 8 * 1024 * 1024
"""Bytes of one answer: hours of speech."""

IDLE_S = 60.0
"""The process has the model in 300 MB of memory; it is kept so long after the last recording."""

PATIENCE_S = 4 * 3600.0
"""A recording that takes longer is given up."""


class Transcriber:
    """Not to be asked for two recordings at once. `own`: a model folder of the agency's; `built`: where ours goes."""

    def __init__(self, own: Path | None, built: Path, language: str) -> None:
        self._own, self._built, self._language = own, built, language
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None

    async def transcribe(self, path: Path, segment: int) -> RecordingTranscribed | RecordingNotTranscribed:
        """What is said in a WAV file. Raises `Unavailable` where nothing can be transcribed here at all."""
        folder = await asyncio.to_thread(model_folder, self._own, self._built)
        if self._idle is not None:
            self._idle.cancel()
        try:
            async with asyncio.timeout(PATIENCE_S):
                written = await self._ask(folder, path)
        except (OSError, TimeoutError, ValueError, msgspec.MsgspecError) as error:
            await self.close()
            return RecordingNotTranscribed(segment, f"The transcriber failed on this recording ({error or 'late'}).")
        self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._leave)
        if written.why_not:
            return RecordingNotTranscribed(segment, f"The recording could not be read ({written.why_not}).")
        name = MODEL if self._own is None else self._own.name
        return RecordingTranscribed(segment, name, self._language, written.lines)

    async def close(self) -> None:
        """End the process."""
        self._leave()
        process, self._process = self._process, None
        if process is not None:
            await process.wait()

    async def _ask(self, folder: Path, path: Path) -> Written:
        if self._process is None or self._process.returncode is not None:
            command = (sys.executable, "-m", "tenfour.adapters.speech_worker", str(folder), self._language)
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LONGEST_ANSWER
            )
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(f"{path}\n".encode())
        await process.stdin.drain()
        answer = await process.stdout.readline()
        if not answer:
            raise OSError(f"it ended with status {await process.wait()}")
        return msgspec.json.decode(answer, type=Written)

    def _leave(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
