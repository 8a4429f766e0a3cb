"""Captions of a call: what a machine understands while it is said. Never verified, and nothing follows from it."""

from datetime import datetime, timedelta

import msgspec

from tenfour.calltaking.speech_event import CallCaptioned
from tenfour.calltaking.text_event import Party
from tenfour.vocabulary.ids import CallId

MOST_LINES = 200
"""Lines that are carried; earlier ones are in the record."""


class Said(msgspec.Struct, frozen=True, tag=True):
    """A line as the machine understands it now. It is said anew, under its `line`, until it is `final`.

    Seconds since it began and ended; an empty text that is final takes it back.
    """

    call_id: CallId
    party: Party
    line: int
    text: str
    final: bool
    began_ago_s: float
    ended_ago_s: float


class Pace(msgspec.Struct, frozen=True, tag=True):
    """How far behind the captions are, and how much was not listened to since the last time."""

    behind_s: float = 0.0
    lost_s: float = 0.0


class Caption(msgspec.Struct, frozen=True):
    """A line that is final: the `number`th of the call."""

    number: int
    party: Party
    began_at: datetime
    ended_at: datetime
    text: str


class Captions(msgspec.Struct, frozen=True):
    """The final lines of a call, in the order in which they began: `count` in all, `last` the highest number."""

    lines: tuple[Caption, ...] = ()
    count: int = 0
    last: int = 0
    model: str = ""


def apply(captions: Captions, event: CallCaptioned, at: datetime) -> Captions:
    """Fold what was captioned."""
    new = (
        Caption(
            line.number,
            line.party,
            at - timedelta(milliseconds=line.began_ago_ms),
            at - timedelta(milliseconds=line.ended_ago_ms),
            line.text,
        )
        for line in event.lines
    )
    lines = sorted((*captions.lines, *new), key=lambda line: line.began_at)
    last = max((captions.last, *(line.number for line in event.lines)))
    return Captions(tuple(lines[-MOST_LINES:]), captions.count + len(event.lines), last, event.model)
