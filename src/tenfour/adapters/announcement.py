"""What the caller hears: while nobody answers, and once somebody without a headset has."""

import sys
import wave
from array import array
from collections.abc import Iterator
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from math import pi, sin
from pathlib import Path

import structlog

FRAME_SAMPLES = 160
"""20 ms at 8 kHz, one RTP packet (RFC 3551 section 4.2)."""

RATE = 8000
BEEP_HZ, BEEP_S, BEEP_LEVEL = 440.0, 0.2, 0.05
HOLD_HZ, HOLD_S, HOLD_PAUSE_FRAMES = (350.0, 440.0), 0.4, 110
WAITING_PAUSE_S = 10.0
LONGEST_S = 120.0
"""Of a longer announcement only so much is played."""

SILENCE = bytes(2 * FRAME_SAMPLES)
DEFAULT = files("tenfour.demo") / "announcement.wav"
DEFAULT_WAITING = files("tenfour.demo") / "waiting.wav"

log = structlog.get_logger(__name__)


def read_announcement(path: Path, default: Traversable = DEFAULT) -> tuple[bytes, ...]:
    """The announcement as 20 ms frames of PCM16 (native byte order).

    A file that is missing or is not 8 kHz mono PCM16 is logged, and the one Tenfour ships (`default`) is played: a
    wrong file must not keep a call from being answered.
    """
    try:
        return _frames(_read_wav(path))
    except (OSError, EOFError, ValueError, wave.Error) as error:
        log.error("the announcement cannot be used; the shipped one is played", file=str(path), problem=str(error))
    return _shipped(default)


def read_waiting(file: str) -> tuple[bytes, ...]:
    """What a caller hears whom nobody has answered: the named file, or the words Tenfour ships where none is named."""
    return read_announcement(Path(file), DEFAULT_WAITING) if file else _shipped(DEFAULT_WAITING)


def read_hold(file: str) -> tuple[bytes, ...]:
    """What a caller hears who was put on hold: the named file, or two soft strokes every few seconds."""
    if not file:
        strokes = b"".join(_tone(hertz, HOLD_S) for hertz in HOLD_HZ)
        return (*_frames(strokes), *[SILENCE] * HOLD_PAUSE_FRAMES)
    return read_announcement(Path(file))


def read_consent(file: str) -> tuple[bytes, ...]:
    """What says that a call is recorded. One that cannot be used is logged: no other words would do."""
    try:
        return _frames(_read_wav(Path(file))) if file else ()
    except (OSError, EOFError, ValueError, wave.Error) as error:
        log.error(
            "nobody is told that calls are recorded: the announcement cannot be used", file=file, problem=str(error)
        )
        return ()


def _shipped(default: Traversable) -> tuple[bytes, ...]:
    with as_file(default) as shipped:
        return _frames(_read_wav(shipped))


def play(announcement: tuple[bytes, ...], beep_every_s: float) -> Iterator[bytes]:
    """20 ms frames for ever: the announcement once, then silence with a beep every `beep_every_s` (0: none)."""
    yield from announcement
    beep = _frames(_beep())
    pause = max(0, round(beep_every_s * RATE / FRAME_SAMPLES) - len(beep))
    while True:
        for _ in range(pause or 50):
            yield SILENCE
        if beep_every_s > 0:
            yield from beep


def play_waiting(announcement: tuple[bytes, ...]) -> Iterator[bytes]:
    """20 ms frames for ever: the announcement, `WAITING_PAUSE_S` of silence, and again."""
    while True:
        yield from announcement
        for _ in range(round(WAITING_PAUSE_S * RATE / FRAME_SAMPLES)):
            yield SILENCE


def play_hold(sound: tuple[bytes, ...]) -> Iterator[bytes]:
    """20 ms frames for ever: the hold sound, again and again."""
    while True:
        yield from sound


def _read_wav(path: Path) -> bytes:
    with path.open("rb") as file, wave.open(file) as wav:
        shape = (wav.getnchannels(), wav.getsampwidth(), wav.getframerate())
        if shape != (1, 2, RATE):
            raise ValueError(
                f"it has {shape[0]} channels of {8 * shape[1]} bits at {shape[2]} Hz, expected 1 of 16 at {RATE}"
            )
        return bytes(wav.readframes(min(wav.getnframes(), int(LONGEST_S * RATE))))


def _frames(little_endian: bytes) -> tuple[bytes, ...]:
    samples = array("h", little_endian)
    if sys.byteorder == "big":
        samples.byteswap()
    pcm = samples.tobytes()
    size = 2 * FRAME_SAMPLES
    return tuple(pcm[at : at + size].ljust(size, b"\0") for at in range(0, len(pcm), size))


def _beep() -> bytes:
    return _tone(BEEP_HZ, BEEP_S)


def _tone(hertz: float, seconds: float) -> bytes:
    count = int(seconds * RATE)
    samples = array("h", (round(BEEP_LEVEL * 32767 * sin(2 * pi * hertz * n / RATE)) for n in range(count)))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()
