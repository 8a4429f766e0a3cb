"""How people in a call learn that it is recorded: words once, and a beep again and again, over what is said."""

from collections.abc import Callable, Sequence

import numpy as np

from tenfour.adapters.recording_setting import Beep
from tenfour.telephony.g711 import Samples

FRAME_SAMPLES = 160
FRAMES_A_S = 50
RATE = 8000
BEEP_S = 0.2
EDGE_S = 0.01
"""A beep that begins at once would click."""


class RecordingNotice:
    """`step` gives what is over each 20 ms. Until there is something to be told nothing costs anything."""

    def __init__(self, beep: Beep | None, consent: Sequence[bytes], on_said: Callable[[], None]) -> None:
        """`on_said`: the announcement has gone out to its end."""
        self.everybody = False
        """Is the present step for everybody in the call, or for the telephone at the other end alone?"""
        self._beep, self._consent, self._on_said = beep, consent, on_said
        self._tone = beep_frames(beep) if beep is not None else ()
        self._every = max(len(self._tone), round(beep.every_s * FRAMES_A_S)) if beep is not None else 0
        self._at = self._said = 0

    def step(self) -> Samples | None:
        """What goes over the next 20 ms; None: nothing does. The first beep comes one interval after the words.

        Words wait until they are said to have gone out (`went_out`).
        """
        if self._said < len(self._consent):
            self.everybody = True
            return np.frombuffer(self._consent[self._said], dtype=np.int16)
        if self._beep is None:
            return None
        self.everybody = self._beep.everybody
        self._at += 1
        at = self._at % self._every
        return self._tone[at] if self._at >= self._every and at < len(self._tone) else None

    def went_out(self) -> None:
        """The telephone at the other end was sent the present step."""
        if self._said < len(self._consent):
            self._said += 1
            if self._said == len(self._consent):
                self._on_said()


def over(frame: Samples, notice: Samples | None) -> Samples:
    """Both at once; what is louder than a sample can be is as loud as one can."""
    if notice is None:
        return frame
    both: Samples = np.clip(frame.astype(np.int32) + notice, -32768, 32767).astype(np.int16)
    return both


def beep_frames(beep: Beep) -> tuple[Samples, ...]:
    """The tone, in frames of 20 ms."""
    at = np.arange(round(BEEP_S * RATE)) / RATE
    edge = np.clip(np.minimum(at, BEEP_S - at) / EDGE_S, 0, 1)
    tone = (beep.level * 32767 * edge * np.sin(2 * np.pi * beep.hertz * at)).astype(np.int16)
    return tuple(tone[begin : begin + FRAME_SAMPLES] for begin in range(0, len(tone), FRAME_SAMPLES))
