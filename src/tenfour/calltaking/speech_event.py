"""What a machine understood of a call or its recording (stream `call/<call id>`): never verified, it moves nothing.

No rule of `workflow/` listens to these facts, and a test holds it so.
"""

import msgspec

from tenfour.calltaking.text_event import Party
from tenfour.vocabulary.envelope import Event


class SpokenLine(msgspec.Struct, frozen=True):
    """A piece of speech: seconds from the beginning of the recording; `channel` 0 is the caller, 1 the centre."""

    from_s: float
    to_s: float
    text: str
    channel: int = 0


class RecordingTranscribed(Event, frozen=True):
    """A machine wrote down what it heard in a sealed recording. `model` made it; `language` is a code (ISO 639-1)."""

    segment: int
    model: str
    language: str
    lines: tuple[SpokenLine, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What can be searched."""
        return tuple(line.text for line in self.lines)


class RecordingNotTranscribed(Event, frozen=True):
    """No machine could write a recording down; `why` is a sentence. It is not tried again by itself."""

    segment: int
    why: str


class CaptionedLine(msgspec.Struct, frozen=True):
    """A line that was captioned while it was said, the `number`th of the call: it began and ended so long before."""

    number: int
    party: Party
    text: str
    began_ago_ms: int
    ended_ago_ms: int


class CallCaptioned(Event, frozen=True):
    """A machine understood these lines while the call went on: final, gathered for a few seconds, never verified."""

    model: str
    language: str
    lines: tuple[CaptionedLine, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What can be searched."""
        return tuple(line.text for line in self.lines)


EVENTS: tuple[type[Event], ...] = (RecordingTranscribed, RecordingNotTranscribed, CallCaptioned)
