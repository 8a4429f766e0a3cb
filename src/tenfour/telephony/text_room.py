"""How many messages one caller may bring: more than anybody writes, fewer than a flood."""

from tenfour.telephony.t140 import MISSING

BURST, A_SECOND = 60, 5
"""Messages at once, and a second after that."""

LONGEST = 10_000
"""Characters of one message; what is longer is cut."""


class TextRoom:
    """Of one call. Of a flood the first message too many leaves one mark, the others nothing."""

    def __init__(self) -> None:
        self._room, self._at, self._marked = float(BURST), 0.0, False

    def admit(self, words: str, now: float) -> str:
        """What the record keeps of these words; "" where a mark stands for them already."""
        self._room = min(BURST, self._room + A_SECOND * max(0.0, now - self._at))
        self._at = now
        if self._room >= 1:
            self._room, self._marked = self._room - 1, False
            return words[:LONGEST]
        was_marked, self._marked = self._marked, True
        return "" if was_marked else MISSING
