"""An agency's own colours, and the words of its queue and its trunk, as a call taker sees them."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Centre, centre_in
from .test_nothing_is_lost import new_incident
from .test_pages_for_everyone import findings_in_both_themes

pytestmark = pytest.mark.needs_chromium

OURS = "rgb(111, 125, 255)"
COLOUR = """
[colour.en_route]
fill = "#6F7DFF"
dark = "#4FB2FA"
light = "#0A5299"
"""
TRUNK = """
[[sip.trunk]]
name = "West-ESInet"
sources = ["127.0.0.0/8"]
times = 1
"""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A demo centre with a colour and a trunk of its own, where two calls of a source may ring at once."""
    folder = tmp_path_factory.mktemp("own") / "centre"
    with centre_in(folder, COLOUR, more_settings=TRUNK, more_sip="ringing_limit = 2\n") as running:
        yield running


def fill_of(page: Page, unit: str) -> str:
    """The colour of the cell with the letter of a unit."""
    row = page.locator(".units tr", has=page.locator(f"[data-unit='{unit}']"))
    found: str = row.locator(".st").first.evaluate("cell => getComputedStyle(cell, '::before').backgroundColor")
    return found


def test_agencys_colour_stands_with_its_letter_in_both_themes(
    open_page: Callable[..., Page], person: Any, shot: Callable[[Page, str], None]
) -> None:
    desk = open_page("/", 1920, 1080)
    person.sit_down(desk, "J. Novak", "02")
    number = new_incident(desk, "WELFARE", "9417 Kendall Place")
    for line in (f"D 14B2 {number} nearest", "EN 14B2"):
        desk.locator("[data-command]").fill(line)
        desk.locator("[data-command]").press("Enter")
    row = desk.locator(".units tr", has=desk.locator("[data-unit='14B2']"))
    expect(row).to_contain_text("En route")
    expect(row.locator("td").first).to_contain_text("E")
    assert fill_of(desk, "14B2") == OURS
    assert findings_in_both_themes(desk) == []
    desk.set_viewport_size({"width": 1920, "height": 1080})
    shot(desk, "agency-colour-light-1920x1080")


def test_call_says_its_trunk_and_why_it_waits(
    open_page: Callable[..., Page], telephone: Any, person: Any, shot: Callable[[Page, str], None]
) -> None:
    desk = open_page("/", 1920, 1080)
    person.sit_down(desk)
    for number in ("614-555-0171", "614-555-0172"):
        telephone.call(number)
    telephone.call("614-555-0173", rings=False)
    waits = desk.get_by_role("region", name="Calls").locator(".qr", has_text="614-555-0173")
    expect(waits).to_contain_text(re.compile("calls of its source ring already"))
    waits.click()
    in_hand = desk.get_by_role("region", name="Call in hand")
    expect(in_hand.locator(".line")).to_contain_text(
        "2 calls of its source ring already; this one rings when one of them"
    )
    expect(in_hand.locator(".line")).to_contain_text("trunk West-ESInet")
    shot(desk, "queue-words-dark-1920x1080")
    desk.set_viewport_size({"width": 1280, "height": 800})
    shot(desk, "queue-words-dark-1280x800")
    assert person.nothing_hidden(desk, ".line dd") == []
    assert findings_in_both_themes(desk) == []
    in_hand.get_by_role("button", name="Answer").click()
    expect(in_hand).to_contain_text("On the line")
    expect(in_hand.locator(".line")).not_to_contain_text("ring already")
