"""Recordings that a line or a media worker left when it was killed: closed, hashed, and told of."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import structlog

from tenfour.adapters.recording_file import FLAC, Ended, end_left_behind, is_taken, recording_name
from tenfour.vocabulary.ids import CallId

MISSING_LIMIT = 32
"""So many numbers in a row may be missing among the recordings of a call: workers that died before they made a file."""

log = structlog.get_logger(__name__)


class Found(msgspec.Struct, frozen=True):
    """A recording that nobody told of, closed; its first sample was `began_ago_s` ago, if it was written to its end."""

    ended: Ended
    began_ago_s: float


class LeftRecordings:
    """`end` returns at once; one thread does the work."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="left-recordings")

    def end(self, file: str, on_ended: Callable[[Ended | None], None]) -> None:
        """Close a recording of the folder; `on_ended` gets None when it is not there or cannot be read."""
        self._thread.submit(self._end, self.folder / file, on_ended)

    def find(self, file: str, on_found: Callable[[Found | None], None]) -> None:
        """Close one that may never have been made, and of which nobody knows when it began."""
        self._thread.submit(self._find, self.folder / file, on_found)

    def untold(self, call_id: CallId, segment: int) -> Iterator[tuple[str, int]]:
        """WAVs of a call with higher numbers than this, and those: nobody told of them. Some may be missing, and one
        that is FLAC by now was told of.
        """
        missing = 0
        while missing < MISSING_LIMIT:
            segment, missing = segment + 1, missing + 1
            if not is_taken(self.folder, call_id, segment):
                continue
            missing, wav = 0, recording_name(call_id, segment)
            if not (self.folder / wav).with_suffix(FLAC).exists():
                yield wav, segment

    async def close(self) -> None:
        """Finish what was begun."""
        await asyncio.to_thread(self._thread.shutdown)

    def _end(self, path: Path, on_ended: Callable[[Ended | None], None]) -> None:
        ended: Ended | None = None
        try:
            ended = end_left_behind(path)
        except OSError as error:
            log.error("a recording that was left behind cannot be closed", file=path.name, problem=str(error))
        self._tell(path, on_ended, ended)

    def _find(self, path: Path, on_found: Callable[[Found | None], None]) -> None:
        found: Found | None = None
        try:
            written_at = path.stat().st_mtime
            ended = end_left_behind(path)
            found = Found(ended, max(0.0, time.time() - written_at) + ended.duration_s)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):  # then none had been made
                log.error("a recording that was left behind cannot be closed", file=path.name, problem=str(error))
        self._tell(path, on_found, found)

    def _tell(self, path: Path, call: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            log.warning("a recording had news after its event loop was closed", file=path.name)
