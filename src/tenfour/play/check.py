"""Reads a story file and checks all of it before the first packet: a story with an error is not played at all."""

import re
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tenfour.adapters.toml_file import KeyPath, TomlFile
from tenfour.evidence.event import ExhibitKind
from tenfour.play import expectation_check, fix, voice_check
from tenfour.play.cast import Caller
from tenfour.play.ear import CENTRE
from tenfour.play.service_info import SERVICES
from tenfour.play.step import (
    CLOCK,
    AddsExhibit,
    Answers,
    AutoAnswers,
    Cancels,
    ChangesStatus,
    ChoosesPlace,
    ClockJumps,
    ClockRuns,
    Dials,
    Drives,
    Drops,
    Hangs,
    Joins,
    Opens,
    Reads,
    Sees,
    Speaks,
    Step,
    Types,
    Writes,
    does,
)
from tenfour.play.step_voice import HearsVoices, LosesHeadset, PutsOn, TakesOff
from tenfour.play.story import Script, Story
from tenfour.play.verb import (
    ANYBODY,
    CALLER_VERBS,
    CLOCK_VERBS,
    PARTY_VERBS,
    PERSON_VERBS,
    UNIT_VERBS,
    VERBS,
    VOICE_VERBS,
)
from tenfour.units.event import UnitStatus

SAMPLE_RATE_HZ = 8000
LARGEST_FILE = 20_000_000
"""Bytes of an exhibit that a story brings along."""
_NUMBER = re.compile(r"\+?[0-9][0-9-]{2,19}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_ -]*")


def read_script(path: Path) -> Script:
    """The story in `path`, ready to be played; raises `BadFile` with the line and what was expected there."""
    file = TomlFile(path)
    _check_verbs(file)
    story = file.as_type(Story)
    _check_head(file, story)
    _check_cast(file, story)
    labels = _check_steps(file, story)
    expectation_check.check(file, story, labels)
    return Script(path.stem, path, story, _clips(file, story))


# ---- the document ----


def _check_verbs(file: TomlFile) -> None:
    """Unknown verbs are named before the schema is, because the schema only says that something does not fit."""
    steps = file.data.get("steps", [])
    for index, step in enumerate(steps if isinstance(steps, list) else []):
        verb = step.get("does") if isinstance(step, dict) else None
        if verb is not None and verb not in VERBS:
            raise file.error(
                ("steps", index, "does"), f"{verb!r} is no verb; expected one of {', '.join(sorted(VERBS))}."
            )


def _check_head(file: TomlFile, story: Story) -> None:
    if not story.invented:
        raise file.error(("invented",), "`invented` must be true: a story is played with invented people only.")
    if "live" in story.centre.modes:
        raise file.error(("centre", "modes"), "a story never plays in a live centre; remove `live`.")
    for field in ("title", "about"):
        if not getattr(story, field).strip():
            raise file.error((field,), f"`{field}` is empty.")
    for field in ("steps", "expectations"):
        if not getattr(story, field):
            raise file.error((field,), f"expected at least one [[{field}]].")


# ---- the cast ----


def _check_cast(file: TomlFile, story: Story) -> None:
    seen: set[str] = {CLOCK, CENTRE}
    for key, name in _names(story):
        if not _NAME.fullmatch(name):
            raise file.error(key, f"{name!r} is no name; expected letters, digits, spaces, `-`, `_`.")
        if name in seen:
            raise file.error(key, f"the name {name!r} is taken; everybody needs a name of their own.")
        seen.add(name)
    for index, caller in enumerate(story.callers):
        _check_caller(file, ("callers", index), caller)
    if found := voice_check.voice_problem(story.voices):
        whose = next(key for key, name in _names(story) if name == found[0])
        raise file.error((*whose[:-1], "voice_hz"), found[1])


def _names(story: Story) -> Iterator[tuple[KeyPath, str]]:
    yield from ((("callers", i, "name"), caller.name) for i, caller in enumerate(story.callers))
    yield from ((("people", i, "name"), person.name) for i, person in enumerate(story.people))
    yield from ((("parties", i, "name"), party.name) for i, party in enumerate(story.parties))
    yield from ((("units", i, "unit"), crew.unit) for i, crew in enumerate(story.units))


def _check_caller(file: TomlFile, key: KeyPath, caller: Caller) -> None:
    if not _NUMBER.fullmatch(caller.number):
        raise file.error((*key, "number"), f"{caller.number!r} is no telephone number; expected digits and `-`.")
    if caller.called and not _NUMBER.fullmatch(caller.called):
        raise file.error((*key, "called"), f"{caller.called!r} is no telephone number; expected digits and `-`.")
    if caller.transport not in ("UDP", "TCP"):
        raise file.error((*key, "transport"), f"transport {caller.transport!r} is not known; expected UDP or TCP.")
    if caller.text not in ("", "rtt", "tty"):
        raise file.error((*key, "text"), f"text {caller.text!r} is not known; expected rtt or tty.")
    if caller.loses_every < 0 or caller.loses_every == 1:
        raise file.error((*key, "loses_every"), f"`loses_every` is {caller.loses_every}; expected 0, or 2 and more.")
    if caller.class_of_service not in ("", *SERVICES):
        known = ", ".join(SERVICES)
        raise file.error((*key, "class_of_service"), f"{caller.class_of_service!r} is not known; expected {known}.")
    if caller.location is not None and (problem := fix.problem_of(caller.location)):
        raise file.error((*key, "location"), problem)
    for index, rebid in enumerate(caller.rebids):
        if problem := fix.problem_of(rebid):
            raise file.error((*key, "rebids", index), problem)


def _clips(file: TomlFile, story: Story) -> dict[tuple[str, str], Path]:
    clips: dict[tuple[str, str], Path] = {}
    for index, caller in enumerate(story.callers):
        for clip, name in caller.clips.items():
            sound = file.path.parent / name
            if problem := _sound_problem(sound):
                raise file.error(("callers", index, "clips", clip), f"clip {clip!r}: {problem}")
            clips[caller.name, clip] = sound
    return clips


def _sound_problem(sound: Path) -> str | None:
    try:
        with wave.open(str(sound), "rb") as wav:
            found = (wav.getframerate(), wav.getnchannels(), wav.getsampwidth() * 8)
    except OSError:
        return f"there is no sound file {sound}."
    except (wave.Error, EOFError) as error:
        return f"{sound} is no WAV file ({error})."
    if found != (SAMPLE_RATE_HZ, 1, 16):
        return f"{sound} has {found[0]} Hz, {found[1]} channels, {found[2]} bit; expected 8000 Hz, 1 channel, 16 bit."
    return None


# ---- the steps ----


class _Calls:
    """Follows who is in which call while the steps are read in order."""

    def __init__(self) -> None:
        self.labels: list[str] = []
        self.dialled_by: dict[str, str] = {}
        self.in_call: dict[str, str] = {}

    def follow(self, step: Step) -> str | None:
        """Take one step; the problem, when it cannot be taken here."""
        match step:
            case Dials(who=who, label=label):
                return self._dial(who, label)
            case Opens(label=label):
                return self._name(label)
        if step.who in self.in_call or does(step) in CALLER_VERBS:
            return self._on_the_wire(step)
        if does(step) not in CLOCK_VERBS and _needs_call(step) and step.of not in self.labels:
            return f"nothing called {step.of!r} has begun at this step; calls so far: {_listed(self.labels)}."
        if isinstance(step, Joins | ChangesStatus) and step.to and step.to not in self.labels:
            return f"nothing called {step.to!r} has begun at this step; calls so far: {_listed(self.labels)}."
        if isinstance(step, Hangs):
            self.in_call.pop(self.dialled_by.get(step.of, ""), None)
        return None

    def _dial(self, who: str, label: str) -> str | None:
        if who in self.in_call:
            return f"{who} is already in the call {self.in_call[who]!r}; end it first."
        problem = self._name(label)
        if problem is None:
            self.dialled_by[label] = who
            self.in_call[who] = label
        return problem

    def _name(self, label: str) -> str | None:
        if label in self.labels:
            return f"something is called {label!r} already; give this one another name with `as`."
        self.labels.append(label)
        return None

    def _on_the_wire(self, step: Step) -> str | None:
        if step.who not in self.in_call:
            return f"{step.who} is in no call at this step; `dials` comes first."
        if isinstance(step, Drops | Cancels):
            del self.in_call[step.who]
        return None


def _needs_call(step: Step) -> bool:
    if isinstance(step, Sees):
        return step.view in ("call", "incident", "press")
    if isinstance(step, PutsOn | TakesOff | LosesHeadset | HearsVoices) or does(step) in PARTY_VERBS:
        return False
    return does(step) not in {
        "answers by itself",
        "is at",
        "drives",
        "emergency",
        "clears emergency",
        "is safe",
        "status",
    }


def _check_steps(file: TomlFile, story: Story) -> tuple[str, ...]:
    calls, headsets = _Calls(), voice_check.Headsets(story)
    for index, step in enumerate(story.steps):
        key: KeyPath = ("steps", index)
        if problem := _actor_problem(story, step):
            raise file.error((*key, "who"), problem)
        if problem := headsets.follow(step, calls.in_call) or calls.follow(step):
            raise file.error(key, problem)
        if found := _parameter_problem(story, step, file.path.parent):
            raise file.error((*key, found[0]), found[1])
    return tuple(calls.labels)


def _actor_problem(story: Story, step: Step) -> str | None:
    who, verb = step.who, does(step)
    if who == CLOCK:
        return None if verb in CLOCK_VERBS else f"the clock cannot {verb!r}; it {' or '.join(CLOCK_VERBS)}."
    if verb in CLOCK_VERBS:
        return f"only `{CLOCK}` {verb}."
    if any(caller.name == who for caller in story.callers):
        allowed = set(CALLER_VERBS) | {"hears voices"}
    elif any(person.name == who for person in story.people):
        allowed = set(PERSON_VERBS) | set(VOICE_VERBS) | ANYBODY
    elif any(party.name == who for party in story.parties):
        allowed = set(PARTY_VERBS) | {"hears voices"}
    elif any(crew.unit == who for crew in story.units):
        allowed = set(UNIT_VERBS) | ANYBODY
    else:
        return f"{who!r} is not in the cast; expected one of {_listed([name for _, name in _names(story)])}."
    return None if verb in allowed else f"{who!r} cannot {verb!r}; expected one of {', '.join(sorted(allowed))}."


def _parameter_problem(story: Story, step: Step, folder: Path) -> tuple[str, str] | None:
    """The field of a step that cannot be used, and why."""
    if step.after_s < 0:
        return "after_s", f"`after_s` is {step.after_s}; expected 0 or more."
    if problem := _pattern_problem(step.refused):
        return "refused", problem
    match step:
        case Speaks(who=who, clip=clip):
            clips = next(caller.clips for caller in story.callers if caller.name == who)
            if clip not in clips:
                return "clip", f"{who} has no clip {clip!r}; expected one of {_listed(list(clips))}."
        case Types() | Reads() | Writes():
            return _text_problem(story, step)
        case Answers(who=who) | AutoAnswers(who=who):
            if any(person.name == who and person.position is None for person in story.people):
                return "who", f"{who} sits at no position; give `position` in [[people]]."
        case ChoosesPlace(text=text, lat=lat, lon=lon) if not text and (lat is None or lon is None):
            return "text", "a place needs `text`, or `lat` and `lon`."
        case ChangesStatus(status=status) if status not in {known.value for known in UnitStatus}:
            return "status", f"{status!r} is no status; expected one of {', '.join(s.value for s in UnitStatus)}."
        case Drives():
            return _drive_problem(step)
        case AddsExhibit():
            return _file_problem(step, folder)
        case ClockJumps() | ClockRuns():
            return _clock_problem(step)
    return voice_check.parameter_problem(story, step)


def _clock_problem(step: ClockJumps | ClockRuns) -> tuple[str, str] | None:
    if isinstance(step, ClockJumps):
        no_jump = f"`seconds` is {step.seconds}; the clock only jumps forward."
        return ("seconds", no_jump) if step.seconds <= 0 else None
    no_speed = f"`speed` is {step.speed}; expected more than 0, at most 10000."
    return None if 0 < step.speed <= 10_000 else ("speed", no_speed)


def _text_problem(story: Story, step: Types | Reads | Writes) -> tuple[str, str] | None:
    if isinstance(step, Writes):
        return None if step.text.strip() else ("text", "`text` is empty.")
    if not next(caller.text for caller in story.callers if caller.name == step.who):
        return "who", f"{step.who} has no telephone to type with; give `text` in [[callers]]."
    if isinstance(step, Types) and (not step.text or not 0 < step.letters_per_s <= 100):
        return "text", "expected some `text`, and `letters_per_s` above 0 and at most 100."
    return None


def _file_problem(step: AddsExhibit, folder: Path) -> tuple[str, str] | None:
    path = (folder / step.file).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        return "file", f"there is no file {step.file!r} beside the story."
    if path.stat().st_size > LARGEST_FILE or not path.stat().st_size:
        return "file", f"{step.file!r} has {path.stat().st_size} bytes; expected 1 to {LARGEST_FILE}."
    if step.kind not in {kind.value for kind in ExhibitKind}:
        return (
            "kind",
            f"{step.kind!r} is no kind of exhibit; expected one of {_listed([k.value for k in ExhibitKind])}.",
        )
    if not 0 < step.pieces <= 100:
        return "pieces", f"`pieces` is {step.pieces}; expected 1 to 100."
    return None


def _drive_problem(step: Drives) -> tuple[str, str] | None:
    if len(step.through) < 2:
        return "through", "expected two or more points to drive along."
    if step.seconds <= 0 or step.reports < 2:
        return "seconds", "a drive takes more than 0 `seconds` and has two or more `reports`."
    return None


def _pattern_problem(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except re.error as error:
        return f"{pattern!r} is no regular expression: {error}."
    return None


def _listed(names: Sequence[Any]) -> str:
    return ", ".join(str(name) for name in names) or "none"
