"""What happened on the wire of a call, as its call taker looks at it: by keyboard, in both themes, and as text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

AXE = Path(__file__).resolve().parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
pytestmark = pytest.mark.needs_chromium


def findings(page: Page) -> list[str]:
    """What axe-core finds, as `rule: the element`."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("rules => axe.run('dialog', {runOnly: rules})", RULES)
    return [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


def messages(dialog: Locator) -> list[str]:
    return dialog.locator("button.rung .label").all_inner_texts()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_ladder_of_a_whole_call(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], theme: str, person: Any
) -> None:
    desk = open_page("/", 1280, 800, theme=theme)
    person.sit_down(desk)
    number = f"614-555-01{51 if theme == 'dark' else 52}"
    call = telephone.call(number)
    person.answer(desk, number)
    telephone.say(call, "hug")
    desk.keyboard.press("Alt+2")
    desk.get_by_role("button", name="messages and decisions").focus()
    desk.keyboard.press("Enter")
    dialog = desk.get_by_role("dialog", name=f"Signalling of {number}")
    expect(dialog.get_by_text("a person answered")).to_be_visible()
    assert messages(dialog)[:2] == ["INVITE", "100 Trying"]
    telephone.drop(call)
    again = dialog.get_by_role("button", name="Read again")
    for _ in range(50):
        again.click()
        if "200 OK (BYE)" in messages(dialog):
            break
        desk.wait_for_timeout(200)
    assert [label for label in messages(dialog) if label != "100 Trying"] == [
        "INVITE", "180 Ringing", "200 OK", "ACK", "BYE", "200 OK (BYE)",
    ]  # fmt: skip
    expect(dialog.get_by_text("the call is over: the caller's side ended it")).to_be_visible()
    invite = dialog.locator("button.rung").first
    invite.focus()
    desk.keyboard.press("Enter")
    expect(dialog.locator("pre")).to_contain_text("INVITE urn:service:sos SIP/2.0")
    expect(dialog.locator("pre")).to_contain_text("Content-Type: application/sdp")
    assert findings(desk) == []
    shot(desk, f"signalling-{theme}-raw-1280x800")
    desk.keyboard.press("Enter")
    expect(dialog.locator("pre")).to_have_count(0)
    desk.keyboard.press("ArrowDown")
    expect(dialog.locator("button.rung").nth(1)).to_be_focused()
    shot(desk, f"signalling-{theme}-1280x800")
    desk.set_viewport_size({"width": 640, "height": 400})
    assert findings(desk) == []
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert person.nothing_hidden(desk, ".wire .label", ".wire h2", ".rung .w") == []
    shot(desk, f"signalling-{theme}-640x400")
    desk.set_viewport_size({"width": 1280, "height": 800})
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    expect(desk.get_by_role("button", name="messages and decisions")).to_be_focused()


def test_ladder_as_text_and_beside_a_call_that_rings(
    open_page: Callable[..., Page], telephone: Any, person: Any
) -> None:
    desk = open_page("/", 1280, 800)
    person.sit_down(desk)
    telephone.call("614-555-0153")
    person.answer(desk, "614-555-0153")
    desk.get_by_role("button", name="messages and decisions").click()
    dialog = desk.get_by_role("dialog", name="Signalling of 614-555-0153")
    with desk.context.expect_page() as opened:
        dialog.get_by_role("link", name="As text").click()
    text = opened.value.locator("body").inner_text()
    assert "INVITE +" in text and "* a person answered" in text
    assert max(len(line) for line in text.splitlines()) <= 100
    opened.value.close()
    telephone.call("614-555-0154")
    expect(desk.locator(".banner")).to_contain_text("614-555-0154")
    desk.keyboard.press("F2")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    expect(desk.locator(".call .number")).to_have_text("614-555-0154")
