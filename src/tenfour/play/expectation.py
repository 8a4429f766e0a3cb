"""What must come of a story: facts in the record, their order, their number."""

from typing import Any

import msgspec


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which facts are meant.

    `event` is the type of fact; `stream` the kind of stream it lies on (`call`, `incident`, `unit`, `position`,
    `centre`); `of` a call's name in the story (or the incident it belongs to), a unit or a position.
    `where` compares fields of the fact, `envelope` those of its envelope (`actor.id`, `actor.role`, `access`, ...).
    """

    event: str
    stream: str = ""
    of: str = ""
    where: dict[str, Any] = {}
    envelope: dict[str, Any] = {}


class Wait(Wanted, frozen=True, kw_only=True):
    """A step is over when such a fact is in the record; `timeout_s` (real seconds) later the step has failed."""

    timeout_s: float = 10.0


class Count(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many such facts there must be."""

    at_least: int = 0
    at_most: int | None = None


class Within(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fact happened at most `seconds` of the centre's time after the fact of the expectation `of`."""

    of: str
    seconds: float


class Expectation(Wanted, frozen=True, kw_only=True):
    """A fact that must be in the record when the story is over, under a `name` of its own in the story.

    Without `count`, one or more. `after` and `before` name other expectations whose (first) fact must lie
    before or behind this one in the record; `within_s` measures from another's.
    """

    name: str
    count: int | Count | None = None
    after: str = ""
    before: str = ""
    within_s: Within | None = None
