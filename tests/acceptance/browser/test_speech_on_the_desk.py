"""What a machine understands of a call: captions while it goes on, the transcript of its recording after."""

import re
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from .conftest import CHECKOUT, Centre, centre_in, microphone_that_says
from .test_pages_for_everyone import findings

pytestmark = [pytest.mark.needs_chromium, pytest.mark.needs_speech]

HUG = CHECKOUT / "stories" / "audio" / "hug.wav"
"""Says: I only wanted, well, I wanted to give him a"""

TIMES = re.compile("best of times", re.I)

UNDERSTOOD_MS = 120_000
"""A machine that understands speech has the last turn on a busy computer."""


@pytest.fixture(scope="module")
def browser_flags(browser_flags: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The call taker's microphone says it again and again."""
    said = tmp_path_factory.mktemp("microphone") / "said.wav"
    with wave.open(str(HUG)) as clip, wave.open(str(said), "wb") as file:
        samples = np.frombuffer(clip.readframes(clip.getnframes()), "<i2")
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        slow = np.arange(6 * len(samples)) / 6
        file.writeframes(np.interp(slow, np.arange(len(samples)), samples).astype("<i2").tobytes())
        file.writeframes(bytes(2 * 48000 * 2))
    return [*browser_flags, *microphone_that_says(said)]


@pytest.fixture(scope="module")
def centre(speech: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre that has its calls captioned, and its recordings written down."""
    folder = tmp_path_factory.mktemp("speech") / "centre"
    with centre_in(folder, more_settings="\n[speech]\ncaptions = true\ntranscripts = true\n") as running:
        yield running


def test_both_sides_of_a_call_are_captioned_while_it_goes_on(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], person: Any, read_aloud: Path
) -> None:
    desk = open_page()
    person.sit_down(desk)
    desk.get_by_role("button", name="No headset").click()
    desk.get_by_role("button", name="Connect the headset").click()
    expect(desk.locator("[data-opens='headset'] .okd")).to_be_visible()
    desk.keyboard.press("Escape")
    call = telephone.call("614-555-0147")
    person.answer(desk, "614-555-0147")
    captions = desk.get_by_role("region", name="Captions")
    expect(captions).to_contain_text("unverified")
    expect(captions).not_to_contain_text("being begun", timeout=UNDERSTOOD_MS)
    telephone.speak(call, read_aloud)
    caller = captions.locator("li.caller")
    expect(caller.filter(has_text=TIMES)).not_to_have_count(0, timeout=UNDERSTOOD_MS)
    expect(caller.first.locator("b")).to_have_text("Caller")
    ours = captions.locator("li.centre")
    expect(ours.filter(has_text=re.compile("I only wanted", re.I))).not_to_have_count(0, timeout=UNDERSTOOD_MS)
    expect(ours.first.locator("b")).to_have_text("You")
    expect(captions.locator("li:not(.may)")).not_to_have_count(0, timeout=UNDERSTOOD_MS)
    heard = captions.get_by_role("status").filter(has_text="Caller, unverified")
    expect(heard).to_contain_text(re.compile("of times", re.I), timeout=UNDERSTOOD_MS)
    telephone.call("614-555-0148")
    expect(desk.get_by_role("region", name="Ringing call 614-555-0148")).to_be_visible()
    last = ".captions li:last-child .words"
    assert person.out_of_sight(desk, ".number", last, ".voice .b", "#heard-text", ".wvin") == []
    for theme in ("dark", "light"):
        assert findings(desk) == []
        shot(desk, f"captions-{theme}-1280x800")
        desk.get_by_role("button", name=f"{'Light' if theme == 'dark' else 'Dark'} theme").click()


def test_transcript_is_marked_plays_from_a_line_and_stands_before_the_captions(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], person: Any, read_aloud: Path
) -> None:
    desk = open_page()
    person.sit_down(desk)
    call = telephone.call("911-555-0171")
    person.answer(desk, "911-555-0171")
    telephone.speak(call, read_aloud)
    captions = desk.get_by_role("region", name="Captions")
    expect(captions).to_contain_text(TIMES, timeout=UNDERSTOOD_MS)
    telephone.drop(call)
    spoken = desk.get_by_role("region", name="Transcript")
    expect(spoken).to_contain_text("unverified", timeout=UNDERSTOOD_MS)
    expect(spoken).to_contain_text(TIMES)
    expect(captions.get_by_text(TIMES)).to_be_hidden()
    captions.get_by_text("Captions during the call, unverified").click()
    expect(captions.get_by_text(TIMES).first).to_be_visible()
    line = spoken.get_by_role("button").last
    line.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".player").get_by_role("button", name="Pause")).to_be_visible()
    for theme in ("dark", "light"):
        assert findings(desk) == []
        shot(desk, f"transcript-{theme}-1280x800")
        desk.get_by_role("button", name=f"{'Light' if theme == 'dark' else 'Dark'} theme").click()
