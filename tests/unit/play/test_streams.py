"""Of every fact a story can say whose it is."""

import pytest

from tenfour.play.shape import STREAMS, home_stream
from tenfour.workflow.catalogue import CATALOGUE


@pytest.mark.parametrize("event", sorted(CATALOGUE))
def test_every_event_lies_on_a_kind_of_stream_that_a_story_can_name(event: str) -> None:
    assert home_stream(event) in STREAMS


@pytest.mark.parametrize("event", ["HeadsetConnected", "HeadsetLost", "PositionSet", "WrapUpBegun", "PositionReady"])
def test_what_happens_to_a_position_lies_on_its_stream(event: str) -> None:
    assert home_stream(event) == "position"
