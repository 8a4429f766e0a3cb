"""A sound clip as packets of telephone sound: 20 ms of PCMU each (RFC 3551)."""

import wave
from pathlib import Path

import numpy as np

from tenfour.telephony.g711 import SILENCE_ULAW, encode_ulaw

PACKET_MS = 20
SAMPLES = 160
"""Samples of 8 kHz in one packet."""

SILENCE = bytes([SILENCE_ULAW]) * SAMPLES


def packets_of(clip: Path) -> tuple[bytes, ...]:
    """The clip (8 kHz mono 16 bit WAV) as payloads, the last one filled up with silence."""
    with wave.open(str(clip), "rb") as wav:
        samples = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2")
    coded = encode_ulaw(samples.astype(np.int16))
    cut = [coded[start : start + SAMPLES] for start in range(0, len(coded), SAMPLES)]
    return tuple(payload.ljust(SAMPLES, SILENCE[:1]) for payload in cut)


def seconds_of(packets: tuple[bytes, ...]) -> float:
    """How long these packets last."""
    return len(packets) * PACKET_MS / 1000
