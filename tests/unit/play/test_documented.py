"""Whatever may stand in a story file is described for those who write one."""

from pathlib import Path

import msgspec
import pytest

from tenfour.adapters.story_shelf import story_file, story_names
from tenfour.calltaking.policy import HEARD
from tenfour.incident.code import CHECKLIST
from tenfour.play import cast, expectation, fix, step, story
from tenfour.play.check import read_script
from tenfour.play.match import OPERATORS
from tenfour.play.service_info import SERVICES
from tenfour.play.verb import VERBS

CHECKOUT = Path(__file__).resolve().parents[3]
PAGE = (CHECKOUT / "docs" / "stories.md").read_text()
TABLES = [
    story.Story,
    story.Needs,
    cast.Caller,
    cast.Person,
    cast.Crew,
    cast.Party,
    *fix.Fix.__args__,
    expectation.Wanted,
    expectation.Wait,
    expectation.Expectation,
    expectation.Count,
    expectation.Within,
]


def fields(kind: type) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(kind)]


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
def test_every_field_of_a_story_is_documented(kind: type) -> None:
    missing = [name for name in fields(kind) if f"`{name}`" not in PAGE]
    assert not missing, f"docs/stories.md says nothing of {missing}"


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_is_documented_with_its_parameters(verb: str) -> None:
    row = next((line for line in PAGE.splitlines() if line.startswith(f"| `{verb}` |")), "")
    common = fields(step.Step)
    assert row, f"docs/stories.md has no row for {verb!r}"
    missing = [name for name in fields(VERBS[verb]) if name not in common and f"`{name}`" not in row]
    assert not missing, f"the row of {verb!r} says nothing of {missing}"


@pytest.mark.parametrize("name", fields(step.Step))
def test_every_field_that_all_steps_have_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", story_names())
def test_every_story_that_is_shipped_is_listed_with_its_title(name: str) -> None:
    title = read_script(story_file(name)).story.title
    assert f"| `{name}` | {title} |" in PAGE


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_every_comparison_is_documented(operator: str) -> None:
    assert f"| `{operator}` |" in PAGE


def test_every_shape_is_documented() -> None:
    assert all(f"`{kind.__struct_config__.tag}`" in PAGE for kind in fix.Fix.__args__)


@pytest.mark.parametrize(("first", "codes"), [("child_voice", HEARD), ("adult_seen", CHECKLIST)])
def test_codes_that_a_step_may_name_are_documented_all_and_no_others(first: str, codes: dict[str, str]) -> None:
    rows = PAGE[PAGE.index(f"| `{first}` |") :].partition("\n\n")[0].splitlines()
    assert rows == [f"| `{code}` | {label} |" for code, label in codes.items()]


def test_every_class_of_service_is_documented() -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith("| `class_of_service` |"))
    assert all(f"`{code}`" in row for code in SERVICES)
