"""Saying real-time text (RFC 4103): what was typed goes out every 300 ms, and twice more with what follows."""

import math
from collections import deque

from tenfour.telephony.redundancy import LONGEST_BLOCK, LONGEST_OFFSET, Block, serialise_redundancy
from tenfour.telephony.rtp import RtpPacket
from tenfour.telephony.t140 import BYTE_ORDER_MARK, for_the_wire

BUFFERING_S = 0.3
"""Text is collected for so long (RFC 4103 section 5.1)."""

KEEPALIVE_S = 7.0
"""After so long without text a byte order mark says that we are still here, and keeps the way open."""

CPS = 30
"""Characters a second that a receiver takes who does not say otherwise (RFC 4103 section 6)."""

CPS_OVER_S = 10.0
"""Over so long they are counted."""

MOST_AT_ONCE = LONGEST_BLOCK // 4
"""Characters of one block, however many bytes each of them has."""


class TextSender:
    """Our text stream. The caller of `packet` asks at `next_timer`, and puts sequence numbers and timestamps on.

    `generations`: how many earlier blocks go along (0: plain t140). `cps`: what the other side can take.
    """

    def __init__(self, t140: int, red: int | None, *, ssrc: int, sequence: int, generations: int = 2) -> None:
        self._ssrc, self._sequence = ssrc, sequence
        self._waiting = BYTE_ORDER_MARK
        self._sent_at: float | None = None
        self._recent: deque[tuple[float, int]] = deque()
        self._before: deque[tuple[float, bytes]] = deque()
        self.speak(t140, red, generations=generations)

    def speak(self, t140: int, red: int | None, *, generations: int = 2, cps: int = CPS) -> None:
        """As it is agreed from now on. What was to be repeated is repeated."""
        self._t140, self._red, self._cps = t140, red, cps
        self._generations = generations if red is not None else 0
        self._before = deque(self._before, maxlen=self._generations)

    @property
    def waiting(self) -> int:
        """Characters that have not gone out."""
        return len(self._waiting)

    @property
    def busy(self) -> bool:
        """Is there something that has not gone out, or not as often as it is to?"""
        return bool(self._waiting) or self._repeats

    def type(self, text: str) -> None:
        """Say this, too. Control characters but backspace and new line are left out."""
        self._waiting += for_the_wire(text)

    def next_timer(self) -> float:
        """When `packet` has something to give: at once where nothing was said yet."""
        if self._sent_at is None:
            return -math.inf
        if self._repeats:
            return self._sent_at + BUFFERING_S
        if self._waiting:
            return max(self._sent_at + BUFFERING_S, self._room_at())
        return self._sent_at + KEEPALIVE_S

    def packet(self, now: float) -> RtpPacket | None:
        """The packet that is due; None where none is."""
        if now < self.next_timer():
            return None
        is_idle = not self._repeats
        if not self._waiting and is_idle:
            self._waiting = BYTE_ORDER_MARK
        said = self._waiting[: min(MOST_AT_ONCE, self._room(now))]
        self._waiting = self._waiting[len(said) :]
        self._recent.append((now, len(said)))
        data = said.encode("utf-8")
        payload_type, payload = self._payload(data, now)
        self._before.append((now, data))
        self._sent_at = now
        packet = RtpPacket(payload_type, self._sequence, _timestamp(now), self._ssrc, payload, marker=is_idle)
        self._sequence = (self._sequence + 1) & 0xFFFF
        return packet

    @property
    def _repeats(self) -> bool:
        """Is there something that goes along once more?"""
        return any(data for _, data in self._before)

    def _payload(self, data: bytes, now: float) -> tuple[int, bytes]:
        if self._red is None:
            return self._t140, data
        missing = [(now, b"")] * (self._generations - len(self._before))
        earlier = [
            Block(self._t140, min(_timestamp(now - at), LONGEST_OFFSET), said) for at, said in (*missing, *self._before)
        ]
        return self._red, serialise_redundancy([*earlier, Block(self._t140, 0, data)])

    def _room(self, now: float) -> int:
        while self._recent and self._recent[0][0] <= now - CPS_OVER_S:
            self._recent.popleft()
        return max(0, int(self._cps * CPS_OVER_S) - sum(count for _, count in self._recent))

    def _room_at(self) -> float:
        """When a character more may be said: at once, or when the oldest are so long ago that they do not count."""
        if sum(count for _, count in self._recent) < self._cps * CPS_OVER_S:
            return -math.inf
        return self._recent[0][0] + CPS_OVER_S


def _timestamp(seconds: float) -> int:
    """Milliseconds (RFC 4103 section 3): the clock of text has 1000 Hz."""
    return round(seconds * 1000) & 0xFFFFFFFF
