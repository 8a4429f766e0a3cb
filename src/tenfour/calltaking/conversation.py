"""The conversation of a call in text: lines with their corrections made, folded from what either side typed.

Two people type at once. Each has one line open at a time in each medium; a line stands where it began.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from tenfour.calltaking.text_event import (
    LanguagesOffered,
    Party,
    TextClosed,
    TextMedium,
    TextNotSent,
    TextOpened,
    TextReceived,
    TextSent,
    TextTyped,
    UtteranceEnded,
)
from tenfour.vocabulary.envelope import Event

REPLIED_AFTER: Final = timedelta(seconds=4)
"""Who pauses so long while the other side says something goes on in a new line."""

LONGEST_LINE: Final = 2_000
"""Characters typed in one line; then another begins."""

MOST_LINES: Final = 1_000
"""Lines that are carried; earlier ones are in the record."""

PREFERRED: Final = (TextMedium.RTT, TextMedium.MSRP, TextMedium.TTY)
"""By what the centre answers where there is a choice; without any of them by MESSAGE."""


class Utterance(msgspec.Struct, frozen=True):
    """One line. `text` is as it reads, `typed` as it was typed with every backspace: nothing that was said is lost.

    `piece`: the number of the centre's last piece of it. `told`: it is in the record as a whole line.
    """

    number: int
    party: Party
    medium: TextMedium
    at: datetime
    last_at: datetime
    text: str = ""
    typed: str = ""
    whole: bool = False
    told: bool = False
    piece: int = 0
    problem: str = ""

    @property
    def erased(self) -> bool:
        """Was something taken back?"""
        return "\b" in self.typed


class Conversation(msgspec.Struct, frozen=True):
    """All text of a call. `media`: by what text goes now; `sent`: the last piece of ours that is on the wire."""

    lines: tuple[Utterance, ...] = ()
    count: int = 0
    media: tuple[TextMedium, ...] = ()
    languages: tuple[LanguagesOffered, ...] = ()
    pieces: tuple[TextTyped, ...] = ()
    """What was typed here and is not known to be on the wire."""
    last_piece: int = 0
    sent: int = 0

    @property
    def answers_by(self) -> TextMedium:
        """By what the centre's text goes: what the caller used last where that is open, else the best there is."""
        used = next((line.medium for line in reversed(self.lines) if line.party is Party.CALLER), None)
        if used in self.media or used is TextMedium.MESSAGE:
            return used
        return next((medium for medium in PREFERRED if medium in self.media), TextMedium.MESSAGE)

    def untold(self, *, over: bool = False) -> Iterator[UtteranceEnded]:
        """Lines that are whole and not in the record as such; `over`: nobody goes on, so that all are whole."""
        for line in self.lines:
            if (line.whole or over) and not line.told and line.text.strip():
                yield UtteranceEnded(line.party, line.medium, line.number, line.text)


def apply(conversation: Conversation, event: Event, *, at: datetime) -> Conversation:
    """Fold one fact of a call; those that are not about text change nothing."""
    match event:
        case TextReceived(medium=medium, text=text, ago_ms=ago_ms):
            return _said(conversation, Party.CALLER, medium, text, _times(text, ago_ms, at))
        case TextTyped() if event.number > conversation.last_piece:
            return _typed_here(conversation, event, at)
        case TextSent(number=number):
            return _gone(conversation, number)
        case TextNotSent(number=number, why=why):
            return _not_gone(_gone(conversation, number), number, why)
        case TextOpened(medium=medium) if medium not in conversation.media:
            return replace(conversation, media=(*conversation.media, medium))
        case TextClosed(medium=medium):
            return replace(conversation, media=tuple(each for each in conversation.media if each is not medium))
        case LanguagesOffered(medium=spoken_in):
            others = (each for each in conversation.languages if each.medium != spoken_in)
            return replace(conversation, languages=(*others, event))
        case UtteranceEnded(number=ended):
            lines = (replace(line, told=True) if line.number == ended else line for line in conversation.lines)
            return replace(conversation, lines=tuple(lines))
        case _:
            return conversation


def _times(text: str, ago_ms: Sequence[int], at: datetime) -> list[datetime]:
    if len(ago_ms) != len(text):
        return [at] * len(text)
    return [at - timedelta(milliseconds=ago) for ago in ago_ms]


def _typed_here(conversation: Conversation, event: TextTyped, at: datetime) -> Conversation:
    said = _said(
        conversation, Party.CENTRE, event.medium, event.text, _times(event.text, event.ago_ms, at), piece=event.number
    )
    return replace(said, last_piece=event.number, pieces=(*conversation.pieces, event))


def _gone(conversation: Conversation, number: int) -> Conversation:
    waiting = tuple(piece for piece in conversation.pieces if piece.number > number)
    return replace(conversation, sent=max(conversation.sent, number), pieces=waiting)


def _not_gone(conversation: Conversation, number: int, why: str) -> Conversation:
    """The line that this piece is of says why it did not reach the caller."""
    lines = list(conversation.lines)
    for place, line in enumerate(lines):
        if line.party is Party.CENTRE and line.piece >= number:
            lines[place] = replace(line, problem=why)
            break
    return replace(conversation, lines=tuple(lines))


def _said(
    conversation: Conversation,
    party: Party,
    medium: TextMedium,
    text: str,
    times: Sequence[datetime],
    *,
    piece: int = 0,
) -> Conversation:
    page = _Page(conversation, party, medium, piece)
    if medium.as_typed:
        for character, at in zip(text, times, strict=True):
            page.type(character, at)
    elif text:
        page.add(text, times[0])
    return page.conversation()


class _Page:
    """The lines while a batch of one party is folded."""

    def __init__(self, before: Conversation, party: Party, medium: TextMedium, piece: int) -> None:
        self._before, self._party, self._medium, self._piece = before, party, medium, piece
        self._lines = list(before.lines)
        self._count = before.count

    def conversation(self) -> Conversation:
        return replace(self._before, lines=tuple(self._lines[-MOST_LINES:]), count=self._count)

    def add(self, text: str, at: datetime) -> None:
        """A whole message."""
        self._begin(at)
        self._change(len(self._lines) - 1, at, text=text, typed=text, whole=True)

    def type(self, character: str, at: datetime) -> None:
        """One character."""
        place = self._last()
        is_open = place is not None and not self._lines[place].whole
        if character == "\b":
            if place is not None:
                line = self._lines[place]
                text = line.text[:-1] if is_open else line.text
                self._change(place, at, text=text, typed=line.typed + "\b", whole=False, told=False)
            return
        if character == "\n":
            if place is not None and is_open:
                self._change(place, at, typed=self._lines[place].typed + "\n", whole=True)
            return
        if place is None or not is_open or self._goes_on_below(place, at):
            place = self._begin(at)
        line = self._lines[place]
        text = line.text if character == "\a" else line.text + character
        self._change(place, at, text=text, typed=line.typed + character)

    def _goes_on_below(self, place: int, at: datetime) -> bool:
        line = self._lines[place]
        is_answered = any(other.party is not self._party for other in self._lines[place + 1 :])
        if (is_answered and at - line.last_at >= REPLIED_AFTER) or len(line.typed) >= LONGEST_LINE:
            self._lines[place] = replace(line, whole=True)
            return True
        return False

    def _last(self) -> int | None:
        for place in range(len(self._lines) - 1, -1, -1):
            if self._lines[place].party is self._party and self._lines[place].medium is self._medium:
                return place
        return None

    def _begin(self, at: datetime) -> int:
        self._count += 1
        self._lines.append(Utterance(self._count, self._party, self._medium, at, at, piece=self._piece))
        return len(self._lines) - 1

    def _change(self, place: int, at: datetime, **changes: object) -> None:
        piece = self._piece or self._lines[place].piece
        self._lines[place] = replace(self._lines[place], last_at=at, piece=piece, **changes)
