"""A key too many does nothing: what ends a call or sends people out is never where the focus lands by itself."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.needs_chromium


def types_of(page: Page, kind: str) -> list[str]:
    """Types of the newest facts of the selected call or incident."""
    name = page.evaluate("kind => new URLSearchParams(location.hash.slice(1)).get(kind)", kind)
    answer = page.request.get(page.evaluate("location.origin") + f"/api/facts?stream={kind}/{name}")
    assert answer.ok, answer.text()
    return [fact["type"] for fact in answer.json()]


def test_enter_after_a_jump_ends_no_call_and_orders_nothing(
    open_page: Callable[..., Page], telephone: Any, person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    telephone.call("614-555-0161")
    person.answer(desk, "614-555-0161")
    expect(desk.get_by_role("button", name="Release the line")).to_be_visible()
    for key in ("Alt+2", "Alt+7"):
        desk.keyboard.press(key)
        focused = desk.evaluate("document.activeElement.hasAttribute('data-deed')")
        assert not focused, f"{key} lands on {desk.evaluate('document.activeElement.innerText')}"
    assert "CallReleaseOrdered" not in types_of(desk, "call")
    assert "AreaCheckOrdered" not in types_of(desk, "incident")


def test_advice_is_confirmed_once(open_page: Callable[..., Page], telephone: Any, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    call = telephone.call("911-555-0162")
    person.answer(desk, "911-555-0162")
    telephone.drop(call)
    expect(desk.get_by_role("button", name="Confirm F9")).to_be_visible()
    desk.keyboard.press("F9")
    expect(desk.locator(".advice.followed")).to_be_visible()
    desk.keyboard.press("F9")
    desk.keyboard.press("n")
    desk.keyboard.type("After the second key")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("log", name="Narrative")).to_contain_text("After the second key")
    told = types_of(desk, "incident")
    assert (told.count("KindSet"), told.count("PrioritySet")) == (1, 1)


def test_an_answer_that_comes_late_takes_no_focus_from_who_types(
    open_page: Callable[..., Page], telephone: Any, person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    call = telephone.call("911-555-0163")
    person.answer(desk, "911-555-0163")
    telephone.drop(call)
    expect(desk.get_by_role("button", name="Confirm F9")).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    desk.route("**/priority", hold)
    with desk.expect_request("**/priority"):
        desk.keyboard.press("F9")
    desk.keyboard.press("n")
    expect(desk.get_by_label("Add a note")).to_be_focused()
    with desk.expect_response("**/priority"):
        held[0].continue_()
    expect(desk.locator(".advice.followed")).to_be_visible()
    desk.keyboard.type("No letter lost")
    expect(desk.get_by_label("Add a note")).to_have_value("No letter lost")


def test_a_new_command_takes_the_place_of_one_that_was_left(open_page: Callable[..., Page], person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    line = desk.get_by_role("combobox", name="Command")
    desk.keyboard.press("/")
    desk.keyboard.type("N half a word")
    desk.keyboard.press("Escape")
    desk.keyboard.press("Escape")
    expect(line).not_to_be_focused()
    expect(line).to_have_value("N half a word")
    desk.keyboard.press("/")
    desk.keyboard.type("UH 12A3")
    expect(line).to_have_value("UH 12A3")
