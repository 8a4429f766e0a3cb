"""Listening for a TTY in the packets of one caller: put in order, and made up for where they are lost."""

from tenfour.telephony.baudot import BaudotReader
from tenfour.telephony.concealment import Concealer
from tenfour.telephony.g711 import Samples
from tenfour.telephony.rtp import RtpPacket

HELD = 4
"""Packets that are held back while one before them is missing: 80 ms, which a TTY does not mind."""

FAR = 50
"""A step of so many packets is no loss: the sender counts anew."""


class TtyEar:
    """Takes every packet as it comes; gives what a TTY says, in order."""

    def __init__(self) -> None:
        self._reader, self._concealer = BaudotReader(), Concealer()
        self._ssrc: int | None = None
        self._next = 0
        self._held: dict[int, Samples] = {}

    @property
    def sure(self) -> bool:
        """Has a TTY been heard?"""
        return self._reader.sure

    def take(self, packet: RtpPacket, samples: Samples) -> str:
        """What was said by now."""
        ahead = (packet.sequence - self._next) & 0xFFFF
        if packet.ssrc != self._ssrc or FAR <= ahead < 0x10000 - FAR:
            self._ssrc, self._next, ahead = packet.ssrc, packet.sequence, 0
            self._held.clear()
        if ahead >= FAR:
            return ""
        self._held.setdefault(packet.sequence, samples)
        return self._drain()

    def _drain(self) -> str:
        told = ""
        while self._held:
            samples = self._held.pop(self._next, None)
            if samples is not None:
                told += self._reader.take(self._concealer.heard(samples))
            elif len(self._held) >= HELD:
                lost = next(iter(self._held.values())).size
                told += self._reader.take(self._concealer.lost(lost))
            else:
                break
            self._next = (self._next + 1) & 0xFFFF
        return told
