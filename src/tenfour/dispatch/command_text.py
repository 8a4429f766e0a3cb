"""A typed line as text: what cannot be seen taken out, cut into words. Offsets count code points."""

import re
import unicodedata
from typing import Final

import msgspec

LONGEST_LINE: Final = 2400
"""Code points that are read; a longer line is shown and never carried out."""

_JOINERS: Final = frozenset("\u200c\u200d")
"""They shape letters and emoji; every other invisible character only hides or turns text around."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_PASTED: Final = frozenset("\t\n\r\v\f\u0085\u2028\u2029")
"""What a paste brings between words: taken for spaces without a word about it."""

_WORD: Final = re.compile(r"[^\s.,/]+")


class Typed(msgspec.Struct, frozen=True):
    """A line as it is read, character for character as long as what was typed, up to `LONGEST_LINE`."""

    text: str
    said: tuple[str, ...] = ()
    """What was left out of it, in sentences."""
    too_long: bool = False


class Word(msgspec.Struct, frozen=True):
    """A word and where it stands. `joined`: only a dot, comma or slash parts it from the word before."""

    start: int
    end: int
    text: str
    joined: bool = False


def clean(text: str) -> Typed:
    """The line with spaces for what cannot be seen, and what there is to say about that."""
    kept = text[:LONGEST_LINE]
    seen = "".join(" " if _hidden(letter) else letter for letter in kept)
    lost = sum(1 for letter in kept if _hidden(letter) and letter not in _PASTED)
    said = []
    if lost:
        said.append(f"{lost} character{'' if lost == 1 else 's'} that cannot be seen {_left_out(lost)} left out.")
    if len(text) > LONGEST_LINE:
        said.append(f"The line has {len(text):,} characters; at most {LONGEST_LINE:,} are read. Shorten it.")
    return Typed(seen, tuple(said), len(text) > LONGEST_LINE)


def _left_out(number: int) -> str:
    return "was" if number == 1 else "were"


def _hidden(letter: str) -> bool:
    return unicodedata.category(letter) in _UNSEEN and letter not in _JOINERS


def words_of(text: str) -> tuple[Word, ...]:
    """The words between spaces, dots, commas and slashes. A question mark in front is a word of its own."""
    words: list[Word] = []
    end = 0
    for found in _WORD.finditer(text):
        start = found.start()
        joined = bool(words) and start > end and not any(letter.isspace() for letter in text[end:start])
        if not words and found[0].startswith("?") and len(found[0]) > 1:
            words.append(Word(start, start + 1, "?"))
            start, joined = start + 1, False
        words.append(Word(start, found.end(), text[start : found.end()], joined))
        end = found.end()
    return tuple(words)


def folded(name: str) -> str:
    """A name as it is compared: without case, width, and what stands between its letters."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
