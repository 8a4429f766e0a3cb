"""The head of a recording's file: RIFF WAVE, PCM16. It follows from how much audio there is."""

import struct

HEAD_BYTES = 44


def wav_head(data_bytes: int, channels: int, rate: int = 8000) -> bytes:
    """The bytes before `data_bytes` of samples (all channels together), `rate` a second."""
    frame = 2 * channels
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, frame * rate, frame, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + data_bytes, b"WAVE") + form + struct.pack("<4sI", b"data", data_bytes)
