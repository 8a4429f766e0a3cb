"""Writing SQLite from a busy process: whole transactions, and many rows with few statements.

For each statement the library lets go of Python's global lock and must get it back; while another thread computes,
that takes up to `sys.getswitchinterval()`, five milliseconds.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

import apsw

SIZES = (4, 2, 1)
"""Rows of one statement. With four a busy journal waits less for the lock and needs no more CPU than with one; with 64
it needs a tenth more, for the long statement."""


def insert_rows(connection: apsw.Connection, into: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of one length in their order. `into` is the statement up to VALUES: `INSERT INTO fact (n, id)`."""
    at = 0
    for size in SIZES if rows else ():
        one = "(" + ", ".join("?" * len(rows[0])) + ")"
        statement = f"{into} VALUES {', '.join([one] * size)}"
        while len(rows) - at >= size:
            connection.execute(statement, tuple(chain.from_iterable(rows[at : at + size])))
            at += size


@contextmanager
def transaction(connection: apsw.Connection) -> Iterator[None]:
    """All or nothing. `with connection:` would do the same, but apsw holds Python's lock while that one commits:
    every thread of the process would wait for the disk."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
