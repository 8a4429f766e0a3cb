"""Where in a recording audio belongs. Positions are samples from the beginning of the recording."""

RATE = 8000
"""Samples a second (G.711, RFC 3551 section 4.5.14)."""

DRIFT_S = 2.0
"""How far a packet's timestamp may lie from the wall clock before the clock is believed instead."""

LATE_LIMIT_S = 30.0
"""How far back a late packet is still written to its place."""

MISORDERED_LIMIT = 100
"""After so many late packets in a row the source is taken to count anew (RFC 3550 appendix A.1, MAX_MISORDER)."""

SLIP_S = 1.0
"""How far what we say may lie from the wall clock before it begins anew at the real time. A player that is late by less
catches up."""


class Timeline:
    """The caller's lane, by packets."""

    def __init__(self) -> None:
        self._ssrc: int | None = None
        self._sequence = 0
        self._timestamp = 0
        self._position = 0
        self._late = 0

    def place(self, ssrc: int, sequence: int, timestamp: int, elapsed_s: float) -> int | None:
        """The sample at which this packet begins; None when it is late and too old (or too new) to have a place.

        `elapsed_s`: seconds of real time since the recording began. The first packet, a new source, a source that began
        to count anew and a timestamp more than `DRIFT_S` off the clock begin at the elapsed time; what follows is
        placed by timestamp (RFC 3550 section 5.1).
        """
        now = int(elapsed_s * RATE)
        ahead = _signed(sequence - self._sequence, 16)
        self._late = self._late + 1 if ahead <= 0 else 0
        if self._ssrc != ssrc or self._late > MISORDERED_LIMIT:
            return self._begin(ssrc, sequence, timestamp, now)
        position = self._position + _signed(timestamp - self._timestamp, 32)
        if ahead <= 0:
            has_place = position >= 0 and -DRIFT_S * RATE <= now - position <= LATE_LIMIT_S * RATE
            return position if has_place else None
        if abs(position - now) > DRIFT_S * RATE:
            return self._begin(ssrc, sequence, timestamp, now)
        self._sequence, self._timestamp, self._position = sequence, timestamp, position
        return max(0, position)

    def _begin(self, ssrc: int, sequence: int, timestamp: int, position: int) -> int:
        self._ssrc, self._sequence, self._timestamp, self._position = ssrc, sequence, timestamp, position
        self._late = 0
        return position


class SpokenTimeline:
    """The lane of what the caller hears: frames one after the other, as long as they keep up with the clock."""

    def __init__(self) -> None:
        self._next = 0

    def place(self, samples: int, elapsed_s: float, *, begins: bool = False) -> int:
        """The sample at which this frame begins; where something `begins` with it, at the real time."""
        now = int(elapsed_s * RATE)
        if begins or abs(self._next - now) > SLIP_S * RATE:
            self._next = now
        position, self._next = self._next, self._next + samples
        return position


def _signed(difference: int, bits: int) -> int:
    """A difference of counters that wrap around, as a signed number."""
    half = 1 << (bits - 1)
    return ((difference + half) & ((1 << bits) - 1)) - half
