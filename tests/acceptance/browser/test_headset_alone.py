"""A headset at a desk by itself: push to talk, what is heard of a call that we place, what can be wrong with it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tenfour.cli.story import free_port

from .conftest import FAKE_DEVICES, PEOPLE, Centre, Telephone, centre_in, microphone_that_says
from .test_voice import (
    AXE,
    RULES,
    SAID_HZ,
    call_of,
    caller_hears,
    facts,
    headset_of,
    hears_call_taker,
    put_away,
    ring,
    sit_with_headset,
    tone_file,
    until,
)
from .trunk import Trunk, settings

pytestmark = pytest.mark.needs_chromium

TRUNK = free_port()

OWN_EARS = """(() => {
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
        if (this.srcObject) {
            const listening = new AudioContext();
            window.own = listening.createAnalyser();
            own.fftSize = 32768;
            own.smoothingTimeConstant = 0;
            listening.createMediaStreamSource(this.srcObject).connect(own);
        }
        return play.call(this);
    };
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async wanted => {
        if (window.refuse) throw new DOMException("", window.refuse);
        const opened = await ask(wanted);
        if (window.gate) await gate;
        (window.opened ??= []).push(opened);
        return (window.microphone = opened);
    };
})()"""
LEVELS = """() => {
    if (!window.own) return [];
    const levels = new Float32Array(own.frequencyBinCount);
    own.getFloatFrequencyData(levels);
    return [own.context.sampleRate / own.fftSize, ...levels];
}"""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A demo centre that places calls."""
    with centre_in(tmp_path_factory.mktemp("headset") / "centre", more_settings=settings(TRUNK)) as running:
        yield running


@pytest.fixture(scope="module")
def browser_flags(browser_flags: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A microphone that says a tone."""
    said = tone_file(tmp_path_factory.mktemp("microphone") / "said.wav", SAID_HZ, 2.0, 48000)
    return [*browser_flags, *microphone_that_says(said)]


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """The desk, where the test can hear what the call taker alone hears."""
    page = open_page("/")
    page.add_init_script(OWN_EARS)
    page.reload()
    return page


@pytest.fixture
def other_browser(browser: Browser, centre: Centre, chromium: str) -> Iterator[Callable[..., Page]]:
    """The desk in a chromium that was started with other flags."""
    opened: list[Browser] = []

    def open_one(*flags: str) -> Page:
        other = browser.browser_type.launch(executable_path=chromium, args=["--no-sandbox", "--headless=new", *flags])
        opened.append(other)
        page = other.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(f"for (const who of {PEOPLE}) localStorage.setItem('tour ' + who, 'left')")
        page.goto(centre.url)
        return page

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def trunk(telephone: Telephone) -> Iterator[Trunk]:
    """The trunk of this centre."""
    made = Trunk(telephone.loop, TRUNK)
    yield made
    made.close()


def tones_in_own_ears(page: Page) -> set[int]:
    """Which of the network's frequencies sound in the call taker's own ears now."""
    step, *levels = page.evaluate(LEVELS) or [1.0]
    at = np.array(levels)
    near = {hertz: at[round(hertz / step) - 2 : round(hertz / step) + 3] for hertz in (350, 440, 480, 620)}
    return {hertz for hertz, found in near.items() if found.size and found.max() > -60}


def dial(page: Page, number: str) -> None:
    """Call a number by keyboard."""
    page.get_by_label("Call a number").fill(number)
    page.keyboard.press("Enter")


def menu(page: Page) -> Any:
    """The headset's menu, open."""
    opened = page.get_by_role("group", name="Headset of this position")
    if not opened.is_visible():
        page.locator("[data-opens='headset']").click()
    expect(opened).to_be_visible()
    return opened


def want_push_to_talk(page: Page) -> None:
    """Set it, and close the menu."""
    menu(page).get_by_label("Push to talk").check()
    page.keyboard.press("Escape")


def test_far_end_hears_the_call_taker_only_while_the_key_is_held(
    page: Page, telephone: Telephone, person: Any, shot: Any
) -> None:
    sit_with_headset(page, person)
    call = ring(telephone, "614-555-0161")
    person.answer(page, "614-555-0161")
    until(lambda: hears_call_taker(call), "the caller does not hear the call taker")
    want_push_to_talk(page)
    until(lambda: caller_hears(call) == 0.0, "the caller hears a shut microphone")
    held = page.get_by_role("button", name="Hold to talk F1")
    expect(held).to_have_attribute("aria-pressed", "false")

    page.keyboard.press("n")
    page.keyboard.type("while ")
    page.keyboard.down("F1")
    until(lambda: hears_call_taker(call), "the caller does not hear who holds the key")
    expect(page.get_by_role("button", name="You are heard F1")).to_have_attribute("aria-pressed", "true")
    page.keyboard.type("talking")
    shot(page, "push-to-talk-held")
    page.keyboard.up("F1")
    until(lambda: caller_hears(call) == 0.0, "the key is up, and the caller still hears")
    expect(page.locator("[data-note]")).to_have_value("while talking")

    held.focus()
    page.keyboard.down("Space")
    until(lambda: hears_call_taker(call), "the caller does not hear who holds the button")
    page.keyboard.up("Space")
    until(lambda: caller_hears(call) == 0.0, "the button is let go, and the caller still hears")
    page.keyboard.down("F1")
    until(lambda: hears_call_taker(call), "the caller does not hear who holds the key")
    page.keyboard.press("F7")
    until(lambda: caller_hears(call) == 0.0, "the key opens a muted microphone")
    page.keyboard.press("F7")
    until(lambda: hears_call_taker(call), "the key that is held opens nothing after the mute")
    page.keyboard.up("F1")
    menu(page).get_by_label("Push to talk").uncheck()
    until(lambda: hears_call_taker(call), "without push to talk the microphone is shut")
    put_away(page)


def test_a_key_that_is_let_go_out_of_sight_does_not_stick(page: Page, telephone: Telephone, person: Any) -> None:
    sit_with_headset(page, person)
    want_push_to_talk(page)
    call = ring(telephone, "614-555-0162")
    person.answer(page, "614-555-0162")
    page.keyboard.down("F1")
    until(lambda: hears_call_taker(call), "the caller does not hear who holds the key")
    page.evaluate("dispatchEvent(new Event('blur'))")
    until(lambda: caller_hears(call) == 0.0, "it sticks when the window is left")
    page.keyboard.down("F1")  # a keyboard repeats a key that is held: that is not pressing it
    expect(page.get_by_role("button", name="Hold to talk F1")).to_have_attribute("aria-pressed", "false")
    page.keyboard.up("F1")
    page.keyboard.down("F1")
    until(lambda: hears_call_taker(call), "the caller does not hear who holds it again")
    page.reload()
    until(lambda: headset_of(page, "04") == "connected", "the headset did not come back")
    expect(page.get_by_role("button", name="Hold to talk F1")).to_have_attribute("aria-pressed", "false")
    until(lambda: caller_hears(call) == 0.0, "a reload opens the microphone")
    page.keyboard.up("F1")
    page.keyboard.down("F1")
    until(lambda: hears_call_taker(call), "the caller does not hear who holds it after a reload")
    page.keyboard.up("F1")
    put_away(page)


def test_button_that_is_held_while_the_connection_goes_opens_nothing_when_it_is_back(
    page: Page, telephone: Telephone, person: Any
) -> None:
    sit_with_headset(page, person)
    want_push_to_talk(page)
    call = ring(telephone, "614-555-0167")
    person.answer(page, "614-555-0167")
    page.get_by_role("button", name="Hold to talk F1").hover()
    page.mouse.down()
    until(lambda: hears_call_taker(call), "the caller does not hear who holds the button")
    page.evaluate(
        """() => { const [track] = microphone.getAudioTracks(); window.before = microphone;
                  track.stop(); track.dispatchEvent(new Event('ended')); }"""
    )
    page.wait_for_function("() => window.microphone !== window.before", timeout=15_000)
    until(lambda: headset_of(page, "04") == "connected", "the headset did not come back")
    expect(page.get_by_role("button", name="Hold to talk F1")).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("microphone.getAudioTracks()[0].enabled") is False
    until(lambda: caller_hears(call) == 0.0, "the microphone is open though the button was pressed before it was lost")
    page.mouse.up()
    page.mouse.down()
    until(lambda: hears_call_taker(call), "the caller does not hear who presses it again")
    page.mouse.up()
    until(lambda: caller_hears(call) == 0.0, "the button is let go, and the caller still hears")
    put_away(page)


def test_two_connects_at_once_leave_one_microphone_open_and_one_connection(
    page: Page, telephone: Telephone, person: Any
) -> None:
    person.sit_down(page)
    page.evaluate("() => { window.gate = new Promise(open => { window.openGate = open; }); }")
    connect = menu(page).get_by_role("button", name="Connect")
    for _ in range(3):
        connect.click()
    page.evaluate("() => openGate()")
    until(lambda: headset_of(page, "04") == "connected", "the headset is not connected")
    page.wait_for_function("() => window.opened.length === 3")
    live = "opened.flatMap(one => one.getTracks()).filter(one => one.readyState === 'live').length"
    page.wait_for_function(f"() => {live} === 1")
    page.keyboard.press("Escape")
    call = ring(telephone, "614-555-0168")
    person.answer(page, "614-555-0168")
    until(lambda: hears_call_taker(call), "the caller does not hear the call taker")
    assert page.evaluate(live) == 1
    put_away(page)
    page.wait_for_function(f"() => {live} === 0")


def test_call_taker_hears_that_it_rings_at_a_third_party_and_that_it_is_busy(
    page: Page, telephone: Telephone, person: Any, trunk: Trunk
) -> None:
    sit_with_headset(page, person)
    ring(telephone, "614-555-0169")
    person.answer(page, "614-555-0169")
    parties = page.get_by_role("group", name="Further parties")
    page.get_by_role("button", name="Call in, pass on").click()
    parties.get_by_label("Call a number into the call").fill("614-555-0170")
    page.keyboard.press("Enter")
    expect(parties).to_contain_text("rings there")
    until(lambda: tones_in_own_ears(page) == {440, 480}, "no ringback tone")
    trunk.refuse(486)
    until(lambda: tones_in_own_ears(page) == {480, 620}, "no busy tone")
    expect(parties).to_contain_text("busy (486 Busy Here)")
    put_away(page)


def test_call_taker_hears_that_it_rings_there_and_that_it_is_busy(page: Page, person: Any, trunk: Trunk) -> None:
    sit_with_headset(page, person)
    assert tones_in_own_ears(page) == set()
    dial(page, "614-555-0163")
    until(lambda: tones_in_own_ears(page) == {440, 480}, "no ringback tone")
    until(lambda: tones_in_own_ears(page) == set(), "the ringback tone makes no pause")
    until(lambda: tones_in_own_ears(page) == {440, 480}, "it rings once only")
    trunk.refuse(486)
    until(lambda: tones_in_own_ears(page) == {480, 620}, "no busy tone")
    expect(page.locator(".call")).to_contain_text("busy (486 Busy Here)")
    page.wait_for_function("() => window.own.context.state === 'running'")
    dial(page, "614-555-0164")
    until(lambda: tones_in_own_ears(page) == {440, 480}, "no ringback tone of the next call")
    page.keyboard.press("Shift+F2")
    expect(page.locator(".call")).to_contain_text("Released")
    until(lambda: tones_in_own_ears(page) == set(), "it goes on ringing for a call that was released")
    put_away(page)


def test_silent_microphone_is_told(other_browser: Callable[..., Page], person: Any, tmp_path: Path, shot: Any) -> None:
    nothing = tone_file(tmp_path / "nothing.wav", 0.0, 2.0, 48000)
    page = other_browser(*microphone_that_says(nothing))
    sit_with_headset(page, person, position="06")
    expect(page.locator("[data-opens='headset']")).to_contain_text("microphone silent", timeout=20_000)
    expect(page.locator(".foot .told")).to_contain_text("Nothing comes from the microphone")
    shot(page, "headset-silent")
    want_push_to_talk(page)
    expect(page.locator("[data-opens='headset']")).not_to_contain_text("microphone silent")
    put_away(page)


def test_refused_microphone_is_told_and_the_caller_is_answered_all_the_same(
    other_browser: Callable[..., Page], telephone: Telephone, person: Any, shot: Any
) -> None:
    page = other_browser(*FAKE_DEVICES, "--deny-permission-prompts")
    person.sit_down(page, "R. Adeyemi", "05")
    menu(page).get_by_role("button", name="Connect the headset").click()
    expect(menu(page)).to_contain_text("This browser may not use the microphone")
    expect(page.locator(".foot .told")).to_contain_text("Allow it beside the address of this page")
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    assert [one["id"] for one in found["violations"] if one["impact"] != "minor"] == []
    shot(page, "headset-refused")
    page.keyboard.press("Escape")
    call = ring(telephone, "614-555-0165")
    person.answer(page, "614-555-0165")
    until(lambda: caller_hears(call) > 0, "the caller hears no announcement")
    call_id = call_of(page, "614-555-0165")["call_id"]
    until(lambda: "AnnouncementStarted" in [fact["type"] for fact in facts(page, f"call/{call_id}")], "no announcement")
    assert not call.over.is_set()


def test_microphone_unplugged_in_a_call_keeps_the_caller_and_the_next_one_is_taken(
    page: Page, telephone: Telephone, person: Any
) -> None:
    sit_with_headset(page, person)
    call = ring(telephone, "614-555-0166")
    person.answer(page, "614-555-0166")
    until(lambda: hears_call_taker(call), "the caller does not hear the call taker")
    page.evaluate(
        """() => { window.refuse = 'NotFoundError'; const [track] = microphone.getAudioTracks();
                  track.stop(); track.dispatchEvent(new Event('ended')); }"""
    )
    expect(page.locator("[data-opens='headset']")).to_contain_text("lost")
    expect(page.locator(".foot .told")).to_contain_text("No microphone is plugged in", timeout=15_000)
    call_id = call_of(page, "614-555-0166")["call_id"]
    until(lambda: "CallRangBack" in [fact["type"] for fact in facts(page, f"call/{call_id}")], "it does not ring back")
    until(lambda: caller_hears(call) > 0 and not hears_call_taker(call), "the caller is told nothing")
    page.evaluate("() => { window.refuse = ''; navigator.mediaDevices.dispatchEvent(new Event('devicechange')); }")
    until(lambda: hears_call_taker(call), "the caller does not hear the call taker by the other microphone")
    assert not call.over.is_set()
    put_away(page)


def test_devices_are_chosen_and_a_loudspeaker_that_is_gone_is_told(page: Page, person: Any) -> None:
    sit_with_headset(page, person)
    names = menu(page).get_by_label("Microphone").locator("option").all_inner_texts()
    assert len(names) > 1, names
    menu(page).get_by_label("Microphone").select_option(label=names[-1])
    until(lambda: page.evaluate("microphone.getAudioTracks()[0].label") == names[-1], "the other one is not taken")
    expect(page.locator("[data-opens='headset'] .okd")).to_be_visible()
    page.evaluate("localStorage.setItem('microphone', 'one that was sold')")
    page.reload()
    expect(page.locator("[data-opens='headset'] .okd")).to_be_visible()
    expect(page.locator(".foot .told")).to_contain_text("The chosen microphone is not there: you are heard by")
    speakers = menu(page).get_by_label("Loudspeaker").locator("option").all_inner_texts()
    assert len(speakers) > 1, speakers
    menu(page).get_by_label("Loudspeaker").select_option(label=speakers[-1])
    page.evaluate(
        """() => { const all = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
                  const gone = localStorage.getItem('loudspeaker');
                  navigator.mediaDevices.enumerateDevices =
                      async () => (await all()).filter(one => one.deviceId !== gone);
                  navigator.mediaDevices.dispatchEvent(new Event('devicechange')); }"""
    )
    expect(page.locator(".foot .told")).to_contain_text("The chosen loudspeaker is gone")
    assert headset_of(page, "04") == "connected"
    put_away(page)
