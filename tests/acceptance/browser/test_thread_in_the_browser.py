"""One call from the ring to the close, on the desk and on the unit's page, as people see it."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

NUMBER = "911-442-7190"
UNIT = "12A3"
pytestmark = pytest.mark.needs_chromium


def facts(page: Page, stream: str) -> list[dict[str, Any]]:
    answer = page.request.get(page.url.split("/")[0] + "//" + page.url.split("/")[2] + f"/api/facts?stream={stream}")
    assert answer.ok, answer.text()
    rows: list[dict[str, Any]] = answer.json()
    return rows


def selected(page: Page, what: str) -> str:
    name: str = page.evaluate("what => new URLSearchParams(location.hash.slice(1)).get(what)", what)
    return name


def test_call_goes_from_the_ring_to_a_hug(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], person: Any
) -> None:
    desk = open_page("/", 1280, 800)
    shot(desk, "role-picker-1280x800")
    person.sit_down(desk)
    unit = open_page("/field", 390, 844)
    person.board_unit(unit, UNIT)
    expect(unit.get_by_role("heading", name="No call")).to_be_visible()
    shot(unit, "field-0-no-call-390x844")

    call = telephone.call(NUMBER)
    expect(desk.get_by_role("region", name=f"Ringing call {NUMBER}")).to_be_visible()
    expect(desk.locator(".nsi")).to_have_count(0)
    shot(desk, "desk-1-ringing-1280x800")
    person.answer(desk, NUMBER)
    expect(desk.locator(".nsi")).to_contain_text("cannot be called back")
    telephone.say(call, "hello")
    desk.get_by_role("button", name="Child", exact=False).first.click()
    desk.get_by_label("What you heard, in your words").fill("Says it is Daddy's old phone")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("log", name="Narrative")).to_contain_text("Daddy's old phone")
    expect(desk.get_by_text("All saved")).to_be_visible()
    expect(desk.get_by_role("region", name="Where the caller is").get_by_text("38 m")).to_be_visible()
    shot(desk, "desk-2-talking-1280x800")

    telephone.drop(call)
    expect(desk.locator(".drop")).to_contain_text("ago")
    expect(desk.locator(".advice")).to_contain_text("You confirm")
    shot(desk, "desk-3-advice-1280x800")
    desk.locator(".advice").get_by_role("button", name="Confirm").click()
    expect(desk.locator(".advice")).to_contain_text("confirmed")
    person.choose_door(desk, "9417 Kendall Place")
    desk.get_by_role("button", name="Address read back").click()
    expect(desk.locator(".ctx")).to_contain_text("Read back")
    recommendation = desk.get_by_role("region", name="Recommendation")
    ask = recommendation.get_by_role("button", name="Recommend F8")
    if ask.is_visible():
        ask.click()
    expect(recommendation.locator(".unit").first).to_be_visible()
    expect(recommendation).to_contain_text("Passed over")
    shot(desk, "desk-3-recommended-1280x800")
    desk.set_viewport_size({"width": 1920, "height": 1080})
    shot(desk, "desk-3-recommended-1920x1080")
    assert person.nothing_hidden(desk, ".number", ".nsi b", ".rg.next b", ".acts .b", ".eta b") == []
    desk.set_viewport_size({"width": 1280, "height": 800})
    assert person.nothing_hidden(desk, ".number", ".nsi b", ".rg.next b", ".acts .b", ".eta b", ".set b") == []
    lines = desk.evaluate("document.querySelector('.notes').clientHeight / 20")
    assert lines >= 5, f"{lines:.1f} lines of narrative in view"
    sent = person.send_recommended(desk)
    if sent != UNIT:
        unit = open_page("/field", 390, 844)
        person.board_unit(unit, sent)

    expect(unit.get_by_role("heading", name="9417 Kendall Place")).to_be_visible()
    expect(unit.locator(".flag")).to_contain_text("cannot be called back")
    expect(unit.get_by_role("region", name="Facts")).to_contain_text("Daddy's old phone")
    shot(unit, "field-1-dispatched-390x844")
    unit.evaluate("document.documentElement.dataset.theme = 'light'")
    shot(unit, "field-1-dispatched-light-390x844")
    unit.evaluate("document.documentElement.dataset.theme = 'dark'")
    person.next_step(unit, "Acknowledge")
    person.next_step(unit, "En route")
    expect(desk.get_by_role("region", name="Units").get_by_role("row", name=sent)).to_contain_text("En route")
    shot(unit, "field-1-en-route-390x844")
    person.next_step(unit, "On scene")
    unit.get_by_role("checkbox", name="Adult seen").click()
    unit.get_by_role("checkbox", name="Child seen").click()
    expect(unit.get_by_text("All sent")).to_be_visible()
    shot(unit, "field-2-on-scene-390x844")
    shot(desk, "desk-4-on-scene-1280x800")
    person.next_step(unit, "Contact")
    person.next_step(unit, "Close")
    unit.get_by_label("How it ended, in one line").fill(person.CLOSING_WORDS)
    unit.keyboard.press("Enter")
    expect(unit.get_by_text("Settled by contact").first).to_be_visible()
    expect(unit.get_by_label("Cause")).to_have_value("child_deactivated_phone")
    shot(unit, "field-3-close-390x844")
    person.next_step(unit, "Confirm and clear")
    expect(unit.get_by_role("heading", name="No call")).to_be_visible()
    expect(desk.get_by_role("region", name="Incident ", exact=False).first).to_contain_text("closed")
    closed = [
        fact for fact in facts(desk, f"incident/{selected(desk, 'incident')}") if fact["type"] == "IncidentClosed"
    ]
    assert [fact["payload"]["words"] for fact in closed] == [person.CLOSING_WORDS]
    assert closed[0]["payload"]["dispositions"] == ["18", "02"]
    shot(desk, "desk-5-closed-1280x800")


def test_replay_plays_the_end_of_the_recording(open_page: Callable[..., Page], telephone: Any, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    call = telephone.call("911-555-0101")
    person.answer(desk, "911-555-0101")
    telephone.say(call, "hello")
    desk.keyboard.press("F4")
    expect(desk.locator(".player .mono")).to_have_text(re.compile(r"0:0[1-9] \d\d:\d\d:\d\d"))
    telephone.drop(call)
    expect(desk.locator(".drop")).to_contain_text("ago")
    desk.keyboard.press("F4")
    expect(desk.locator(".player .mono")).to_have_text(re.compile(r"0:0[1-9] \d\d:\d\d:\d\d"))


def test_new_call_takes_neither_focus_nor_what_was_typed(
    open_page: Callable[..., Page], telephone: Any, person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    first = telephone.call("911-555-0102")
    person.answer(desk, "911-555-0102")
    desk.keyboard.press("n")
    desk.keyboard.type("A boy who la")
    telephone.call("614-555-0137")
    expect(desk.get_by_role("region", name="Ringing call 614-555-0137")).to_be_visible()
    desk.keyboard.type("ughs")
    note = desk.get_by_label("Add a note")
    expect(note).to_be_focused()
    expect(note).to_have_value("A boy who laughs")

    desk.reload()
    expect(desk.locator(".call .number")).to_have_text("911-555-0102")
    expect(desk.get_by_label("Add a note")).to_have_value("A boy who laughs")
    desk.get_by_label("Add a note").press("Enter")
    expect(desk.get_by_role("log", name="Narrative")).to_contain_text("A boy who laughs")
    expect(desk.get_by_text("not yet confirmed")).to_have_count(0)
    telephone.drop(first)


def test_location_asked_again_is_one_more_row(open_page: Callable[..., Page], telephone: Any, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    telephone.call("911-555-0105", asked_again=True)
    person.answer(desk, "911-555-0105")
    where = desk.get_by_role("region", name="Where the caller is")
    expect(where.locator(".fixes tbody tr")).to_have_count(1)
    where.get_by_role("button", name="Ask again").click()
    expect(where.locator(".fixes tbody tr")).to_have_count(2)
    expect(where.locator(".fixes tr.use")).to_contain_text("38 m")
    expect(where.locator(".dr").first).to_contain_text("9417 Kendall Place")


def test_refusal_to_call_back_says_why(open_page: Callable[..., Page], telephone: Any, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    call = telephone.call("911-555-0103")
    person.answer(desk, "911-555-0103")
    telephone.drop(call)
    expect(desk.locator(".drop")).to_contain_text("ago")
    desk.get_by_role("button", name="Call back").click()
    expect(desk.locator(".foot")).to_contain_text("service")
    expect(desk.get_by_role("log", name="Narrative")).to_contain_text("Call back refused")


def test_another_unit_is_sent_only_with_a_reason(open_page: Callable[..., Page], person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    desk.get_by_role("button", name="New").or_(desk.get_by_label("Kind")).first.wait_for()
    desk.get_by_label("Kind").select_option("WELFARE")
    desk.get_by_label("Place").fill("9421 Kendall")
    desk.get_by_role("option", name="9421 Kendall Place").click()
    desk.get_by_role("button", name="Open incident").click()
    expect(desk.locator("#place")).to_contain_text("9421 Kendall Place")
    recommendation = desk.get_by_role("region", name="Recommendation")
    ask = recommendation.get_by_role("button", name="Recommend F8")
    if ask.is_visible():
        ask.click()
    recommendation.get_by_role("button", name="instead").click()
    other = recommendation.get_by_role("button", name="Send", exact=False).last
    expect(other).to_be_disabled()
    recommendation.get_by_placeholder("one short reason").fill("knows the family")
    recommendation.get_by_role("button", name="Send", exact=False).last.click()
    expect(desk.get_by_role("log", name="Narrative")).to_contain_text("knows the family")


def test_actions_without_coverage_are_sent_later_with_their_true_times(
    open_page: Callable[..., Page], centre: Any, person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    unit = open_page("/field", 390, 844)
    person.board_unit(unit, "14B2")
    with httpx.Client(base_url=centre.url) as dispatcher:
        login = {"role": "dispatcher", "person": "novak", "position": "02"}
        token = dispatcher.post("/api/session", json=login).json()["token"]
        dispatcher.cookies.clear()
        dispatcher.headers["Authorization"] = f"Bearer {token}"
        opened = dispatcher.post("/api/incidents", json={"kind": "WELFARE", "place": "9409 Kendall Place"}).json()
        incident = f"/api/incidents/{opened['incident_id']}"
        dispatcher.post(f"{incident}/recommend", json={}).raise_for_status()
        send = {"units": ["14B2"], "override_reason": "is around the corner"}
        dispatcher.post(f"{incident}/dispatch", json=send).raise_for_status()

    # The unit may have been on another incident: only when its page shows this one is this one acknowledged.
    expect(unit.get_by_role("heading", name="9409 Kendall Place")).to_be_visible()
    person.next_step(unit, "Acknowledge")
    expect(unit.get_by_text("All sent")).to_be_visible()
    unit.context.set_offline(True)
    person.next_step(unit, "En route")
    person.next_step(unit, "On scene")
    expect(unit.locator(".net")).to_have_text("2 waiting")
    expect(unit.get_by_role("checkbox", name="Adult seen")).to_be_visible()
    unit.get_by_role("checkbox", name="Adult seen").click()
    expect(unit.locator(".net")).to_have_text("3 waiting")
    unit.wait_for_timeout(1500)
    unit.context.set_offline(False)
    expect(unit.get_by_text("All sent")).to_be_visible()
    changes = [fact for fact in facts(desk, "unit/14B2") if fact["type"] == "UnitStatusChanged"][-2:]
    assert [fact["payload"]["status"] for fact in changes] == ["EnRoute", "OnScene"]
    assert all(fact["at"] < fact["recorded_at"] for fact in changes)
    assert unit.locator(".conflict").count() == 0


def test_emergency_of_a_unit_stands_on_the_desk_until_somebody_says_how_it_ended(
    open_page: Callable[..., Page], shot: Callable[[Page, str], None], person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    unit = open_page("/field", 390, 844)
    person.board_unit(unit, "16C2")
    button = unit.get_by_role("button", name="Emergency, hold one second")
    button.click()
    expect(unit.get_by_text("All sent")).to_be_visible()
    assert desk.get_by_role("alert").filter(has_text="16C2").count() == 0
    button.click(delay=1200)
    alert = desk.get_by_role("alert").filter(has_text="16C2 emergency")
    expect(alert).to_be_visible()
    expect(alert.locator("time")).to_have_text(re.compile(r"^0:0\d$"))
    expect(unit.locator("header .id")).to_contain_text(re.compile(r"Emergency\s+0:0\d"))
    shot(desk, "desk-6-emergency-1280x800")
    desk.keyboard.press("F10")
    desk.keyboard.press("Enter")
    desk.keyboard.type("spoke to him, pressed by mistake")
    desk.keyboard.press("Enter")
    expect(alert).to_have_count(0)


def test_note_written_while_the_record_is_away_is_kept_and_recorded_later(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    telephone.call("911-555-0104")
    person.answer(desk, "911-555-0104")
    desk.context.set_offline(True)
    desk.keyboard.press("n")
    desk.keyboard.type("Somebody whispers")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("log", name="Narrative")).to_contain_text("Somebody whispers not yet confirmed")
    expect(desk.locator(".top .spool")).to_be_visible()
    shot(desk, "desk-7-record-away-1280x800")
    desk.context.set_offline(False)
    expect(desk.get_by_text("not yet confirmed")).to_have_count(0)
    expect(desk.get_by_role("log", name="Narrative")).to_contain_text("Somebody whispers")
    written = [
        fact for fact in facts(desk, f"incident/{selected(desk, 'incident')}") if fact["type"] == "NarrativeAdded"
    ]
    assert [fact["payload"]["text"] for fact in written] == ["Somebody whispers"]
