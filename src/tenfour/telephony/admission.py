"""Who may take how much of the line's time: what a packet is by its first bytes, and a budget of each source for it.

An emergency call costs what a flood costs, so a flood is cut by what it is made of. What is shed first is one table
(`SHEDDING`); what begins or ends a call is not in it. `now` is monotonic seconds.
"""

import re
from collections import Counter
from collections.abc import Callable
from enum import Enum

import msgspec

from tenfour.telephony.timer import T1


class PacketClass(Enum):
    """What a packet is, as far as its first bytes tell."""

    JUNK = "junk"
    """Nothing that begins like SIP."""
    OUT_OF_CALL = "out_of_call"
    """OPTIONS, REGISTER, SUBSCRIBE, MESSAGE, PUBLISH, NOTIFY, REFER and whatever nobody knows."""
    REPEATED_INVITE = "repeated_invite"
    """The same INVITE again, sooner than its timer A allows (RFC 3261 section 17.1.1.2)."""
    IN_CALL = "in_call"
    """PRACK, UPDATE, INFO and responses."""
    CALL = "call"
    """A new INVITE, ACK, CANCEL, BYE: never shed by rate."""


class Rung(msgspec.Struct, frozen=True):
    """What one source may send of a class: `rate` packets a second, `burst` of them at once."""

    packet: PacketClass
    rate: float
    burst: float


SHEDDING: tuple[Rung, ...] = (
    Rung(PacketClass.JUNK, 10, 50),
    Rung(PacketClass.OUT_OF_CALL, 50, 200),
    Rung(PacketClass.REPEATED_INVITE, 10, 20),
    Rung(PacketClass.IN_CALL, 5000, 10_000),
)
"""What is shed, first to last. `PacketClass.CALL` stands nowhere in it."""

STRAINED_RATE = 200.0
"""Packets a second of one class that all sources together may send while the line is behind."""

SOURCES_LIMIT = 4096
"""Sources that are remembered; the one longest unheard is forgotten first."""

INVITES_REMEMBERED = 8192

TRUNKS_TIMES = 10.0
"""How much more than a stranger a trunk may send, unless its setting says otherwise."""

_BUDGETS = {rung.packet: rung for rung in SHEDDING}
_FIRST_WORD = re.compile(rb"[A-Za-z0-9.!%*_+`'~-]{1,32}(?=[ \t])")
_CALL = frozenset((b"INVITE", b"ACK", b"CANCEL", b"BYE"))
_IN_CALL = frozenset((b"PRACK", b"UPDATE", b"INFO"))
_PACE = 0.9 * T1


class Strain(Enum):
    """How far behind the line is: how many rungs of `SHEDDING` are cut to a fair share for every stranger."""

    NONE = 0
    BEHIND = 2
    """Its event loop is late by `LATE_S`, or the wire takes `BUSY` of its time."""
    FAR_BEHIND = 3
    """Late by `VERY_LATE_S`."""


LATE_S, VERY_LATE_S, BUSY = 0.05, 0.25, 0.7


def strain_of(late_s: float, busy: float) -> Strain:
    """How far behind a line is that is late by `late_s` and spends this share of its time on the wire."""
    if late_s >= VERY_LATE_S:
        return Strain.FAR_BEHIND
    return Strain.BEHIND if late_s >= LATE_S or busy >= BUSY else Strain.NONE


def classify(data: bytes) -> PacketClass:
    """What a packet is by its first word; an INVITE is taken for a new one."""
    begin = data[:64].lstrip(b"\r\n")
    if begin[:4].upper() == b"SIP/":
        return PacketClass.IN_CALL
    word = _FIRST_WORD.match(begin)
    if word is None or b"SIP/" not in data[:2048].upper():
        return PacketClass.JUNK
    if word[0] in _CALL:
        return PacketClass.CALL
    return PacketClass.IN_CALL if word[0] in _IN_CALL else PacketClass.OUT_OF_CALL


class Bucket:
    """A token bucket; never below nothing, never above its burst."""

    __slots__ = ("_at", "tokens")

    def __init__(self, burst: float, now: float) -> None:
        self.tokens, self._at = burst, now

    def take(self, rate: float, burst: float, now: float) -> bool:
        """One token, if there is one. A clock that goes back brings none."""
        self.tokens = min(burst, self.tokens + rate * max(0.0, now - self._at))
        self._at = max(self._at, now)
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Account:
    """What one source sent so far and what it may send still. `trunk` is "" for a stranger; `times` of the budgets."""

    __slots__ = ("buckets", "heard_in", "received", "shed", "source", "strained", "times", "trunk")

    def __init__(self, source: str, trunk: str, times: float) -> None:
        self.source, self.trunk, self.times = source, trunk, times
        self.received: Counter[PacketClass] = Counter()
        self.shed: Counter[PacketClass] = Counter()
        self.buckets: dict[PacketClass, Bucket] = {}
        self.strained: dict[PacketClass, Bucket] = {}
        self.heard_in = -1


class Admission:
    """Every source's account, within bounds. `trunk_of(host)` gives a trunk's name and how much more it may send."""

    def __init__(self, trunk_of: Callable[[str], tuple[str, float]], *, sources: int = SOURCES_LIMIT) -> None:
        self._trunk_of, self._limit = trunk_of, sources
        self.accounts: dict[str, Account] = {}
        self.received: Counter[tuple[str, PacketClass]] = Counter()
        self.shed: Counter[tuple[str, PacketClass]] = Counter()
        """Since the start, by trunk ("" for strangers) and class."""
        self.strain = Strain.NONE
        self._invites: dict[int, float] = {}
        self._second, self._heard, self._heard_before = -1, 0, 1

    def account(self, source: str) -> Account:
        """The account of a source, begun when there is none; the longest unheard makes room."""
        known = self.accounts.pop(source, None)
        if known is None:
            known = Account(source, *self._trunk_of(source))
            if len(self.accounts) >= self._limit:
                del self.accounts[next(iter(self.accounts))]
        self.accounts[source] = known
        return known

    def admit(self, data: bytes, source: str, now: float) -> tuple[PacketClass, bool]:
        """What a packet is, and whether it is taken."""
        account = self.account(source)
        packet = classify(data)
        if packet is PacketClass.CALL and self._came_too_soon(data, source, now):
            packet = PacketClass.REPEATED_INVITE
        self._note(account, now)
        taken = self._takes(account, packet, now)
        account.received[packet] += 1
        self.received[account.trunk, packet] += 1
        if not taken:
            self.count_shed(account, packet)
        return packet, taken

    def count_shed(self, account: Account, packet: PacketClass) -> None:
        """A packet of this source is let go."""
        account.shed[packet] += 1
        self.shed[account.trunk, packet] += 1

    def _takes(self, account: Account, packet: PacketClass, now: float) -> bool:
        rung = _BUDGETS.get(packet)
        if rung is None:
            return True
        if not self._within(account.buckets, packet, rung.rate * account.times, rung.burst * account.times, now):
            return False
        if account.trunk or packet not in [cut.packet for cut in SHEDDING[: self.strain.value]]:
            return True
        share = max(1.0, STRAINED_RATE / max(self._heard_before, self._heard, 1))
        return self._within(account.strained, packet, share, share, now)

    def _within(
        self, buckets: dict[PacketClass, Bucket], packet: PacketClass, rate: float, burst: float, now: float
    ) -> bool:
        bucket = buckets.get(packet)
        if bucket is None:
            bucket = buckets[packet] = Bucket(burst, now)
        return bucket.take(rate, burst, now)

    def _note(self, account: Account, now: float) -> None:
        """Count the sources of this second; a fair share is measured by those of the last whole one."""
        second = int(now)
        if second != self._second:
            self._heard_before, self._heard = (self._heard if second == self._second + 1 else 1), 0
            self._second = second
        if account.heard_in != second:
            account.heard_in = second
            self._heard += 1

    def _came_too_soon(self, data: bytes, source: str, now: float) -> bool:
        """Is this an INVITE that came a moment ago? The first copy of it was taken."""
        if not data.lstrip(b"\r\n").startswith(b"INVITE"):
            return False
        name = hash((source, data))
        last = self._invites.pop(name, None)
        self._invites[name] = now
        if len(self._invites) > INVITES_REMEMBERED:
            del self._invites[next(iter(self._invites))]
        return last is not None and now - last < _PACE
