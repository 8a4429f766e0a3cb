"""G.711: the tables of the standard."""

import numpy as np
import pytest

from tenfour.telephony.g711 import (
    SILENCE_ALAW,
    SILENCE_ULAW,
    decode_alaw,
    decode_ulaw,
    encode_alaw,
    encode_ulaw,
)

ALL_CODES = bytes(range(256))
ALL_SAMPLES = np.arange(-32768, 32768).astype(np.int16)
LAWS = [(encode_ulaw, decode_ulaw), (encode_alaw, decode_alaw)]


def test_ulaw_values_of_the_standard():
    values = decode_ulaw(bytes([0x00, 0x0F, 0x10, 0x7F, 0x80, 0x8F, 0xFE, 0xFF]))
    assert values.tolist() == [-32124, -16764, -15996, 0, 32124, 16764, 8, 0]


def test_alaw_values_of_the_standard():
    values = decode_alaw(bytes([0xD5, 0x55, 0xD4, 0xAA, 0x2A, 0x80, 0x00]))
    assert values.tolist() == [8, -8, 24, 32256, -32256, 5504, -5504]


@pytest.mark.parametrize(("encode", "decode"), LAWS)
def test_every_code_comes_back_as_the_same_value(encode, decode):
    assert np.array_equal(decode(encode(decode(ALL_CODES))), decode(ALL_CODES))


@pytest.mark.parametrize(("encode", "decode"), LAWS)
def test_louder_samples_never_become_softer(encode, decode):
    assert np.all(np.diff(decode(encode(ALL_SAMPLES)).astype(np.int32)) >= 0)


@pytest.mark.parametrize(("encode", "decode"), LAWS)
def test_error_is_within_the_step_of_the_segment(encode, decode):
    back = decode(encode(ALL_SAMPLES)).astype(np.int32)
    samples = ALL_SAMPLES.astype(np.int32)
    assert np.all(np.abs(back - samples) <= np.maximum(16, np.abs(samples) // 16 + 4))


def test_silence_is_silent():
    assert encode_ulaw(np.zeros(3, dtype=np.int16)) == bytes([SILENCE_ULAW]) * 3
    assert encode_alaw(np.zeros(3, dtype=np.int16)) == bytes([SILENCE_ALAW]) * 3


def test_slices_and_nothing_at_all_are_taken():
    assert len(encode_ulaw(ALL_SAMPLES[::2])) == 32768
    assert encode_ulaw(ALL_SAMPLES[:0]) == b""
    assert decode_ulaw(b"").size == 0
