"""A hug is dispatched, and an ordinary call taken, in few key presses and without a mouse."""

from typing import Any

import pytest

from tenfour.bench.keys import AIMS, measure

pytestmark = pytest.mark.needs_chromium


def test_few_keys_take_a_call_from_its_ring_or_its_drop_to_a_unit(centre: Any, chromium: str) -> None:
    counted = measure(centre.url, centre.sip, chromium, 90)
    assert counted.keys() == AIMS.keys()
    assert all(0 < counted[figure] <= aim for figure, aim in AIMS.items()), counted
