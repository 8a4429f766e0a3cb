"""Regions in windows of their own: eight at once, each with its own feed, one selection, and back when they close."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import CHROMIUM_FLAGS
from .test_pages_for_everyone import findings_at_every_size

pytestmark = pytest.mark.needs_chromium

EIGHT = ["Calls", "Call in hand", "Incident", "Map", "Where", "Incidents", "Units", "Narrative and close"]

TELL_OPENING = """{
  const open = window.open;
  window.open = (...asked) => {
    const opened = open(...asked);
    console.info("a window was asked for");
    return opened;
  };
}"""


def tear_off(desk: Page, title: str) -> Page:
    """Open a region in a window of its own, from the layout menu."""
    menu = desk.get_by_role("group", name="Layout of this desk")
    if menu.count() == 0:
        desk.get_by_role("button", name="Layout", exact=True).click()
    with desk.expect_popup() as opened:
        menu.get_by_role("button", name=f"{title} in a window of its own").click()
    window = opened.value
    window.set_default_timeout(15_000)
    expect(window.get_by_role("banner")).to_contain_text("All saved")
    expect(menu.locator(".lrow", has_text=title).locator(".c", has_text="own window").first).to_be_visible()
    return window


def live_feeds(desk: Page) -> int:
    """How many windows follow the centre's live feed, by its figures."""
    figures = desk.evaluate("fetch('/metrics').then(answer => answer.text())")
    return int(float(figures.split("\ntenfour_live_clients ")[1].split()[0]))


def seen_at(window: Page, words: str) -> str:
    """Have the window note the moment, by the machine's clock, at which it first shows these words; its name there."""
    name = f"seen {words}"
    window.evaluate(
        """([name, words]) => {
             const look = () => (window[name] ??= document.body.innerText.includes(words) ? Date.now() : undefined);
             new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true});
             look();
           }""",
        [name, words],
    )
    return name


def noted(window: Page, name: str) -> int:
    """The noted moment, once there is one, in milliseconds."""
    for _ in range(200):
        if (found := window.evaluate("name => window[name] ?? null", name)) is not None:
            return int(found)
        window.wait_for_timeout(50)
    raise AssertionError(f"not {name} within ten seconds")


def test_eight_windows_follow_the_centre_and_one_selection(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], person: Any
) -> None:
    desk = open_page(width=1920, height=1080)
    person.sit_down(desk, "D. Whitfield", "05")
    before = live_feeds(desk)
    windows = {title: tear_off(desk, title) for title in EIGHT}
    assert live_feeds(desk) >= before + len(EIGHT)
    for window in windows.values():
        assert window.get_by_role("main").locator("> section").count() == 1
    assert desk.locator(".cell").count() == 0

    called = seen_at(windows["Calls"], "614-555-0181")
    also = seen_at(desk, "614-555-0181")
    telephone.call("614-555-0181")
    assert abs(noted(windows["Calls"], called) - noted(desk, also)) < 1000

    windows["Calls"].get_by_role("button", name="614-555-0181").click()
    expect(windows["Call in hand"].locator(".number")).to_have_text("614-555-0181")
    windows["Call in hand"].get_by_role("button", name="Answer").click()
    incident = windows["Incident"].get_by_role("region", name="Incident ", exact=False)
    expect(incident).to_contain_text("Active")
    expect(windows["Narrative and close"].get_by_role("log", name="Narrative")).to_contain_text("614-555-0181")
    expect(windows["Where"].locator(".fixes")).to_contain_text("38 m")
    number = str(incident.get_attribute("aria-label")).removeprefix("Incident ")
    expect(windows["Incidents"].locator("tr.sel")).to_contain_text(number)
    windows["Units"].get_by_role("button", name="17A2").click()
    unit = windows["Units"].locator("tr", has_text="17A2")
    desk.keyboard.press("/")
    desk.keyboard.type("OS")
    expect(desk.locator("#echo")).to_contain_text("17A2")
    told = seen_at(windows["Units"], "Out of service")
    windows["Units"].get_by_role("button", name="Out of service").click()
    assert noted(windows["Units"], told) > 0
    expect(unit).to_contain_text("Out of service")
    shot(windows["Units"], "window-units")
    shot(windows["Calls"], "window-calls")

    desk.keyboard.press("Escape")
    desk.reload()
    expect(desk.get_by_text("Every region stands in a window")).to_have_count(0)
    expect(desk.locator(".cell")).to_have_count(1)
    windows["Units"].close()
    expect(desk.get_by_role("region", name="Units")).to_be_visible()
    windows["Incident"].reload()
    expect(windows["Incident"].get_by_role("region", name=f"Incident {number}")).to_be_visible()
    expect(desk.locator(".of-incident")).to_have_count(0)
    for title in ("Calls", "Call in hand", "Incident", "Where", "Incidents", "Narrative and close", "Map"):
        windows[title].close()
    expect(desk.locator(".cell")).to_have_count(9)
    desk.get_by_role("button", name="17A2").click()
    desk.get_by_role("group", name="Status of 17A2").get_by_role("button", name="In service").click()


def test_window_outlives_its_opener_and_a_reload(open_page: Callable[..., Page], telephone: Any, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk, "D. Whitfield", "05")
    context, address = desk.context, desk.url
    window = tear_off(desk, "Calls")
    desk.close()
    telephone.call("614-555-0186")
    expect(window.get_by_role("button", name="614-555-0186")).to_be_visible()
    window.reload()
    expect(window.get_by_role("button", name="614-555-0186")).to_be_visible()
    expect(window.get_by_role("banner")).to_contain_text("All saved")
    back = context.new_page()
    back.goto(address)
    expect(back.get_by_role("region", name="Units")).to_be_visible()
    expect(back.locator(".of-calls")).to_have_count(0)
    assert len(context.pages) == 2
    window.get_by_role("button", name="614-555-0186").click()
    expect(back.locator(".call .number")).to_have_text("614-555-0186")
    window.close()
    expect(back.get_by_role("region", name="Calls")).to_be_visible()


def test_blocked_window_is_told_of_in_one_sentence_and_one_press_opens_it(
    chromium: str, browser: Browser, centre: Any, person: Any, shot: Callable[[Page, str], None]
) -> None:
    blocking = browser.browser_type.launch(
        executable_path=chromium, args=CHROMIUM_FLAGS, ignore_default_args=["--disable-popup-blocking"]
    )
    desk = blocking.new_page(viewport={"width": 1280, "height": 800})
    desk.add_init_script("localStorage.setItem('tour whitfield', 'left')")
    desk.add_init_script(TELL_OPENING)
    desk.goto(centre.url)
    person.sit_down(desk, "D. Whitfield", "05")
    tear_off(desk, "Units").close()
    expect(desk.get_by_role("region", name="Units")).to_be_visible()
    desk.evaluate("localStorage.setItem('windows of whitfield', JSON.stringify(['units']))")
    # Looking at a page counts as a hand on it, which lets it open windows: nothing looks until it has tried.
    with desk.expect_console_message(lambda message: message.text == "a window was asked for"):
        desk.reload()
    told = desk.locator(".top .spool")
    expect(told).to_contain_text("One region was in a window of its own")
    expect(desk.get_by_role("region", name="Units")).to_be_visible()
    assert findings_at_every_size(desk) == []
    shot(desk, "window-blocked-1280x800")
    with desk.expect_popup() as opened:
        told.get_by_role("button", name="Open again").click()
    expect(opened.value.get_by_role("region", name="Units")).to_be_visible()
    expect(told).to_have_count(0)
    blocking.close()
