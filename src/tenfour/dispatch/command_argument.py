"""What stands behind a verb: units, an incident, codes and a text, by their keys or by what they look like."""

import re
from collections.abc import Sequence
from enum import Enum
from typing import Final

import msgspec

from tenfour.dispatch.command_context import Context, code_meant, number_of
from tenfour.dispatch.command_text import Word, folded
from tenfour.dispatch.command_verb import BY_SPELLING, KEYS, TEXTS, Argument, Verb
from tenfour.vocabulary.ids import UnitId

LONGEST_ECHO: Final = 40
MOST_WORDS: Final = 64
"""So many words are looked up; a text that runs to the end of the line is none of them."""
_KEY: Final = re.compile(r"([A-Za-z]{1,5}):")
_TRIED: Final = re.compile(r"(?<![^\s.,/])tried:", re.IGNORECASE)
_BEGINS_TEXT: Final = re.compile(r"(?<![^\s.,/])[rtp]:", re.IGNORECASE)


class PartKind(Enum):
    """What a stretch of the line is."""

    VERB = "verb"
    UNIT = "unit"
    INCIDENT = "incident"
    CODE = "code"
    TEXT = "text"
    UNKNOWN = "unknown"
    GAP = "gap"


class Part(msgspec.Struct, frozen=True):
    """A stretch of the line from `start` to before `end`, and what it was understood as, in words."""

    start: int
    end: int
    kind: PartKind
    words: str = ""


class Arguments(msgspec.Struct):
    """What was found behind a verb; filled word by word."""

    parts: list[Part] = []
    units: tuple[UnitId, ...] = ()
    number: int | None = None
    text: str = ""
    dispositions: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    kind: str | None = None
    about: str = ""
    tried_first: bool = False
    unknown: list[str] = []

    @property
    def not_understood(self) -> tuple[str, ...]:
        """What makes no sense, each in words."""
        return tuple(self.unknown)

    @property
    def text_begun(self) -> bool:
        """Is the caret in a text when it is at the end?"""
        return bool(self.parts) and self.parts[-1].kind is PartKind.TEXT

    @classmethod
    def read(cls, text: str, words: Sequence[Word], verb: Verb, context: Context) -> "Arguments":
        """Read the words behind `verb`; a text runs to the end of the line."""
        found = cls(parts=[], unknown=[])
        key: Argument | None = None
        at = 0
        while at < len(words):
            word = words[at]
            if at == MOST_WORDS:
                found._odd(word.start, len(text), text[word.start :].strip(), "is more than a line of this verb has")
                break
            prefix = _key_of(word, verb)
            if prefix is not None and (KEYS[prefix] in TEXTS or KEYS[prefix] is Argument.TRIED):
                found._texts(text, word.start, verb)
                break
            if prefix is not None:
                key, at = found._keyed(words, at, prefix, context)
                continue
            if word.joined and key is not None and found._goes_on(key, word, context):
                at += 1
                continue
            key = None
            if not found._bare(word, verb, context):
                if verb.may_take(Argument.WORDS):
                    found._texts(text, word.start, verb)
                    break
                found._odd(word.start, word.end, word.text, _why_not(word, verb, context))
            at += 1
        return found

    # ---- by key ----

    def _keyed(self, words: Sequence[Word], at: int, prefix: str, context: Context) -> tuple[Argument, int]:
        """Take `u:12A3`, or `u:` and the word behind it; the key, and where to go on."""
        word, key = words[at], KEYS[prefix]
        value, end, after = word.text[len(prefix) + 1 :], word.end, at + 1
        if not value and after < len(words):
            value, end, after = words[after].text, words[after].end, after + 1
        whole = Word(word.start, end, value)
        if not value:
            self._odd(word.start, end, word.text, "is followed by nothing")
        elif not self._take(key, whole, value, context):
            self._odd(word.start, end, value, _NOT_A[key])
        return key, after

    def _goes_on(self, key: Argument, word: Word, context: Context) -> bool:
        """`d:18,02`: a word joined to a keyed one is under the same key, if it can be; a bare number is no unit."""
        if key is Argument.UNITS and number_of(word.text) is not None and context.unit_named(word.text) is None:
            return False
        return self._take(key, word, word.text, context)

    def _take(self, key: Argument, word: Word, value: str, context: Context) -> bool:
        match key:
            case Argument.UNITS:
                return self._unit(word, value, context)
            case Argument.INCIDENT:
                return self._incident(word, value, context)
            case Argument.DISPOSITION:
                code = code_meant(value, context.dispositions)
                if code is not None:
                    self.dispositions = _more(self.dispositions, code)
                return self._code(word, code, context.dispositions.get(code or "", ""))
            case Argument.SEEN:
                code = code_meant(value, context.seen)
                if code is not None:
                    self.seen = _more(self.seen, code)
                return self._code(word, code, f"seen: {context.seen.get(code or '', '')}")
            case Argument.KIND:
                self.kind = code_meant(value, context.kinds) or self.kind
                return self._code(word, code_meant(value, context.kinds), context.kinds.get(self.kind or "", ""))
            case _:
                return False

    def _code(self, word: Word, code: str | None, label: str) -> bool:
        if code is not None:
            self.parts.append(Part(word.start, word.end, PartKind.CODE, f"{code} {label}".strip()))
        return code is not None

    def _unit(self, word: Word, value: str, context: Context) -> bool:
        unit = context.unit_meant(value)
        if unit is not None:
            self.units = (*self.units, unit.unit_id) if unit.unit_id not in self.units else self.units
            self.parts.append(Part(word.start, word.end, PartKind.UNIT, unit.unit_id))
        return unit is not None

    def _incident(self, word: Word, value: str, context: Context) -> bool:
        incident = context.incident_numbered(value)
        if incident is None:
            return False
        if self.number not in (None, incident.number):
            self._odd(word.start, word.end, value, f"is a second incident beside {self.number}")
            return True
        self.number = incident.number
        self.parts.append(Part(word.start, word.end, PartKind.INCIDENT, f"incident {incident.number}"))
        return True

    # ---- by look ----

    def _bare(self, word: Word, verb: Verb, context: Context) -> bool:
        """Take a word for what it looks like. False: it looks like nothing this verb takes."""
        if verb.may_take(Argument.VERB):
            return self._verb(word)
        units = self._wants_unit(verb)
        unit = context.unit_named(word.text) if units else None
        incident = self._wants_incident(verb)
        numbered = context.incident_numbered(word.text) if incident else None
        if unit is not None and numbered is not None:
            self._odd(word.start, word.end, word.text, f"is a unit and an incident: u:{word.text} or c:{word.text}")
            return True
        if unit is not None:
            return self._unit(word, word.text, context)
        if numbered is not None:
            return self._incident(word, word.text, context)
        if incident and number_of(word.text) is not None:
            text = f", or t:{word.text} for a text" if verb.may_take(Argument.WORDS) else ""
            self._odd(word.start, word.end, word.text, f"is no incident on the board{text}")
            return True
        return units and self._abbreviated(word, verb, context)

    def _abbreviated(self, word: Word, verb: Verb, context: Context) -> bool:
        """A beginning of a call sign that can mean one unit only. A word of a text has no figure in it."""
        figures = any(letter.isdecimal() for letter in word.text)
        if number_of(word.text) is not None or (verb.may_take(Argument.WORDS) and not figures):
            return False
        if self._unit(word, word.text, context):
            return True
        begun = context.units_beginning(word.text) if folded(word.text) else ()
        if len(begun) > 1:
            names = ", ".join(unit.unit_id for unit in begun[:6])
            self._odd(word.start, word.end, word.text, f"can be {names}{' …' if len(begun) > 6 else ''}")
            return True
        return False

    def _wants_unit(self, verb: Verb) -> bool:
        """In front of a text a unit stands first; and where one is taken, only one is."""
        if verb.may_take(Argument.WORDS) and self.number is not None:
            return False
        return verb.may_take(Argument.UNITS) or (verb.may_take(Argument.UNIT) and not self.units)

    def _wants_incident(self, verb: Verb) -> bool:
        if not verb.may_take(Argument.INCIDENT):
            return False
        return self.number is None or not verb.may_take(Argument.WORDS)

    def _verb(self, word: Word) -> bool:
        verb = BY_SPELLING.get(folded(word.text) or word.text)
        if verb is None or self.about:
            return False
        self.about = verb.name
        self.parts.append(Part(word.start, word.end, PartKind.CODE, verb.title))
        return True

    # ---- texts ----

    def _texts(self, text: str, start: int, verb: Verb) -> None:
        """From `start` on there are only texts: the verb's own, and what was tried where it takes that."""
        tried = _TRIED.search(text, start) if verb.may_take(Argument.TRIED) else None
        self.tried_first = tried is not None and tried.start() == start
        if tried is None:
            self._own(text, start, len(text))
        elif self.tried_first:
            own = _BEGINS_TEXT.search(text, tried.end())
            self._tried(text, start, tried.end(), own.start() if own else len(text))
            if own:
                self._own(text, own.start(), len(text))
        else:
            self._own(text, start, tried.start())
            self._tried(text, tried.start(), tried.end(), len(text))

    def _own(self, text: str, start: int, end: int) -> None:
        key = _BEGINS_TEXT.match(text, start)
        self.text = " ".join(text[key.end() if key else start : end].split())
        if self.text:
            shown = self.text if len(self.text) <= LONGEST_ECHO else f"{self.text[:LONGEST_ECHO]}…"
            self.parts.append(Part(start, end, PartKind.TEXT, f"“{shown}”"))
        else:
            self._odd(start, end, text[start:end].strip(), "is followed by nothing")

    def _tried(self, text: str, start: int, value: int, end: int) -> None:
        self.tried = tuple(" ".join(one.split()) for one in text[value:end].split(";") if one.strip())
        if self.tried:
            self.parts.append(Part(start, end, PartKind.TEXT, f"tried {', '.join(self.tried)[:LONGEST_ECHO]}"))
        else:
            self._odd(start, end, "tried:", "is followed by nothing")

    def _odd(self, start: int, end: int, what: str, why: str) -> None:
        shown = what if len(what) <= LONGEST_ECHO else f"{what[:LONGEST_ECHO]}…"
        self.parts.append(Part(start, end, PartKind.UNKNOWN, f"“{shown}”"))
        self.unknown.append(f"“{shown}” {why}")


_NOT_A: Final[dict[Argument, str]] = {
    Argument.UNITS: "is no unit here, or could be several",
    Argument.INCIDENT: "is no incident on the board",
    Argument.DISPOSITION: "is no disposition of this centre",
    Argument.SEEN: "does not say who was seen: adult or child",
    Argument.KIND: "is no kind of this centre",
}


def _key_of(word: Word, verb: Verb) -> str | None:
    """The key in front of a word, where the verb takes what it names."""
    found = _KEY.match(word.text)
    key = found[1].casefold() if found else ""
    if key not in KEYS:
        return None
    wanted = KEYS[key]
    if wanted in TEXTS:
        return key if any(verb.may_take(one) for one in TEXTS) else None
    if wanted is Argument.UNITS and verb.may_take(Argument.UNIT):
        return key
    return key if verb.may_take(wanted) else None


def _why_not(word: Word, verb: Verb, context: Context) -> str:
    if verb.may_take(Argument.VERB):
        return "is no verb, or one too many"
    if verb.may_take(Argument.UNIT) and context.unit_named(word.text) is not None:
        return "is one unit too many"
    names = [("unit", Argument.UNITS), ("unit", Argument.UNIT), ("incident on the board", Argument.INCIDENT)]
    return "is no " + " or ".join(dict.fromkeys(name for name, argument in names if verb.may_take(argument)))


def _more(codes: tuple[str, ...], code: str) -> tuple[str, ...]:
    return codes if code in codes else (*codes, code)
