"""Every setting of the centre folder stands in docs/settings.md."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec import inspect

from tenfour.adapters.centre_folder import CentreSetting, UnitsSetting
from tenfour.incident.code import Codes
from tenfour.workflow.policy import Policy

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "settings.md").read_text(encoding="utf-8")


def settings(kind: inspect.Type, seen: set[type]) -> Iterator[tuple[str, str]]:
    """Every (struct, field) below a schema."""
    match kind:
        case inspect.StructType(cls=cls, fields=fields) if cls not in seen:
            seen.add(cls)
            for field in fields:
                yield cls.__name__, field.name
                yield from settings(field.type, seen)
        case inspect.VarTupleType(item_type=item) | inspect.DictType(value_type=item):
            yield from settings(item, seen)
        case inspect.UnionType(types=types):
            for one in types:
                yield from settings(one, seen)


ALL = [
    pair
    for schema in (CentreSetting, UnitsSetting, Policy, Codes)
    for pair in settings(inspect.type_info(schema), set())
]


def test_there_are_settings_to_document() -> None:
    assert len(ALL) > 60
    assert issubclass(CentreSetting, msgspec.Struct)


@pytest.mark.parametrize(("struct", "name"), ALL)
def test_setting_is_documented(struct: str, name: str) -> None:
    named = f"`{name}`" in PAGE or f"[{name}]" in PAGE or f"[{name}." in PAGE or f".{name}]" in PAGE
    assert named or name in {"lat", "lon"}, f"{name} of {struct} is not in docs/settings.md"
