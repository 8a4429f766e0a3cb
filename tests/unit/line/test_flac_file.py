"""Recordings as FLAC: what comes out is what was sealed, and no WAV goes before its FLAC is known to be good."""

import hashlib
import os
import resource
import struct
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfour.adapters.flac_file import compress, digest_as_sealed, digest_of, drop_wav, stored
from tenfour.adapters.flac_worker import Answer, Wanted
from tenfour.adapters.recording_file import Lane, Recording
from tenfour.desk.wav import open_recording
from tenfour.vocabulary.errors import BadInput, NotFound


def recorded(path: Path, seconds: float = 2.0) -> str:
    """A sealed recording of two lanes, as the line writes it; its seal."""
    at = np.arange(int(8000 * seconds)) / 8000
    recording = Recording(path)
    for lane, hertz in ((Lane.CALLER, 440), (Lane.HEARD_BY_CALLER, 700)):
        recording.write(0, (9000 * np.sin(2 * np.pi * hertz * at)).astype(np.int16), lane)
    return recording.end().sha256


def test_flac_gives_back_every_byte_that_was_sealed_and_only_then_the_wav_goes(tmp_path: Path) -> None:
    wav = tmp_path / "call-1.wav"
    sealed = recorded(wav)
    whole = wav.read_bytes()
    made = compress(wav, sealed)
    flac = tmp_path / made.file
    assert (made.size, made.sha256) == (flac.stat().st_size, hashlib.sha256(flac.read_bytes()).hexdigest())
    assert made.size < len(whole) / 2
    assert flac.stat().st_mode & 0o777 == 0o600
    assert wav.read_bytes() == whole, "it goes only when the record knows of the FLAC"
    assert stored(wav) == wav
    drop_wav(wav, sealed, made.sha256)
    drop_wav(wav, sealed, made.sha256)
    assert {path.name for path in tmp_path.iterdir()} == {"call-1.flac"}
    assert stored(wav) == flac
    assert digest_as_sealed(flac) == sealed
    served = open_recording(wav)
    assert served.read(0, served.length) == whole


@pytest.mark.parametrize("channels", [1, 2])
def test_recording_of_any_version_comes_back_whole_and_in_every_piece(tmp_path: Path, channels: int) -> None:
    """Those of earlier versions have the caller alone."""
    samples = np.random.default_rng(channels).integers(-32768, 32767, 5001 * channels).astype("<i2").tobytes()
    wav = tmp_path / "old-1.wav"
    form = struct.pack("<IHHIIHH", 16, 1, channels, 8000, 16000 * channels, 2 * channels, 16)
    size = struct.pack("<I", len(samples))
    wav.write_bytes(b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt " + form + b"data" + size + samples)
    whole = wav.read_bytes()
    sealed = digest_of(wav)
    drop_wav(wav, sealed, compress(wav, sealed).sha256)
    served = open_recording(wav)

    @settings(max_examples=60, deadline=None)
    @given(start=st.integers(0, len(whole)), length=st.integers(0, 3000))
    def pieces(start: int, length: int) -> None:
        end = min(len(whole), start + length)
        assert served.read(start, end) == whole[start:end]

    pieces()
    first = open_recording(wav, until_s=0.25)
    assert first.length == 44 + 2 * channels * 2000
    assert first.read(44, first.length) == samples[: 2 * channels * 2000]


def test_wav_that_is_not_what_was_sealed_stays_untouched(tmp_path: Path) -> None:
    wav = tmp_path / "call-1.wav"
    sealed = recorded(wav)
    whole = bytearray(wav.read_bytes())
    whole[-1] ^= 1
    wav.write_bytes(whole)
    with pytest.raises(BadInput, match="not what was sealed"):
        compress(wav, sealed)
    assert [path.name for path in tmp_path.iterdir()] == ["call-1.wav"]
    assert wav.read_bytes() == whole


@pytest.mark.parametrize("written", [b"RIFF, but nothing more", b"", b"RIFF" + bytes(60)])
def test_what_is_no_recording_of_ours_stays_untouched(tmp_path: Path, written: bytes) -> None:
    wav = tmp_path / "call-1.wav"
    wav.write_bytes(written)
    with pytest.raises(BadInput, match="stays as it is"):
        compress(wav, digest_of(wav))
    assert [path.name for path in tmp_path.iterdir()] == ["call-1.wav"]


def test_recording_without_a_sample_stays_wav(tmp_path: Path) -> None:
    wav = tmp_path / "call-1.wav"
    with pytest.raises(BadInput, match="no recording with sound"):
        compress(wav, Recording(wav).end().sha256)
    assert wav.exists()


def test_wav_stays_where_its_flac_is_gone_or_another_than_the_record_says(tmp_path: Path) -> None:
    wav = tmp_path / "call-1.wav"
    sealed = recorded(wav)
    made = compress(wav, sealed)
    flac = tmp_path / made.file
    with flac.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\xff")
    with pytest.raises(BadInput, match="not what the record says"):
        drop_wav(wav, sealed, made.sha256)
    flac.unlink()
    with pytest.raises(NotFound):
        drop_wav(wav, sealed, made.sha256)
    assert wav.exists()


def test_flac_that_is_damaged_gives_back_something_else_or_nothing(tmp_path: Path) -> None:
    wav = tmp_path / "call-1.wav"
    sealed = recorded(wav)
    flac = tmp_path / compress(wav, sealed).file
    whole = flac.read_bytes()
    for at in range(len(whole) // 2, len(whole), len(whole) // 40):  # in the sound, not in the words before it
        flac.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        assert digest_as_sealed(flac) != sealed, at
    flac.write_bytes(whole[: len(whole) // 2])
    assert digest_as_sealed(flac) != sealed


def test_disk_that_takes_no_more_keeps_the_wav_and_leaves_nothing_half_made(tmp_path: Path) -> None:
    wav = tmp_path / "call-1.wav"
    sealed = recorded(wav, 20.0)
    asked = msgspec.json.encode(Wanted(str(wav), sealed=sealed)) + b"\n"

    def ask(limit: int) -> Answer:
        done = subprocess.run(
            [sys.executable, "-m", "tenfour.adapters.flac_worker"],
            input=asked,
            capture_output=True,
            check=True,
            timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)),
        )
        return msgspec.json.decode(done.stdout, type=Answer)

    full = ask(20_000)
    assert full.again and full.made is None and "call-1.wav" in full.why_not, full
    assert [path.name for path in tmp_path.iterdir()] == ["call-1.wav"]
    assert digest_of(wav) == sealed
    assert ask(10_000_000).made is not None


def test_flac_of_another_recording_is_never_written_over(tmp_path: Path) -> None:
    wav = tmp_path / "call-1.wav"
    flac = tmp_path / compress(wav, recorded(wav)).file
    kept = flac.read_bytes()
    assert compress(wav, digest_of(wav)).sha256 == digest_of(flac), "the same again is no harm"
    wav.unlink()
    with pytest.raises(BadInput, match="holds something else"):
        compress(wav, recorded(wav, 1.0))
    assert flac.read_bytes() == kept
    assert {path.name for path in tmp_path.iterdir()} == {"call-1.wav", "call-1.flac"}


def test_wav_of_another_recording_is_not_dropped_for_a_flac_that_has_its_name(tmp_path: Path) -> None:
    wav = tmp_path / "call-1.wav"
    sealed = recorded(wav)
    made = compress(wav, sealed)
    wav.unlink()
    recorded(wav, 1.0)
    with pytest.raises(BadInput, match="not what was sealed"):
        drop_wav(wav, sealed, made.sha256)
    assert wav.exists()
