"""Keypresses in RTP (RFC 4733 section 2): an event is many packets of one timestamp, and its last comes thrice."""

import struct
from collections import deque

import msgspec

from tenfour.telephony.rtp import RtpPacket

DIGITS = "0123456789*#ABCD"
"""By event code (RFC 4733 section 3.2); 16 is the hook flash."""

FLASH = 16
CLOCK = 8000
REMEMBERED = 16


class Keypress(msgspec.Struct, frozen=True):
    """A key that was pressed: `0` to `9`, `*`, `#`, `A` to `D` or `flash`, and for how long."""

    digit: str
    duration_s: float


class _Press:
    """A key that is down, as far as its packets tell."""

    def __init__(self, key: tuple[int, int], code: int) -> None:
        self.key, self.code, self.duration = key, code, 0

    def told(self) -> Keypress:
        digit = "flash" if self.code == FLASH else DIGITS[self.code]
        return Keypress(digit, self.duration / CLOCK)


class KeypressReader:
    """Takes the telephone-event packets of one call. A press whose end is lost is told when the next one begins."""

    def __init__(self) -> None:
        self._down: _Press | None = None
        self._over: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)

    def take(self, packet: RtpPacket) -> tuple[Keypress, ...]:
        """The presses that are over with this packet. Packets that are broken, late or repeated tell nothing."""
        key = (packet.ssrc, packet.timestamp)
        if len(packet.payload) < 4 or packet.payload[0] > FLASH or key in self._over:
            return ()
        code, flags, duration = struct.unpack_from("!BBH", packet.payload)
        down = self._down
        if down is not None and down.key[0] == key[0] and 0 < (down.key[1] - key[1]) & 0xFFFFFFFF < 2**31:
            return ()
        told = self.finish() if down is not None and down.key != key else ()
        if self._down is None:
            self._down = _Press(key, code)
        self._down.duration = max(self._down.duration, duration)
        return (*told, *self.finish()) if flags & 0x80 else told

    def finish(self) -> tuple[Keypress, ...]:
        """The press whose end has not come, if there is one: the call is over."""
        down, self._down = self._down, None
        if down is None:
            return ()
        self._over.append(down.key)
        return (down.told(),)
