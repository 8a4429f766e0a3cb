"""The map of the desk, drawn by a browser: what is on it, and that it stays where a hand put it."""

import base64
import gzip
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from .conftest import CHECKOUT, CHROMIUM_FLAGS, KENDALL_PLACE
from .test_pages_for_everyone import findings

DRAWS_IN_SOFTWARE = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
DRAWN_WITHIN_MS = 60_000
LARGEST_FIRST_LOAD = 250_000
pytestmark = pytest.mark.needs_chromium


@pytest.fixture(scope="module")
def browser_flags() -> list[str]:
    return [*CHROMIUM_FLAGS, *DRAWS_IN_SOFTWARE]


def canvas(desk: Page) -> Locator:
    """The map itself, beside the close-up of the fix."""
    return desk.locator(".mapp .mbox:not(.mlens)")


def drawn(desk: Page, words: str | re.Pattern[str] = "In view") -> str:
    """Wait until these words say what is in view, and all of it is drawn."""
    expect(desk.locator("[data-in-view]")).to_contain_text(words, timeout=DRAWN_WITHIN_MS)
    expect(canvas(desk)).to_have_attribute("data-idle", "true", timeout=DRAWN_WITHIN_MS)
    return desk.locator("[data-in-view]").inner_text()


def to_map(desk: Page) -> None:
    """Alt 6, again until the desk that has just been given another size is laid out anew."""
    inside = canvas(desk).locator("canvas")
    for _ in range(20):
        desk.keyboard.press("Alt+6")
        desk.wait_for_timeout(500)
        if inside.evaluate("element => element === document.activeElement"):
            return
    expect(inside).to_be_focused()


def recommend(desk: Page, person: Any) -> None:
    """Kind and place, then ask for a recommendation."""
    desk.get_by_label("Kind").select_option("WELFARE")
    person.choose_door(desk, "9417 Kendall Place")
    region = desk.get_by_role("region", name="Recommendation")
    ask = region.get_by_role("button", name="Recommend F8")
    expect(ask.or_(region.locator(".unit")).first).to_be_visible()
    if ask.is_visible():
        ask.click()
    expect(region).to_contain_text("Passed over")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_call_appears_with_its_circle_and_its_doors(
    open_page: Callable[..., Page],
    telephone: Any,
    shot: Callable[[Page, str], None],
    theme: str,
    person: Any,
) -> None:
    number = {"dark": "911-555-0131", "light": "911-555-0132"}[theme]
    desk = open_page("/", 1920, 1080, theme=theme)
    person.sit_down(desk)
    drawn(desk, re.compile(r"2\d units"))
    shot(desk, f"map-{theme}-0-no-call-1920x1080")
    telephone.call(number)
    drawn(desk, "call")
    person.answer(desk, number)
    drawn(desk, re.compile(r"[1-9] doors, 1 call|1 call.*doors"))
    assert findings(desk) == []
    shot(desk, f"map-{theme}-1-call-1920x1080")
    recommend(desk, person)
    drawn(desk, "unit")
    shot(desk, f"map-{theme}-2-recommended-1920x1080")
    desk.set_viewport_size({"width": 1280, "height": 800})
    to_map(desk)
    shot(desk, f"map-{theme}-2-recommended-1280x800")
    desk.keyboard.press("c")
    drawn(desk, "doors")
    expect(desk.locator(".mlens")).to_have_attribute("data-idle", "true")
    shot(desk, f"map-{theme}-3-close-1280x800")
    desk.set_viewport_size({"width": 960, "height": 540})
    assert findings(desk) == []
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    canvas(desk).scroll_into_view_if_needed()
    drawn(desk)
    shot(desk, f"map-{theme}-4-zoomed-960x540")


def brightness(desk: Page) -> float:
    """Of the map as it is seen, from 0 to 255: its middle."""
    picture = base64.b64encode(canvas(desk).screenshot()).decode()
    found: float = desk.evaluate(
        """async picture => {
          const bytes = Uint8Array.from(atob(picture), letter => letter.charCodeAt(0));
          const image = await createImageBitmap(new Blob([bytes], {type: 'image/png'}));
          const pen = new OffscreenCanvas(image.width, image.height).getContext('2d');
          pen.drawImage(image, 0, 0);
          const {data} = pen.getImageData(image.width / 4, image.height / 4, image.width / 2, image.height / 2);
          return data.reduce((sum, one) => sum + one) / data.length;
        }""",
        picture,
    )
    return found


def until_bright(desk: Page, fits: Callable[[float], bool]) -> None:
    """Wait until the map is as bright as it is to be."""
    for _ in range(100):
        if fits(brightness(desk)):
            return
        desk.wait_for_timeout(200)
    assert fits(brightness(desk)), brightness(desk)


def test_map_follows_the_theme_while_its_streets_are_on_their_way(open_page: Callable[..., Page], person: Any) -> None:
    asked: list[Route] = []

    def keep(route: Route) -> None:
        asked.append(route)
        if len(asked) == 1:  # the head of the tiles, without which there is no map
            route.continue_()

    desk = open_page()
    desk.route("**/*.pmtiles", keep)
    person.sit_down(desk)
    expect(canvas(desk).locator("canvas")).to_be_visible()
    until_bright(desk, lambda found: 60 < found < 110 and len(asked) > 1)
    desk.get_by_role("button", name="Light theme").click()
    until_bright(desk, lambda found: found > 200)
    desk.get_by_role("button", name="Dark theme").click()
    until_bright(desk, lambda found: found < 110)
    desk.unroute("**/*.pmtiles")


def test_tower_alone_looks_different(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], person: Any
) -> None:
    desk = open_page("/", 1920, 1080)
    person.sit_down(desk)
    telephone.call("911-555-0133", asked_again=True)
    person.answer(desk, "911-555-0133")
    expect(desk.locator(".mapp .lg").filter(has_text="tower sector")).to_be_visible()
    drawn(desk, "1 call")
    shot(desk, "map-dark-5-tower-1920x1080")
    desk.get_by_role("button", name="Ask again").click()
    expect(desk.locator(".fixes tr.use")).to_contain_text("38 m")
    drawn(desk, "door")
    shot(desk, "map-dark-5-asked-again-1920x1080")


def test_unit_comes_into_view_where_it_was_measured(
    open_page: Callable[..., Page], telephone: Any, centre: Any, shot: Callable[[Page, str], None], person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    telephone.call("911-555-0134")
    person.answer(desk, "911-555-0134")
    desk.keyboard.press("Alt+6")
    desk.keyboard.press("c")
    assert "unit" not in drawn(desk, "door").split("Keys")[0]
    with httpx.Client(base_url=centre.url, trust_env=False) as crew:
        login = {"role": "unit", "person": "ferreira", "unit": "E3"}
        crew.headers["Authorization"] = f"Bearer {crew.post('/api/session', json=login).json()['token']}"
        crew.cookies.clear()
        for step in range(4):
            here = {"lat": KENDALL_PLACE.lat + 0.0001 * step, "lon": KENDALL_PLACE.lon - 0.0003}
            crew.post("/api/units/E3/position", json=here).raise_for_status()
    drawn(desk, "1 unit")
    shot(desk, "map-dark-6-unit-there-1280x800")


def test_map_stays_where_a_hand_put_it(open_page: Callable[..., Page], telephone: Any, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    before = drawn(desk, re.compile(r"2\d units"))
    box = canvas(desk).bounding_box()
    assert box is not None
    fit = desk.get_by_role("button", name="Fit")
    expect(fit).not_to_have_class(re.compile("due"))
    desk.mouse.move(box["x"] + 200, box["y"] + 100)
    desk.mouse.down()
    desk.mouse.move(box["x"] + 180, box["y"] + 110, steps=3)
    telephone.call("911-555-0135")
    person.answer(desk, "911-555-0135")
    expect(desk.locator(".doors .dr").first).to_be_visible()
    expect(fit).to_have_class(re.compile("due"))
    desk.mouse.up()
    assert "door" not in drawn(desk, "unit").split("Keys")[0]
    assert before.split()[2] != "0"
    fit.click()
    drawn(desk, "doors")
    expect(fit).not_to_have_class(re.compile("due"))
    desk.keyboard.press("Alt+6")
    desk.keyboard.press("ArrowLeft")
    expect(fit).to_have_class(re.compile("due"))


def test_list_has_the_same_things_with_the_same_actions(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    telephone.call("911-555-0136")
    person.answer(desk, "911-555-0136")
    drawn(desk, "call")
    desk.keyboard.press("Alt+6")
    desk.keyboard.press("l")
    expect(desk.locator(".mlist [data-first]")).to_be_focused()
    rows = desk.locator(".mlist .mrow")
    expect(rows.filter(has_text="911-555-0136")).to_contain_text("±38 m, in hand")
    expect(rows.filter(has_text="9417 Kendall Place").filter(has_text="Door")).to_contain_text("10 m west")
    expect(rows.filter(has_text="12A3")).to_contain_text(re.compile(r"\d mi (north|south)?-?(east|west)?"))
    assert findings(desk) == []
    shot(desk, "map-dark-7-list-1280x800")
    rows.filter(has_text="12A3").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-unit='12A3']")).to_be_focused()
    rows.filter(has_text="Door 2:").click()
    assert desk.evaluate("document.activeElement.dataset.door") is not None
    desk.keyboard.press("Alt+6")
    desk.keyboard.press("l")
    expect(rows).to_have_count(0)
    expect(canvas(desk).locator("canvas")).to_be_focused()
    drawn(desk)


def test_lost_graphics_are_a_list_until_they_come_back(
    open_page: Callable[..., Page], shot: Callable[[Page, str], None], person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    drawn(desk)
    desk.keyboard.press("Alt+6")
    desk.evaluate(
        """() => { const gl = document.querySelector('.mbox:not(.mlens) canvas').getContext('webgl2');
                   window.lose = gl.getExtension('WEBGL_lose_context'); window.lose.loseContext(); }"""
    )
    expect(desk.locator(".mwhy")).to_contain_text("gave up")
    expect(desk.locator(".mlist .mrow").filter(has_text="12A3")).to_be_visible()
    expect(desk.get_by_role("region", name="Map", exact=True)).to_be_focused()
    shot(desk, "map-dark-8-lost-1280x800")
    desk.evaluate("window.lose.restoreContext()")
    expect(desk.locator(".mwhy")).to_have_count(0)
    drawn(desk, re.compile(r"2\d units"))


def test_first_load_of_the_desk_is_without_the_map() -> None:
    dist = CHECKOUT / "web" / "dist"
    waiting = re.findall(r'"/(assets/[^"]+\.(?:js|css))"', (dist / "index.html").read_text())
    loaded: dict[str, int] = {}
    while waiting:
        name = waiting.pop()
        content = (dist / name).read_bytes()
        loaded[name] = len(gzip.compress(content))
        static = re.findall(rb'(?:from|import)\s*"\./([^"]+\.js)"', content)
        waiting += [f"assets/{other.decode()}" for other in static if f"assets/{other.decode()}" not in loaded]
    assert len(loaded) >= 3
    assert sum(loaded.values()) < LARGEST_FIRST_LOAD


def test_map_file_that_cannot_be_had_is_said(open_page: Callable[..., Page], person: Any) -> None:
    desk = open_page()
    desk.route("**/map/*.pmtiles", lambda route: route.abort())
    person.sit_down(desk)
    region = desk.get_by_role("region", name="Map")
    expect(region.get_by_role("status").filter(has_text="could not be opened")).to_be_visible()
    expect(region.locator(".mrow").filter(has_text="12A3")).to_be_visible()
    desk.unroute("**/map/*.pmtiles")
    region.get_by_role("button", name="Try again").click()
    drawn(desk, "units")
