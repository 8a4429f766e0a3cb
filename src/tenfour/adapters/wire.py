"""Between a headset and a conversation, which may be in two processes: 20 ms of audio at a time, both ways.

One end of a pair of datagram sockets. What is not taken in time is dropped, the oldest first: a voice is never late.
"""

import socket
from collections import deque

import numpy as np

from tenfour.telephony.g711 import Samples
from tenfour.telephony.mixer import FRAME

FRAME_BYTES = 2 * FRAME
WAITING_LIMIT = 4
"""Frames that may wait: who takes them is as fast as who sends, so more is only delay."""

ENOUGH = 2
"""So many are gathered before the first is taken: two clocks of 20 ms are never quite together."""


def wire_pair() -> tuple[socket.socket, socket.socket]:
    """Both ends, to be handed over."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)


class Wire:
    """`send` never waits; `take` gives the next frame, None where nothing is said."""

    def __init__(self, bound: socket.socket) -> None:
        bound.setblocking(False)
        self.socket = bound
        self.dropped = 0
        self._waiting: deque[bytes] = deque()
        self._gathering = True

    def send(self, frame: Samples) -> None:
        """Send 20 ms; lost where nobody takes them."""
        try:
            self.socket.send(np.ascontiguousarray(frame).tobytes())
        except OSError:
            self.dropped += 1

    def take(self) -> Samples | None:
        """The next 20 ms of the other end."""
        self._read()
        while len(self._waiting) > WAITING_LIMIT:
            self._waiting.popleft()
            self.dropped += 1
        if not self._waiting or (self._gathering and len(self._waiting) < ENOUGH):
            self._gathering = True
            return None
        self._gathering = False
        return _samples(self._waiting.popleft())

    def take_all(self) -> list[Samples]:
        """All that has come: for one end that hears each frame as it comes."""
        self._read()
        frames = [_samples(frame) for frame in self._waiting]
        self._waiting.clear()
        return frames

    def close(self) -> None:
        """This end is gone."""
        self.socket.close()

    def _read(self) -> None:
        for _ in range(2 * WAITING_LIMIT):
            try:
                frame = self.socket.recv(FRAME_BYTES + 1)
            except OSError:
                return
            if len(frame) == FRAME_BYTES:
                self._waiting.append(frame)


def _samples(frame: bytes) -> Samples:
    return np.frombuffer(frame, dtype=np.int16)
