"""What a machine understood of speech decides nothing: where decisions are made it has no name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenfour.calltaking import speech_event
from tenfour.workflow.rule import REACTIONS

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tenfour"
DECIDE = ("workflow", "calltaking", "incident", "dispatch", "location", "evidence", "release", "outreach", "units")
KEEP = {"calltaking/call.py", "calltaking/caption.py", "calltaking/event.py", "calltaking/speech_event.py"}
"""They fold it into the call, for the desk."""

UNDERSTOOD = re.compile(r"caption|transcri|spokenline|speech_event", re.I)
MODULES = sorted(path for folder in DECIDE for path in (SOURCE / folder).rglob("*.py"))


def names_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)) | ast.alias(name=name):
                yield name
            case ast.ImportFrom(module=str(name)):
                yield name
            case _:
                continue


def test_it_is_found_where_it_is_kept() -> None:
    found = {str(path.relative_to(SOURCE)) for path in MODULES if any(map(UNDERSTOOD.search, names_in(path)))}
    assert found == KEEP


@pytest.mark.parametrize("event", speech_event.EVENTS, ids=lambda event: event.__name__)
def test_no_rule_is_asked_of_it(event: type) -> None:
    asked = [rule.name for rule in REACTIONS if issubclass(event, rule.on)]
    assert asked == []
