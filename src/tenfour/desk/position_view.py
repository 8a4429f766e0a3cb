"""Rows of positions, and of how a call waits for one."""

from datetime import datetime

import msgspec


class PositionView(msgspec.Struct, frozen=True):
    """A desk of the centre. `state`: vacant, ready, not_ready, in_call, wrap_up; `reason` of one that is not ready.

    `until`: when a wrap-up ends by itself. `skills` of whoever sits there, as the policy has them, in words.
    `headset`: none, connected, lost; why it was lost stands in `headset_words`.
    """

    seq: int
    position_id: str
    auto_answer: bool
    person: str | None
    state: str
    state_words: str
    reason: str
    since: datetime | None
    until: datetime | None
    skills: tuple[str, ...]
    headset: str = "none"
    headset_words: str = ""


class WaitingView(msgspec.Struct, frozen=True):
    """How a call waits: its queue (empty: none), and the position that it is offered to and rings at (null: at all).

    `words`: `offered to 03: longest idle, speaks Spanish`. `turn`: calls sorted by it are in the order in which they
    are to be answered.
    """

    queue: str
    offered_to: str | None
    words: str
    turn: str
