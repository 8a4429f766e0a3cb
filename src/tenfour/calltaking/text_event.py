"""Text in a call (stream `call/<call id>`): what was typed by either side, and by which means it could be.

The line process writes what came and went on the wire; the centre writes what its people typed.
"""

from enum import Enum

from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import PositionId


class TextMedium(Enum):
    """How text goes between caller and centre."""

    RTT = "rtt"
    """Real-time text (RFC 4103), character by character."""
    MESSAGE = "message"
    """SIP MESSAGE in the call (RFC 3428)."""
    MSRP = "msrp"
    """Messages in a session of their own (RFC 4975)."""
    TTY = "tty"
    """Baudot tones in the audio, 45.45 baud."""

    @property
    def as_typed(self) -> bool:
        """Does each character go as it is typed? Else a message goes when it is whole."""
        return self in (TextMedium.RTT, TextMedium.TTY)


# ---- facts of the line ----


class LanguagesOffered(Event, frozen=True):
    """The caller's side says which languages it sends and receives in a `medium` (`audio`, `text`; RFC 8373).

    `any_will_do`: the call is wanted all the same where there is none in common. `answered` is what we said.
    """

    medium: str
    send: tuple[str, ...] = ()
    receive: tuple[str, ...] = ()
    any_will_do: bool = False
    answered: tuple[str, ...] = ()


class TextOpened(Event, frozen=True):
    """From now on text can go both ways by this medium: it was agreed on, or (TTY) heard."""

    medium: TextMedium


class TextClosed(Event, frozen=True):
    """Text goes by this medium no more, and why."""

    medium: TextMedium
    why: str


class TextReceived(Event, frozen=True):
    """The caller typed `text`: a batch of half a second, or a whole message.

    `text` is T.140: backspace U+0008, new line U+000A, bell U+0007, U+FFFD where something was lost. `ago_ms`: for
    each character, how long before this fact's time it came; empty: all at that time.
    """

    medium: TextMedium
    text: str
    ago_ms: tuple[int, ...] = ()


class TextSent(Event, frozen=True):
    """What was typed up to `number` (see `TextTyped`) is on the wire, as far as it is not told to be unsent."""

    medium: TextMedium
    number: int


class TextNotSent(Event, frozen=True):
    """What was typed as `number` could not be sent, and why."""

    medium: TextMedium
    number: int
    why: str


# ---- facts of the centre ----


class TextTyped(Event, frozen=True):
    """Somebody at a position typed `text` to the caller; it is the `number`th piece of this call, and goes by `medium`.

    `text` and `ago_ms` as in `TextReceived`. The line is to send it.
    """

    medium: TextMedium
    number: int
    text: str
    position: PositionId
    ago_ms: tuple[int, ...] = ()


class Party(Enum):
    """Who said something."""

    CALLER = "caller"
    CENTRE = "centre"


class UtteranceEnded(Event, frozen=True):
    """A line of the conversation is whole: the `number`th, as it reads after all corrections.

    Where somebody went back into a line that was whole, it is told again.
    """

    party: Party
    medium: TextMedium
    number: int
    text: str


LINE_EVENTS: tuple[type[Event], ...] = (
    LanguagesOffered,
    TextOpened,
    TextClosed,
    TextReceived,
    TextSent,
    TextNotSent,
)
"""What the line process may write."""

CENTRE_EVENTS: tuple[type[Event], ...] = (TextTyped, UtteranceEnded)
