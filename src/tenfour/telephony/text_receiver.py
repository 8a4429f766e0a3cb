"""Hearing real-time text (RFC 4103): what was lost is taken from later packets, in order, or marked as missing."""

import codecs

import msgspec

from tenfour.telephony.errors import RtpError
from tenfour.telephony.redundancy import parse_redundancy
from tenfour.telephony.rtp import RtpPacket
from tenfour.telephony.t140 import MISSING, T140Reader

PATIENCE_S = 1.0
"""So long a packet that is missing may still come (RFC 4103 section 5.4)."""

LONGEST_GAP = 1000
"""Packets; a longer step ahead is a sender that counts anew, once a second packet says so (RFC 3550 appendix A.1)."""

BURST, RATE_CPS = 10_000, 300
"""Characters at once, and a second, that one caller may bring: more than anybody types or pastes."""

_HALF = 0x8000


class TextPlace(msgspec.Struct, frozen=True):
    """How far a stream was heard: the source, and the sequence number that is to come."""

    ssrc: int
    sequence: int


class TextReceiver:
    """One caller's text stream. `t140` and `red` are the payload types agreed on (`red` None: no redundancy).

    `place`: where an earlier receiver had come to. `lost` counts gaps, `flooded` characters that were too many,
    `broken` packets that could not be read.
    """

    def __init__(self, t140: int, red: int | None, place: TextPlace | None = None) -> None:
        self.speak(t140, red)
        self.lost = self.flooded = self.broken = 0
        self._place = place
        self._blocks: dict[int, bytes] = {}
        self._waits_until: float | None = None
        self._odd: int | None = None
        self._letters = codecs.getincrementaldecoder("utf-8")("replace")
        self._reader = T140Reader()
        self._room, self._room_at, self._is_flooded = float(BURST), 0.0, False

    def speak(self, t140: int, red: int | None) -> None:
        """The payload types from now on."""
        self._t140, self._red = t140, red

    @property
    def place(self) -> TextPlace | None:
        """How far it was heard; None before the first packet."""
        return self._place

    def next_timer(self) -> float | None:
        """When `handle_timer` wants to be called."""
        return self._waits_until

    def handle_timer(self, now: float) -> str:
        """Give up on what is missing, when it is time."""
        if self._waits_until is None or now < self._waits_until:
            return ""
        return self._admitted(self._give_up(now), now)

    def take(self, packet: RtpPacket, now: float) -> str:
        """The text that is whole and in order with this packet. Nothing raises."""
        try:
            blocks = self._read(packet)
        except RtpError:
            self.broken += 1
            return ""
        before = self._begin(packet, len(blocks) - 1, now)
        if before is None:
            return ""
        self._store(packet.sequence, blocks)
        return self._admitted(before + self._drain(now), now)

    def finish(self, now: float) -> str:
        """What is still held back: the call is over."""
        return self._admitted(self._leave(now), now)

    def _read(self, packet: RtpPacket) -> tuple[bytes, ...]:
        if packet.payload_type == self._t140:
            return (packet.payload,)
        if packet.payload_type != self._red:
            raise RtpError(f"A packet of payload type {packet.payload_type} is no text that was agreed on.")
        blocks = parse_redundancy(packet.payload)
        if any(block.payload_type != self._t140 for block in blocks):
            raise RtpError("A redundant packet holds a block that is no text.")
        return tuple(block.data for block in blocks)

    def _begin(self, packet: RtpPacket, generations: int, now: float) -> str | None:
        """What a new source, or one that counts anew, leaves behind; None where the packet is to be passed over."""
        place = self._place
        if place is None or place.ssrc != packet.ssrc:
            return self._anew(packet, generations, now)
        ahead = (packet.sequence - place.sequence) & 0xFFFF
        if ahead < LONGEST_GAP:
            self._odd = None
            return ""
        if self._odd == packet.sequence:
            return self._anew(packet, generations, now)
        if ahead < 0x10000 - LONGEST_GAP:
            self._odd = (packet.sequence + 1) & 0xFFFF
        return None

    def _anew(self, packet: RtpPacket, generations: int, now: float) -> str:
        """Begin with the oldest block of this packet: what was said before it may have been lost."""
        left = self._leave(now)
        self._odd, self._waits_until = None, None
        self._place = TextPlace(packet.ssrc, (packet.sequence - generations) & 0xFFFF)
        return left

    def _leave(self, now: float) -> str:
        left = ""
        while self._blocks:
            left += self._give_up(now)
        left += self._letters.decode(b"", final=True)
        self._letters.reset()
        return left

    def _store(self, sequence: int, blocks: tuple[bytes, ...]) -> None:
        """An earlier block's number is found by counting back from the packet's (RFC 4103 section 5.4)."""
        assert self._place is not None
        for back, data in enumerate(reversed(blocks)):
            number = (sequence - back) & 0xFFFF
            if (number - self._place.sequence) & 0xFFFF < _HALF:
                self._blocks.setdefault(number, data)

    def _drain(self, now: float) -> str:
        assert self._place is not None
        number, text = self._place.sequence, ""
        while number in self._blocks:
            text += self._letters.decode(self._blocks.pop(number))
            number = (number + 1) & 0xFFFF
        if number != self._place.sequence or not self._blocks:
            self._waits_until = None
        self._place = TextPlace(self._place.ssrc, number)
        if self._blocks and self._waits_until is None:
            self._waits_until = now + PATIENCE_S
        return text

    def _give_up(self, now: float) -> str:
        """One mark for one gap, and what comes behind it."""
        assert self._place is not None
        self.lost += 1
        self._waits_until = None
        cut = self._letters.decode(b"", final=True)
        self._letters.reset()
        at = self._place.sequence
        first = min(self._blocks, key=lambda number: (number - at) & 0xFFFF)
        self._place = TextPlace(self._place.ssrc, first)
        return cut + MISSING + self._drain(now)

    def _admitted(self, text: str, now: float) -> str:
        """Text without controls, and no more of it than anybody types; one mark stands for the rest of a flood."""
        self._room = min(BURST, self._room + RATE_CPS * max(0.0, now - self._room_at))
        self._room_at = now
        read = self._reader.read(text)
        kept = read[: int(self._room)]
        self._room -= len(kept)
        is_more, was_flooded = len(read) > len(kept), self._is_flooded
        self.flooded += len(read) - len(kept)
        if read:
            self._is_flooded = is_more
        return kept + (MISSING if is_more and not was_flooded else "")
