"""What a machine wrote down of a call stands beside its recording: marked, each line plays from where it was said."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Centre, centre_in
from .test_pages_for_everyone import findings

pytestmark = [pytest.mark.needs_chromium, pytest.mark.needs_speech]


@pytest.fixture(scope="module")
def centre(speech: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre that has its recordings written down."""
    folder = tmp_path_factory.mktemp("transcript") / "centre"
    with centre_in(folder, more_settings="\n[speech]\ntranscripts = true\n") as running:
        yield running


def test_transcript_is_marked_and_plays_from_a_line(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    call = telephone.call("911-555-0171")
    person.answer(desk, "911-555-0171")
    telephone.say(call, "again")
    telephone.drop(call)
    spoken = desk.get_by_role("region", name="Transcript")
    expect(spoken).to_contain_text("unverified", timeout=120_000)
    expect(spoken).to_contain_text(re.compile("again", re.I))
    line = spoken.get_by_role("button").last
    line.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".player").get_by_role("button", name="Pause")).to_be_visible()
    for theme in ("dark", "light"):
        desk.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        assert findings(desk) == []
        shot(desk, f"transcript-{theme}-1280x800")
