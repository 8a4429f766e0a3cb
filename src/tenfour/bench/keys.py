"""`tenfour bench keys`: how many keys a person presses, counted in a browser that is worked by keyboard alone.

Every key that goes down counts, also Alt of Alt 7; nothing is clicked. `hug_drop_to_dispatched` begins when the line
of a deactivated phone has dropped and ends when a unit is dispatched: the advice is confirmed, a door taken, the
recommendation asked for and sent. `ordinary_call` begins with the ring of a wireless caller whose fix is good and
ends when a unit is dispatched: answered, kind and priority set, a door taken, the recommendation asked for and sent.
"""

import asyncio
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from socket import SOCK_STREAM
from typing import TYPE_CHECKING, Any

from tenfour.bench.figure import report, skip
from tenfour.bench.server import free_port, run_centre
from tenfour.demo.make import make_centre
from tenfour.play.caller import PlacedCall, dial, drop, put_away
from tenfour.play.cast import Caller
from tenfour.play.fix import CircleGiven
from tenfour.vocabulary.errors import Unavailable

if TYPE_CHECKING:
    from playwright.sync_api import Page

BENCH, UNIT = "keys", "key presses"
HUG, ORDINARY = "hug_drop_to_dispatched", "ordinary_call"
AIMS = {HUG: 5.0, ORDINARY: 12.0}
DEMO_CACHE = Path("build/demo")
PATIENCE_S = 60.0
KENDALL_PLACE = CircleGiven(lat=39.95865, lon=-82.96435, radius_m=38, confidence_pct=90, method="A-GPS")
FRANKLIN_AVENUE = CircleGiven(lat=39.96137, lon=-82.95580, radius_m=12, confidence_pct=90, method="A-GPS")
FLAGS = ["--no-sandbox", "--headless=new", "--disable-background-networking", "--disable-component-update"]
COUNTING = """
window.pressed = 0;
addEventListener("keydown", (event) => { if (!event.repeat) window.pressed += 1; }, true);
for (const who of ["adeyemi"]) localStorage.setItem("tour " + who, "left");
"""


def main() -> None:
    """Count and print both figures; skipped where chromium or Playwright is missing."""
    chromium = shutil.which("chromium")
    if chromium is None or find_spec("playwright") is None:
        why = "chromium is missing; make peers gets it" if chromium is None else "Playwright is missing; make setup"
        for figure, aim in AIMS.items():
            skip(BENCH, figure, UNIT, aim=aim, why=why)
        return
    with running_centre() as (url, sip):
        runs = [measure(url, sip, chromium, number) for number in range(3)]
    for figure, aim in AIMS.items():
        values = [float(run[figure]) for run in runs]
        report(BENCH, figure, values, UNIT, aim=aim, beside="no mouse; Alt counts as a key", more_is_better=False)


def measure(url: str, sip: tuple[str, int], chromium: str, number: int) -> dict[str, int]:
    """Both figures once, at position 06 of the demo centre at `url`; `number` (0 to 99) makes the callers' own."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not there where Tenfour is only installed

    with sync_playwright() as playwright, telephone(sip) as phone:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            page.add_init_script(COUNTING)
            page.goto(url)
            page.get_by_label("Position").select_option("06")
            page.get_by_role("button", name="R. Adeyemi Call taker and dispatcher").click()
            page.get_by_role("region", name="Units").wait_for()
            boy, man = f"911-555-07{number:02}", f"614-555-07{number:02}"
            return {HUG: hug(page, phone, boy), ORDINARY: fall(page, phone, man)}
        finally:
            browser.close()


def hug(page: "Page", phone: "Telephone", number: str) -> int:
    """Keys from the drop of a deactivated phone's line until a unit is dispatched."""
    call = phone.call(Caller(name="boy", number=number, location=KENDALL_PLACE))
    _answer(page, number)
    phone.drop(call)
    page.get_by_role("button", name="Confirm F9").wait_for()
    page.evaluate("window.pressed = 0")
    page.keyboard.press("F9")
    page.locator(".dr[data-next]:focus").wait_for()
    page.keyboard.press("Enter")
    return _send(page)


def fall(page: "Page", phone: "Telephone", number: str) -> int:
    """Keys from the ring of an ordinary call until a unit is dispatched."""
    phone.call(Caller(name="man", number=number, class_of_service="WPH2", location=FRANKLIN_AVENUE))
    page.get_by_role("region", name=f"Ringing call {number}").wait_for()
    page.evaluate("window.pressed = 0")
    _answer(page, number)
    page.locator("#kind:enabled").wait_for()
    page.keyboard.press("Alt+3")
    for letter in "fa":
        page.keyboard.press(letter)
    _until(page, "document.querySelector('#kind').value === 'FALL'")
    page.keyboard.press("Tab")
    page.keyboard.press("2")
    _until(page, "document.querySelector('#priority').value === '2'")
    page.locator(".dr[data-next]").wait_for()
    page.keyboard.press("Alt+7")
    page.keyboard.press("Enter")
    return _send(page)


def _answer(page: "Page", number: str) -> None:
    page.get_by_role("region", name=f"Ringing call {number}").wait_for()
    page.keyboard.press("F2")
    _until(page, f"document.querySelector('.call .number')?.innerText === '{number}'")


def _send(page: "Page") -> int:
    """The place is chosen: F8 asks, F8 sends; the keys so far."""
    page.get_by_role("button", name="Recommend F8").wait_for()
    page.keyboard.press("F8")
    page.locator(".rec button.p", has_text="Send").wait_for()
    page.keyboard.press("F8")
    page.locator(".rec .c.ok", has_text="sent").wait_for()
    return int(page.evaluate("window.pressed"))


def _until(page: "Page", holds: str) -> None:
    """Look again and again: the page's own policy forbids to wait inside it."""
    deadline = time.monotonic() + PATIENCE_S
    while not page.evaluate(holds):
        if time.monotonic() > deadline:
            raise Unavailable(f"The desk did not come to: {holds}.")
        page.wait_for_timeout(50)


# ---- who calls, and whom ----


class Telephone:
    """Places calls over SIP and RTP on a loop of its own."""

    def __init__(self, sip: tuple[str, int], loop: asyncio.AbstractEventLoop) -> None:
        self._sip, self._loop = sip, loop
        self._placed: list[PlacedCall] = []

    def call(self, caller: Caller) -> PlacedCall:
        """Dial; returns when it rings."""

        async def place() -> PlacedCall:
            call = await dial(caller, sip=self._sip, bind="127.0.0.1", location_uri="")
            self._placed.append(call)
            async with asyncio.timeout(PATIENCE_S):
                await call.ringing.wait()
            return call

        placed: PlacedCall = self._wait(place())
        return placed

    def drop(self, call: PlacedCall) -> None:
        """Hang up once somebody has answered."""

        async def leave() -> None:
            async with asyncio.timeout(PATIENCE_S):
                await call.answered.wait()
            await drop(call)

        self._wait(leave())

    def put_away(self) -> None:
        """End every call."""
        for call in self._placed:
            self._wait(put_away(call))

    def _wait(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(2 * PATIENCE_S)


@contextmanager
def telephone(sip: tuple[str, int]) -> Iterator[Telephone]:
    """Somebody who calls the centre at `sip`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    phone = Telephone(sip, loop)
    try:
        yield phone
    finally:
        phone.put_away()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def running_centre() -> Iterator[tuple[str, tuple[str, int]]]:
    """A fresh demo centre as `tenfour run` starts it: its address, and where it answers SIP."""
    with tempfile.TemporaryDirectory(prefix="bench-keys-") as name:
        folder, http, sip = Path(name, "c"), f"127.0.0.1:{free_port(SOCK_STREAM)}", ("127.0.0.1", free_port())
        make_centre(folder, DEMO_CACHE, http=http, sip=f"{sip[0]}:{sip[1]}")
        with run_centre(folder, http):
            yield f"http://{http}", sip
