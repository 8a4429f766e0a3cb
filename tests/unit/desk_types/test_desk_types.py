"""The web pages name the same rows, fields and status words as the centre does."""

import re
import types
import typing
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from tenfour.desk import (
    captions_view,
    casework_view,
    conference_view,
    conversation_view,
    outgoing_view,
    position_view,
    transcript_view,
    view,
    voice_view,
)
from tenfour.units.status import WORDS
from tenfour.vocabulary.place import Circle, Point, Polygon, Shape, Spot

WEB = Path(__file__).parents[3] / "web" / "src" / "lib"
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", datetime: "string"}
PLACES: tuple[type[msgspec.Struct], ...] = (Point, Spot, Circle, Polygon)
INTERFACE = re.compile(r"export interface (\w+) \{\n(.*?)\n\}", re.DOTALL)
FIELD = re.compile(r"^  (\w+): (.+);$", re.MULTILINE)


def structs_of_the_desk() -> Iterator[type[msgspec.Struct]]:
    yield from PLACES
    for module in (
        view,
        casework_view,
        conference_view,
        position_view,
        conversation_view,
        captions_view,
        outgoing_view,
        transcript_view,
        voice_view,
    ):
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, msgspec.Struct) and thing.__module__ == module.__name__:
                yield thing


def in_typescript(annotation: object) -> str:
    """The TypeScript type that a value of this annotation has, once it has come as JSON."""
    if annotation in PLAIN:
        return PLAIN[typing.cast(type, annotation)]
    if annotation == Shape:
        return "Shape"
    if isinstance(annotation, types.UnionType):
        members = sorted(typing.get_args(annotation), key=lambda one: one is types.NoneType)
        return " | ".join("null" if one is types.NoneType else in_typescript(one) for one in _joined(members))
    if typing.get_origin(annotation) is tuple:
        items = typing.get_args(annotation)
        if items[-1] is Ellipsis:
            return f"{in_typescript(items[0])}[]"
        return f"[{', '.join(in_typescript(item) for item in items)}]"
    assert isinstance(annotation, type), annotation
    return annotation.__name__


def _joined(members: list[object]) -> list[object]:
    """`Shape | None` comes flattened: its members stand for the one name again."""
    if set(typing.get_args(Shape)) <= set(members):
        return [Shape, *(one for one in members if one is types.NoneType)]
    return members


def interfaces() -> dict[str, dict[str, str]]:
    text = (WEB / "types.ts").read_text()
    return {name: dict(FIELD.findall(body)) for name, body in INTERFACE.findall(text)}


@pytest.mark.parametrize("struct", tuple(structs_of_the_desk()), ids=lambda struct: struct.__name__)
def test_interface_has_the_fields_of_the_row(struct: type[msgspec.Struct]) -> None:
    hints = typing.get_type_hints(struct)
    expected = {field: in_typescript(hints[field]) for field in struct.__struct_fields__}
    tag = struct.__struct_config__.tag
    if tag is not None:
        expected["type"] = f'"{tag}"'
    assert interfaces()[struct.__name__] == expected


def test_no_interface_is_without_its_row() -> None:
    assert set(interfaces()) == {struct.__name__ for struct in structs_of_the_desk()}


def test_shape_is_the_union_of_its_kinds() -> None:
    (union,) = re.findall(r"export type Shape = (.+);", (WEB / "types.ts").read_text())
    assert union.split(" | ") == [kind.__name__ for kind in typing.get_args(Shape)]


def test_buttons_say_the_centres_words_for_a_status() -> None:
    text = (WEB / "status.ts").read_text()
    table = text[text.index("STATUS_WORDS") : text.index("};")]
    assert dict(re.findall(r'^  (\w+): "(.+)",$', table, re.MULTILINE)) == {
        status.value: words for status, words in WORDS.items()
    }
