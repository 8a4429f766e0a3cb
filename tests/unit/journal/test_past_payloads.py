"""What was recorded once can be read for ever: a payload of every schema of every event is kept beside this test.

A line of `past_payloads.jsonl` is never changed. A new event, or a new schema of one, gets a new line: run
`python tests/unit/journal/test_past_payloads.py` and it is added.
"""

import json
import sys
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
import pytest

from tenfour.journal.codec import Codec, UnknownEvent
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.place import Point
from tenfour.workflow.catalogue import CATALOGUE

PAST = Path(__file__).with_name("past_payloads.jsonl")


class PastPayload(msgspec.Struct, frozen=True):
    """A payload as it was recorded by some version of Tenfour."""

    type: str
    schema: int
    payload: dict[str, Any]


def past() -> list[PastPayload]:
    return [msgspec.json.decode(line, type=PastPayload) for line in PAST.read_bytes().splitlines()]


def holds(now: Any, then: Any) -> bool:
    """Is all that was said then still said now? Fields may have been added."""
    if isinstance(then, dict):
        return all(name in now and holds(now[name], value) for name, value in then.items())
    if isinstance(then, list):
        return len(now) == len(then) and all(map(holds, now, then))
    return bool(now == then)


@pytest.mark.parametrize("one", past(), ids=lambda one: f"{one.type}-{one.schema}")
def test_payload_of_every_past_schema_is_still_read(one: PastPayload) -> None:
    event = Codec(CATALOGUE).decode(one.type, one.schema, msgspec.json.encode(one.payload))
    assert not isinstance(event, UnknownEvent), event.problem
    if one.schema == CATALOGUE[one.type].SCHEMA:
        again = msgspec.json.decode(msgspec.json.encode(event))
        assert holds(again, one.payload), "a field was lost or renamed: give the event a new SCHEMA and an upcaster"


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_schema_of_every_event_has_a_past_payload(name: str) -> None:
    kept = {one.schema for one in past() if one.type == name}
    assert kept == set(range(1, CATALOGUE[name].SCHEMA + 1)), f"run python {Path(__file__).name} to add it"


def sample(kind: Any) -> Any:
    """A value of a type, filled in everywhere, so that every field is in the payload."""
    origin, inside = get_origin(kind), get_args(kind)
    if hasattr(kind, "__supertype__"):
        return sample(kind.__supertype__)
    if origin in (Union, UnionType):
        return sample(next(one for one in inside if one is not type(None)))
    if origin is tuple:
        return (sample(inside[0]),) if inside[-1] is Ellipsis else tuple(sample(one) for one in inside)
    if kind is Point:
        return Point(39.96, -83.0)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind(**{field.name: sample(field.type) for field in msgspec.structs.fields(kind)})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    plain: dict[Any, Any] = {str: "words", int: 1, float: 1.5, bool: True, datetime: datetime(2026, 11, 14, tzinfo=UTC)}
    return plain[kind]


def line_of(cls: type[Event]) -> str:
    payload = msgspec.to_builtins(sample(cls))
    return json.dumps({"type": cls.__name__, "schema": cls.SCHEMA, "payload": payload}, ensure_ascii=False) + "\n"


def add_missing() -> None:
    """Add a line for each event whose present schema has none."""
    kept = {(one.type, one.schema) for one in past()} if PAST.exists() else set()
    with PAST.open("a") as file:
        for cls in CATALOGUE.values():
            if (cls.__name__, cls.SCHEMA) not in kept:
                file.write(line_of(cls))
                sys.stdout.write(f"added {cls.__name__} {cls.SCHEMA}\n")


if __name__ == "__main__":
    add_missing()
