"""A sealed recording as FLAC (RFC 9639): made beside the WAV, decoded and compared with its seal, then in its place.

Nothing is deleted before what replaces it is on the disk and was found to hold the same sound, to the last bit. What is
sealed stays the WAV: its head follows from the samples (`telephony.wav_head`), so the FLAC gives back every byte of it.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import soundfile

from tenfour.adapters.recording_file import CHANNELS_AT, FLAC
from tenfour.adapters.recording_timeline import RATE
from tenfour.telephony.wav_head import HEAD_BYTES, wav_head
from tenfour.vocabulary.errors import BadInput, NotFound

PART = ".flac~"
BLOCK_FRAMES = 1 << 17
EFFORT = 0.5
"""Of libsndfile's 0 to 1. More takes twice the time for two hundredths of the size."""


class Compressed(msgspec.Struct, frozen=True):
    """A FLAC that holds what was sealed: its name, its own SHA-256 (hex) and its size in bytes."""

    file: str
    sha256: str
    size: int


def stored(path: Path) -> Path:
    """Where the sound of a recording is now: in its WAV, or in the FLAC that took its place."""
    flac = path.with_suffix(FLAC)
    return flac if not path.exists() and flac.exists() else path


def compress(wav: Path, sealed: str) -> Compressed:
    """Make the FLAC of a WAV whose SHA-256 is `sealed`; the WAV stays.

    Raises `BadInput` where the WAV is not what was sealed, or cannot be had back from a FLAC, or another FLAC has that
    name, and `OSError` (a full disk): then nothing of it is left.
    """
    part = wav.with_suffix(PART)
    part.unlink(missing_ok=True)
    try:
        _encode(wav, part, sealed)
        if digest_as_sealed(part) != sealed:
            raise BadInput(f"{wav.name} cannot be had back from a FLAC: it stays as it is.")
        flac = wav.with_suffix(FLAC)
        if flac.exists() and digest_as_sealed(flac) != sealed:
            raise BadInput(f"{flac.name} is there already, and holds something else: {wav.name} stays.")
        part.replace(flac)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(flac.parent)
    return Compressed(flac.name, digest_of(flac), flac.stat().st_size)


def drop_wav(wav: Path, sealed: str, flac_sha256: str) -> None:
    """Delete a WAV that is what was sealed, and whose FLAC is in the record and still is what the record says.

    Raises `BadInput` where one is not, `NotFound` without a FLAC: then the WAV stays.
    """
    flac = wav.with_suffix(FLAC)
    if not flac.exists():
        raise NotFound("file", flac.name, "The WAV stays.")
    if digest_of(flac) != flac_sha256:
        raise BadInput(f"{flac.name} is not what the record says: {wav.name} stays.")
    if wav.exists() and digest_of(wav) != sealed:
        raise BadInput(f"{wav.name} is not what was sealed: it stays as it is, for a person to look at.")
    wav.unlink(missing_ok=True)
    sync_folder(wav.parent)


def digest_of(path: Path) -> str:
    """The SHA-256 (hex) of a file as it is. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_as_sealed(flac: Path) -> str:
    """The SHA-256 (hex) of the WAV that a FLAC gives back; of nothing where it cannot be decoded."""
    digest = hashlib.sha256()
    with contextlib.suppress(soundfile.LibsndfileError), soundfile.SoundFile(flac) as sound:
        digest.update(wav_head(2 * sound.channels * sound.frames, sound.channels))
        for block in sound.blocks(BLOCK_FRAMES, dtype="int16", always_2d=True):
            digest.update(block.astype("<i2").tobytes())
    return digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Bring what a folder lists to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _encode(wav: Path, part: Path, sealed: str) -> None:
    """Raises `OSError`, and `BadInput` where the WAV is not what was sealed or no recording of ours."""
    with wav.open("rb", buffering=0) as source:
        head = source.read(HEAD_BYTES)
        digest = hashlib.sha256(head)
        channels = max(1, int.from_bytes(head[CHANNELS_AT : CHANNELS_AT + 2], "little"))
        data_bytes = wav.stat().st_size - HEAD_BYTES
        if data_bytes <= 0 or head != wav_head(data_bytes, channels, RATE):
            raise BadInput(f"{wav.name} is no recording with sound in it: it stays as it is.")
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _write(handle, channels, _blocks(source.fileno(), channels, digest.update))
            os.fsync(handle)
        finally:
            os.close(handle)
    if digest.hexdigest() != sealed:
        raise BadInput(f"{wav.name} is not what was sealed: it stays as it is, for a person to look at.")


def _blocks(file: int, channels: int, heard: Callable[[bytes], None]) -> Iterator[npt.NDArray[np.int16]]:
    """Samples by channel, as far as the file goes. `heard` gets every byte of them."""
    while raw := os.read(file, 2 * channels * BLOCK_FRAMES):
        heard(raw)
        yield np.frombuffer(raw[: len(raw) // (2 * channels) * 2 * channels], dtype="<i2").reshape(-1, channels)


def _write(handle: int, channels: int, blocks: Iterable[npt.NDArray[np.int16]]) -> None:
    try:
        with soundfile.SoundFile(
            handle, "w", RATE, channels, "PCM_16", format="FLAC", compression_level=EFFORT, closefd=False
        ) as sound:
            for block in blocks:
                sound.write(block.astype(np.int16, copy=False))
    except (soundfile.LibsndfileError, AssertionError) as error:  # what the library has for a disk that takes no more
        raise OSError("The FLAC cannot be written: is the disk full?") from error
