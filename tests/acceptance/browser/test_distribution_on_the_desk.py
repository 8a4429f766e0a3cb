"""Two browsers at two positions: each call rings loudly where it is offered, and anybody may pick it up by key."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Centre, centre_in

pytestmark = pytest.mark.needs_chromium

AXE = Path(__file__).resolve().parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
RING_HZ = 659
LISTEN = """() => { window.tones = []; window.OscillatorNode = class extends OscillatorNode {
     constructor(audio, options) { super(audio, options); window.tones.push(options.frequency); } }; }"""
POLICY = """
[calltaking]
wrap_up_s = 120

[[calltaking.queue]]
name = "emergency"
distribution = "longest_idle"
emergency = true
offer_s = 45
"""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A demo centre that distributes its calls."""
    with centre_in(tmp_path_factory.mktemp("queues") / "centre", more_policy=POLICY) as running:
        yield running


def violations(page: Page) -> list[str]:
    """What axe-core finds serious or critical."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"] if one["impact"] != "minor"]


def until_rings(desk: Page) -> None:
    for _ in range(200):
        if RING_HZ in desk.evaluate("window.tones"):
            return
        desk.wait_for_timeout(50)
    raise AssertionError("it does not ring here")


def row(desk: Page, number: str) -> Any:
    return desk.get_by_role("region", name="Calls").locator(".qr", has_text=number)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_call_rings_at_the_position_whose_turn_it_is_and_anybody_may_take_it(
    theme: str, open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], person: Any
) -> None:
    taken, waited = ("614-555-0181", "614-555-0182") if theme == "dark" else ("614-555-0183", "614-555-0184")
    first, second = open_page(theme=theme), open_page(theme=theme)
    person.sit_down(first, "R. Adeyemi", "01")
    person.sit_down(second, "J. Novak", "02")
    for desk in (first, second):
        desk.evaluate(LISTEN)
        desk.keyboard.press("F6")  # a browser makes no sound before the first key
        ready = desk.get_by_role("button", name="Position 0")
        if "wrapping up" in ready.inner_text():
            desk.keyboard.press("r")
        expect(ready).not_to_contain_text("wrapping up")

    call = telephone.call(taken)
    ours, theirs = (first, second) if _offered_to(first, taken) == "for you" else (second, first)
    expect(row(ours, taken)).to_contain_text("for you")
    expect(row(theirs, taken)).to_contain_text("offered to 0")
    until_rings(ours)
    assert RING_HZ not in theirs.evaluate("window.tones")
    assert violations(theirs) == []
    shot(theirs, f"desk-offered-to-another-{theme}-1280x800")

    theirs.keyboard.press("F2")
    expect(theirs.locator(".call .number")).to_have_text(taken)
    expect(row(ours, taken)).not_to_contain_text("for you")
    expect(row(ours, taken)).to_contain_text("On the line")
    telephone.drop(call)
    expect(theirs.get_by_role("button", name="Position 0")).to_contain_text("wrapping up")

    telephone.call(waited)
    expect(row(ours, waited)).to_contain_text("for you")
    ours.keyboard.press("r")
    reason = ours.get_by_role("button", name="Break")
    expect(reason).to_be_focused()
    assert violations(ours) == []
    shot(ours, f"desk-not-ready-{theme}-1280x800")
    ours.keyboard.press("Enter")
    expect(ours.get_by_role("button", name="Position 0")).to_contain_text("not ready: Break")
    expect(ours.get_by_role("button", name="Position 0")).to_be_focused()
    expect(row(ours, waited)).to_contain_text("Ringing")
    until_rings(theirs)
    ours.keyboard.press("r")
    expect(ours.get_by_role("button", name="Position 0")).not_to_contain_text("not ready")
    theirs.keyboard.press("r")
    expect(theirs.get_by_role("button", name="Position 0")).not_to_contain_text("wrapping up")
    telephone.hang_up_all()
    expect(row(ours, waited)).to_contain_text("Abandoned")


def _offered_to(desk: Page, number: str) -> str:
    """What the row says of an offer, once there is one."""
    expect(row(desk, number).locator(".qs")).not_to_have_text("Ringing")
    return str(row(desk, number).locator(".qs").inner_text())
