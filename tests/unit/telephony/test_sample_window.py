"""A window of samples by their place: what came is there, what did not is 0, also where the window's end is passed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.sample_window import SPAN, SampleWindow

PLACES = st.integers(SPAN - 300, SPAN + 300) | st.integers(0, 900)


@given(st.lists(st.tuples(PLACES, st.integers(0, 400)), max_size=12), PLACES, st.integers(1, 400))
def test_what_was_written_is_there_once(writes, position, count) -> None:
    window, wanted = SampleWindow(), {}
    for number, (at, size) in enumerate(writes, start=1):
        window.write(at, np.full(size, number, dtype=np.int16))
        wanted |= dict.fromkeys((place % SPAN for place in range(at, at + size)), number)
    asked = [place % SPAN for place in range(position, position + count)]
    assert window.is_whole(position, count) == all(place in wanted for place in asked)
    assert window.peek(position, count).tolist() == [wanted.get(place, 0) for place in asked]
    samples, there = window.take(position, count)
    assert samples.tolist() == [wanted.get(place, 0) for place in asked]
    assert ([True] * count if there is None else there.tolist()) == [place in wanted for place in asked]
    assert (there is None) == all(place in wanted for place in asked)
    assert not window.take(position, count)[0].any()
    rest = {place: number for place, number in wanted.items() if place not in asked}
    assert window.peek(0, SPAN).tolist() == [rest.get(place, 0) for place in range(SPAN)]


def test_everything_and_a_part_can_be_forgotten() -> None:
    window = SampleWindow()
    window.write(100, np.ones(300, dtype=np.int16))
    window.drop(0, 150)
    assert (window.is_whole(150, 250), window.is_whole(149, 2)) == (True, False)
    window.clear()
    assert not window.peek(0, SPAN).any()
