"""Which fields a fact or a screen has, so that a story naming a field that is not there is told so before it plays."""

from collections.abc import Mapping
from typing import Any

from msgspec import inspect

from tenfour.calltaking.distribution_event import PositionLeft, PositionNotReady, PositionReady, WrapUpBegun
from tenfour.calltaking.event import PositionSet
from tenfour.calltaking.outgoing_event import NumberRefused
from tenfour.calltaking.voice_event import HeadsetConnected, HeadsetLost
from tenfour.play.match import parts_of
from tenfour.workflow.catalogue import STAGES

STREAM_OF_STAGE = {
    "journal": "centre",
    "calltaking": "call",
    "voice": "call",
    "location": "call",
    "incident": "incident",
    "dispatch": "incident",
    "units": "unit",
    "evidence": "exhibit",
    "release": "release",
    "outreach": "visit",
}
"""The kind of stream on which the events of a stage lie."""

OF_POSITION = frozenset(
    {
        PositionSet,
        PositionReady,
        PositionNotReady,
        PositionLeft,
        WrapUpBegun,
        NumberRefused,
        HeadsetConnected,
        HeadsetLost,
    }
)
"""Events of those stages that lie on a position's stream."""

OF_INCIDENT = ("incident", "exhibit", "release", "visit")
"""Streams whose names begin with an incident's."""

STREAMS = ("call", "incident", "unit", "position", "exhibit", "release", "visit", "centre")


def home_stream(event: str) -> str:
    """The kind of stream on which an event of this type lies."""
    if any(kind.__name__ == event for kind in OF_POSITION):
        return "position"
    return next(STREAM_OF_STAGE[stage] for stage, events in STAGES if any(kind.__name__ == event for kind in events))


def field_problem(kind: type, where: Mapping[str, Any]) -> str | None:
    """A field that `where` compares and `kind` does not have, as a sentence; None when all are there."""
    return _problem_in((inspect.type_info(kind),), where, kind.__name__)


def _problem_in(types: tuple[inspect.Type, ...], where: Mapping[str, Any], thing: str) -> str | None:
    for key, comparison in where.items():
        found, here = types, thing
        for part in key.split("."):
            inner = _step_into(found, part)
            if inner is None:
                return f"`{part}` is no field of {here}; it has {_fields(found)}."
            found, here = inner, f"{here}.{part}"
        problem = _problem_in(found, parts_of(comparison)[1], here)
        if problem:
            return problem
    return None


def _step_into(types: tuple[inspect.Type, ...], part: str) -> tuple[inspect.Type, ...] | None:
    """What lies under `part`; None when there is no such thing. Anything may lie under what has no fixed fields."""
    under: list[inspect.Type] = []
    for kind in _flat(types):
        match kind:
            case inspect.StructType():
                under += [field.type for field in kind.fields if field.encode_name == part]
                under += [inspect.StrType()] if kind.tag_field == part else []
            case inspect.ListType() | inspect.VarTupleType() if part == "*" or part.isdigit():
                under.append(kind.item_type)
            case inspect.TupleType() if part == "*" or part.isdigit():
                under += kind.item_types
            case inspect.DictType():
                under.append(kind.value_type)
            case inspect.AnyType():
                under.append(kind)
    return tuple(under) or None


def _flat(types: tuple[inspect.Type, ...]) -> tuple[inspect.Type, ...]:
    return tuple(
        inner for kind in types for inner in (_flat(kind.types) if isinstance(kind, inspect.UnionType) else (kind,))
    )


def _fields(types: tuple[inspect.Type, ...]) -> str:
    names: list[str] = []
    for kind in _flat(types):
        if isinstance(kind, inspect.StructType):
            names += [field.encode_name for field in kind.fields]
        elif isinstance(kind, inspect.ListType | inspect.VarTupleType | inspect.TupleType):
            names.append("items (`*` or a number)")
    return ", ".join(dict.fromkeys(names)) or "no fields"
