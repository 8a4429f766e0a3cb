"""Pieces of text on their way out letter by letter: which of them have gone out whole."""

from collections import deque
from collections.abc import Iterator


class TypedPieces:
    """A sender takes letters and says how many still wait; each piece ends where its last letter has gone."""

    def __init__(self) -> None:
        self._going: deque[tuple[int, int]] = deque()
        """Number of a piece, and how many letters there are up to its end."""
        self._typed = 0

    def add(self, number: int, letters: int) -> None:
        """A piece of so many letters was given to the sender."""
        self._typed += letters
        self._going.append((number, self._typed))

    def gone(self, waiting: int) -> Iterator[int]:
        """The pieces that are out now, each once; `waiting`: letters that the sender still has."""
        while self._going and self._going[0][1] <= self._typed - waiting:
            yield self._going.popleft()[0]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Those that are not out whole."""
        return tuple(number for number, _ in self._going)
