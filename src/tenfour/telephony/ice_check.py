"""The controlling side of ICE (RFC 8445 section 7.2) towards a lite one: tries its only path, and keeps it alive."""

from collections.abc import Callable

import msgspec

from tenfour.telephony.errors import StunError
from tenfour.telephony.stun import Attribute, Kind, parse_stun, serialise_stun

PEER_REFLEXIVE_PRIORITY = (110 << 24) | (65535 << 8) | 255
"""What a check tells for component 1 (sections 5.1.2.1, 7.1.1)."""

FIRST_REPEAT_S, LONGEST_REPEAT_S = 0.5, 4.0
"""After how long a check is repeated first (RFC 8489 section 6.2.1), and at most."""

KEEP_ALIVE_S = 2.5
CONSENT_S = 30.0
"""Without an answer for so long the other side wants nothing more (RFC 7675 section 5.1)."""


class PathCheck(msgspec.Struct):
    """`username` is theirs, a colon, ours; `password` theirs. `works`: an answer came that proves it.

    `new_transaction` gives 12 random bytes. `refused`: how many checks were answered with an error.
    """

    username: str
    password: str
    tie_breaker: int
    new_transaction: Callable[[], bytes]
    works: bool = False
    refused: int = 0
    _transaction: bytes = b""
    _repeat_s: float = FIRST_REPEAT_S
    _due: float = 0.0
    _answered_at: float = 0.0

    def next_timer(self) -> float:
        """Monotonic seconds when `check` is to be asked again."""
        return self._due

    def check(self, now: float) -> bytes | None:
        """The check that is due now; None while none is."""
        if now < self._due:
            return None
        if self.works and now - self._answered_at > CONSENT_S:
            self.works = False
        self._transaction = self._transaction or self.new_transaction()
        self._due = now + self._repeat_s
        self._repeat_s = min(2 * self._repeat_s, LONGEST_REPEAT_S)
        return self._request()

    def take(self, data: bytes, now: float) -> None:
        """A STUN datagram from there: whatever does not answer our last check changes nothing."""
        try:
            message = parse_stun(data)
        except StunError:
            return
        if not self._transaction or message.transaction != self._transaction:
            return
        if message.kind is Kind.ERROR:
            self.refused += 1
        elif message.kind is Kind.SUCCESS and message.is_authentic(self.password.encode()):
            self.works, self._answered_at = True, now
        else:
            return
        self._transaction, self._repeat_s = b"", FIRST_REPEAT_S
        self._due = now + KEEP_ALIVE_S

    def _request(self) -> bytes:
        """It nominates at once: there is no other path (section 8.1.1)."""
        attributes = (
            (int(Attribute.USERNAME), self.username.encode()),
            (int(Attribute.PRIORITY), PEER_REFLEXIVE_PRIORITY.to_bytes(4, "big")),
            (int(Attribute.ICE_CONTROLLING), self.tie_breaker.to_bytes(8, "big")),
            (int(Attribute.USE_CANDIDATE), b""),
        )
        return serialise_stun(Kind.REQUEST, self._transaction, attributes, self.password.encode())
