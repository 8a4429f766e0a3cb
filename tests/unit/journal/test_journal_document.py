"""docs/journal.md says what every table and column is, of the journal and of the read side."""

import re
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from tenfour.adapters import projection_file, sqlite_journal_file
from tenfour.journal.digest import COLUMNS

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "journal.md"
SHADOWS = re.compile(r"^(words|place_box)_\w+$|^sqlite_")
"""Tables that SQLite keeps beside its FTS5 and R*Tree tables."""


def sections(part: str) -> dict[str, str]:
    """The `### table` sections of one part of the document."""
    text = DOCUMENT.read_text().partition(f"\n## {part}\n")[2].split("\n## ")[0]
    return {found.split("`")[1]: found for found in text.split("\n### ")[1:]}


def tables(schema: str) -> Iterator[tuple[str, list[str]]]:
    connection = apsw.Connection(":memory:")
    connection.execute(schema)
    for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        if not SHADOWS.match(table):
            yield table, [row[0] for row in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))]
    connection.close()


@pytest.mark.parametrize(
    ("part", "schema"),
    [("The journal's tables", sqlite_journal_file.SCHEMA), ("The read side", projection_file.SCHEMA)],
)
def test_every_table_and_column_is_documented(part: str, schema: str) -> None:
    documented, there = sections(part), dict(tables(schema))
    assert set(documented) == set(there)
    for table, columns in there.items():
        assert columns, table
        for column in columns:
            assert f"`{column}`" in documented[table], f"{table}.{column} is not documented"


@pytest.mark.parametrize(
    ("part", "schema"),
    [("The journal's tables", sqlite_journal_file.SCHEMA), ("The read side", projection_file.SCHEMA)],
)
def test_nothing_is_documented_that_is_not_there(part: str, schema: str) -> None:
    there = dict(tables(schema))
    for table, text in sections(part).items():
        rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
        assert set(rows) <= set(there[table])


def test_documented_order_of_columns_is_the_order_that_is_hashed() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", sections("The journal's tables")["event"], re.MULTILINE)
    assert tuple(rows) == (*COLUMNS, "digest")


@pytest.mark.parametrize("number", [sqlite_journal_file.APPLICATION_ID, projection_file.APPLICATION_ID])
def test_application_ids_are_documented(number: int) -> None:
    assert str(number) in DOCUMENT.read_text()
