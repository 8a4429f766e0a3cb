"""Recordings served with a right header, whatever the header in the file says."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.desk.wav import open_recording
from tenfour.vocabulary.errors import BadInput, NotFound


def growing(path: Path, samples: bytes, *, told: int = 0) -> Path:
    """An 8 kHz mono PCM16 file whose header says `told` bytes, as while it is being made."""
    head = b"RIFF" + struct.pack("<I", told) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    path.write_bytes(head + b"data" + struct.pack("<I", told) + samples)
    return path


def test_growing_file_gets_a_header_of_its_present_length(tmp_path: Path) -> None:
    wav = open_recording(growing(tmp_path / "a.wav", b"\x01\x02" * 500 + b"\x01"))
    whole = wav.read(0, wav.length)
    assert struct.unpack_from("<I", whole, 40)[0] == 1000
    assert struct.unpack_from("<I", whole, 4)[0] == len(whole) - 8
    assert len(whole) == wav.length == 1044


def test_half_a_sample_at_the_end_is_left_out(tmp_path: Path) -> None:
    assert open_recording(growing(tmp_path / "a.wav", b"\x01\x02\x03")).data_bytes == 2


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(b"hello")
    with pytest.raises(BadInput, match="not a WAV"):
        open_recording(tmp_path / "x.wav")
    (tmp_path / "y.wav").write_bytes(b"RIFF\0\0\0\0WAVEfmt ")
    with pytest.raises(BadInput, match="no samples yet"):
        open_recording(tmp_path / "y.wav")
    with pytest.raises(NotFound):
        open_recording(tmp_path / "z.wav")


@given(start=st.integers(0, 260), size=st.integers(1, 260))
def test_any_piece_is_that_piece_of_the_whole(tmp_path_factory: pytest.TempPathFactory, start: int, size: int) -> None:
    folder = tmp_path_factory.getbasetemp()
    wav = open_recording(growing(folder / "piece.wav", bytes(range(200))))
    whole = wav.read(0, wav.length)
    end = min(start + size, wav.length)
    assert wav.read(start, end) == whole[start:end]
