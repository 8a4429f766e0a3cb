"""The caller's audio on disk, as it arrives: `recordings/<call id>-<segment>.wav`, PCM16, 8 kHz, mono.

A packet is written where its RTP timestamp puts it: a gap is silence, a late packet fills its place, a packet that
comes twice is written twice to the same place. A packet waits in this process for `GATHER_S` at most, so that is all
that a killed line loses. One thread writes, a second one brings files to the disk once a second and hashes ended
ones: neither the signalling nor another call waits for the disk.
"""

import asyncio
import hashlib
import os
import queue
import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import structlog

from tenfour.vocabulary.ids import CallId

RATE = 8000
"""Samples a second (G.711, RFC 3551 section 4.5.14)."""

HEADER_BYTES = 44

SYNC_EVERY_S = 1.0
"""How often what was written is forced to the disk, and the lengths in the header are brought up to date."""

GATHER_S = 0.01
"""How long packets gather before they are written: a wake-up each would cost a busy line more than the writing."""

DRIFT_S = 2.0
"""How far a packet's timestamp may lie from the wall clock before the clock is believed instead."""

LATE_LIMIT_S = 30.0
"""How far back a late packet is still written to its place."""

MISORDERED_LIMIT = 100
"""After so many late packets in a row the source is taken to count anew (RFC 3550 appendix A.1, MAX_MISORDER)."""

UNWRITTEN_LIMIT = 50_000
"""Packets that may wait for a disk that hangs (about 17 MB); those that come after are counted as lost."""

log = structlog.get_logger(__name__)


class Ended(msgspec.Struct, frozen=True):
    """A recording that was closed: its length in seconds and the SHA-256 (hex) of the file."""

    duration_s: float
    sha256: str


class Timeline:
    """Where in a recording a packet belongs. Positions are samples from the beginning of the recording."""

    def __init__(self) -> None:
        self._ssrc: int | None = None
        self._sequence = 0
        self._timestamp = 0
        self._position = 0
        self._late = 0

    def place(self, ssrc: int, sequence: int, timestamp: int, elapsed_s: float) -> int | None:
        """The sample at which this packet begins; None when it is late and too old (or too new) to have a place.

        `elapsed_s`: seconds of real time since the recording began. The first packet, a new source, a source that began
        to count anew and a timestamp more than `DRIFT_S` off the clock begin at the elapsed time; what follows is
        placed by timestamp (RFC 3550 section 5.1).
        """
        now = int(elapsed_s * RATE)
        ahead = _signed(sequence - self._sequence, 16)
        self._late = self._late + 1 if ahead <= 0 else 0
        if self._ssrc != ssrc or self._late > MISORDERED_LIMIT:
            return self._begin(ssrc, sequence, timestamp, now)
        position = self._position + _signed(timestamp - self._timestamp, 32)
        if ahead <= 0:
            has_place = position >= 0 and -DRIFT_S * RATE <= now - position <= LATE_LIMIT_S * RATE
            return position if has_place else None
        if abs(position - now) > DRIFT_S * RATE:
            return self._begin(ssrc, sequence, timestamp, now)
        self._sequence, self._timestamp, self._position = sequence, timestamp, position
        return max(0, position)

    def _begin(self, ssrc: int, sequence: int, timestamp: int, position: int) -> int:
        self._ssrc, self._sequence, self._timestamp, self._position = ssrc, sequence, timestamp, position
        self._late = 0
        return position


class Recording:
    """One open file. Its methods run in the recorder's threads only."""

    def __init__(self, path: Path) -> None:
        """Make the file, readable by its owner only. Raises OSError; FileExistsError when it is there already."""
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        os.pwrite(self._file, _header(0), 0)

    def write(self, position: int, pcm: bytes) -> None:
        """Write PCM16 samples at a position; what is skipped reads as silence."""
        os.pwrite(self._file, pcm, HEADER_BYTES + 2 * position)

    def sync(self) -> None:
        """Bring the header's lengths up to date and everything to the disk."""
        _mend_header(self._file)
        os.fsync(self._file)

    def end(self) -> Ended:
        """Close the file for good."""
        try:
            return _seal(self._file)
        finally:
            os.close(self._file)


def end_left_behind(path: Path) -> Ended:
    """Close a recording that a killed line left: mend its header, fsync, hash. Raises OSError."""
    file = os.open(path, os.O_RDWR)
    try:
        return _seal(file)
    finally:
        os.close(file)


class RecordingHandle:
    """A recording as its call knows it; made by `Recorder.start`."""

    def __init__(self, since_s: float = 0.0) -> None:
        self.began = time.monotonic() - since_s
        self.timeline = Timeline()
        self.recording: Recording | None = None
        self.failing = False
        self.make_again: Callable[[], None] | None = None
        self.make_again_at = 0.0


class Recorder:
    """All recordings of this line. Every method returns at once; news come back in the event loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
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
        """Begin a recording of a call, numbered `segment` or the next number whose file is not there yet.

        `since_s`: it should have begun so long ago; what came since then still has its place.

        `on_started(file, segment)` is called when the file is there; while it cannot be made (logged and counted)
        it is tried again with the packets, once a second.
        """
        handle = RecordingHandle(since_s)
        self._jobs.put(lambda: self._create(handle, call_id, segment, on_started))
        return handle

    def write(
        self, handle: RecordingHandle, ssrc: int, sequence: int, timestamp: int, pcm: bytes, *, waited_s: float = 0.0
    ) -> None:
        """Write one packet's PCM16 samples where its timestamp puts it. `waited_s`: it came so long ago."""
        elapsed_s = max(0.0, time.monotonic() - handle.began - waited_s)
        position = handle.timeline.place(ssrc, sequence, timestamp, elapsed_s)
        if self._jobs.qsize() > UNWRITTEN_LIMIT:
            self.lost_packets += 1
            if self.lost_packets % UNWRITTEN_LIMIT == 1:
                log.error("the disk hangs: audio is not being recorded", lost_packets=self.lost_packets)
        elif position is not None:
            self._jobs.put(lambda: self._write(handle, position, pcm))

    def end(self, handle: RecordingHandle, on_ended: Callable[[Ended | None], None]) -> None:
        """Close a recording; `on_ended` is called when it is on disk and hashed, with None when that could not be."""
        self._jobs.put(lambda: self._end(handle, on_ended))

    async def close(self) -> None:
        """Write what is queued, bring it to the disk, and stop. Open recordings stay as they are, to be mended."""
        self._jobs.put(None)
        self._closed.set()
        await asyncio.to_thread(self._join)

    def _join(self) -> None:
        self._writer.join()
        self._syncer.join()
        self._slow.submit(self._sync_all)
        self._slow.shutdown()

    # ---- the writing thread ----

    def _write_loop(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            if self._jobs.empty():
                time.sleep(GATHER_S)

    def _create(
        self, handle: RecordingHandle, call_id: CallId, segment: int, on_started: Callable[[str, int], None]
    ) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            while (path := self._folder / f"{call_id}-{segment}.wav").exists():
                segment += 1
            handle.recording = Recording(path)
        except OSError as error:
            self._failed(handle, error)
            handle.make_again = lambda: self._create(handle, call_id, segment, on_started)
            handle.make_again_at = time.monotonic() + 1.0
            return
        handle.make_again = None
        self._open[handle] = handle.recording
        self._tell(on_started, path.name, segment)

    def _write(self, handle: RecordingHandle, position: int, pcm: bytes) -> None:
        if handle.make_again is not None and time.monotonic() >= handle.make_again_at:
            handle.make_again()
        if handle.recording is None:
            return
        try:
            handle.recording.write(position, pcm)
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


def _signed(difference: int, bits: int) -> int:
    """A difference of counters that wrap around, as a signed number."""
    half = 1 << (bits - 1)
    return ((difference + half) & ((1 << bits) - 1)) - half


def _header(data_bytes: int) -> bytes:
    """RIFF WAVE header of PCM16, 8 kHz, mono."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + data_bytes, b"WAVE") + form + struct.pack("<4sI", b"data", data_bytes)


def _mend_header(file: int) -> int:
    """Make the header's lengths those of the file; gives the bytes of audio."""
    data_bytes = max(0, os.fstat(file).st_size - HEADER_BYTES) & ~1
    os.pwrite(file, _header(data_bytes), 0)
    return data_bytes


def _seal(file: int) -> Ended:
    data_bytes = _mend_header(file)
    os.fsync(file)
    digest, at = hashlib.sha256(), 0
    while chunk := os.pread(file, 1 << 20, at):
        digest.update(chunk)
        at += len(chunk)
    return Ended(data_bytes / 2 / RATE, digest.hexdigest())
