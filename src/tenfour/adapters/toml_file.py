"""TOML files that people write by hand: read into typed structs, with every error at its line.

`tomllib` forgets where a value stood, so the keys' lines are found by reading the text once more.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from tenfour.vocabulary.errors import BadFile

T = TypeVar("T")
KeyPath = tuple[str | int, ...]
"""Where a value stands: `("caller", 0, "number")` is `number` of the first `[[caller]]`."""

LARGEST_NUMBER = 10_000_000
"""TOML knows `inf` and `nan`. Seconds, that is four months; hours, a thousand years: no clock and no date overflows."""

_BARE_OR_QUOTED = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_BARE_OR_QUOTED}(?:\s*\.\s*{_BARE_OR_QUOTED})*"
_ARRAY_TABLE = re.compile(rf"\s*\[\[\s*({_DOTTED})\s*\]\]")
_TABLE = re.compile(rf"\s*\[\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
_KEY_PART = re.compile(_BARE_OR_QUOTED)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


class TomlFile:
    """One parsed file. `data` is the document; `line_of` says at which line (from 1) a value stands."""

    def __init__(self, path: Path) -> None:
        """Read and parse `path`; raises `BadFile` when it is not there, not text or not TOML."""
        self.path = path
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise BadFile(path, None, f"cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise BadFile(path, line, f"is not UTF-8 text (byte {error.start}).") from error
        try:
            self.data: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BadFile(path, _line_in(str(error), text), f"not TOML: {error}.") from error
        self._lines: dict[KeyPath, int] = {}
        for key_path, line in _lines_of_keys(text):
            self._lines.setdefault(key_path, line)

    def line_of(self, key_path: KeyPath) -> int | None:
        """The line of a value, or of the nearest thing around it; None for the document itself."""
        for length in range(len(key_path), 0, -1):
            if key_path[:length] in self._lines:
                return self._lines[key_path[:length]]
        return None

    def error(self, key_path: KeyPath, problem: str) -> BadFile:
        """The error to raise for a value that parsed but cannot be used."""
        return BadFile(self.path, self.line_of(key_path), problem)

    def as_type(self, wanted: type[T], table: str | None = None) -> T:
        """The document (or one table of it; an absent table is empty) as `wanted`; raises `BadFile`."""
        prefix: KeyPath = () if table is None else (table,)
        value = self.data if table is None else self.data.get(table, {})
        try:
            found = msgspec.convert(value, wanted)
        except msgspec.ValidationError as error:
            raise self._explained(str(error), prefix) from error
        for key_path, number in _numbers(found, prefix):
            if not abs(number) <= LARGEST_NUMBER:
                expected = f"expected a number of {LARGEST_NUMBER:,} at most"
                raise self.error(key_path, f"{_spoken(key_path)} {number:g}: {expected}.")
        return found

    def refuse_negative(self, settings: object) -> None:
        """Raises `BadFile` for a number below 0 in what was read: no span of time and no measure is."""
        for key_path, number in _numbers(settings, ()):
            if number < 0:
                raise self.error(key_path, f"{_spoken(key_path)} {number:g}: expected 0 or more.")

    def _explained(self, message: str, prefix: KeyPath) -> BadFile:
        problem, _, where = message.partition(" - at `")
        key_path = prefix + tuple(_steps(where.rstrip("`"), problem))
        unknown = re.search(r"unknown field `([^`]+)`", problem)
        if unknown and "key in" not in where:
            return self.error((*key_path, unknown[1]), f"`{unknown[1]}` is not known here{_in(key_path)}.")
        missing = re.search(r"missing required field `([^`]+)`", problem)
        if missing:
            return self.error(key_path, f"`{missing[1]}` is missing{_in(key_path)}.")
        name = _spoken(key_path)
        return self.error(key_path, f"{name}: {problem[:1].lower()}{problem[1:]}." if name else f"{problem}.")


def load(path: Path, wanted: type[T], table: str | None = None) -> T:
    """Read `path` (or one table of it) as `wanted`; raises `BadFile` with the line."""
    return TomlFile(path).as_type(wanted, table)


def _numbers(value: object, key_path: KeyPath) -> Iterator[tuple[KeyPath, float]]:
    """Every float in what was read (whole numbers of settings are checked where they are used), and where it stands."""
    if isinstance(value, float):
        yield key_path, value
    elif isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(value):
            yield from _numbers(getattr(value, field.name), (*key_path, field.encode_name))
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _numbers(part, (*key_path, str(key)))
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from _numbers(part, (*key_path, index))


def _steps(where: str, problem: str) -> Iterator[str | int]:
    for name, index in _STEP.findall(where.removeprefix("$")):
        if name:
            yield name
        elif index != "...":
            yield int(index)


def _in(key_path: KeyPath) -> str:
    return f" in `{_spoken(key_path)}`" if key_path else ""


def _spoken(key_path: KeyPath) -> str:
    text = ""
    for part in key_path:
        text += f"[{part + 1}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text


def _line_in(message: str, text: str) -> int | None:
    found = re.search(r"at line (\d+)", message)
    if found:
        return int(found[1])
    return text.count("\n") + 1 if "end of document" in message else None


def _keys(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _KEY_PART.findall(dotted))


def _lines_of_keys(text: str) -> Iterator[tuple[KeyPath, int]]:
    """Every table header and key with its line; arrays of tables are counted."""
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if header := _ARRAY_TABLE.match(line):
            name = _current(_keys(header[1]), counts)
            counts[name] = counts.get(name, -1) + 1
            table = (*name, counts[name])
            yield table, number
            yield name, number
        elif header := _TABLE.match(line):
            table = _current(_keys(header[1]), counts)
            yield table, number
        elif key := _KEY.match(line):
            parts = _keys(key[1])
            for length in range(1, len(parts) + 1):
                yield (*table, *parts[:length]), number
            number += _lines_more(lines, number, line[key.end() :])


def _current(keys: tuple[str, ...], counts: dict[KeyPath, int]) -> KeyPath:
    """A header's path, with the number of the array item it lies in put in (`[[a]]` then `[a.b]` is a, 0, b)."""
    path: KeyPath = ()
    for position, key in enumerate(keys):
        path = (*path, key)
        if path in counts and position < len(keys) - 1:
            path = (*path, counts[path])
    return path


def _lines_more(lines: list[str], number: int, value: str) -> int:
    """How many further lines a value takes: arrays and multi-line strings go on until they parse."""
    more = 0
    while not _parses(value) and number + more < len(lines):
        value += "\n" + lines[number + more]
        more += 1
    return more


def _parses(value: str) -> bool:
    try:
        tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        return False
    return True
