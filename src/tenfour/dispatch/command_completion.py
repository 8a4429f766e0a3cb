"""What can be typed at the caret, best first."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import msgspec

from tenfour.dispatch.command_argument import Arguments, PartKind
from tenfour.dispatch.command_context import Context
from tenfour.dispatch.command_text import Word, folded
from tenfour.dispatch.command_verb import KEYS, VERBS, Argument, Verb

MOST: Final = 8


class Completion(msgspec.Struct, frozen=True):
    """Put `text` for what stands from `start` to before `end`. `words` says what it is; `letter`: of a unit."""

    start: int
    end: int
    text: str
    words: str
    letter: str = ""


def completions(
    text: str, words: Sequence[Word], found: Arguments, context: Context, *, verb: Verb | None, caret: int
) -> tuple[Completion, ...]:
    """At most `MOST` of them; none inside a text, and none where the word is whole already."""
    place = next((at for at, word in enumerate(words) if word.start <= caret <= word.end), None)
    start, end = (words[place].start, words[place].end) if place is not None else (caret, caret)
    typed = text[start:caret]
    if place == 0 or verb is None:
        choices = _verbs(typed) if place == 0 else iter(())
    elif any(part.kind is PartKind.TEXT and part.start <= caret <= part.end for part in found.parts):
        return ()
    else:
        choices = _arguments(typed, verb, found, context)
    made = (Completion(start, end, new, said, letter) for new, said, letter in choices)
    return tuple(islice((one for one in made if one.text.casefold() != text[start:end].casefold()), MOST))


_Choice = tuple[str, str, str]


def _verbs(typed: str) -> Iterator[_Choice]:
    wanted = folded(typed)
    for verb in VERBS:
        spellings = [folded(spelling) for spelling in verb.spellings]
        if wanted and wanted not in spellings and any(one.startswith(wanted) for one in spellings):
            yield verb.name, f"{verb.title}: {verb.help}", ""


def _arguments(typed: str, verb: Verb, found: Arguments, context: Context) -> Iterator[_Choice]:
    key, colon, value = typed.partition(":")
    if colon and key.casefold() in KEYS:
        for new, said, letter in _of(KEYS[key.casefold()], value, context):
            yield f"{key}:{new}", said, letter
        return
    if verb.may_take(Argument.VERB):
        yield from _verbs(typed or "") if typed else ((one.name, one.title, "") for one in VERBS)
    if verb.may_take(Argument.INCIDENT) and context.incident_numbered(typed) is not None:
        yield from _of(Argument.INCIDENT, typed, context)
        return
    if verb.may_take(Argument.UNITS) or (verb.may_take(Argument.UNIT) and not found.units):
        yield from _units(typed, found, context)
    if verb.may_take(Argument.INCIDENT) and (found.number is None or typed):
        yield from _of(Argument.INCIDENT, typed, context)
    yield from _keys(typed, verb, found)


def _units(typed: str, found: Arguments, context: Context) -> Iterator[_Choice]:
    named = [] if not typed and found.units else _of(Argument.UNITS, typed, context)
    return (choice for choice in named if choice[0] not in found.units or typed)


def _of(argument: Argument, typed: str, context: Context) -> Iterator[_Choice]:
    wanted = folded(typed)
    match argument:
        case Argument.UNITS:
            yield from ((one.unit_id, one.words, one.letter) for one in context.units_beginning(typed))
        case Argument.INCIDENT:
            for incident in context.incidents.values():
                if str(incident.number).startswith(wanted) and (incident.is_open or typed):
                    yield str(incident.number), incident.words, ""
        case Argument.DISPOSITION | Argument.KIND | Argument.SEEN:
            for code, label in _codes(argument, context):
                if folded(code).startswith(wanted) or folded(label).startswith(wanted):
                    yield code, label, ""
        case _:
            return


def _codes(argument: Argument, context: Context) -> Iterator[tuple[str, str]]:
    match argument:
        case Argument.DISPOSITION:
            yield from context.dispositions.items()
        case Argument.KIND:
            yield from context.kinds.items()
        case _:
            yield from context.seen.items()


_KEY_WORDS: Final[tuple[tuple[str, Argument, str], ...]] = (
    ("r:", Argument.REASON, "reason, to the end of the line"),
    ("d:", Argument.DISPOSITION, "disposition codes"),
    ("seen:", Argument.SEEN, "who was seen"),
    ("tried:", Argument.TRIED, "what was tried; semicolons part"),
    ("k:", Argument.KIND, "kind of incident"),
)


def _keys(typed: str, verb: Verb, found: Arguments) -> Iterator[_Choice]:
    """Keys are offered once what they add to is there."""
    if not (found.units or found.number is not None):
        return
    for key, argument, said in _KEY_WORDS:
        if verb.may_take(argument) and key.startswith(typed.casefold()):
            yield key, said, ""
