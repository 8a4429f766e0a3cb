"""Rows go into a table whole and in order, however many they are."""

import apsw
import pytest

from tenfour.adapters.sqlite_rows import SIZES, insert_rows


@pytest.mark.parametrize("count", [0, 1, 2, 3, 31, 63, 64, 65, 200])
def test_any_number_of_rows_is_inserted_in_order(count: int) -> None:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE row (name TEXT, body BLOB)")
    rows = [(f"r{n}", bytes([n])) for n in range(count)]
    insert_rows(connection, "INSERT INTO row (name, body)", rows)
    assert connection.execute("SELECT name, body FROM row ORDER BY rowid").fetchall() == rows


def test_many_rows_take_few_statements() -> None:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE row (n INTEGER)")
    said: list[str] = []
    connection.exec_trace = lambda _cursor, sql, _values: said.append(sql) or True
    insert_rows(connection, "INSERT INTO row", [(n,) for n in range(1000)])
    assert len(said) <= 1000 // SIZES[0] + len(SIZES)
