"""A recording as a WAV file that can be played while it is being made, or after a crash left its header unfinished.

The header in the file is not trusted: lengths are computed from how long the file is now (RIFF WAVE, as the line writes
it: 8 kHz, `fmt ` chunk first, then `data`; the caller is the first channel, what it hears the second). One that is kept
as FLAC since is decoded where it is read, and is the sealed WAV again, byte for byte.
"""

import struct
from pathlib import Path

import msgspec
import soundfile

from tenfour.telephony.wav_head import wav_head
from tenfour.vocabulary.errors import BadInput, NotFound

LARGEST_HEADER = 4096
FLAC = ".flac"


class Recording(msgspec.Struct, frozen=True):
    """A recording as it is now: a right header, then `data_bytes` of the file from `data_at`."""

    path: Path
    header: bytes
    data_at: int
    data_bytes: int
    channels: int = 1

    @property
    def length(self) -> int:
        """Bytes of the WAV file as served."""
        return len(self.header) + self.data_bytes

    def read(self, start: int, end: int) -> bytes:
        """Bytes `start` to `end` (not included) of the WAV file as served."""
        head = self.header[start:end]
        skip = max(0, start - len(self.header))
        wanted = end - start - len(head)
        if wanted <= 0:
            return head
        return head + self._samples(skip, wanted)

    def _samples(self, skip: int, wanted: int) -> bytes:
        if self.path.suffix == FLAC:
            return _decoded(self.path, skip, wanted)
        try:
            with self.path.open("rb") as file:
                file.seek(self.data_at + skip)
                return file.read(wanted)
        except FileNotFoundError:  # compressed since it was looked at
            return _decoded(self.path.with_suffix(FLAC), skip, wanted)


def open_recording(path: Path, until_s: float | None = None) -> Recording:
    """Look at a recording, or at its first `until_s` seconds: those grow no more.

    Raises `NotFound` when it is not there (any more), `BadInput` when it is no WAV.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(LARGEST_HEADER)
    except OSError as error:
        if path.suffix != FLAC and path.with_suffix(FLAC).exists():
            return open_recording(path.with_suffix(FLAC), until_s)
        raise NotFound("recording", path.name) from error
    if path.suffix == FLAC:
        return _open_flac(path, until_s)
    data_at = _data_at(start, path)
    block = max(1, struct.unpack_from("<H", start, 32)[0])
    rate = struct.unpack_from("<I", start, 28)[0]
    wanted = size - data_at if until_s is None else min(size - data_at, int(until_s * rate))
    data_bytes = wanted // block * block
    header = bytearray(start[:data_at])
    struct.pack_into("<I", header, 4, data_at - 8 + data_bytes)
    struct.pack_into("<I", header, data_at - 4, data_bytes)
    channels = max(1, struct.unpack_from("<H", start, 22)[0])
    return Recording(path, bytes(header), data_at, data_bytes, channels)


def _open_flac(path: Path, until_s: float | None) -> Recording:
    try:
        said = soundfile.info(path)
    except soundfile.LibsndfileError as error:
        raise BadInput(f"{path.name} is not a FLAC file.") from error
    frames = said.frames if until_s is None else min(said.frames, int(until_s * said.samplerate))
    data_bytes = 2 * said.channels * frames
    head = wav_head(data_bytes, said.channels, said.samplerate)
    return Recording(path, head, len(head), data_bytes, said.channels)


def _decoded(flac: Path, skip: int, wanted: int) -> bytes:
    """Bytes of PCM16 from a place on."""
    try:
        with soundfile.SoundFile(flac) as sound:
            frame = 2 * sound.channels
            first = skip // frame
            sound.seek(first)
            samples = sound.read((skip + wanted - 1) // frame + 1 - first, dtype="int16", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise NotFound("recording", flac.name) from error
    raw: bytes = samples.astype("<i2").tobytes()
    return raw[skip - first * frame :][:wanted]


def _data_at(start: bytes, path: Path) -> int:
    """Where the samples begin: after the header of the `data` chunk."""
    if start[:4] != b"RIFF" or start[8:16] != b"WAVEfmt ":
        raise BadInput(f"{path.name} is not a WAV file.")
    place = 12
    while place + 8 <= len(start):
        name, length = struct.unpack_from("<4sI", start, place)
        if name == b"data":
            return place + 8
        place += 8 + length + (length & 1)
    raise BadInput(f"{path.name} has no samples yet.")
