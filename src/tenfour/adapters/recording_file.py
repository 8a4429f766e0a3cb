"""A recording's file: WAV, PCM16, 8 kHz, two channels. The caller is on the left, what it hears on the right."""

import hashlib
import os
from enum import IntEnum
from pathlib import Path

import msgspec
import numpy as np
import structlog

from tenfour.adapters.recording_timeline import RATE
from tenfour.telephony.g711 import Samples
from tenfour.telephony.wav_head import HEAD_BYTES, wav_head
from tenfour.vocabulary.ids import CallId

FLAC = ".flac"
"""What takes the place of a sealed WAV."""

CHANNELS_AT = 22
"""Where in the header the number of channels stands. Recordings of earlier versions have one."""


def recording_name(call_id: CallId, segment: int) -> str:
    """The file of a call's recording of this number."""
    return f"{call_id}-{segment}.wav"


def is_taken(folder: Path, call_id: CallId, segment: int) -> bool:
    """Has a recording of this number been made? Its WAV may have been compressed since."""
    wav = folder / recording_name(call_id, segment)
    return wav.exists() or wav.with_suffix(FLAC).exists()


class Lane(IntEnum):
    """Whose audio: a channel of the file."""

    CALLER = 0
    HEARD_BY_CALLER = 1


FRAME_BYTES = 2 * len(Lane)
SPAN = RATE
"""Samples of each lane at the end of a recording that are kept in memory: both lanes go to the file in one piece."""

log = structlog.get_logger(__name__)


class Ended(msgspec.Struct, frozen=True):
    """A recording that was closed: its length in seconds and the SHA-256 (hex) of the file."""

    duration_s: float
    sha256: str


class Recording:
    """One open file. Its methods run in the recorder's threads only."""

    def __init__(self, path: Path) -> None:
        """Make the file, readable by its owner only. Raises OSError, and leaves none then; FileExistsError when it is
        there already.
        """
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _write_whole(self._file, wav_head(0, len(Lane)), 0)
        except OSError:
            os.close(self._file)
            path.unlink()
            raise
        self._end = np.zeros((SPAN, len(Lane)), dtype="<i2")
        self._end_at = 0
        self._changed: tuple[int, int] | None = None

    def write(self, position: int, samples: Samples, lane: Lane = Lane.CALLER) -> None:
        """Samples of a lane at a position; the other lane is left, what is skipped is silence.

        They are in the file with the next `flush`. Raises OSError.
        """
        end = position + samples.size
        if end > self._end_at + SPAN:
            self._move(end - SPAN // 2)
        if position < self._end_at:
            self._write_late(position, samples, lane)
            return
        first, last = position - self._end_at, end - self._end_at
        self._end[first:last, lane] = samples
        before = self._changed or (first, last)
        self._changed = min(first, before[0]), max(last, before[1])

    def flush(self) -> None:
        """Bring to the file what was written. Raises OSError; nothing is lost then, until the next second."""
        if self._changed is not None:
            first, last = self._changed
            at = HEAD_BYTES + FRAME_BYTES * (self._end_at + first)
            _write_whole(self._file, self._end[first:last].tobytes(), at)
            self._changed = None

    def _move(self, position: int) -> None:
        """Keep the end from there on."""
        self.flush()
        kept = self._end[position - self._end_at :].copy()
        self._end[: len(kept)], self._end[len(kept) :] = kept, 0
        self._end_at = position

    def _write_late(self, position: int, samples: Samples, lane: Lane) -> None:
        """What belongs before the end that is kept goes to the file at once."""
        self.flush()
        at = HEAD_BYTES + FRAME_BYTES * position
        both = np.zeros((samples.size, len(Lane)), dtype="<i2")
        there = np.frombuffer(os.pread(self._file, both.nbytes, at), dtype=np.uint8)
        both.view(np.uint8).reshape(-1)[: len(there)] = there
        both[:, lane] = samples
        _write_whole(self._file, both.tobytes(), at)
        in_end = both[max(0, self._end_at - position) :]
        self._end[: len(in_end)] = in_end

    def sync(self) -> None:
        """Bring the header's lengths up to date and everything to the disk."""
        _mend_header(self._file)
        os.fsync(self._file)

    def end(self) -> Ended:
        """Close the file for good. What a full disk does not take is lost; what is there is sealed. Raises OSError."""
        try:
            self._flush_last()
            return _seal(self._file)
        finally:
            os.close(self._file)

    def _flush_last(self) -> None:
        try:
            self.flush()
        except OSError as error:
            first, last = self._changed or (0, 0)
            lost_s = round((last - first) / RATE, 3)
            log.error("the end of a recording is lost", file=self.path.name, lost_s=lost_s, problem=str(error))


def end_left_behind(path: Path) -> Ended:
    """Close a recording that a killed process left: mend its header, fsync, hash. Raises OSError."""
    file = os.open(path, os.O_RDWR)
    try:
        return _seal(file)
    finally:
        os.close(file)


def _write_whole(file: int, data: bytes, at: int) -> None:
    """A disk that is nearly full takes a part, and refuses the rest with the next try. Raises OSError."""
    written = 0
    while written < len(data):
        written += os.pwrite(file, data[written:], at + written)


def _mend_header(file: int) -> tuple[int, int]:
    """Make the header's lengths those of the file; gives the bytes of audio, and of one sample of every channel."""
    channels = max(1, int.from_bytes(os.pread(file, 2, CHANNELS_AT), "little"))
    frame = 2 * channels
    data_bytes = max(0, os.fstat(file).st_size - HEAD_BYTES) // frame * frame
    os.pwrite(file, wav_head(data_bytes, channels), 0)
    return data_bytes, frame


def _seal(file: int) -> Ended:
    data_bytes, frame = _mend_header(file)
    os.ftruncate(file, HEAD_BYTES + data_bytes)  # half a sample, where the disk took no more
    os.fsync(file)
    digest, at = hashlib.sha256(), 0
    while chunk := os.pread(file, 1 << 20, at):
        digest.update(chunk)
        at += len(chunk)
    return Ended(data_bytes / frame / RATE, digest.hexdigest())
