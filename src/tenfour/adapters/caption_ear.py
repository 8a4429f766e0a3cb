"""What the live model understands of one side of one call, line by line, each told as often as it changes."""

from collections.abc import Iterator
from typing import Protocol

import msgspec
import numpy as np

from tenfour.adapters.caption_backlog import seconds
from tenfour.adapters.caption_protocol import RATE

LINES_KEPT = 20
"""The model's stream is begun anew after so many lines: it would keep them, and go over them, for ever."""


class HeardLine(Protocol):
    """A line of moonshine-voice: seconds of the stream."""

    line_id: int
    text: str
    start_time: float
    duration: float
    is_complete: bool


class HeardLines(Protocol):
    """Its lines, in their order."""

    lines: list[HeardLine]


class LiveStream(Protocol):
    """A stream of moonshine-voice."""

    def start(self) -> None:
        """Begin, with nothing heard."""

    def stop(self) -> HeardLines:
        """All lines, the open one ended."""
        ...

    def close(self) -> None:
        """Let go of it."""

    def add_audio(self, audio_data: list[float], sample_rate: int) -> None:
        """Hear this."""

    def update_transcription(self) -> HeardLines:
        """All lines as they are understood now."""
        ...


class Line(msgspec.Struct, frozen=True):
    """A line as it is understood now; times as those of the audio."""

    number: int
    text: str
    final: bool
    began_at: float
    ended_at: float


class Ear:
    """`numbers` gives each line its own."""

    def __init__(self, stream: LiveStream, numbers: Iterator[int]) -> None:
        self._stream, self._numbers = stream, numbers
        self._fed_s = self.heard_at = 0.0
        self._known: dict[int, Line] = {}
        stream.start()

    @property
    def is_open(self) -> bool:
        """Is there a line that is not final?"""
        return any(not line.final for line in self._known.values())

    def hear(self, pcm: bytes, at: float) -> list[Line]:
        """PCM16, little-endian, the end of which was said `at`: the lines that are different now."""
        self.heard_at = at
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / 32768
        self._stream.add_audio(samples.tolist(), RATE)
        self._fed_s += seconds(len(pcm))
        changed = self._changed(self._stream.update_transcription())
        if len(self._known) >= LINES_KEPT and not self.is_open:
            changed += self.rest()
        return changed

    def rest(self) -> list[Line]:
        """Nothing more is said for now: the open line is final."""
        changed = self._changed(self._stream.stop())
        self._known.clear()
        self._fed_s = 0.0
        self._stream.start()
        return changed

    def close(self) -> list[Line]:
        """Nothing more is said at all."""
        changed = self.rest()
        self._stream.close()
        return changed

    def _changed(self, heard: HeardLines) -> list[Line]:
        return [line for each in heard.lines if (line := self._newly(each)) is not None]

    def _newly(self, heard: HeardLine) -> Line | None:
        known, text = self._known.get(heard.line_id), heard.text.strip()
        if known is None and not text:
            return None
        if known is not None and (known.text, known.final) == (text, heard.is_complete):
            return None
        began_at = self.heard_at - (self._fed_s - heard.start_time) if known is None else known.began_at
        line = Line(
            known.number if known is not None else next(self._numbers),
            text,
            heard.is_complete,
            began_at,
            began_at + heard.duration,
        )
        self._known[heard.line_id] = line
        return line
