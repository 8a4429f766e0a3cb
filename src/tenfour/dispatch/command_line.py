"""Reading a command line: what was understood of it, what not, what is missing, and what it would do.

Reading does nothing and refuses nothing but sense: whether an instruction may be carried out is decided where it is.
"""

from enum import Enum
from typing import Final

import msgspec

from tenfour.dispatch.command_argument import Arguments, Part, PartKind
from tenfour.dispatch.command_completion import Completion, completions
from tenfour.dispatch.command_context import Context, KnownIncident
from tenfour.dispatch.command_instruction import Echo, Instruction, canonical, echo, sentence
from tenfour.dispatch.command_text import clean, folded, words_of
from tenfour.dispatch.command_verb import BY_SPELLING, Act, Argument, Verb
from tenfour.vocabulary.ids import UnitId

MOST_UNDERSTOOD: Final = 12
MOST_SHOWN: Final = 4
"""So many words that are not understood are named; the rest are counted."""


class State(Enum):
    """How far a line makes sense."""

    EMPTY = "empty"
    UNKNOWN = "unknown"
    """Something in it is not understood."""
    INCOMPLETE = "incomplete"
    READY = "ready"


class Reading(msgspec.Struct, frozen=True):
    """A line as it is understood. Offsets count code points of `text`, which the parts cover from end to end.

    `instruction` is there only when the line is complete; otherwise `problem` says what is wrong with it, in words.
    """

    text: str
    state: State
    parts: tuple[Part, ...] = ()
    verb: Verb | None = None
    instruction: Instruction | None = None
    echo: tuple[Echo, ...] = ()
    sentence: str = ""
    missing: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    completions: tuple[Completion, ...] = ()
    expects: str = ""
    canonical: str = ""

    @property
    def problem(self) -> str:
        """What was understood, what not, and what is missing; empty when the line is complete."""
        if self.state in (State.READY, State.EMPTY):
            return ""
        known = [part.words for part in self.parts if part.words and part.kind is not PartKind.UNKNOWN]
        told = [f"Understood: {', '.join(known[:MOST_UNDERSTOOD])}."] if known else []
        if self.not_understood:
            shown = self.not_understood[:MOST_SHOWN]
            more = len(self.not_understood) - len(shown)
            told.append(f"Not understood: {'; '.join(shown)}{f'; and {more} more' if more else ''}.")
        if self.missing:
            told.append(f"Missing: {'; '.join(self.missing)}.")
        return " ".join((*told, *(line for line in self.said if line.endswith("Shorten it."))))


def read(text: str, context: Context, caret: int | None = None) -> Reading:
    """Read a line. Never raises, whatever the text. `caret`: where completions are wanted; None: at the end."""
    typed = clean(text)
    words = words_of(typed.text)
    at = len(typed.text) if caret is None else max(0, min(caret, len(typed.text)))
    if not words:
        state = State.UNKNOWN if typed.too_long else State.EMPTY
        return Reading(typed.text, state, _covered((), typed.text), said=typed.said)
    verb = BY_SPELLING.get(folded(words[0].text) or words[0].text)
    if verb is None:
        first = Part(words[0].start, words[0].end, PartKind.UNKNOWN, f"“{words[0].text[:40]}”")
        return Reading(
            text=typed.text,
            state=State.UNKNOWN,
            parts=_covered((first,), typed.text),
            not_understood=(f"{first.words} is no verb (? lists them)",),
            said=typed.said,
            completions=completions(typed.text, words, Arguments(), context, verb=None, caret=at),
        )
    found = Arguments.read(typed.text, words[1:], verb, context)
    asked, missing = _instruction(verb, found, context)
    complete = not (missing or found.not_understood or typed.too_long)
    state = State.READY if complete else State.UNKNOWN if found.not_understood or typed.too_long else State.INCOMPLETE
    title = Part(words[0].start, words[0].end, PartKind.VERB, verb.title)
    return Reading(
        text=typed.text,
        state=state,
        parts=_covered((title, *found.parts), typed.text),
        verb=verb,
        instruction=asked if complete else None,
        echo=echo(verb, asked, context),
        sentence=sentence(asked, context) if complete else "",
        missing=missing,
        not_understood=found.not_understood,
        said=typed.said,
        completions=completions(typed.text, words, found, context, verb=verb, caret=at),
        expects="" if found.not_understood else _expects(verb, asked, missing),
        canonical=canonical(verb, asked) if complete else "",
    )


def _covered(parts: tuple[Part, ...], text: str) -> tuple[Part, ...]:
    """The parts with what stands between them, so that they cover the text."""
    whole: list[Part] = []
    end = 0
    for part in parts:
        if part.start > end:
            whole.append(Part(end, part.start, PartKind.GAP))
        whole.append(part)
        end = part.end
    if end < len(text):
        whole.append(Part(end, len(text), PartKind.GAP))
    return tuple(whole)


def _instruction(verb: Verb, found: Arguments, context: Context) -> tuple[Instruction, tuple[str, ...]]:
    """What the line asks for, with what is selected where it names nothing; and what is missing for it."""
    selected = context.unit if context.unit in context.units else None
    asked = Instruction(
        act=verb.act,
        units=found.units,
        number=found.number,
        text=found.text,
        dispositions=found.dispositions,
        seen=found.seen,
        tried=found.tried,
        kind=found.kind,
        about=found.about,
        tried_first=found.tried_first,
    )
    match verb.act:
        case Act.SEND:
            asked = _on_selected(_with_unit(asked, selected), context.selected, still_open=True)
            return asked, (*_no_unit(asked), *_no_incident(asked))
        case Act.EN_ROUTE | Act.ON_SCENE:
            asked = _with_unit(asked, selected or _only_unit(asked, context))
            return asked, _no_unit(asked)
        case Act.CLOSE:
            return _clear(asked, context)
        case Act.NOTE | Act.HOLD:
            asked = _on_selected(asked, context.selected, still_open=verb.act is Act.HOLD)
            return asked, (*_no_incident(asked), *_no_text(asked, verb.words))
        case Act.SELF_INITIATE:
            asked = _with_unit(asked, selected)
            return asked, (*_no_unit(asked), *_no_text(asked, verb.words))
        case Act.HISTORY | Act.RESET_TIMER:
            asked = _with_unit(asked, selected)
            return asked, _no_unit(asked)
        case Act.SELECT:
            named = bool(asked.units) + (asked.number is not None)
            return asked, () if named == 1 else (_ONE_THING,)
        case _:
            return asked, ()


_ONE_THING: Final = "which incident or unit, one of them"


def _clear(asked: Instruction, context: Context) -> tuple[Instruction, tuple[str, ...]]:
    """Clear a unit, when one is named; close an incident, when not."""
    if asked.units and asked.number is None:
        odd = asked.dispositions or asked.seen or asked.tried
        cleared = msgspec.structs.replace(asked, act=Act.CLEAR_UNIT)
        return cleared, ("the incident, for what it is closed with",) if odd else ()
    if asked.units:
        return asked, ("one of them: an incident is closed, or a unit is cleared",)
    asked = _on_selected(asked, context.selected, still_open=True)
    return asked, (*_no_incident(asked), *_no_text(asked, "how it ended, in one line"))


def _with_unit(asked: Instruction, unit: UnitId | None) -> Instruction:
    return asked if asked.units or unit is None else msgspec.structs.replace(asked, units=(unit,))


def _only_unit(asked: Instruction, context: Context) -> UnitId | None:
    incident = context.incidents.get(asked.number) if asked.number is not None else None
    return incident.units[0] if incident is not None and len(incident.units) == 1 else None


def _on_selected(asked: Instruction, selected: KnownIncident | None, *, still_open: bool) -> Instruction:
    if asked.number is not None or selected is None or (still_open and not selected.is_open):
        return asked
    return msgspec.structs.replace(asked, number=selected.number)


def _no_unit(asked: Instruction) -> tuple[str, ...]:
    return () if asked.units else ("which unit",)


def _no_incident(asked: Instruction) -> tuple[str, ...]:
    return () if asked.number is not None else ("which incident",)


def _no_text(asked: Instruction, what: str) -> tuple[str, ...]:
    return () if asked.text else (what,)


def _expects(verb: Verb, asked: Instruction, missing: tuple[str, ...]) -> str:
    """What may come next, as the faint words behind the caret."""
    if missing:
        return missing[0].removeprefix("which ")
    if verb.act is Act.SEND:
        return "" if asked.text else "r:reason or second unit"
    if Argument.WORDS in verb.takes and not asked.text:
        return verb.words
    return ""
