"""The unit's page at the door: wrong house, help, all right, and a close that needs a person seen."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.needs_chromium


@pytest.fixture
def dispatcher(centre: Any) -> Any:
    """A dispatcher who works over the API."""
    with httpx.Client(base_url=centre.url) as client:
        login = {"role": "dispatcher", "person": "novak", "position": "02"}
        token = client.post("/api/session", json=login).json()["token"]
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def sent(dispatcher: httpx.Client, unit: str, incident_id: str = "", place: str = "9409 Kendall Place") -> str:
    """Send `unit` to an incident (a new one where none is named); the incident's path."""
    if not incident_id:
        opened = dispatcher.post("/api/incidents", json={"kind": "911H", "place": place}).raise_for_status()
        incident_id = opened.json()["incident_id"]
    path = f"/api/incidents/{incident_id}"
    dispatcher.post(f"{path}/recommend", json={}).raise_for_status()
    order = {"units": [unit], "override_reason": "for this test"}
    dispatcher.post(f"{path}/dispatch", json=order).raise_for_status()
    return path


def drive_up(page: Page, person: Any) -> None:
    for words in ("Acknowledge", "En route", "On scene"):
        person.next_step(page, words)
    expect(page.get_by_text("All sent")).to_be_visible()


def test_wrong_house_brings_the_next_door(
    open_page: Callable[..., Page], telephone: Any, dispatcher: httpx.Client, person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    telephone.call("911-555-0120")
    person.answer(desk, "911-555-0120")
    desk.get_by_label("Kind").select_option("911H")
    person.choose_door(desk, "9417 Kendall Place")
    incident_id = desk.evaluate("new URLSearchParams(location.hash.slice(1)).get('incident')")
    page = open_page("/field", 390, 844)
    person.board_unit(page, "15B1")
    sent(dispatcher, "15B1", incident_id)
    drive_up(page, person)
    wrong = page.get_by_role("button", name="Wrong house")
    next_door = wrong.locator("em").inner_text().removeprefix("next: ")
    wrong.click()
    expect(page.get_by_role("heading", name=next_door)).to_be_visible()
    expect(desk.locator("#place")).to_contain_text(next_door)
    expect(desk.locator(".dr.out")).to_contain_text("9417 Kendall Place")


def test_help_and_all_right_reach_the_record(
    open_page: Callable[..., Page], dispatcher: httpx.Client, person: Any
) -> None:
    page = open_page("/field", 390, 844)
    person.board_unit(page, "15C4")
    path = sent(dispatcher, "15C4")
    drive_up(page, person)
    page.get_by_role("button", name="Need help").click()
    page.get_by_role("button", name="I’m OK").click()
    expect(page.get_by_text("All sent")).to_be_visible()
    lines = [line["text"] for line in dispatcher.get(path).json()["narrative"]]
    assert any("15C4 asks for a second unit" in line for line in lines), lines
    assert page.locator(".conflict").count() == 0


def test_nothing_closes_until_a_person_was_seen_or_it_is_said_what_was_tried(
    open_page: Callable[..., Page], dispatcher: httpx.Client, shot: Callable[[Page, str], None], person: Any
) -> None:
    page = open_page("/field", 390, 844)
    person.board_unit(page, "13A4")
    path = sent(dispatcher, "13A4")
    drive_up(page, person)
    page.get_by_role("button", name="Close", exact=True).click()
    page.get_by_label("How it ended, in one line").fill("Nobody at home")
    person.next_step(page, "Propose")
    expect(page.locator(".may.not")).to_be_visible()
    confirm = page.get_by_role("button", name="Confirm and clear")
    expect(confirm).to_be_disabled()
    shot(page, "field-4-nobody-seen-390x844")
    page.get_by_label("Unable to locate?").fill("knocked at the front and the back\nasked next door")
    confirm.click()
    expect(page.get_by_role("heading", name="No call")).to_be_visible()
    closed = dispatcher.get(path).json()
    assert "14" in [code for code, _ in closed["dispositions"]]


def test_person_changes_what_is_proposed(
    open_page: Callable[..., Page], dispatcher: httpx.Client, shot: Callable[[Page, str], None], person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    path = sent(dispatcher, "11C1", place="9413 Kendall Place")
    desk.get_by_role("region", name="Incidents").get_by_role("button", name="9413 Kendall Place").click()
    desk.get_by_role("tab", name="Checklist").click()
    desk.get_by_role("checkbox", name="Adult seen").check()
    desk.get_by_role("tab", name="Close").click()
    desk.get_by_label("How it ended, in one line").fill("Spoke to the mother, he misdialled")
    desk.keyboard.press("Enter")
    desk.get_by_role("checkbox", name="No report").uncheck()
    desk.get_by_label("Another disposition").select_option("08")
    desk.get_by_label("Cause").select_option("child_phone")
    written = desk.get_by_text("Proposed to be written").locator("..")
    expect(written).to_contain_text("18 Settled by contact, 08 ")
    expect(written).not_to_contain_text("02 No report")
    shot(desk, "desk-8-close-1280x800")
    desk.get_by_role("button", name="Confirm and close").click()
    expect(desk.get_by_role("tab", name="Closed")).to_be_visible()
    closed = dispatcher.get(path).json()
    assert ([code for code, _ in closed["dispositions"]], closed["cause"]) == (["18", "08"], "child_phone")


def test_refused_action_is_shown_and_not_lost(
    open_page: Callable[..., Page], dispatcher: httpx.Client, shot: Callable[[Page, str], None], person: Any
) -> None:
    page = open_page("/field", 390, 844)
    person.board_unit(page, "16A1")
    path = sent(dispatcher, "16A1")
    drive_up(page, person)
    page.context.set_offline(True)
    page.get_by_role("checkbox", name="Child seen").click()
    expect(page.locator(".net")).to_have_text("1 waiting")
    closing = {"words": "settled by telephone", "dispositions": ["18"], "seen": ["adult_seen"], "cause": "unknown"}
    dispatcher.post(f"{path}/close", json=closing).raise_for_status()
    page.context.set_offline(False)
    expect(page.locator(".conflict")).to_contain_text("Child seen: yes: refused")
    expect(page.locator(".conflict")).to_contain_text("is closed")
    shot(page, "field-5-conflict-390x844")
    page.get_by_role("button", name="Send as a note").click()
    expect(page.locator(".conflict")).to_have_count(0)
    expect(page.get_by_text("All sent")).to_be_visible()
    lines = [line["text"] for line in dispatcher.get(path).json()["narrative"]]
    assert any("16A1 reports: Child seen: yes" in line for line in lines), lines


def test_what_is_done_without_coverage_keeps_its_true_time(
    open_page: Callable[..., Page], dispatcher: httpx.Client, person: Any
) -> None:
    page = open_page("/field", 390, 844)
    person.board_unit(page, "13B2")
    path = sent(dispatcher, "13B2")
    drive_up(page, person)
    page.context.set_offline(True)
    page.get_by_role("checkbox", name="Adult seen").click()
    page.get_by_role("button", name="Need help").click()
    page.get_by_role("button", name="I’m OK").click()
    expect(page.locator(".net")).to_have_text("3 waiting")
    page.wait_for_timeout(1500)
    page.context.set_offline(False)
    expect(page.get_by_text("All sent")).to_be_visible()
    facts = [
        fact
        for stream in (f"incident/{path.rpartition('/')[2]}", "unit/13B2")
        for fact in dispatcher.get("/api/facts", params={"stream": stream}).json()
        if fact["type"] in {"ChecklistMarked", "HelpAsked", "SafetyChecked"}
    ]
    assert len(facts) == 3
    for fact in facts:
        late = datetime.fromisoformat(fact["recorded_at"]) - datetime.fromisoformat(fact["at"])
        assert late.total_seconds() > 1, fact


def test_desk_and_unit_stand_side_by_side_in_one_browser(open_page: Callable[..., Page], person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    unit = desk.context.new_page()
    unit.goto(desk.url.split("#")[0] + "field")
    person.board_unit(unit, "12K9")
    expect(unit.get_by_text("OpenStreetMap contributors").last).to_be_visible()
    desk.reload()
    expect(desk.get_by_role("region", name="Units")).to_be_visible()
    expect(desk.get_by_text("OpenStreetMap contributors").last).to_be_visible()
    unit.reload()
    expect(unit.locator("header .id b")).to_have_text("12K9")
