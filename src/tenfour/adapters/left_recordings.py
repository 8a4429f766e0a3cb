"""Recordings that a line or a media worker left when it was killed: closed, hashed, and told of."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog

from tenfour.adapters.recording_file import FLAC, Ended, end_left_behind, recording_name
from tenfour.vocabulary.ids import CallId

MISSING_LIMIT = 32
"""So many numbers in a row may be missing among the recordings of a call: workers that died before they made a file."""

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

    def end_if_there(self, file: str, on_ended: Callable[[Ended | None], None]) -> None:
        """The same for one that may never have been made."""
        self._thread.submit(self._end, self.folder / file, on_ended, maybe=True)

    def untold(self, call_id: CallId, segment: int) -> Iterator[tuple[str, int]]:
        """WAVs of a call with higher numbers than this, and those: nobody told of them. Some may be missing, and one
        that is FLAC by now was told of.
        """
        missing = 0
        while missing < MISSING_LIMIT:
            segment, missing = segment + 1, missing + 1
            wav = self.folder / recording_name(call_id, segment)
            is_flac = wav.with_suffix(FLAC).exists()
            if is_flac or wav.exists():
                missing = 0
            if not is_flac and not missing:
                yield wav.name, segment

    async def close(self) -> None:
        """Finish what was begun."""
        await asyncio.to_thread(self._thread.shutdown)

    def _end(self, path: Path, on_ended: Callable[[Ended | None], None], *, maybe: bool = False) -> None:
        ended: Ended | None = None
        try:
            ended = end_left_behind(path)
        except OSError as error:
            if not (maybe and isinstance(error, FileNotFoundError)):
                log.error("a recording that was left behind cannot be closed", file=path.name, problem=str(error))
        try:
            self._loop.call_soon_threadsafe(on_ended, ended)
        except RuntimeError:
            log.warning("a recording had news after its event loop was closed", file=path.name)
