"""Checks what a story says of voices before it is played: who has which tone, whose headset is on, who can hear."""

from collections.abc import Iterable, Mapping

from tenfour.play.ear import CENTRE, HIGHEST_HZ, LEAST_APART_HZ, LOWEST_HZ
from tenfour.play.step import Step
from tenfour.play.step_voice import (
    CallsIn,
    HandsOver,
    HearsVoices,
    IsTold,
    LetsGo,
    LosesHeadset,
    PassesOn,
    PutsOn,
    Supervises,
    TakesOff,
    TurnsAway,
)
from tenfour.play.story import Story

ROLES = ("listening", "coaching", "barged_in")
LONGEST_S = 60.0


def voice_problem(voices: Mapping[str, int]) -> tuple[str, str] | None:
    """Whose voice no ear could tell from the others, and why."""
    known: dict[str, int] = {}
    for name, hertz in voices.items():
        if not LOWEST_HZ <= hertz <= HIGHEST_HZ:
            return name, f"`voice_hz` of {name} is {hertz}; expected {LOWEST_HZ} to {HIGHEST_HZ}."
        near = next((other for other, its in known.items() if abs(its - hertz) < LEAST_APART_HZ), None)
        if near is not None:
            return name, f"`voice_hz` of {name} and of {near} are less than {LEAST_APART_HZ} Hz apart."
        known[name] = hertz
    return None


class Headsets:
    """Follows whose headset is on while the steps are read in order."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._at = {person.name: person.position for person in story.people}
        self._on: set[str] = set()

    def follow(self, step: Step, in_call: Iterable[str]) -> str | None:
        """Take one step; the problem, when it cannot be taken here."""
        match step:
            case PutsOn(who=who):
                return self._put_on(who)
            case TakesOff(who=who) | LosesHeadset(who=who):
                if who not in self._on:
                    return f"{who} has no headset on at this step; `puts on headset` comes first."
                self._on.remove(who)
            case HearsVoices():
                return self._hear(step, in_call)
        return None

    def _put_on(self, who: str) -> str | None:
        if not self._at.get(who):
            return f"{who} sits at no position; give `position` in [[people]]."
        if who in self._on:
            return f"{who} has a headset on already; it `takes off headset` or `loses headset` first."
        self._on.add(who)
        return None

    def _hear(self, step: HearsVoices, in_call: Iterable[str]) -> str | None:
        if step.who in self._at and step.who not in self._on:
            return f"{step.who} has no headset on at this step; `puts on headset` comes first."
        outside = any(party.name == step.who for party in self._story.parties)
        if not outside and step.who not in self._at and step.who not in in_call:
            return f"{step.who} is in no call at this step; `dials` comes first."
        for name in step.voices:
            if name == step.who:
                return f"{step.who} cannot hear {step.who}: nobody hears himself."
            if name not in (*self._story.voices, CENTRE):
                known = ", ".join((*self._story.voices, CENTRE))
                return f"{name!r} is no voice; expected one of {known} (who has `voice_hz`)."
        return None


def parameter_problem(story: Story, step: Step) -> tuple[str, str] | None:
    """The field of a step that cannot be used, and why."""
    match step:
        case PassesOn(to=to) | HandsOver(to=to):
            return _party_problem(story, "to", to)
        case LetsGo(party=party):
            return _party_problem(story, "party", party)
        case CallsIn(to=to, key=key):
            one = "expected either `to`, a party of the story, or `key`, a digit."
            return _party_problem(story, "to", to) if to and not key else None if key and not to else ("does", one)
        case TurnsAway(status=status) if not 400 <= status <= 699:
            return "status", f"`status` is {status}; expected 400 to 699."
        case IsTold(name=name) if not name:
            return "does", "`name` is missing: what came along is an expectation."
        case Supervises(role=role) if role not in ROLES:
            return "role", f"{role!r} is no role; expected one of {', '.join(ROLES)}."
        case HearsVoices(seconds=seconds, timeout_s=timeout_s) if not 0 < seconds <= timeout_s <= LONGEST_S:
            return "seconds", f"expected `seconds` above 0, and `timeout_s` not below them and at most {LONGEST_S:g}."
    return None


def _party_problem(story: Story, field: str, name: str) -> tuple[str, str] | None:
    names = [party.name for party in story.parties]
    no_party = f"{name!r} is no party of the story; expected one of {', '.join(names) or 'none'}."
    return None if name in names else (field, no_party)
