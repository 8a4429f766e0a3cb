"""One caller's packets, as they come, to a steady 20 ms of audio at every pull.

Packets are placed by their timestamps and played once, in order; what is late is dropped, what is missing is made up
for (`concealment`). The delay follows the measured jitter; it is changed in silence where there is one, else by
blending. So a sender whose clock runs faster or slower than ours is followed, too.
"""

import math
from collections import deque

import msgspec
import numpy as np

from tenfour.telephony.concealment import Concealer
from tenfour.telephony.g711 import Samples
from tenfour.telephony.play_delay import RATE, PlayDelay
from tenfour.telephony.rtp import RtpPacket
from tenfour.telephony.sample_window import SampleWindow

FRAME = 160
"""Samples of one pull: 20 ms."""

LONGEST_PACKET = 1600
"""Samples of a packet that is still plausible: 200 ms."""

IDLE_AFTER = 960
"""Samples made up in a row after which a talk counts as over: the next packet begins a new one."""

FAR = RATE
"""A timestamp so far from where it is expected is believed only when the next packet goes on from there."""

MAX_DROPOUT = 3000
"""A sequence number so far away begins anew (RFC 3550 appendix A.1)."""

LATE_IN_A_ROW = 100
"""After so many late packets, and none in time, the sender is taken to count anew."""

REMEMBERED = 256
QUIET = 150.0
"""Loudness (root of mean square) below which a frame is silence whatever was before it."""


class BufferCounts(msgspec.Struct):
    """Packets and frames since the beginning. `missing`: samples made up for while somebody spoke."""

    placed: int = 0
    late: int = 0
    doubled: int = 0
    refused: int = 0
    restarts: int = 0
    grown: int = 0
    shrunk: int = 0
    missing: int = 0


class JitterBuffer:
    """`put` takes each packet with its samples, `pull` gives the next 20 ms, always. `least_s`, `most_s`: the delay."""

    def __init__(self, *, least_s: float = 0.04, most_s: float = 0.2, concealer: Concealer | None = None) -> None:
        self.counts = BufferCounts()
        self._delay = PlayDelay(least_s, most_s)
        self._concealer = concealer or Concealer()
        self._window = SampleWindow()
        self._ssrc: int | None = None
        self._stray: tuple[RtpPacket, Samples, float] | None = None
        self._late_in_a_row = 0
        self._loudness = self._last = 0.0
        self._begin(0, 0)

    def _begin(self, sequence: int, position: int) -> None:
        """A stream begins: nothing before `position` is known any more."""
        self._window.clear()
        self._seen: deque[int] = deque(maxlen=REMEMBERED)
        self._highest, self._floor = sequence - 1, position
        self._next = self._end = position
        self._idle, self._waited, self._made_up = True, 0, 0
        self._delay.forget()

    @property
    def target_s(self) -> float:
        """The delay that is aimed at now."""
        return self._delay.target / RATE

    # ---- packets in ----

    def put(self, packet: RtpPacket, samples: Samples, arrived_s: float) -> None:
        """A packet with its decoded audio arrived at `arrived_s` (monotonic seconds)."""
        if not 0 < samples.size <= LONGEST_PACKET:
            self.counts.refused += 1
            return
        if self._ssrc is None:
            self._restart(packet)
        elif not self._goes_on(packet):
            self._strange(packet, samples, arrived_s)
            return
        self._stray = None
        self._take(packet, samples, arrived_s)

    def _goes_on(self, packet: RtpPacket) -> bool:
        """Is it of the stream that is heard, near where it is expected? A packet that is merely late is."""
        ahead = _signed(packet.sequence - self._highest, 16)
        if packet.ssrc != self._ssrc or abs(ahead) > MAX_DROPOUT:
            return False
        position = self._position(packet)
        newest = self._end + (self._made_up + FAR if ahead > 0 else 0)
        return position <= newest and (ahead <= 0 or position >= self._next - FAR)

    def _strange(self, packet: RtpPacket, samples: Samples, arrived_s: float) -> None:
        """A new stream when two packets in a row say so (RFC 3550 appendix A.1); a single one is passed over."""
        before, self._stray = self._stray, (packet, samples, arrived_s)
        if before is None or (before[0].ssrc, (before[0].sequence + 1) & 0xFFFF) != (packet.ssrc, packet.sequence):
            self.counts.refused += before is not None
            return
        self._stray = None
        self._restart(before[0])
        self._take(*before)
        if self._goes_on(packet):
            self._take(packet, samples, arrived_s)

    def _restart(self, packet: RtpPacket) -> None:
        self.counts.restarts += self._ssrc is not None
        self._ssrc = packet.ssrc
        self._begin(packet.sequence, packet.timestamp)

    def _take(self, packet: RtpPacket, samples: Samples, arrived_s: float) -> None:
        sequence = self._highest + _signed(packet.sequence - self._highest, 16)
        position = self._position(packet)
        if sequence in self._seen:
            self.counts.doubled += 1
            return
        self._seen.append(sequence)
        self._highest = max(self._highest, sequence)
        self._delay.arrived(arrived_s * RATE - position)
        if position + samples.size <= self._first_playable():
            self._drop_late(packet, samples, arrived_s)
            return
        self._late_in_a_row = 0
        self._settle(position)
        start = max(position, self._next)
        self._window.write(start, samples[start - position :])
        self._end = max(self._end, position + samples.size)
        self.counts.placed += 1
        if not self._idle:
            self._delay.led(position - self._next)
        if position - self._next > self._delay.most:
            self._skip_to(position - self._delay.target)

    def _first_playable(self) -> int:
        """A talk that has not begun to play may still begin earlier."""
        return max(self._floor, self._end - self._delay.most) if self._idle else self._next

    def _settle(self, position: int) -> None:
        """Say from where to play on: a packet that comes after a gap tells how much of it was silence."""
        if self._idle:
            fresh = self._end <= self._next
            if fresh:
                self._delay.forget_leads()
                self._waited = 0
            self._next = max(self._first_playable(), position if fresh else min(self._next, position))
        elif self._made_up:
            self._next = max(self._next, min(position, self._next + self._made_up))
        self._made_up = 0

    def _drop_late(self, packet: RtpPacket, samples: Samples, arrived_s: float) -> None:
        self.counts.late += 1
        self._late_in_a_row += 1
        if self._late_in_a_row >= LATE_IN_A_ROW:
            self._late_in_a_row = 0
            self._restart(packet)
            self._take(packet, samples, arrived_s)

    def _skip_to(self, position: int) -> None:
        """More waits than may: go on nearer to the present."""
        self._window.drop(self._next, position)
        self._next = self._floor = position
        self.counts.shrunk += 1
        self._delay.forget_leads()

    def _position(self, packet: RtpPacket) -> int:
        return self._next + _signed(packet.timestamp - self._next, 32)

    # ---- audio out ----

    def pull(self) -> Samples:
        """The next 160 samples. Never fails: silence, or what is made up, where nothing is there."""
        if self._idle and not self._begins():
            return self._concealer.lost(FRAME)
        if self._end <= self._next:
            return self._make_up()
        wanted = self._delay.correction(self._is_quiet)
        if wanted > 0:
            self.counts.grown += 1
            return self._concealer.lost(FRAME)
        if wanted < 0 and self._window.is_whole(self._next, 2 * FRAME):
            return self._blend()
        return self._play()

    def _begins(self) -> bool:
        """Has enough been gathered, or waited for, that the talk may be played?"""
        if self._end <= self._next:
            self._made_up = min(self._made_up + FRAME, 1 << 30)
            return False
        if self._waited < self._delay.target and self._end - self._next <= self._delay.most:
            self._waited += FRAME
            return False
        self._idle = False
        return True

    def _make_up(self) -> Samples:
        self._made_up += FRAME
        self.counts.missing += FRAME
        self._idle = self._made_up >= IDLE_AFTER
        return self._concealer.lost(FRAME)

    def _play(self) -> Samples:
        samples, there = self._window.take(self._next, FRAME)
        self._pass(FRAME)
        if there is None:
            self._last = _loudness(samples)
            self._loudness += (self._last - self._loudness) / 32
            return self._concealer.heard(samples)
        edges = np.flatnonzero(np.diff(there)) + 1
        runs = zip(np.split(samples, edges), np.split(there, edges), strict=True)
        self.counts.missing += int(FRAME - there.sum())
        return np.concatenate(
            [self._concealer.heard(part) if here[0] else self._concealer.lost(part.size) for part, here in runs]
        )

    def _blend(self) -> Samples:
        """Two frames in the time of one."""
        samples, _ = self._window.take(self._next, 2 * FRAME)
        self._pass(2 * FRAME)
        self.counts.shrunk += 1
        rising = np.arange(1, FRAME + 1) / (FRAME + 1)
        blended = samples[:FRAME] * (1 - rising) + samples[FRAME:] * rising
        return self._concealer.heard(blended.astype(np.int16))

    def _pass(self, count: int) -> None:
        self._next = self._floor = self._next + count
        self._end = max(self._end, self._next)

    def _is_quiet(self) -> bool:
        """Neither the frame before nor the next one is of a word."""
        around = max(self._last, _loudness(self._window.peek(self._next, FRAME)))
        return around < max(QUIET, 0.3 * self._loudness)


def _loudness(samples: Samples) -> float:
    wave = samples.astype(np.float32)
    return math.sqrt(float(np.dot(wave, wave)) / wave.size)


def _signed(difference: int, bits: int) -> int:
    """A difference of numbers that wrap around, as the nearer of the two ways."""
    half = 1 << (bits - 1)
    return ((difference + half) & ((1 << bits) - 1)) - half
