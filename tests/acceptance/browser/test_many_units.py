"""Two browsers show the same while two hundred units move once a second."""

import asyncio
import math
import statistics
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from .conftest import Centre, centre_in
from .test_nothing_is_lost import new_incident, note, open_incident, story

pytestmark = pytest.mark.needs_chromium

UNITS = [f"V{number:03}" for number in range(1, 201)]
CHANGES = [("Out of service", "OutofService"), ("Not available", "NotAvailable")]
EVERY_S = 1.0
CENTRE_LAT, CENTRE_LON = 39.962, -82.975


def place(number: int, second: int) -> tuple[float, float]:
    """Where a unit is at this second of its round: ten metres and more from where it was."""
    angle, wide = math.radians(3 * second + 17 * number), 0.004 + 0.00008 * number
    return CENTRE_LAT + wide * math.sin(angle), CENTRE_LON + wide * math.cos(angle)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre of its own, with two hundred units more."""
    more = "".join(
        f'\n[[unit]]\nid = "{unit}"\nagency = "sheriff"\npost = {{ lat = {lat:.6f}, lon = {lon:.6f} }}\n'
        for number, unit in enumerate(UNITS)
        for lat, lon in [place(number, 0)]
    )
    with centre_in(Path(tmp_path_factory.mktemp("many")) / "centre", more) as running:
        yield running


@dataclass
class Traffic:
    """All units saying where they are, through the centre's API, from a thread of its own."""

    url: str
    told: int = 0
    failed: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def drive(self) -> None:
        """Until `stop`."""
        asyncio.run(self._drive())

    async def _drive(self) -> None:
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=20) as client:
            who = {"role": "dispatcher", "person": "novak", "position": "02"}
            token = (await client.post("/api/session", json=who)).json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            await asyncio.gather(*(self._unit(client, number) for number in range(len(UNITS))))

    async def _unit(self, client: httpx.AsyncClient, number: int) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + EVERY_S * number / len(UNITS)
        for second in range(100_000):
            await asyncio.sleep(max(0, due - loop.time()))
            if self.stop.is_set():
                return
            lat, lon = place(number, second)
            answer = await client.post(f"/api/units/{UNITS[number]}/position", json={"lat": lat, "lon": lon})
            if answer.is_success:
                self.told += 1
            else:
                self.failed.append(answer.text)
            due = max(due + EVERY_S, loop.time())


@pytest.fixture
def traffic(centre: Centre) -> Iterator[Traffic]:
    """Two hundred units on their way."""
    moving = Traffic(centre.url)
    thread = threading.Thread(target=moving.drive)
    thread.start()
    yield moving
    moving.stop.set()
    thread.join(30)


def watch(page: Page, unit: str, words: str) -> None:
    """Have the page note the moment, by the machine's clock, at which the row of a unit first says this."""
    page.evaluate(
        """([unit, words]) => {
             window.noted = null;
             const row = document.querySelector(`[data-unit="${unit}"]`).closest("tr");
             const look = () => { if (row.cells[2].innerText === words) window.noted ??= Date.now(); };
             new MutationObserver(look).observe(row, {childList: true, subtree: true, characterData: true});
           }""",
        [unit, words],
    )


def noted(page: Page) -> int:
    """That moment, in milliseconds; waits ten seconds for it at most."""
    for _ in range(400):
        if (found := page.evaluate("window.noted")) is not None:
            return int(found)
        page.wait_for_timeout(25)
    raise AssertionError("the row of the unit did not change within ten seconds")


def board(page: Page) -> list[str]:
    """Unit, status and street of every row."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.units tbody tr:not(.menu)')]
             .map(row => [1, 2, 3].map(cell => row.cells[cell].textContent.trim()).join(' | ')).sort()"""
    )
    return found


def test_two_browsers_agree_within_a_second_while_200_units_move(
    open_page: Callable[..., Page], traffic: Traffic, person: Any, shot: Callable[[Page, str], None]
) -> None:
    left, right = open_page(width=1920, height=1080), open_page(width=1920, height=1080)
    person.sit_down(left, "R. Adeyemi", "04")
    person.sit_down(right, "D. Whitfield", "05")
    for page in (left, right):
        page.keyboard.press("Control+f")  # the board draws what is in view; for the browser's own search, all of it
        expect(page.locator(".units [data-unit^='V']")).to_have_count(len(UNITS))
    streets = board(left)
    apart: list[int] = []
    for number, unit in enumerate(UNITS[::18]):
        words, status = CHANGES[number % 2]
        for page in (left, right):
            watch(page, unit, words)
        giving = left if number % 2 == 0 else right
        answered = giving.evaluate(
            """([unit, status]) => fetch(`/api/units/${unit}/status`, {
                 method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({status}),
               }).then(answer => answer.status)""",
            [unit, status],
        )
        assert answered == 200
        apart.append(abs(noted(left) - noted(right)))
    assert statistics.median(apart) < 1000, apart
    told = traffic.told
    assert told > len(UNITS)
    shot(left, "desk-200-units-1920x1080")

    traffic.stop.set()
    for _ in range(100):
        mine, theirs = board(left), board(right)
        if mine == theirs != streets:
            break
        left.wait_for_timeout(100)
    assert mine == theirs
    assert mine != streets
    assert traffic.failed == []


def test_two_people_write_one_story_while_200_units_move(
    open_page: Callable[..., Page], traffic: Traffic, person: Any
) -> None:
    left, right = open_page(), open_page()
    person.sit_down(left, "R. Adeyemi", "04")
    person.sit_down(right, "D. Whitfield", "05")
    number = new_incident(left, "WELFARE", "9417 Kendall Place")
    open_incident(right, number)
    said, apart = [], []
    for turn in range(12):
        writing, reading = (left, right) if turn % 2 == 0 else (right, left)
        words = f"line {turn} of one story"
        for page in (writing, reading):
            watch_story(page, words)
        note(writing, words)
        note(reading, f"and {words}, from the other side")
        said += [words, f"and {words}, from the other side"]
        apart.append(abs(noted(writing) - noted(reading)))
    assert statistics.median(apart) < 1000, apart
    for page in (left, right):
        for words in said:
            expect(story(page).get_by_text(words, exact=True)).to_have_count(1)
        expect(story(page).get_by_text("not yet confirmed")).to_have_count(0)
    assert story(left).inner_text() == story(right).inner_text()
    assert traffic.told > len(UNITS)
    assert traffic.failed == []


def watch_story(page: Page, words: str) -> None:
    """Have the page note the moment, by the machine's clock, at which its story first has these words."""
    page.evaluate(
        """words => {
             window.noted = null;
             const story = document.querySelector(".notes");
             const look = () => { if (story.innerText.includes(words)) window.noted ??= Date.now(); };
             new MutationObserver(look).observe(story, {childList: true, subtree: true, characterData: true});
           }""",
        words,
    )
