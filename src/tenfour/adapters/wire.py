"""Between a headset and a conversation, which may be in two processes: 20 ms of audio at a time, both ways.

One end of a pair of datagram sockets. What is not taken in time is dropped, the oldest first: a voice is not late for
long.
"""

import socket
from collections import deque

import numpy as np

from tenfour.telephony.g711 import Samples
from tenfour.telephony.mixer import FRAME

FRAME_BYTES = 2 * FRAME
WAITING_LIMIT = 8
"""Frames that may wait, while the one who takes them is late and is going to catch up."""

ENOUGH = 2
"""So many are gathered before the first is taken: two clocks of 20 ms are never quite together."""

SPARE = 1
COUNTED = 50
"""Where more than `SPARE` were left at each of so many takes, they are only delay, and are dropped."""


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
        self._takes, self._least = 0, WAITING_LIMIT

    def send(self, frame: Samples) -> None:
        """Send 20 ms; lost where nobody takes them."""
        try:
            self.socket.send(np.ascontiguousarray(frame).tobytes())
        except OSError:
            self.dropped += 1

    def take(self) -> Samples | None:
        """The next 20 ms of the other end."""
        self._read()
        if self._gathering:
            if len(self._waiting) < ENOUGH:
                return None
            self._drop(len(self._waiting) - ENOUGH)
            self._gathering, self._takes, self._least = False, 0, WAITING_LIMIT
        if not self._waiting:
            self._gathering = True
            return None
        frame = self._waiting.popleft()
        self._look_at(len(self._waiting))
        return _samples(frame)

    def take_all(self) -> list[Samples]:
        """All that has come: for one end that hears each frame as it comes."""
        self._read()
        frames = [_samples(frame) for frame in self._waiting]
        self._waiting.clear()
        return frames

    def close(self) -> None:
        """This end is gone."""
        self.socket.close()

    def _look_at(self, left: int) -> None:
        self._takes, self._least = self._takes + 1, min(self._least, left)
        if self._takes == COUNTED:
            self._drop(self._least - SPARE)
            self._takes, self._least = 0, WAITING_LIMIT

    def _drop(self, count: int) -> None:
        for _ in range(count):
            self._waiting.popleft()
            self.dropped += 1

    def _read(self) -> None:
        for _ in range(2 * WAITING_LIMIT):
            try:
                frame = self.socket.recv(FRAME_BYTES + 1)
            except OSError:
                break
            if len(frame) == FRAME_BYTES:
                self._waiting.append(frame)
        self._drop(len(self._waiting) - WAITING_LIMIT)


def _samples(frame: bytes) -> Samples:
    return np.frombuffer(frame, dtype=np.int16)
