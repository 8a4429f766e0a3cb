"""What is there when a process has started is not searched for garbage again."""

import gc
from collections.abc import Iterator

import pytest

from tenfour.adapters.garbage import NEW_OBJECTS, leave_alone_what_is_there


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


def test_what_is_there_is_left_alone_and_new_cycles_are_still_found() -> None:
    leave_alone_what_is_there()
    assert gc.get_freeze_count() > 1000
    assert gc.get_threshold()[0] == NEW_OBJECTS
    cycle: list[object] = []
    cycle.append(cycle)
    del cycle
    assert gc.collect() >= 1
