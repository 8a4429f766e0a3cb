"""Pages made from the code say what the code does; every event is documented and has a fixture of its schema."""

import os
from pathlib import Path

import msgspec
import pytest

from tenfour.journal.codec import Codec, UnknownEvent
from tenfour.units.event import UnitStatus
from tenfour.workflow.catalogue import CATALOGUE, STAGES
from tenfour.workflow.document import pages, type_words
from tenfour.workflow.rule import REACTIONS

DOCS = Path(__file__).parents[3] / "docs"
FIXTURES = Path(__file__).parent / "events"
SHAPES = [(name, schema) for name, kind in CATALOGUE.items() for schema in range(1, kind.SCHEMA + 1)]


@pytest.mark.parametrize("name", list(pages()))
def test_page_in_docs_is_the_page_the_code_makes(name):
    page = pages()[name]
    if os.environ.get("TENFOUR_WRITE_DOCS"):
        (DOCS / name).write_text(page, encoding="utf-8")
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == page, f"docs/{name} is not what the code says; run this test with TENFOUR_WRITE_DOCS=1"


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_every_event_is_documented_with_all_its_fields(name):
    page = (DOCS / "events.md").read_text(encoding="utf-8")
    section = page.partition(f"\n### {name} (")[2].partition("\n### ")[0]
    assert section, f"{name} is not in docs/events.md"
    assert CATALOGUE[name].__doc__, f"{name} says nothing about itself"
    missing = [field for field in CATALOGUE[name].__struct_fields__ if f"`{field}`" not in section]
    assert not missing


@pytest.mark.parametrize(("name", "schema"), SHAPES)
def test_every_event_of_every_schema_can_be_read(name, schema):
    payload = (FIXTURES / f"{name}.{schema}.json").read_bytes()
    event = Codec(CATALOGUE).decode(name, schema, payload)
    assert not isinstance(event, UnknownEvent), event
    assert isinstance(event, CATALOGUE[name])


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_fixture_of_todays_schema_comes_out_as_it_went_in(name):
    codec = Codec(CATALOGUE)
    payload = (FIXTURES / f"{name}.{CATALOGUE[name].SCHEMA}.json").read_bytes()
    again = codec.encode(codec.decode(name, CATALOGUE[name].SCHEMA, payload))
    assert msgspec.json.decode(again) == msgspec.json.decode(payload)


def test_no_fixture_is_left_over_from_an_event_that_nobody_knows():
    known = {f"{name}.{schema}.json" for name, schema in SHAPES}
    assert {path.name for path in FIXTURES.glob("*.json")} == known


def test_no_two_stages_have_an_event_of_the_same_name():
    names = [kind.__name__ for _, events in STAGES for kind in events]
    assert len(names) == len(set(names)) == len(CATALOGUE)


def test_every_reaction_is_named_after_its_file():
    for rule in REACTIONS:
        assert rule.react.__module__ == f"tenfour.workflow.{rule.name}"


def test_every_file_of_a_reaction_is_among_the_rules():
    folder = Path(__file__).parents[3] / "src" / "tenfour" / "workflow"
    reacting = {path.stem for path in folder.glob("*.py") if "\ndef react(" in path.read_text(encoding="utf-8")}
    assert reacting == {rule.name for rule in REACTIONS}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (str, "str"),
        (tuple[str, ...], "list of str"),
        (str | None, "str or null"),
        (tuple[tuple[str, int], ...], "list of [str, int]"),
        (UnitStatus | None, " / ".join(f"`{s.value}`" for s in UnitStatus) + " or null"),
    ],
)
def test_types_read_as_the_json_does(kind, words):
    assert type_words(kind) == words
