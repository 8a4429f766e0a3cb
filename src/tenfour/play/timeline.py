"""What happened while a story played, as it is told to the person who watches and to the machine that asks."""

import time
from collections.abc import Callable

import msgspec

from tenfour.play.seen import SeenFact
from tenfour.play.verdict import Verdict


class Moment(msgspec.Struct, frozen=True):
    """One line of the timeline: `t_s` real seconds since the story began, who, what, and what came of it.

    `kind` is `step` or `fact`; `outcome` is `done`, `refused`, `failed`, or for a fact `recorded`.
    """

    t_s: float
    kind: str
    who: str
    what: str
    outcome: str
    seq: int | None = None


class Result(msgspec.Struct, frozen=True):
    """What came of a story; `failed` is 0 only when everything expected was found."""

    story: str
    passed: int
    failed: int
    expectations: tuple[Verdict, ...]
    timeline: tuple[Moment, ...]


class Timeline:
    """Collects moments and tells each at once to `on_moment`."""

    def __init__(self, on_moment: Callable[[Moment], None]) -> None:
        self.moments: list[Moment] = []
        self._on_moment, self._began = on_moment, time.monotonic()

    def step(self, who: str, what: str, outcome: str, seq: int | None = None) -> None:
        """Somebody did something."""
        self._add("step", who, what, outcome, seq)

    def facts(self, facts: list[SeenFact]) -> None:
        """Facts came into the record."""
        for fact in facts:
            self._add("fact", fact.actor.id, fact.words(), "recorded", fact.seq)

    def _add(self, kind: str, who: str, what: str, outcome: str, seq: int | None) -> None:
        moment = Moment(round(time.monotonic() - self._began, 3), kind, who, what, outcome, seq)
        self.moments.append(moment)
        self._on_moment(moment)


def result_of(story: str, verdicts: list[Verdict], moments: list[Moment]) -> Result:
    """Count the verdicts."""
    passed = sum(verdict.met for verdict in verdicts)
    return Result(story, passed, len(verdicts) - passed, tuple(verdicts), tuple(moments))
