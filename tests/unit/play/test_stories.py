"""The stories that are shipped: found by name, and expecting what can fail."""

import pytest

from tenfour.adapters.story_shelf import story_file, story_names
from tenfour.play.check import read_script
from tenfour.play.expectation import Expectation
from tenfour.play.verdict import judge

LEAST_EXPECTATIONS = 15


@pytest.mark.parametrize("name", ["fall-at-home", "fall_at_home", "fall_at-home"])
def test_a_name_may_be_written_with_hyphens_or_underscores(name: str) -> None:
    assert story_file(name).name == "fall_at_home.toml"


@pytest.mark.parametrize("name", story_names())
def test_a_story_expects_enough_and_an_empty_record_does_not_meet_it(name: str) -> None:
    expectations = read_script(story_file(name)).story.expectations
    met = {verdict.name for verdict in judge(expectations, [], lambda _reference: None) if verdict.met}
    assert len(expectations) >= LEAST_EXPECTATIONS
    assert met <= {expected.name for expected in expectations if may_not_have_happened(expected)}


def may_not_have_happened(expected: Expectation) -> bool:
    """Does it expect that something did not happen?"""
    return expected.count == 0
