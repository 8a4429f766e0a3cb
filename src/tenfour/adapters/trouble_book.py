"""Troubles on the wire, gathered: the first of a kind from a source is told at once, then a summary a minute at most.

However many sources trouble us, so many facts a minute are written and no more; what is above is told by kind alone.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import msgspec
import structlog

from tenfour.calltaking.event import Trouble, WireTrouble

SUMMARY_S = 60.0
FACTS_A_MINUTE = 60
REMEMBERED = 1024
PROBLEM_LIMIT = 300
"""Characters of a problem that the record keeps."""

LOGGED = {
    Trouble.BROKEN_MESSAGE: "a message could not be used; it is kept",
    Trouble.BROKEN_STREAM: "what came over a SIP connection is no message; it is kept",
}

log = structlog.get_logger(__name__)


class _Gathered(msgspec.Struct):
    since: datetime
    count: int
    problem: str
    due: float


class TroubleBook:
    """`tell` writes a fact; `trunk_of(source)` names a trunk; `clock` is domain time. `now` is monotonic seconds."""

    def __init__(
        self, tell: Callable[[WireTrouble], None], *, trunk_of: Callable[[str], str], clock: Callable[[], datetime]
    ) -> None:
        self._tell, self._trunk_of, self._clock = tell, trunk_of, clock
        self._gathered: dict[tuple[Trouble, str], _Gathered] = {}
        self._above: dict[Trouble, _Gathered] = {}
        self._minute, self._told = 0, 0
        self.counts: Counter[Trouble] = Counter()

    def note(self, kind: Trouble, source: str, problem: str, now: float) -> None:
        """Something is wrong with a source."""
        self.counts[kind] += 1
        known = self._gathered.get((kind, source))
        if known is not None:
            known.count += 1
            known.problem = problem
            return
        if len(self._gathered) >= REMEMBERED:
            oldest = next(iter(self._gathered))
            self._say(oldest[0], oldest[1], self._gathered.pop(oldest), now)
        self._gathered[kind, source] = gathered = _Gathered(self._clock(), 1, problem, now + SUMMARY_S)
        log.warning(LOGGED.get(kind, "trouble on the wire"), kind=kind.value, source=source)
        self._say(kind, source, gathered, now)

    def flush(self, now: float) -> None:
        """Tell what is due; a source that was quiet for a minute is forgotten."""
        for (kind, source), gathered in [(key, one) for key, one in self._gathered.items() if one.due <= now]:
            if gathered.count:
                self._say(kind, source, gathered, now)
                gathered.due = now + SUMMARY_S
            else:
                del self._gathered[kind, source]
        if int(now // SUMMARY_S) != self._minute:
            self._tell_above()

    def _say(self, kind: Trouble, source: str, gathered: _Gathered, now: float) -> None:
        """Tell it and begin to count anew; above the bound it is added to what is told by kind."""
        if not gathered.count:
            return
        if int(now // SUMMARY_S) != self._minute:
            self._tell_above()
            self._minute, self._told = int(now // SUMMARY_S), 0
        if self._told < FACTS_A_MINUTE:
            self._told += 1
            self._write(kind, source, gathered, gathered.problem)
        elif kind in self._above:
            self._above[kind].count += gathered.count
        else:
            self._above[kind] = _Gathered(gathered.since, gathered.count, "", 0.0)
        gathered.count, gathered.since = 0, self._clock()

    def _tell_above(self) -> None:
        above, self._above = self._above, {}
        for kind, gathered in above.items():
            self._write(kind, "", gathered, "More sources than are told one by one.")

    def _write(self, kind: Trouble, source: str, gathered: _Gathered, problem: str) -> None:
        trunk = self._trunk_of(source) if source else ""
        self._tell(WireTrouble(kind, source, trunk, gathered.count, gathered.since, problem[:PROBLEM_LIMIT]))
