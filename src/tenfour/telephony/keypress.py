"""Keypresses in RTP (RFC 4733 section 2): an event is many packets of one timestamp, and its last comes thrice.

And in the bodies of INFO, as telephones without RFC 4733 send them: no RFC names these, they were there before.
"""

import re
import struct
from collections import deque

import msgspec

from tenfour.telephony.multipart import Part
from tenfour.telephony.rtp import RtpPacket

DIGITS = "0123456789*#ABCD"
"""By event code (RFC 4733 section 3.2); 16 is the hook flash."""

IN_INFO = frozenset({"application/dtmf", "application/dtmf-relay"})
"""The first is a key and nothing else, the second has lines: `Signal=5`, `Duration=160` (milliseconds)."""

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


def keypress_in(part: Part) -> Keypress | None:
    """The key that the body of an INFO names, by its letter or its event code; None where it names none.

    How long it was down is 0 where that is not told.
    """
    if part.content_type not in IN_INFO:
        return None
    body = part.content[:_LONGEST_BODY].decode("latin-1").strip()
    signal, duration = _SIGNAL.search(body), _DURATION.search(body)
    digit = _KEYS.get((signal[1] if signal else body).upper())
    return Keypress(digit, int(duration[1]) / 1000 if duration else 0.0) if digit is not None else None


_LONGEST_BODY = 256
_SIGNAL = re.compile(r"^\s*signal\s*=\s*(\S{1,5})\s*$", re.IGNORECASE | re.MULTILINE)
_DURATION = re.compile(r"^\s*duration\s*=\s*([0-9]{1,5})\s*$", re.IGNORECASE | re.MULTILINE)
_KEYS = {str(code): digit for code, digit in enumerate(DIGITS)} | {digit: digit for digit in DIGITS}
_KEYS |= {"16": "flash", "HF": "flash", "FLASH": "flash"}
