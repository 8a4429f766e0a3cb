"""Keeps the captioner alive for the centre: a process of its own that is started again when it dies or says nothing."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog

from tenfour.adapters.caption_model import CaptionModel, caption_model
from tenfour.adapters.caption_protocol import SOCKET, decode_told
from tenfour.calltaking.caption import Pace, Said

START_PATIENCE_S = 60.0
"""It says nothing before the model is loaded."""

PATIENCE_S = 20.0
"""Then it says something every second, but for a machine that has no time for it."""

YOUNG_S = 30.0
"""One that dies sooner than this after its start gives the next one a pause."""

SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0

LONGEST_LINE = 64 * 1024

STUCK = "it said nothing for too long"

log = structlog.get_logger(__name__)


class Captioner:
    """`own`: a model folder of the agency's."""

    def __init__(
        self, own: Path | None, language: str, socket: Path = SOCKET, *, patience_s: float = PATIENCE_S
    ) -> None:
        self._own, self._language, self._socket, self._patience_s = own, language, socket, patience_s
        self._model: CaptionModel | None = None
        self.pid: int | None = None
        """The process, while it runs."""
        self.starts = 0

    @property
    def model(self) -> str:
        """The model's name, once it runs."""
        return self._model.name if self._model is not None else ""

    @property
    def language(self) -> str:
        """What it understands."""
        return self._model.language if self._model is not None else self._language

    async def run(self, tell: Callable[[Said | Pace | None], None]) -> None:
        """Tell what it understands, for ever; None: it is gone, and begun anew. Raises `Unavailable`: no model."""
        self._model = caption_model(self._own, self._language)
        loop, pause_s = asyncio.get_running_loop(), SHORTEST_PAUSE_S
        while True:
            began = loop.time()
            why = await self._run_once(self._model, tell)
            log.error("the captioner is gone", why=why)
            tell(None)
            pause_s = SHORTEST_PAUSE_S if loop.time() - began > YOUNG_S else min(LONGEST_PAUSE_S, 2 * pause_s)
            await asyncio.sleep(pause_s)

    async def _run_once(self, model: CaptionModel, tell: Callable[[Said | Pace | None], None]) -> str:
        """Returns why it is gone."""
        command = ("-P", "-m", "tenfour.adapters.caption_worker", str(self._socket), str(model.folder), model.size)
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, *command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                limit=LONGEST_LINE,
            )
        except OSError as error:
            return f"it cannot be started ({error.strerror})"
        self.pid, self.starts = process.pid, self.starts + 1
        try:
            assert process.stdout is not None
            return await self._listen(process.stdout, tell) or f"it ended with status {await process.wait()}"
        finally:
            self.pid = None
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _listen(self, stdout: asyncio.StreamReader, tell: Callable[[Said | Pace | None], None]) -> str:
        """Returns what is wrong with it; empty where it ended."""
        patience_s = START_PATIENCE_S
        try:
            while True:
                async with asyncio.timeout(patience_s):  # wait_for of Python 3.11 can lose a cancellation
                    line = await stdout.readline()
                if not line:
                    return ""
                tell(decode_told(line))
                patience_s = self._patience_s
        except TimeoutError:
            return STUCK
        except (ValueError, msgspec.MsgspecError) as error:
            return f"what it said is not understood ({error})"
