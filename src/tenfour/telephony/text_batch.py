"""Characters with their times, gathered until they are worth a fact."""

from tenfour.telephony.t140 import NEW_LINE

GATHERED_S = 0.5
MOST = 1_000


class TextBatch:
    """What one party typed and nobody was told yet."""

    def __init__(self) -> None:
        self._typed: list[tuple[str, float]] = []

    def add(self, text: str, now: float) -> None:
        """These characters came just now."""
        self._typed.extend((character, now) for character in text)

    def next_timer(self) -> float | None:
        """When `take` is due: half a second after the first character, at once after a new line or very many."""
        if not self._typed:
            return None
        is_full = self._typed[-1][0] == NEW_LINE or len(self._typed) >= MOST
        return self._typed[-1][1] if is_full else self._typed[0][1] + GATHERED_S

    def take(self, now: float) -> tuple[str, tuple[int, ...]]:
        """All of it, and for each character how many milliseconds ago it came."""
        typed, self._typed = self._typed, []
        return "".join(text for text, _ in typed), tuple(max(0, round(1000 * (now - at))) for _, at in typed)
