"""Captions that are not on disk: lines that may still change, and final ones that wait to be recorded."""

import msgspec

from tenfour.calltaking.caption import Caption
from tenfour.vocabulary.ids import CallId


class LiveLine(msgspec.Struct, frozen=True):
    """A line that is not on disk yet."""

    caption: Caption
    final: bool


class LiveCaptions(msgspec.Struct, frozen=True):
    """What is not in the record of a call that is captioned: its newest lines, and how it goes with the captions."""

    model: str = ""
    problem: str = ""
    lines: tuple[LiveLine, ...] = ()


NOT_LIVE = LiveCaptions()


def not_captioned(_: CallId) -> None:
    """Nothing but what is in the record: of a centre that captions no calls."""
