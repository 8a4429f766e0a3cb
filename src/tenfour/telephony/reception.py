"""What came of a stream and what did not (RFC 3550 sections 6.4.1, A.1, A.3, A.8): loss, lateness, doubles, jitter."""

import msgspec

from tenfour.telephony.rtcp import ReportBlock

CLOCK = 8000
MAX_DROPOUT = 3000
"""A sequence number so far ahead begins a new count (RFC 3550 appendix A.1)."""

MAX_MISORDER = 100
"""As many packets behind the newest begin a new count; nearer ones are late."""

REMEMBERED = 256
"""How many of the last sequence numbers are told apart from their doubles."""


class Measured(msgspec.Struct, frozen=True):
    """Packets of a stream: `received` (each once), `lost`, `late` (out of order), `doubled`, and the jitter now."""

    received: int = 0
    lost: int = 0
    late: int = 0
    doubled: int = 0
    jitter_s: float = 0.0


class Reception:
    """The streams that one call received, one after the other; a new SSRC begins a new count."""

    def __init__(self) -> None:
        self._past = Measured()
        self._ssrc: int | None = None
        self._jitter = 0.0
        self._begin(None, 0)

    def _begin(self, ssrc: int | None, sequence: int) -> None:
        self._past = self.measured() if self._ssrc is not None else self._past
        self._ssrc = ssrc
        self._first = self._highest = sequence
        self._received = self._late = self._doubled = 0
        self._seen: dict[int, None] = {}
        self._transit: float | None = None
        self._reported_expected = self._reported_received = 0

    def take(self, ssrc: int, sequence: int, timestamp: int, arrived_s: float, *, is_audio: bool = True) -> None:
        """A packet arrived at `arrived_s` (monotonic seconds). Keypresses say nothing about jitter: not `is_audio`."""
        ahead = (sequence - self._highest) & 0xFFFF
        behind = 0x10000 - ahead
        if ssrc != self._ssrc or (ahead > MAX_DROPOUT and behind > MAX_MISORDER):
            self._begin(ssrc, sequence)
            ahead, behind = 0, 0x10000
        extended = self._highest + ahead if ahead <= MAX_DROPOUT else self._highest - behind
        if extended in self._seen:
            self._doubled += 1
            return
        self._note(extended)
        if extended < self._highest:
            self._late += 1
            self._first = min(self._first, extended)
        self._highest = max(self._highest, extended)
        self._received += 1
        if is_audio:
            self._measure(arrived_s * CLOCK - timestamp)

    def _note(self, extended: int) -> None:
        self._seen[extended] = None
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]

    def _measure(self, transit: float) -> None:
        """Appendix A.8. A timestamp that jumped is a new talk, not a packet minutes late."""
        if self._transit is not None:
            moved = abs(transit - self._transit)
            if moved < CLOCK:
                self._jitter += (moved - self._jitter) / 16
        self._transit = transit

    @property
    def _expected(self) -> int:
        return self._highest - self._first + 1 if self._received else 0

    def measured(self) -> Measured:
        """Everything so far, over all streams."""
        past = self._past
        return Measured(
            received=past.received + self._received,
            lost=past.lost + max(0, self._expected - self._received),
            late=past.late + self._late,
            doubled=past.doubled + self._doubled,
            jitter_s=round(self._jitter / CLOCK, 6),
        )

    def report(self, last_sender_report: int = 0, delay: int = 0) -> ReportBlock | None:
        """The block about the stream that is heard now, None before any; its fraction is since the last report."""
        if self._ssrc is None or not self._received:
            return None
        expected, received = self._expected, self._received
        due = expected - self._reported_expected
        missing = max(0, due - (received - self._reported_received))
        self._reported_expected, self._reported_received = expected, received
        return ReportBlock(
            ssrc=self._ssrc,
            fraction_lost=min(255, (missing << 8) // due) if due > 0 else 0,
            lost=max(0, min(expected - received, 0x7FFFFF)),
            highest=self._highest & 0xFFFFFFFF,
            jitter=int(self._jitter) & 0xFFFFFFFF,
            last_sender_report=last_sender_report,
            delay=delay,
        )
