"""A story whose callers can ring a centre: what people see of it."""

from datetime import datetime

import msgspec


class StoryCard(msgspec.Struct, frozen=True):
    """A story whose callers can ring this centre. `number` is that of who rings first."""

    name: str
    title: str
    about: str
    number: str


class StoryPlayed(msgspec.Struct, frozen=True):
    """The story that is played, or was played last. `began_at` is real time; `words`: what its callers did last."""

    name: str
    title: str
    began_at: datetime
    running: bool
    words: str
