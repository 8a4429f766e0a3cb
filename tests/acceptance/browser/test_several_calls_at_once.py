"""Three calls ring and two are on the line: a call taker with a keyboard alone keeps hold of what is in the hand."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.needs_chromium


def region(page: Page) -> str:
    """The region that has the focus."""
    found: str = page.evaluate("document.activeElement?.closest('[data-region]')?.dataset.region ?? ''")
    return found


def test_keyboard_alone_serves_several_calls(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    first, second = telephone.call("614-555-0151"), telephone.call("614-555-0152")
    person.answer(desk, "614-555-0151")
    person.answer(desk, "614-555-0152")
    for number in ("614-555-0153", "911-555-0154", "614-555-0155"):
        telephone.call(number)
        expect(desk.get_by_role("region", name=f"Ringing call {number}")).to_be_visible()
    expect(desk.locator(".call .number")).to_have_text("614-555-0152")

    desk.keyboard.press("Alt+3")
    assert region(desk) == "3"
    desk.keyboard.type("WEL")
    expect(desk.get_by_label("Kind")).to_have_value("WELFARE")
    desk.keyboard.press("n")
    expect(desk.get_by_label("Add a note")).not_to_be_focused()
    desk.keyboard.press("Alt+1")
    assert region(desk) == "1"
    desk.keyboard.press("n")
    desk.keyboard.type("Caller two is calm")
    telephone.drop(second)
    expect(desk.locator(".drop")).to_contain_text("ago")
    expect(desk.locator(".call .number")).to_have_text("614-555-0152")
    expect(desk.get_by_label("Add a note")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("log", name="Narrative")).to_contain_text("Caller two is calm")
    expect(desk.get_by_label("Kind")).to_have_value("WELFARE")
    expect(desk.locator(".queue .qr.cur")).to_be_in_viewport(ratio=1)
    shot(desk, "desk-9-several-calls-1280x800")

    desk.keyboard.press("Escape")
    assert region(desk) == "1"
    telephone.drop(first)
    expect(desk.locator(".call .number")).to_have_text("614-555-0152")
    desk.keyboard.press("F2")
    expect(desk.locator(".call .number")).to_have_text("614-555-0153")
    desk.set_viewport_size({"width": 1920, "height": 1080})
    shot(desk, "desk-9-several-calls-1920x1080")


def test_focus_stays_in_its_pane_when_the_control_under_it_goes_away(
    open_page: Callable[..., Page], telephone: Any, person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    telephone.call("911-555-0158")
    expect(desk.get_by_role("region", name="Ringing call 911-555-0158")).to_be_visible()
    desk.get_by_role("region", name="Ringing call 911-555-0158").get_by_role("button").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("region", name="Ringing call 911-555-0158")).to_have_count(0)
    assert region(desk) == "2"
    chip = desk.get_by_role("button", name="Laughter")
    chip.focus()
    desk.keyboard.press("Enter")
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(chip).to_be_focused()
    person.choose_door(desk, "9417 Kendall Place")
    desk.get_by_role("button", name="Address read back").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="Address read back")).to_have_count(0)
    assert region(desk) == "3"


def test_call_is_put_to_an_open_incident_by_keyboard(
    open_page: Callable[..., Page], telephone: Any, person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    telephone.call("614-555-0161")
    person.answer(desk, "614-555-0161")
    incident = desk.get_by_role("region", name="Incident ", exact=False).first.get_attribute("aria-label")
    assert incident is not None
    telephone.call("614-555-0162")
    person.answer(desk, "614-555-0162")
    desk.get_by_role("button", name="join another").focus()
    desk.keyboard.press("Enter")
    select = desk.get_by_label("Put this call to an open incident")
    expect(select).to_be_focused()
    number = incident.removeprefix("Incident ")
    select.select_option(select.locator("option", has_text=number).first.get_attribute("value"))
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.locator(".call .line")).to_contain_text(incident)
    expect(desk.get_by_role("region", name=incident, exact=True)).to_be_visible()


def test_position_answers_by_itself_when_its_person_says_so(
    open_page: Callable[..., Page], telephone: Any, person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk, position="03")
    desk.get_by_role("button", name="Position 03").click()
    box = desk.get_by_role("checkbox", name="Position 03")
    box.check()
    expect(desk.get_by_role("button", name="Position 03")).to_contain_text("answers by itself")
    telephone.call("614-555-0171")
    expect(desk.locator(".call .number")).to_have_text("614-555-0171")
    box.uncheck()
    expect(desk.get_by_role("button", name="Position 03")).not_to_contain_text("answers by itself")
    box.press("Escape")
    expect(desk.get_by_role("button", name="Position 03")).to_be_focused()


def test_who_asks_for_somebody_stands_above_who_does_not(
    open_page: Callable[..., Page], telephone: Any, person: Any
) -> None:
    desk = open_page("/", 1920, 1080)
    person.sit_down(desk)
    talked, gave_up = telephone.call("614-555-0163"), telephone.call("614-555-0164")
    mine = telephone.call("614-555-0165")
    for number in ("614-555-0163", "614-555-0165"):
        row(desk, number).click()
        desk.get_by_role("region", name="Call in hand").get_by_role("button", name="Answer").click()
        expect(row(desk, number)).to_contain_text("On the line")
    telephone.drop(talked)
    telephone.give_up(gave_up)
    expect(row(desk, "614-555-0164")).to_contain_text("Abandoned")
    telephone.call("614-555-0100", called="614-555-0100")
    telephone.call("614-555-0166")
    telephone.call("614-555-0167")
    expect(row(desk, "614-555-0167")).to_be_visible()
    desk.mouse.move(960, 700)
    desk.get_by_role("region", name="Incidents").focus()
    wanted = ["0166", "0167", "0165", "0100", "0164", "0163"]
    numbers = desk.locator(".queue .qn").all_inner_texts()
    ours = [number[-4:] for number in numbers if number[-4:] in wanted]
    assert ours == wanted
    assert not mine.over.is_set()


def row(desk: Page, number: str) -> Any:
    return desk.get_by_role("region", name="Calls").locator(".qr", has_text=number)
