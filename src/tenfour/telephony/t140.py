"""Text as ITU-T T.140 has it: what of a stream of characters is text, and what is only about it."""

from enum import Enum

BACKSPACE = "\b"
BELL = "\a"
NEW_LINE = "\n"
LINE_SEPARATOR = "\u2028"
"""How a new line goes over the wire (T.140 section 8.1)."""

BYTE_ORDER_MARK = "\ufeff"
MISSING = "\ufffd"
"""Stands where text was lost (T.140 Addendum 1)."""

LONGEST_SEQUENCE = 255
"""Characters of one control sequence; what goes on longer was none, and is text."""


class _Reading(Enum):
    """Where in the stream we are."""

    TEXT = "text"
    ESCAPE = "escape"
    """After ESC."""
    CONTROL = "control"
    """In a control sequence, SGR and others (ISO 6429 section 5.4): to a final character of @ to ~."""
    STRING = "string"
    """In an application's string, SOS to ST."""


class T140Reader:
    """Reads one party's stream. Control sequences may be cut anywhere; what never ends is given as text after all."""

    def __init__(self) -> None:
        self._reading = _Reading.TEXT
        self._held = ""
        self._after_return = False

    def read(self, text: str) -> str:
        """Printable characters, `BACKSPACE`, `BELL`, `MISSING`, and `NEW_LINE` for CR, LF, CR LF and U+2028.

        Dropped: byte order marks, SGR and other control sequences, strings of applications, other control characters.
        """
        return "".join(map(self._take, text))

    def _take(self, character: str) -> str:
        if self._reading is _Reading.TEXT:
            return self._take_text(character)
        self._held += character
        if self._is_over(character):
            self._reading, self._held = _Reading.TEXT, ""
        elif len(self._held) > LONGEST_SEQUENCE:
            held, self._held, self._reading = self._held, "", _Reading.TEXT
            return "".join(map(self._plain, held))
        return ""

    def _take_text(self, character: str) -> str:
        if character in ("\x1b", "\x9b", "\x98"):
            ways = {"\x1b": _Reading.ESCAPE, "\x9b": _Reading.CONTROL, "\x98": _Reading.STRING}
            self._reading, self._held, self._after_return = ways[character], character, False
            return ""
        return self._plain(character)

    def _plain(self, character: str) -> str:
        follows_return, self._after_return = self._after_return, character == "\r"
        if character in ("\r", LINE_SEPARATOR, "\u2029") or (character == "\n" and not follows_return):
            return NEW_LINE
        return character if character in (BACKSPACE, BELL) else _printable(character)

    def _is_over(self, character: str) -> bool:
        match self._reading:
            case _Reading.ESCAPE:
                if character in "[X":
                    self._reading = _Reading.CONTROL if character == "[" else _Reading.STRING
                    return False
                return True
            case _Reading.CONTROL:
                return "@" <= character <= "~"
            case _:
                return character == "\x9c" or self._held.endswith("\x1b\\")


def _printable(character: str) -> str:
    is_control = character < " " or "\x7f" <= character <= "\x9f" or "\ud800" <= character <= "\udfff"
    return "" if is_control or character == BYTE_ORDER_MARK else character


def for_the_wire(text: str) -> str:
    """What we say, as T.140: new lines as U+2028, nothing that is neither text nor backspace."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", LINE_SEPARATOR)
    return "".join(
        character if character in (BACKSPACE, LINE_SEPARATOR) else _printable(character) for character in plain
    )
