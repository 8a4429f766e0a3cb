"""A call's audio on disk, as it arrives: `recordings/<call id>-<segment>.wav`, the caller and what it hears.

A packet of the caller is written where its RTP timestamp puts it: a gap is silence, a late packet fills its place, a
packet that comes twice is written twice to the same place. A packet waits in this process for `GATHER_S` at most, so
that is all that a killed one loses. One thread writes, a second one brings files to the disk once a second and hashes
ended ones: neither the signalling nor another call waits for the disk.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np
import structlog

from tenfour.adapters.recording_file import Ended, Lane, Recording, is_taken, recording_name
from tenfour.adapters.recording_timeline import SpokenTimeline, Timeline
from tenfour.telephony.g711 import Samples
from tenfour.vocabulary.ids import CallId

SYNC_EVERY_S = 1.0
"""How often what was written is forced to the disk, and the lengths in the header are brought up to date."""

GATHER_S = 0.02
"""How long packets gather before they are written: both lanes of a call then go to its file at once."""

UNWRITTEN_LIMIT = 50_000
"""Packets that may wait for a disk that hangs (about 25 MB); those that come after are counted as lost."""

log = structlog.get_logger(__name__)


class RecordingHandle:
    """A recording as its call knows it; made by `Recorder.start`."""

    def __init__(self, since_s: float = 0.0) -> None:
        self.began = time.monotonic() - since_s
        """Where its first sample lies (monotonic seconds, the same in every process of this machine)."""
        self.timeline, self.spoken = Timeline(), SpokenTimeline()
        self.recording: Recording | None = None
        self.failing = False
        self.make_again: Callable[[], None] | None = None
        self.make_again_at = 0.0


class _Piece(NamedTuple):
    """Samples for a lane of a recording."""

    handle: RecordingHandle
    position: int
    samples: Samples
    lane: Lane


class Recorder:
    """All recordings of this process. Every method returns at once; news come back in the event loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = asyncio.get_running_loop()
        self._jobs: deque[_Piece | Callable[[], None]] = deque()
        self._has_jobs, self._is_over = threading.Event(), False
        self._open: dict[RecordingHandle, Recording] = {}
        self.write_failures = self.lost_packets = 0
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="recording-sync")
        self._closed = threading.Event()
        self._writer = threading.Thread(target=self._write_loop, name="recording", daemon=True)
        self._writer.start()
        self._syncer = threading.Thread(target=self._sync_loop, name="recording-clock", daemon=True)
        self._syncer.start()

    def start(
        self, call_id: CallId, segment: int, on_started: Callable[[str, int], None], *, since_s: float = 0.0
    ) -> RecordingHandle:
        """Begin a recording of a call, numbered `segment` or the next number that no file has yet.

        `since_s`: it should have begun so long ago; what came since then still has its place.

        `on_started(file, segment)` is called when the file is there; while it cannot be made (logged and counted)
        it is tried again with the packets, once a second.
        """
        handle = RecordingHandle(since_s)
        self._do(lambda: self._create(handle, call_id, segment, on_started))
        return handle

    def write(
        self,
        handle: RecordingHandle,
        ssrc: int,
        sequence: int,
        timestamp: int,
        samples: Samples,
        *,
        waited_s: float = 0.0,
    ) -> None:
        """Write one packet's samples where its timestamp puts it. `waited_s`: it came so long ago."""
        elapsed_s = max(0.0, time.monotonic() - handle.began - waited_s)
        self._put(handle, handle.timeline.place(ssrc, sequence, timestamp, elapsed_s), samples, Lane.CALLER)

    def write_heard(self, handle: RecordingHandle, frame: bytes, *, begins: bool) -> None:
        """Write PCM16 (native byte order) that the caller hears now; silence needs no writing. `begins`: a sound does
        with it.
        """
        position = handle.spoken.place(len(frame) // 2, time.monotonic() - handle.began, begins=begins)
        if frame != bytes(len(frame)):
            self._put(handle, position, np.frombuffer(frame, np.int16), Lane.HEARD_BY_CALLER)

    def _put(self, handle: RecordingHandle, position: int | None, samples: Samples, lane: Lane) -> None:
        if len(self._jobs) > UNWRITTEN_LIMIT:
            self.lost_packets += 1
            if self.lost_packets % UNWRITTEN_LIMIT == 1:
                log.error("the disk hangs: audio is not being recorded", lost_packets=self.lost_packets)
        elif position is not None:
            self._do(_Piece(handle, position, samples, lane))

    def _do(self, job: _Piece | Callable[[], None]) -> None:
        self._jobs.append(job)
        if not self._has_jobs.is_set():
            self._has_jobs.set()

    def end(self, handle: RecordingHandle, on_ended: Callable[[Ended | None], None]) -> None:
        """Close a recording; `on_ended` is called when it is on disk and hashed, with None when that could not be."""
        self._do(lambda: self._end(handle, on_ended))

    async def close(self) -> None:
        """Write what is queued, bring it to the disk, and stop. Open recordings stay as they are, to be mended."""
        self._do(self._stop)
        self._closed.set()
        await asyncio.to_thread(self._join)

    def _join(self) -> None:
        self._writer.join()
        self._syncer.join()
        self._slow.submit(self._sync_all)
        self._slow.shutdown()

    # ---- the writing thread ----

    def _write_loop(self) -> None:
        while not self._is_over:
            self._has_jobs.wait()
            time.sleep(GATHER_S)
            self._has_jobs.clear()
            written: dict[RecordingHandle, None] = {}
            while self._jobs:
                job = self._jobs.popleft()
                if isinstance(job, _Piece):
                    self._write(job)
                    written[job.handle] = None
                else:
                    job()
            for handle in written:
                self._flush(handle)

    def _stop(self) -> None:
        self._is_over = True

    def _create(
        self, handle: RecordingHandle, call_id: CallId, segment: int, on_started: Callable[[str, int], None]
    ) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            segment = next(number for number in count(segment) if not is_taken(self._folder, call_id, number))
            path = self._folder / recording_name(call_id, segment)
            handle.recording = Recording(path)
        except OSError as error:
            self._failed(handle, error)
            handle.make_again = lambda: self._create(handle, call_id, segment, on_started)
            handle.make_again_at = time.monotonic() + 1.0
            return
        handle.make_again = None
        self._open[handle] = handle.recording
        self._tell(on_started, path.name, segment)

    def _write(self, piece: _Piece) -> None:
        handle, position, samples, lane = piece
        if handle.make_again is not None and time.monotonic() >= handle.make_again_at:
            handle.make_again()
        if handle.recording is None:
            return
        try:
            handle.recording.write(position, samples, lane)
        except OSError as error:
            self._failed(handle, error)

    def _flush(self, handle: RecordingHandle) -> None:
        if handle.recording is None:
            return
        try:
            handle.recording.flush()
            handle.failing = False
        except OSError as error:
            self._failed(handle, error)

    def _end(self, handle: RecordingHandle, on_ended: Callable[[Ended | None], None]) -> None:
        recording = self._open.pop(handle, None)
        handle.recording = handle.make_again = None
        if recording is None:
            self._tell(on_ended, None)
        else:
            self._slow.submit(self._finish, recording, on_ended)

    def _failed(self, handle: RecordingHandle, error: OSError) -> None:
        self.write_failures += 1
        if not handle.failing:
            handle.failing = True
            log.error("a call is not being recorded", problem=str(error))

    # ---- the slow thread ----

    def _sync_loop(self) -> None:
        while not self._closed.wait(SYNC_EVERY_S):
            self._slow.submit(self._sync_all).result()

    def _sync_all(self) -> None:
        for recording in list(self._open.values()):
            try:
                recording.sync()
            except OSError as error:
                log.error("a recording cannot be brought to the disk", file=recording.path.name, problem=str(error))

    def _finish(self, recording: Recording, on_ended: Callable[[Ended | None], None]) -> None:
        ended: Ended | None = None
        try:
            ended = recording.end()
        except OSError as error:
            log.error("a recording cannot be closed", file=recording.path.name, problem=str(error))
        self._tell(on_ended, ended)

    def _tell(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            log.warning("a recording had news after its event loop was closed")
