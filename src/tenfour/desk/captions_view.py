"""Captions of a call as the desk shows them: always with the word that nobody verified them."""

from datetime import datetime

import msgspec

from tenfour.calltaking.call import Call
from tenfour.calltaking.caption import Caption
from tenfour.desk.live_captions import NOT_LIVE, LiveCaptions

SHOWN = 50
"""Lines in a call's row; the record has all."""


class CaptionView(msgspec.Struct, frozen=True):
    """A line, by the side that said it (`caller`, `centre`). One that is not `final` may still change."""

    number: int
    side: str
    at: datetime
    text: str
    final: bool


class CaptionsView(msgspec.Struct, frozen=True):
    """`words` says what they are, `problem` why there are none, or not all; `more`: earlier lines, in the record."""

    words: str
    problem: str = ""
    lines: tuple[CaptionView, ...] = ()
    more: int = 0


def captions_view(call: Call, live: LiveCaptions | None) -> CaptionsView | None:
    """The captions of a call; None where there are none, nor will be."""
    kept, live = call.captions, live or NOT_LIVE
    if live is NOT_LIVE and not kept.lines:
        return None
    on_disk = {line.number for line in kept.lines}
    new = [line for line in live.lines if line.caption.number not in on_disk]
    lines = [*(_view(line, final=True) for line in kept.lines), *(_view(one.caption, final=one.final) for one in new)]
    lines.sort(key=lambda line: line.at)
    shown = tuple(lines[-SHOWN:])
    return CaptionsView(
        f"Written by a machine ({kept.model or live.model}) while it is said, unverified. It decides nothing."
        if shown
        else "",
        live.problem,
        shown,
        kept.count + len(new) - len(shown),
    )


def _view(caption: Caption, *, final: bool) -> CaptionView:
    return CaptionView(caption.number, caption.party.value, caption.began_at, caption.text, final)
