"""Where no map can be drawn, the desk says why, lists what would be on it, and works."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tenfour.units.status import WORDS

from .conftest import CHROMIUM_FLAGS
from .test_pages_for_everyone import findings

UNIT_STATUS = re.compile("|".join(WORDS.values()))
DRAWS_NOTHING = ["--disable-gpu", "--disable-3d-apis"]
pytestmark = pytest.mark.needs_chromium


@pytest.fixture(scope="module")
def browser_flags() -> list[str]:
    return [*CHROMIUM_FLAGS, *DRAWS_NOTHING]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_list_stands_in_the_maps_place(
    open_page: Callable[..., Page],
    telephone: Any,
    shot: Callable[[Page, str], None],
    theme: str,
    person: Any,
) -> None:
    number = {"dark": "911-555-0141", "light": "911-555-0142"}[theme]
    desk = open_page("/", 1920, 1080, theme=theme)
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    person.sit_down(desk)
    region = desk.get_by_role("region", name="Map")
    expect(region.get_by_role("status")).to_contain_text("WebGL is switched off or missing")
    telephone.call(number)
    person.answer(desk, number)
    rows = region.locator(".mrow")
    expect(rows.filter(has_text=number)).to_contain_text("±38 m")
    expect(rows.filter(has_text="14B2")).to_contain_text("1.1 mi west")
    units = [row for row in rows.all_inner_texts() if UNIT_STATUS.search(row)]
    assert len(units) >= 20
    assert findings(desk) == []
    shot(desk, f"map-{theme}-9-without-1920x1080")
    desk.set_viewport_size({"width": 1280, "height": 800})
    shot(desk, f"map-{theme}-9-without-1280x800")
    desk.keyboard.press("Alt+6")
    assert desk.evaluate("document.activeElement.matches('.mrow')")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    assert not [url for url in asked if "canvas" in url or url.endswith(".pmtiles")]
    desk.locator(".qr", has_text=number).click()  # the row may have been somebody else's incident
    person.choose_door(desk, "9417 Kendall Place")


def test_centre_without_a_map_is_said_in_its_words(open_page: Callable[..., Page], person: Any) -> None:
    desk = open_page()

    def without_map(route: Route) -> None:
        answer = route.fetch()
        card = answer.json()
        card["map"] = {"url": "", "words": "This centre has no map (data/map.pmtiles).", "credit": "", "bounds": []}
        route.fulfill(response=answer, body=json.dumps(card))

    desk.route("**/api/centre", without_map)
    desk.reload()
    person.sit_down(desk)
    region = desk.get_by_role("region", name="Map")
    expect(region.get_by_role("status")).to_contain_text("This centre has no map (data/map.pmtiles).")
    expect(region.locator(".mrow").filter(has_text="12A3")).to_be_visible()
