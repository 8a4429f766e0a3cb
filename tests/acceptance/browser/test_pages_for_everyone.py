"""What holds on every page: it can be read, worked by keyboard, and it asks nobody but the centre."""

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
    """What axe-core finds serious or critical, as `rule: the element`."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_desk_has_no_serious_finding(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], theme: str, person: Any
) -> None:
    desk = open_page("/", 1920, 1080, theme=theme)
    assert findings(desk) == []
    person.sit_down(desk)
    telephone.call("911-555-0110")
    person.answer(desk, "911-555-0110")
    telephone.call("614-555-0111")
    expect(desk.get_by_role("region", name="Ringing call 614-555-0111")).to_be_visible()
    assert findings(desk) == []
    shot(desk, f"desk-{theme}-1920x1080")
    desk.set_viewport_size({"width": 1280, "height": 800})
    assert person.nothing_hidden(desk, ".number", ".nsi b", ".rg.next b", ".set b") == []
    shot(desk, f"desk-{theme}-1280x800")
    desk.set_viewport_size({"width": 1920, "height": 1080})
    desk.get_by_role("tab", name="Checklist").click()
    assert findings(desk) == []
    desk.get_by_role("tab", name="Close").click()
    assert findings(desk) == []
    desk.set_viewport_size({"width": 960, "height": 540})
    assert findings(desk) == []
    shot(desk, f"desk-{theme}-960x540")
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_field_page_has_no_serious_finding(open_page: Callable[..., Page], theme: str, person: Any) -> None:
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
