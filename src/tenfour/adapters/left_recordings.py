"""Recordings that a line or a media worker left when it was killed: closed, hashed, and told of."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog

from tenfour.adapters.recording_file import Ended, end_left_behind

log = structlog.get_logger(__name__)


class LeftRecordings:
    """`end` returns at once; one thread does the work."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="left-recordings")

    def end(self, file: str, on_ended: Callable[[Ended | None], None]) -> None:
        """Close a recording of the folder; `on_ended` gets None when it is not there or cannot be read."""
        self._thread.submit(self._end, self.folder / file, on_ended)

    async def close(self) -> None:
        """Finish what was begun."""
        await asyncio.to_thread(self._thread.shutdown)

    def _end(self, path: Path, on_ended: Callable[[Ended | None], None]) -> None:
        ended: Ended | None = None
        try:
            ended = end_left_behind(path)
        except OSError as error:
            log.error("a recording that was left behind cannot be closed", file=path.name, problem=str(error))
        try:
            self._loop.call_soon_threadsafe(on_ended, ended)
        except RuntimeError:
            log.warning("a recording had news after its event loop was closed", file=path.name)
