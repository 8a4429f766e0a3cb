"""The first minutes at a demo desk: a tour by keyboard, and stories that call."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

AXE = Path(__file__).resolve().parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = {"serious", "critical"}
pytestmark = pytest.mark.needs_chromium


def findings(page: Page) -> list[str]:
    """What axe-core finds serious or critical."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{one['id']}: {node['html']}" for one in found["violations"] if one["impact"] in GRAVE for node in one["nodes"]
    ]


def pointed(page: Page) -> str:
    """The name of what the tour points at."""
    names: list[str] = page.evaluate(
        "[...document.querySelectorAll('[data-pointed]')].map(e => e.ariaLabel ?? e.className)"
    )
    assert len(names) == 1
    return names[0]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_tour_points_at_each_region_and_goes_by_keyboard(
    open_page: Callable[..., Page], shot: Callable[[Page, str], None], theme: str, person: Any
) -> None:
    desk = open_page(theme=theme, tour=True)
    person.sit_down(desk)
    strip = desk.get_by_role("region", name="First minutes")
    expect(strip.get_by_role("button", name="Next")).to_be_focused()
    assert findings(desk) == []
    shot(desk, f"tour-{theme}-1280x800")
    seen = [pointed(desk)]
    for step in range(2, 8):
        desk.keyboard.press("Enter" if step < 7 else "ArrowRight")
        expect(strip.get_by_text(f"{step} of 7")).to_be_visible()
        seen.append(pointed(desk))
    assert seen[:4] == ["Calls", "Call in hand", "Where the caller is", "Incident"]
    assert seen[5:] == ["Incidents", "cline"]
    desk.keyboard.press("ArrowLeft")
    expect(strip.get_by_text("6 of 7")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(strip).to_have_count(0)
    assert desk.locator("[data-pointed]").count() == 0


def test_who_has_left_the_tour_does_not_see_it_again_and_others_do(open_page: Callable[..., Page], person: Any) -> None:
    desk = open_page(tour=True)
    person.sit_down(desk)
    desk.get_by_role("button", name="Leave the tour").click()
    desk.reload()
    expect(desk.get_by_role("region", name="Units")).to_be_visible()
    expect(desk.get_by_role("region", name="First minutes")).to_have_count(0)
    desk.context.clear_cookies()
    desk.reload()
    person.sit_down(desk, "J. Novak", "05")
    expect(desk.get_by_role("region", name="First minutes")).to_be_visible()


def test_the_desk_works_beside_the_tour(open_page: Callable[..., Page], telephone: Any, person: Any) -> None:
    desk = open_page(tour=True)
    person.sit_down(desk)
    telephone.call("614-555-0166")
    person.answer(desk, "614-555-0166")
    expect(desk.get_by_role("region", name="First minutes")).to_be_visible()
    desk.keyboard.press("/")
    desk.keyboard.type("N ")
    assert desk.evaluate("document.activeElement.matches('[data-command]')")


def test_a_story_calls_the_desk_is_answered_and_stopped(
    open_page: Callable[..., Page], shot: Callable[[Page, str], None], person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    button = desk.get_by_role("button", name="Call me")
    button.focus()
    desk.keyboard.press("Enter")
    choices = desk.get_by_role("group", name="Stories that call you")
    expect(choices.get_by_role("button", name="Fell in the kitchen")).to_be_visible()
    assert findings(desk) == []
    shot(desk, "call-me-1280x800")
    choices.get_by_role("button", name="Fell in the kitchen").press("Enter")
    expect(desk.get_by_role("region", name="Ringing call 614-555-0162")).to_be_visible(timeout=30_000)
    person.answer(desk, "614-555-0162")
    expect(desk.get_by_role("button", name="Stop the story")).to_be_visible()
    assert desk.evaluate("document.querySelector('.top .now').getBoundingClientRect().right <= innerWidth")
    button.click()
    expect(choices.get_by_role("button", name="Fell in the kitchen")).to_be_disabled()
    desk.keyboard.press("Escape")
    shot(desk, "story-running-1280x800")
    desk.get_by_role("button", name="Stop the story").click()
    expect(desk.locator(".call .drop")).to_contain_text("ago", timeout=15_000)
    expect(desk.get_by_role("button", name="Stop the story")).to_have_count(0)
