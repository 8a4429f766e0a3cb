"""What holds on every page: it can be read, worked by keyboard, and it asks nobody but the centre."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

AXE = Path(__file__).resolve().parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = [(960, 540), (1920, 1080), (1280, 800)]
pytestmark = pytest.mark.needs_chromium


def findings(page: Page) -> list[str]:
    """What axe-core finds, as `rule: the element`."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


def findings_at_every_size(page: Page) -> list[str]:
    """The same at three sizes, the page left at 1280x800."""
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        found += [f"{width}: {one}" for one in findings(page)]
    return found


def findings_in_both_themes(page: Page) -> list[str]:
    """The same in the page's theme and in the other, which it is left in."""
    found = findings_at_every_size(page)
    page.get_by_role("button", name=re.compile(r"^(Light|Dark) theme$")).click()
    return found + findings_at_every_size(page)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_desk_has_no_finding(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], theme: str, person: Any
) -> None:
    desk = open_page("/", 1920, 1080, theme=theme)
    assert findings_at_every_size(desk) == []
    person.sit_down(desk)
    telephone.call("911-555-0110")
    person.answer(desk, "911-555-0110")
    telephone.call("614-555-0111")
    expect(desk.get_by_role("region", name="Ringing call 614-555-0111")).to_be_visible()
    assert findings_at_every_size(desk) == []
    shot(desk, f"desk-{theme}-1280x800")
    assert person.nothing_hidden(desk, ".number", ".nsi b", ".rg.next b", ".set b") == []
    desk.locator(".heard").get_by_role("button", name="more").click()
    desk.locator(".call .body").evaluate("body => body.scrollBy(0, 60)")
    assert findings_at_every_size(desk) == []
    for tab in ("Checklist", "Close", "Exhibits", "After"):
        desk.get_by_role("tab", name=tab).click()
        assert findings_at_every_size(desk) == []
    for width, height in SIZES:
        desk.set_viewport_size({"width": width, "height": height})
        shot(desk, f"desk-{theme}-{width}x{height}")
        assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_field_page_has_no_finding(open_page: Callable[..., Page], theme: str, person: Any) -> None:
    page = open_page("/field", 390, 844, theme=theme)
    assert findings(page) == []
    person.board_unit(page, "17A2")
    expect(page.get_by_role("heading", name="No call")).to_be_visible()
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_keys_reach_every_region_and_the_way_back(open_page: Callable[..., Page], person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    for number in "1234567":
        desk.keyboard.press(f"Alt+{number}")
        assert desk.evaluate("document.activeElement.closest('[data-region]')?.dataset.region") == number
    desk.keyboard.press("Alt+5")
    first = desk.evaluate("document.activeElement.innerText")
    desk.keyboard.press("ArrowDown")
    assert desk.evaluate("document.activeElement.innerText") != first
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Keys of the desk")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)


def test_pages_ask_nobody_but_the_centre(open_page: Callable[..., Page], centre: Any, person: Any) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    person.sit_down(page)
    page.goto(centre.url + "/field")
    page.wait_for_load_state("networkidle")
    assert asked
    assert [url for url in asked if not url.startswith(centre.url)] == []


def test_demo_stands_on_every_page(open_page: Callable[..., Page], person: Any) -> None:
    desk = open_page()
    expect(desk.get_by_text("DEMO", exact=True)).to_be_visible()
    person.sit_down(desk)
    expect(desk.get_by_text("DEMO", exact=True)).to_be_visible()
    field = open_page("/field", 390, 844)
    expect(field.get_by_text("DEMO", exact=True)).to_be_visible()
    person.board_unit(field, "12A1")
    expect(field.get_by_text("DEMO", exact=True)).to_be_visible()


def test_theme_stays_through_a_reload(open_page: Callable[..., Page], person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    desk.get_by_role("button", name="Light theme").click()
    desk.reload()
    expect(desk.locator("html")).to_have_attribute("data-theme", "light")
