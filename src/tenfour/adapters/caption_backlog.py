"""Audio that waits to be captioned: of each side of each call, the longest waiting first, never more than so much."""

import threading
from collections import deque

import msgspec

from tenfour.adapters.caption_protocol import RATE, Heard
from tenfour.calltaking.text_event import Party
from tenfour.vocabulary.ids import CallId

MOST_WAITING_S = 8.0
"""A side that waits longer has lost what waited: the captions go on from now, and say so."""

MOST_SIDES = 256
"""Sides that may wait at once; those of further calls are not captioned."""

AT_ONCE_S = 2.0
"""Given to the model at once: the more waits, the more at once, so it is read over less often."""

Side = tuple[CallId, Party]


class Piece(msgspec.Struct, frozen=True):
    """What one side said up to `at` (monotonic seconds). `gap`: what came before it was lost. `ends`: it is all."""

    side: Side
    pcm: bytes
    at: float
    gap: bool = False
    ends: bool = False


class _Waiting:
    def __init__(self) -> None:
        self.pieces: deque[tuple[float, bytes]] = deque()
        self.gap = self.ends = False

    @property
    def seconds(self) -> float:
        return seconds(sum(len(pcm) for _, pcm in self.pieces))


class Backlog:
    """One thread puts, another takes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sides: dict[Side, _Waiting] = {}
        self._lost_s = 0.0

    def put(self, heard: Heard, now: float) -> None:
        """This has just been said."""
        side = (heard.call_id, heard.party)
        with self._lock:
            waiting = self._sides.get(side)
            if waiting is None:
                if len(self._sides) >= MOST_SIDES:
                    self._lost_s += seconds(len(heard.pcm))
                    return
                waiting = self._sides[side] = _Waiting()
            if not heard.pcm:
                waiting.ends = True
                return
            if waiting.seconds >= MOST_WAITING_S:
                self._lost_s += waiting.seconds
                waiting.pieces.clear()
                waiting.gap = True
            waiting.pieces.append((now, heard.pcm))

    def take(self) -> Piece | None:
        """The next piece: of the side that waits longest."""
        with self._lock:
            if not self._sides:
                return None
            side = min(self._sides, key=lambda each: _since(self._sides[each]))
            waiting = self._sides[side]
            taken, at = bytearray(), 0.0
            while waiting.pieces and seconds(len(taken)) < AT_ONCE_S:
                at, pcm = waiting.pieces.popleft()
                taken += pcm
            gap, waiting.gap = waiting.gap, False
            ends = waiting.ends and not waiting.pieces
            if not waiting.pieces:
                del self._sides[side]
            return Piece(side, bytes(taken), at, gap, ends)

    def behind_s(self, now: float) -> float:
        """How long the longest waiting audio has waited."""
        with self._lock:
            return max((now - one.pieces[0][0] for one in self._sides.values() if one.pieces), default=0.0)

    def lost_s(self) -> float:
        """Seconds that were lost since this was asked last."""
        with self._lock:
            lost, self._lost_s = self._lost_s, 0.0
            return lost


def seconds(size: int) -> float:
    """How long so many bytes of PCM16 last."""
    return size / (2 * RATE)


def _since(waiting: _Waiting) -> float:
    return waiting.pieces[0][0] if waiting.pieces else float("inf")
