"""docs/command-line.md shows the table that the code reads."""

from pathlib import Path

from tenfour.dispatch.cheat_card import table
from tenfour.dispatch.command_text import LONGEST_LINE
from tenfour.dispatch.command_verb import KEYS

PAGE = (Path(__file__).parents[3] / "docs" / "command-line.md").read_text(encoding="utf-8")


def test_verbs_in_the_documentation_are_those_of_the_table() -> None:
    again = "run `python -m tenfour.dispatch.cheat_card` and put what it prints at the end of docs/command-line.md"
    assert PAGE.endswith(table()), again


def test_every_key_is_documented() -> None:
    assert [key for key in KEYS if f"`{key}:`" not in PAGE] == []
    assert f"{LONGEST_LINE:,} characters" in PAGE
