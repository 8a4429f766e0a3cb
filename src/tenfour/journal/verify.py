"""Is the journal what was written? Walks it once, from the first event, and names the first that is not.

What cannot be found without help: events cut off at the end. Keep the head (its `seq` and digest) somewhere else,
and give it as `known`: then a journal that ends before it, or says something else there, is found too.
"""

from collections.abc import Collection

from tenfour.journal.digest import GENESIS, chained, columns_of, payload_digest
from tenfour.journal.port import Altered, Head
from tenfour.vocabulary.envelope import Header
from tenfour.vocabulary.ids import StreamName


class Verifier:
    """Takes events one by one, oldest first, from the first on.

    `erased` names the events (by `seq`) whose payload was lawfully erased. `known` is a head that was noted
    before, if there is one.
    """

    def __init__(self, *, erased: Collection[int] = (), known: Head | None = None) -> None:
        self.head = Head(0, GENESIS)
        self._erased = frozenset(erased)
        self._known = known
        self._versions: dict[StreamName, int] = {}

    def check(self, header: Header, payload: bytes | None, salt: bytes) -> Altered | None:
        """Check the next event; `Altered` names it, or the event that is missing before it."""
        problem = self._problem(header, payload, salt)
        if problem is not None:
            return problem
        self.head = Head(header.seq, header.digest)
        self._versions[header.stream] = header.version
        return None

    def finish(self) -> Altered | None:
        """Check the end: only a head that was noted before can show that events were cut off."""
        if self._known is None or self.head.seq >= self._known.seq:
            return None
        return Altered(self.head.seq + 1, f"it is missing; the journal once had {self._known.seq} events")

    def _problem(self, header: Header, payload: bytes | None, salt: bytes) -> Altered | None:
        expected = self.head.seq + 1
        if header.seq > expected:
            return Altered(expected, f"it is missing; event {header.seq} follows {self.head.seq}")
        if header.seq < expected:
            return Altered(header.seq, f"it stands out of order, after event {self.head.seq}")
        if chained(self.head.digest, columns_of(header)) != header.digest:
            return Altered(header.seq, "its header was altered: it does not follow from the one before by its digest")
        return self._payload_problem(header, payload, salt) or self._place_problem(header)

    def _payload_problem(self, header: Header, payload: bytes | None, salt: bytes) -> Altered | None:
        if payload is None:
            return None if header.seq in self._erased else Altered(header.seq, "its payload is missing")
        if payload_digest(salt, payload) != header.payload_digest:
            return Altered(header.seq, "its payload was altered")
        return None

    def _place_problem(self, header: Header) -> Altered | None:
        version = self._versions.get(header.stream, 0) + 1
        if header.version != version:
            return Altered(header.seq, f"its version in {header.stream} is {header.version}, not {version}")
        known = self._known
        if known is not None and header.seq == known.seq and header.digest != known.digest:
            return Altered(header.seq, "its digest is not the one that was noted before")
        return None
