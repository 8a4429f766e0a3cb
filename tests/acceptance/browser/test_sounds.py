"""Sounds have levels: what must be heard can be lowered, never muted; the others are silent for a time."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.needs_chromium

LISTEN = """() => { window.tones = []; window.OscillatorNode = class extends OscillatorNode {
     constructor(audio, options) { super(audio, options); window.tones.push(options.frequency); } }; }"""


def until_heard(desk: Page, hertz: int) -> None:
    """Wait for a tone, ten seconds at most."""
    for _ in range(200):
        if hertz in desk.evaluate("window.tones"):
            return
        desk.wait_for_timeout(50)
    raise AssertionError(f"no tone of {hertz} Hz among {desk.evaluate('window.tones')}")


def test_silence_ends_by_itself_and_does_not_reach_the_ring(
    open_page: Callable[..., Page], telephone: Any, person: Any, shot: Callable[[Page, str], None]
) -> None:
    desk = open_page()
    person.sit_down(desk)
    desk.evaluate(LISTEN)
    desk.get_by_role("button", name="Sounds").click()
    menu = desk.get_by_role("group", name="Sounds of this browser")
    menu.get_by_role("slider", name="Ring level").fill("0.15")
    assert menu.get_by_role("slider", name="Ring level").get_attribute("min") == "0.15"
    menu.get_by_role("button", name="10 min").click()
    expect(desk.get_by_role("button", name="Sounds")).to_contain_text(re.compile(r"silenced until \d\d:\d\d"))
    shot(desk, "desk-sounds-1280x800")
    desk.keyboard.press("Escape")
    expect(menu).to_have_count(0)

    desk.evaluate("window.tones = []")
    desk.keyboard.press("/")
    desk.keyboard.type("frobnicate")
    desk.keyboard.press("Enter")
    expect(desk.locator(".cmd > [role=status]")).to_contain_text("Refused: ")
    assert 220 not in desk.evaluate("window.tones")
    desk.keyboard.press("Control+A")
    desk.keyboard.press("Delete")
    telephone.call("614-555-0191")
    until_heard(desk, 659)
    assert desk.evaluate("Number(localStorage.getItem('silenced until')) - Date.now()") <= 600_000

    desk.evaluate("localStorage.setItem('silenced until', '9'.repeat(15)); localStorage.setItem('ring level', '0')")
    desk.reload()
    desk.get_by_role("button", name="Sounds").click()
    expect(desk.get_by_role("slider", name="Ring level")).to_have_value("0.15")
    menu.get_by_role("button", name="Hear all again").click()
    expect(desk.get_by_role("button", name="Sounds")).not_to_contain_text("silenced")
    desk.evaluate(LISTEN)
    desk.keyboard.press("Escape")
    desk.keyboard.press("/")
    desk.keyboard.type("frobnicate")
    desk.keyboard.press("Enter")
    until_heard(desk, 220)
    desk.keyboard.press("Control+A")
    desk.keyboard.press("Delete")


def test_one_window_of_a_browser_rings(open_page: Callable[..., Page], telephone: Any, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    desk.mouse.click(640, 5)
    second = desk.context.new_page()
    second.goto(desk.url)
    expect(second.get_by_role("region", name="Units")).to_be_visible()
    for page in (desk, second):
        page.evaluate(LISTEN)
    second.mouse.click(640, 5)
    telephone.call("614-555-0192")
    expect(second.get_by_role("region", name="Ringing call 614-555-0192")).to_be_visible()
    until_heard(desk, 880)
    assert second.evaluate("window.tones") == []
    desk.close()
    until_heard(second, 880)
