"""Each person lays out the desk: moved and sized by keyboard and mouse, kept at the centre, put back by one key."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.needs_chromium


def columns(page: Page) -> list[list[str]]:
    """The names of the regions, column by column."""
    found: list[list[str]] = page.evaluate(
        """() => [...document.querySelectorAll('.col')].map(column =>
             [...column.querySelectorAll('.cell')].map(cell => cell.className.match(/of-(\\w+)/)[1]))"""
    )
    return found


def until_kept(page: Page, act: Callable[[], object]) -> None:
    """Do it, and wait until the centre has the layout."""
    with page.expect_response(lambda answer: answer.url.endswith("/api/me/desk") and answer.request.method == "PUT"):
        act()


def test_layout_is_changed_by_keyboard_and_follows_its_person(open_page: Callable[..., Page], person: Any) -> None:
    desk = open_page()
    person.sit_down(desk, "D. Whitfield", "01")
    assert columns(desk) == [["calls", "call", "where"], ["incident"], ["map", "incidents", "units"]]
    desk.get_by_role("button", name="Layout", exact=True).focus()
    desk.keyboard.press("Enter")
    menu = desk.get_by_role("group", name="Layout of this desk")
    menu.get_by_role("checkbox", name="Units").focus()
    desk.keyboard.press("Shift+ArrowUp")
    desk.keyboard.press("Shift+ArrowUp")
    desk.keyboard.press("Shift+ArrowLeft")
    assert columns(desk)[1] == ["units", "incident"]
    expect(menu.get_by_role("checkbox", name="Units")).to_be_focused()
    until_kept(desk, lambda: menu.get_by_role("checkbox", name="Where").uncheck())
    mine = [["calls", "call"], ["units", "incident"], ["map", "incidents"]]
    assert columns(desk) == mine
    desk.keyboard.press("Escape")
    expect(menu).to_have_count(0)

    elsewhere = open_page()
    person.sit_down(elsewhere, "D. Whitfield", "02")
    expect(elsewhere.locator(".col").nth(1)).to_contain_text("Units")
    assert columns(elsewhere) == mine
    other = open_page()
    person.sit_down(other, "R. Adeyemi", "03")
    assert columns(other)[0] == ["calls", "call", "where"]

    until_kept(elsewhere, lambda: elsewhere.keyboard.press("Alt+0"))
    assert columns(elsewhere) == [["calls", "call", "where"], ["incident"], ["map", "incidents", "units"]]
    until_kept(elsewhere, lambda: elsewhere.keyboard.press("Alt+0"))
    assert columns(elsewhere) == mine
    until_kept(elsewhere, lambda: elsewhere.keyboard.press("Alt+0"))


def test_sizes_are_changed_with_arrows_and_by_dragging(open_page: Callable[..., Page], person: Any) -> None:
    desk = open_page(width=1920, height=1080)
    person.sit_down(desk, "J. Novak", "06")

    def width(region: str) -> float:
        box = desk.locator(f".of-{region}").bounding_box()
        assert box is not None
        return box["width"]

    before = width("calls")
    desk.get_by_role("button", name="Layout", exact=True).click()
    desk.get_by_role("button", name="Sizes by keyboard").click()
    splitter = desk.get_by_role("separator", name="Width of column 1")
    expect(desk.get_by_role("separator", name="Height of Calls")).to_be_focused()
    splitter.focus()
    for _ in range(3):
        desk.keyboard.press("Shift+ArrowRight")
    assert width("calls") > before + 100
    desk.keyboard.press("Enter")
    assert abs(width("calls") - before) < 3
    desk.keyboard.press("Escape")
    box = splitter.bounding_box()
    assert box is not None
    desk.mouse.move(box["x"], box["y"] + 300)
    desk.mouse.down()
    desk.mouse.move(box["x"] + 50, box["y"] + 300, steps=3)
    until_kept(desk, desk.mouse.up)
    assert abs(width("calls") - before - 50) < 3
    desk.reload()
    expect(desk.locator(".of-calls")).to_be_visible()
    assert abs(width("calls") - before - 50) < 3
