"""A board of 224 units draws what is in view; keys, choices, search and paper have all of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import Centre, Hand, centre_in

pytestmark = pytest.mark.needs_chromium

UNITS = [f"V{number:03}" for number in range(1, 201)]
ALL = 24 + len(UNITS)
MOST_DRAWN = 60


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre of its own, with two hundred units more."""
    more = "".join(
        f'\n[[unit]]\nid = "{unit}"\nagency = "sheriff"\npost = {{ lat = {39.95 + number / 9000:.6f}, lon = -82.97 }}\n'
        for number, unit in enumerate(UNITS)
    )
    with centre_in(Path(tmp_path_factory.mktemp("rows")) / "centre", more) as running:
        yield running


@pytest.fixture
def desk(open_page: Callable[..., Page], person: type[Hand]) -> Page:
    """Somebody at position 06, in front of the whole board."""
    page = open_page(width=1920, height=1080)
    person.sit_down(page, "R. Adeyemi", "06")
    expect(page.locator(".units [data-unit]")).not_to_have_count(0)
    return page


def row_numbers(page: Page) -> list[int]:
    """What a screen reader is told of each drawn row, from top to bottom."""
    found: list[int] = page.evaluate(
        "() => [...document.querySelectorAll('.units tr[aria-rowindex]')].map(row => Number(row.ariaRowIndex))"
    )
    return found


def seen(page: Page, unit: str) -> bool:
    """Does this unit stand within the board, under its head?"""
    found: bool = page.evaluate(
        """unit => { const row = document.querySelector(`[data-unit="${unit}"]`)?.getBoundingClientRect();
             const board = document.querySelector(".units .scroll").getBoundingClientRect();
             const head = document.querySelector(".units thead").getBoundingClientRect();
             return row !== undefined && row.top >= head.bottom - 1 && row.bottom <= board.bottom + 1; }""",
        unit,
    )
    return found


def until(page: Page, fact: Callable[[], bool]) -> None:
    """Ten seconds at most."""
    for _ in range(200):
        if fact():
            return
        page.wait_for_timeout(50)
    assert fact()


def test_rows_out_of_view_are_not_drawn_and_counted_all_the_same(desk: Page) -> None:
    until(desk, lambda: desk.locator(".units [data-unit]").count() < MOST_DRAWN)
    assert desk.locator(".units table").get_attribute("aria-rowcount") == str(ALL + 1)
    numbers = row_numbers(desk)
    assert numbers == sorted(set(numbers))
    assert (numbers[:3], numbers[-1]) == ([1, 2, 3], ALL + 1)
    high = desk.evaluate("document.querySelector('.units .scroll').scrollHeight")
    row = desk.evaluate("document.querySelector('.units tbody tr').getBoundingClientRect().height")
    assert high == pytest.approx((ALL + 1) * row, abs=30)


def test_scrolling_draws_what_comes_into_view(desk: Page) -> None:
    assert not seen(desk, "V120")
    desk.evaluate(
        """() => { const board = document.querySelector('.units .scroll');
             const row = document.querySelector('.units tbody tr').getBoundingClientRect().height;
             board.scrollTop = (24 + 119) * row; }"""
    )
    until(desk, lambda: seen(desk, "V120"))
    until(desk, lambda: seen(desk, "V125"))
    assert desk.locator(".units [data-unit]").count() < MOST_DRAWN
    desk.evaluate("document.querySelector('.units .scroll').scrollTop = 1e6")
    until(desk, lambda: seen(desk, "V200") and seen(desk, "V195"))


def test_arrows_walk_through_the_whole_board(desk: Page) -> None:
    desk.keyboard.press("Alt+5")
    first = desk.evaluate("document.activeElement.dataset.unit")
    walked = [first]
    for _ in range(60):
        desk.keyboard.press("ArrowDown")
        walked.append(desk.evaluate("document.activeElement.dataset.unit"))
        until(desk, lambda: seen(desk, walked[-1]))
    assert len(set(walked)) == 61
    assert walked[24:] == UNITS[:37]
    desk.keyboard.press("End")
    until(desk, lambda: seen(desk, "V200"))
    desk.keyboard.press("ArrowUp")
    expect(desk.locator("[data-unit='V199']")).to_be_focused()
    desk.keyboard.press("Home")
    expect(desk.locator(f"[data-unit='{first}']")).to_be_focused()
    until(desk, lambda: seen(desk, first))


def test_who_has_the_focus_keeps_it_out_of_view(desk: Page) -> None:
    desk.keyboard.press("Alt+5")
    for _ in range(3):
        desk.keyboard.press("ArrowDown")
    held = desk.evaluate("document.activeElement.dataset.unit")
    desk.evaluate("document.querySelector('.units .scroll').scrollTop = 1e6")
    until(desk, lambda: seen(desk, "V200"))
    expect(desk.locator(f"[data-unit='{held}']")).to_be_focused()
    desk.keyboard.press("ArrowDown")
    following = desk.evaluate("document.activeElement.dataset.unit")
    assert row_numbers(desk)[:1] == [1]
    assert following != held
    until(desk, lambda: seen(desk, following))


def test_who_has_the_focus_keeps_it_while_another_window_is_in_front(desk: Page) -> None:
    desk.keyboard.press("Alt+5")
    for _ in range(3):
        desk.keyboard.press("ArrowDown")
    held = desk.evaluate("document.activeElement.dataset.unit")
    session = desk.context.new_cdp_session(desk)
    session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    other = desk.context.new_page()
    other.goto(desk.url.partition("#")[0] + "cheat-card")
    other.bring_to_front()
    until(desk, lambda: not desk.evaluate("document.hasFocus()"))
    desk.evaluate("document.querySelector('.units .scroll').scrollTop = 1e6")
    until(desk, lambda: seen(desk, "V200"))
    desk.bring_to_front()
    until(desk, lambda: bool(desk.evaluate("document.hasFocus()")))
    expect(desk.locator(f"[data-unit='{held}']")).to_be_focused()
    desk.keyboard.press("ArrowDown")
    assert desk.evaluate("document.activeElement.dataset.unit") not in (None, held)
    session.detach()
    other.close()


def test_a_unit_named_in_the_command_line_comes_into_view_with_its_menu(desk: Page) -> None:
    assert not seen(desk, "V150")
    desk.keyboard.press("/")
    desk.keyboard.type("S V150")
    expect(desk.locator("#echo[data-of='S V150']")).to_be_visible()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("group", name="Status of V150")).to_be_in_viewport()
    until(desk, lambda: seen(desk, "V150"))
    expect(desk.locator(".units table")).to_have_attribute("aria-rowcount", str(ALL + 2))
    numbers = row_numbers(desk)
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == ALL + 2


def test_the_browsers_search_and_paper_have_every_row(desk: Page) -> None:
    until(desk, lambda: desk.locator(".units [data-unit]").count() < MOST_DRAWN)
    desk.keyboard.press("Control+f")
    expect(desk.locator(".units [data-unit]")).to_have_count(ALL)
    desk.evaluate("dispatchEvent(new Event('focus'))")
    until(desk, lambda: desk.locator(".units [data-unit]").count() < MOST_DRAWN)
    desk.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert desk.locator(".units [data-unit]").count() == ALL
    desk.evaluate("dispatchEvent(new Event('afterprint'))")
    until(desk, lambda: desk.locator(".units [data-unit]").count() < MOST_DRAWN)


def change(page: Page, unit: str, status: str) -> None:
    """Give the unit a status through the API, as another desk would."""
    answered = page.evaluate(
        """([unit, status]) => fetch(`/api/units/${unit}/status`, {
             method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({status}),
           }).then(answer => answer.status)""",
        [unit, status],
    )
    assert answered == 200


def test_a_page_that_draws_no_frames_follows_the_feed_all_the_same(desk: Page) -> None:
    desk.evaluate("window.requestAnimationFrame = () => 0")
    change(desk, "11A2", "NotAvailable")
    expect(desk.locator(".units tr", has=desk.locator("[data-unit='11A2']"))).to_contain_text("Not available")
    change(desk, "11A2", "Available")


def test_the_feed_waits_for_a_key_but_not_until_it_is_echoed(desk: Page) -> None:
    waiting: list[Route] = []

    def keep(route: Route) -> None:
        waiting.append(route)

    desk.route("**/api/command-line/read", keep)
    desk.keyboard.press("/")
    desk.keyboard.type("S V0")
    until(desk, lambda: waiting != [])
    change(desk, "11C1", "NotAvailable")
    expect(desk.locator(".units tr", has=desk.locator("[data-unit='11C1']"))).to_contain_text("Not available")
    expect(desk.locator("#echo[data-of='S V0']")).to_have_count(0)
    desk.unroute("**/api/command-line/read")
    desk.keyboard.type("0")
    expect(desk.locator("#echo[data-of='S V00']")).to_be_visible()
    change(desk, "11C1", "Available")
