"""A real demo centre, a real telephone, and Debian's chromium looking at the pages."""

import asyncio
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tenfour.cli.story import free_port
from tenfour.demo.make import make_centre
from tenfour.play.caller import PlacedCall, cancel, dial, drop, put_away
from tenfour.play.cast import Caller
from tenfour.play.fix import CircleGiven, SectorGiven
from tenfour.play.held import LocationServer
from tenfour.play.sound import packets_of

CHECKOUT = Path(__file__).resolve().parents[3]
SCREENSHOTS = CHECKOUT / "build" / "screenshots"
UP_WITHIN_S = 60.0
KENDALL_PLACE = CircleGiven(lat=39.95865, lon=-82.96435, radius_m=38, confidence_pct=90, method="A-GPS")
TOWER = SectorGiven(lat=39.953, lon=-82.97, outer_m=900, start_deg=340, opening_deg=120, method="Cell")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
FAKE_DEVICES = [
    "--use-fake-device-for-media-stream",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--allow-loopback-in-peer-connection",
]
ALLOWED = "--use-fake-ui-for-media-stream"
"""A page may use the microphone without asking."""
PEOPLE = ["adeyemi", "castellanos", "novak", "whitfield"]
"""Who has left the tour of the desk already, unless a test is about it."""

T = TypeVar("T")


def microphone_that_says(said: Path) -> list[str]:
    """A browser's flags: its microphone says this WAV over and over."""
    return [*FAKE_DEVICES, ALLOWED, f"--use-file-for-fake-audio-capture={said}"]


@dataclass(frozen=True)
class Centre:
    """A centre that runs: where its pages are, and where calls come in."""

    url: str
    sip: tuple[str, int]
    supervisor: int
    """The process that keeps the centre's two processes."""
    folder: Path

    def process(self, module: str) -> int:
        """Which of them runs `python -m tenfour.<module>` now."""
        children = Path(f"/proc/{self.supervisor}/task/{self.supervisor}/children").read_text().split()
        named = {Path(f"/proc/{child}/cmdline").read_bytes(): int(child) for child in children}
        return next(pid for command, pid in named.items() if f"tenfour.{module}".encode() in command)


@dataclass
class Telephone:
    """Places calls over SIP and RTP from a thread of its own; every call is ended with the test."""

    sip: tuple[str, int]
    loop: asyncio.AbstractEventLoop
    placed: list[PlacedCall] = field(default_factory=list)
    location_server: LocationServer = field(default_factory=LocationServer)

    def call(
        self,
        number: str,
        *,
        asked_again: bool = False,
        text: str = "",
        languages: tuple[str, ...] = (),
        called: str = "",
        rings: bool = True,
    ) -> PlacedCall:
        """Dial 911, or the line `called`, from near Kendall Place; returns when it rings. `text`: `rtt` or `tty`.

        With `asked_again` only the tower's sector comes with the call; the better fix is to be asked for. One that is
        not to ring (`rings`) is only dialled.
        """

        async def place() -> PlacedCall:
            uri = ""
            if asked_again:
                await self.location_server.start("127.0.0.1")
                uri = self.location_server.register("caller", (KENDALL_PLACE,))
            place = TOWER if asked_again else KENDALL_PLACE
            caller = Caller(name="caller", number=number, location=place, text=text, languages=languages, called=called)
            call = await dial(caller, sip=self.sip, bind="127.0.0.1", location_uri=uri)
            self.placed.append(call)
            async with asyncio.timeout(10):
                await (call.ringing.wait() if rings else asyncio.sleep(0))
            return call

        return self._wait(place())

    def type(self, call: PlacedCall, text: str) -> None:
        """Type it letter by letter, to its end."""

        async def type_it() -> None:
            async with asyncio.timeout(25):
                await call.answered.wait()
                await call.typewriter.type(text, 20)

        self._wait(type_it())

    def read(self, call: PlacedCall, words: str) -> None:
        """These words come in text from the centre."""
        self._wait(asyncio.wait_for(call.typewriter.until_read(words), 15))

    def say(self, call: PlacedCall, clip: str) -> None:
        """Say a clip of the golden story, to its end."""
        self.speak(call, CHECKOUT / "stories" / "audio" / f"{clip}.wav")

    def speak(self, call: PlacedCall, clip: Path) -> None:
        """Say any clip (8 kHz mono WAV), to its end."""

        async def speak() -> None:
            async with asyncio.timeout(20):
                await call.answered.wait()
                call.voice.speak(packets_of(clip))
                await call.voice.until_spoken()

        self._wait(speak())

    def drop(self, call: PlacedCall) -> None:
        """The caller's side ends the call."""
        self._wait(drop(call))

    def give_up(self, call: PlacedCall) -> None:
        """The caller leaves before anybody answered."""
        self._wait(cancel(call))

    def hang_up_all(self) -> None:
        """End whatever still goes on."""
        for call in self.placed:
            self._wait(put_away(call))
        self.placed.clear()
        self._wait(self.location_server.close())

    def _wait(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)


class Hand:
    """What a person does on the pages, in words that tests read as sentences."""

    CLOSING_WORDS = "Just wanted a hug."

    @staticmethod
    def sit_down(page: Page, person: str = "R. Adeyemi", position: str = "04") -> None:
        """Choose a position and a person in the role picker; the desk appears."""
        page.get_by_label("Position").select_option(position)
        page.get_by_role("button", name=re.compile(f"^{re.escape(person)}.*ispatcher")).click()
        expect(page.get_by_role("region", name="Units")).to_be_visible()

    @staticmethod
    def board_unit(page: Page, unit: str) -> None:
        """Choose the unit whose page this is."""
        page.get_by_role("button", name=re.compile(f"^{unit}")).click()
        expect(page.locator("header .id b")).to_have_text(unit)

    @staticmethod
    def answer(page: Page, number: str) -> None:
        """F2 takes the call that rings longest into the hand."""
        expect(page.get_by_role("region", name=f"Ringing call {number}")).to_be_visible()
        page.keyboard.press("F2")
        expect(page.locator(".call .number")).to_have_text(number)
        expect(page.get_by_role("region", name=f"Ringing call {number}")).to_have_count(0)

    @staticmethod
    def choose_door(page: Page, label: str) -> None:
        """Take a candidate door as the place, by keyboard alone."""
        page.keyboard.press("Alt+7")
        door = page.locator(".doors .dr", has_text=label)
        door.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#place")).to_contain_text(label)

    @staticmethod
    def send_recommended(page: Page) -> str:
        """F8; the unit that was sent."""
        send = page.get_by_role("button", name=re.compile(r"^Send \w+ F8"))
        unit = send.inner_text().split()[1]
        page.keyboard.press("F8")
        expect(page.get_by_role("region", name="Recommendation").get_by_text(f"{unit} sent")).to_be_visible()
        return unit

    @staticmethod
    def next_step(page: Page, words: str) -> None:
        """Press the field page's one large button, which says what comes next."""
        page.locator(".big1").filter(has_text=words).click()

    @staticmethod
    def nothing_hidden(page: Page, *selectors: str) -> list[str]:
        """Elements whose text is cut off at their right edge although it must be read to act."""
        found: list[str] = page.evaluate(
            """selectors => selectors.flatMap(s => [...document.querySelectorAll(s)])
                 .filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1).map(e => e.innerText)""",
            list(selectors),
        )
        return found

    @staticmethod
    def out_of_sight(page: Page, *selectors: str) -> list[str]:
        """Elements of which some part is cut off, covered, or to be scrolled to; one that is missing counts."""
        found: list[str] = page.evaluate(
            """selectors => {
              const bare = ({left, right, top, bottom}, element) => {
                const spots = [left + 3, right - 3].flatMap(x => [[x, top + 3], [x, bottom - 3]]);
                return spots.every(([x, y]) => {
                  const there = document.elementFromPoint(x, y);
                  return there !== null && (element.contains(there) || there.contains(element));
                });
              };
              const inside = ({top, bottom}, element) => {
                for (let box = element.parentElement; box !== null; box = box.parentElement) {
                  const edge = box.getBoundingClientRect();
                  const cuts = getComputedStyle(box).overflowY !== 'visible';
                  if (cuts && (top < edge.top - 1 || bottom > edge.bottom + 1)) return false;
                }
                return true;
              };
              return selectors.flatMap(selector => {
                const all = [...document.querySelectorAll(selector)].filter(one => one.offsetParent !== null);
                if (all.length === 0) return [`${selector}: missing`];
                return all.map(one => [one, one.getBoundingClientRect()])
                  .filter(([one, box]) => !inside(box, one) || !bare(box, one))
                  .map(([one]) => `${selector}: ${one.innerText}`);
              });
            }""",
            list(selectors),
        )
        return found


@pytest.fixture
def person() -> type[Hand]:
    """Somebody at the keyboard."""
    return Hand


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """One demo centre for the tests of a module, started by the command that people use."""
    assert (CHECKOUT / "web" / "dist" / "index.html").exists(), "web/dist is missing: `make setup` builds it"
    folder = tmp_path_factory.mktemp("browser") / "centre"
    with centre_in(folder) as running:
        yield running


@contextmanager
def centre_in(
    folder: Path, more_units: str = "", more_policy: str = "", more_settings: str = "", more_sip: str = ""
) -> Iterator[Centre]:
    """A demo centre made in `folder`, running, with more in its units.toml, policy.toml and centre.toml (`[sip]`)."""
    http, sip = free_port(), free_port()
    make_centre(folder, CHECKOUT / "build" / "demo", http=f"127.0.0.1:{http}", sip=f"127.0.0.1:{sip}")
    with (folder / "units.toml").open("a") as units:
        units.write(more_units)
    with (folder / "policy.toml").open("a") as policy:
        policy.write(more_policy)
    settings = (folder / "centre.toml").read_text().replace("[sip]\n", f"[sip]\n{more_sip}", 1)
    (folder / "centre.toml").write_text(settings + more_settings)
    command = [sys.executable, "-c", "import sys; from tenfour.cli.main import main; sys.exit(main())", "run"]
    log = (folder / "browser-test.log").open("wb")
    process = subprocess.Popen([*command, str(folder)], stdout=log, stderr=subprocess.STDOUT)
    try:
        _until_ready(f"http://127.0.0.1:{http}", process, folder)
        yield Centre(f"http://127.0.0.1:{http}", ("127.0.0.1", sip), process.pid, folder)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        log.close()


@pytest.fixture
def telephone(centre: Centre) -> Iterator[Telephone]:
    """Somebody who calls 911."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    phone = Telephone(centre.sip, loop)
    yield phone
    phone.hang_up_all()
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture(scope="module")
def browser_flags() -> list[str]:
    """How the browser is started; a module may say otherwise."""
    return CHROMIUM_FLAGS


@pytest.fixture(scope="module")
def browser(chromium: str, browser_flags: list[str]) -> Iterator[Browser]:
    """Debian's chromium, without a network of its own. No longer than a module: Playwright holds an event loop."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=browser_flags)
        yield opened
        opened.close()


OpenPage = Callable[..., Page]


KEPT = "Object.entries(localStorage).map(([name, kept]) => `${name}: ${kept}`).join('\\n')"
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fixtures learn whether their test failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
def open_page(browser: Browser, centre: Centre, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Opens a page of the centre in a browser of its own: `open_page("/field", 390, 844, theme="light")`.

    Where the test fails, what its pages said is printed.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(
        path: str = "/", width: int = 1280, height: int = 800, *, theme: str = "dark", tour: bool = False
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height})
        context.add_init_script(f"localStorage.getItem('theme') ?? localStorage.setItem('theme', '{theme}')")
        if not tour:
            context.add_init_script(f"for (const who of {PEOPLE}) localStorage.setItem('tour ' + who, 'left')")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: "Security Policy" in message.text and complaints.append(message.text))
        page.goto(centre.url + path)
        return page

    yield open_one
    if request.node.stash.get(FAILED, False):
        for page in [page for context in contexts for page in context.pages]:
            print(f"--- {page.url}\n{page.inner_text('body')}\n{page.evaluate(KEPT)}")
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def shot() -> Callable[[Page, str], None]:
    """Writes a screenshot to build/screenshots, to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def write(page: Page, name: str) -> None:
        page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")

    return write


def _until_ready(url: str, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Wait for the centre and its line to be up; fails with what they said."""
    deadline = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass  # not listening yet
        time.sleep(0.1)
    pytest.fail(f"The centre did not come up:\n{(folder / 'browser-test.log').read_text()}", pytrace=False)
