"""Text at the desk: the caller's letters appear as they are typed, ours go as they are typed, phrases go by one key."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.needs_chromium

NUMBER = "614-555-0171"
AXE = Path(__file__).resolve().parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def findings(page: Page) -> list[str]:
    """What axe-core finds, as `rule: the element`."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


def test_caller_who_cannot_speak_is_read_and_answered_letter_by_letter(
    open_page: Callable[..., Page], telephone: Any, person: Any, shot: Callable[[Page, str], None]
) -> None:
    desk = open_page()
    person.sit_down(desk)
    call = telephone.call(NUMBER, text="rtt", languages=("es", "en"))
    person.answer(desk, NUMBER)
    talk = desk.get_by_role("list", name="Text with the caller")
    telephone.type(call, "he is dow")
    expect(talk).to_contain_text("he is dow")
    telephone.type(call, "m\bnstairs\nhurry")
    expect(talk.get_by_role("listitem").first).to_contain_text("he is downstairs")
    expect(talk.get_by_role("listitem").first).to_contain_text("corrected")
    expect(desk.locator(".talk")).to_contain_text("Text: says es, en; understands es, en. Answered en.")
    desk.keyboard.press("t")
    field = desk.get_by_label("Text to the caller")
    expect(field).to_be_focused()
    desk.keyboard.type("Where arx")
    telephone.read(call, "Where arx")
    desk.keyboard.press("Backspace")
    desk.keyboard.type("e you?")
    telephone.read(call, "Where are you?")
    desk.keyboard.press("Enter")
    expect(field).to_have_value("")
    desk.keyboard.press("Alt+Shift+7")
    telephone.read(call, "Where are you?\nHelp is on the way.\n")
    ours = talk.locator("li.centre")
    expect(ours).to_have_count(2)
    expect(ours.first).to_contain_text("Where are you?")
    expect(ours.last).not_to_contain_text("on its way")
    expect(desk.get_by_role("log", name="Narrative")).to_contain_text("Caller by real-time text: he is downstairs")
    shot(desk, "desk-12-text-1280x800")
    assert findings(desk) == []
    desk.set_viewport_size({"width": 1920, "height": 1080})
    assert findings(desk) == []
    desk.get_by_role("button", name="Light theme").click()
    shot(desk, "desk-12-text-1920x1080-light")
    assert findings(desk) == []


def test_teletypewriter_is_read_and_answered(open_page: Callable[..., Page], telephone: Any, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    call = telephone.call("614-555-0174", text="tty")
    person.answer(desk, "614-555-0174")
    telephone.type(call, "FIRE GA")
    expect(desk.locator(".says li.caller")).to_contain_text("FIRE GA")
    expect(desk.locator(".talk .hh")).to_contain_text("goes by TTY")
    desk.keyboard.press("Alt+Shift+7")
    telephone.read(call, "HELP IS ON THE WAY.")


def test_what_was_typed_survives_a_reload(open_page: Callable[..., Page], telephone: Any, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    call = telephone.call("614-555-0172", text="rtt")
    person.answer(desk, "614-555-0172")
    desk.keyboard.press("t")
    desk.keyboard.type("Stay there")
    desk.reload()
    telephone.read(call, "Stay there")
    expect(desk.locator(".says li.centre")).to_contain_text("Stay there")


def test_any_caller_can_be_sent_a_message(open_page: Callable[..., Page], telephone: Any, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    telephone.call("614-555-0173")
    person.answer(desk, "614-555-0173")
    desk.keyboard.press("t")
    field = desk.get_by_label("Text to the caller")
    expect(field).to_be_focused()
    field.fill("Press any key if you hear this")
    desk.keyboard.press("Enter")
    sent = desk.locator(".says li.centre")
    expect(sent).to_contain_text("Press any key if you hear this")
    expect(sent).not_to_contain_text("on its way")
    expect(sent).not_to_contain_text("Not sent:")
    expect(desk.locator(".talk .hh")).to_contain_text(re.compile("goes by SIP message"))
