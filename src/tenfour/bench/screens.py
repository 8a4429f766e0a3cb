"""`tenfour bench screens`: how soon a change is painted and a key echoed, how much is loaded, what memory does.

A fresh demo centre of real processes with 200 units more; `busy_centre` keeps its journal growing by 200 events/s, 100
windows follow the live feed (`followers`), and one real chromium shows the desk (`paint.js` looks on in its page). From
the commit (`recorded_at` of the event) until the change was painted; from a key until the echo of the line was.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from math import inf
from pathlib import Path
from socket import SOCK_STREAM
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from tenfour.adapters.sqlite_journal_reader import JournalFile
from tenfour.bench import busy_centre
from tenfour.bench.figure import report, skip
from tenfour.bench.server import free_port, run_centre
from tenfour.calltaking.event import CallReceived
from tenfour.demo.make import make_centre
from tenfour.incident.event import NarrativeAdded
from tenfour.journal.codec import Codec
from tenfour.units.event import UnitStatus, UnitStatusChanged
from tenfour.units.status import WORDS
from tenfour.vocabulary.envelope import Recorded
from tenfour.vocabulary.errors import Unavailable
from tenfour.workflow.catalogue import CATALOGUE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

BENCH = "screens"
FIGURES = {
    "commit_to_paint_p99_ms": ("ms", 100.0),
    "key_to_echo_p99_ms": ("ms", 50.0),
    "first_load_kb": ("kB", 250.0),
    "memory_growth_mb_per_hour": ("MB/h", 5.0),
}
FOLLOWERS = 100
WARM_S, WINDOW_S, WINDOWS = 60.0, 20.0, 3
MINUTES = 3.0
"""How long memory is watched; `make bench ONLY=screens MINUTES=30` looks longer."""

HEAP_EVERY_S, LOOKS = 1.0, 5
KEY_EVERY_MS = 120
CATCH_UP_S = 20.0
STAYED_MS = 1000.0
ANIMATION_FRAME_MS = 16.7
FINISHED_MIN = 0.5
"""What is finished leaves the board after half a minute, so that as much comes as goes while it is measured."""

DEMO_CACHE = Path("build/demo")
LOOKING_ON = Path(__file__).with_name("paint.js").read_text()
FORGET = "[painted.length, echoed.length, drawn.length] = [0, 0, 0]"
OF_THE_MAP = ("canvas-", "maplibre", "/api/map")
FLAGS = ["--no-sandbox", "--headless=new", "--disable-background-networking", "--disable-component-update"]
FLAGS += ["--disable-3d-apis"]
"""Without a graphics card the map would be drawn by the CPU that is measured; the desk does without it."""


class Change(NamedTuple):
    """Something that a screen shows: `unit V017` in words, `note …`, `call …`; Unix time in milliseconds."""

    what: str
    words: str
    at_ms: float


class Sighting(NamedTuple):
    """When a change was first on a screen, it or what has come after it; None: never."""

    change: Change
    at_ms: float | None


class DrawnRow(NamedTuple):
    """A unit whose row was drawn for a while, in Unix time in milliseconds: the board draws what is in view."""

    unit: str
    from_ms: float
    until_ms: float


class Window(NamedTuple):
    """A stretch of the run that was measured."""

    began_ms: float
    ended_ms: float
    echo_ms: list[float]


class Run(NamedTuple):
    """All that was measured. `events_a_second`: what the journal really grew by, within the windows."""

    windows: list[Window]
    commits: list[Change]
    painted: list[Change]
    drawn: list[DrawnRow]
    bare: list[Change]
    events_a_second: float
    load_kb: list[float]
    heap_mb: list[tuple[float, float]]
    refused: tuple[str, ...]


def main() -> None:
    """Measure and print all figures; skipped where chromium or Playwright is missing."""
    chromium = shutil.which("chromium")
    if chromium is None or find_spec("playwright") is None:
        why = "chromium is missing; make peers gets it" if chromium is None else "Playwright is missing; make setup"
        for figure, (unit, aim) in FIGURES.items():
            skip(BENCH, figure, unit, aim=aim, why=why)
        return
    tell(measure(chromium, minutes=float(os.environ.get("MINUTES", MINUTES))))


def tell(run: Run) -> None:
    """Print the figures of a run, each beside its bound."""
    painted = in_view(sightings(run.commits, run.painted), run.drawn)
    paints = [delays(within(painted, one)) for one in run.windows]
    statuses = sightings([one for one in run.commits if one.what.startswith("unit ")], run.bare)
    bare = [delays(within(statuses, one)) for one in run.windows if within(statuses, one)]
    all_paints = [delay for one in paints for delay in one]
    bound = median([percentile(one, 99) for one in bare] or [float("nan")])
    beside = (
        f"{run.events_a_second:.0f} events/s, {len(all_paints)} changes, median {percentile(all_paints, 50):.0f}; "
        f"a bare window has the frame at p99 {bound:.0f} (50 between frames) + a frame of {ANIMATION_FRAME_MS}; "
        f"{FOLLOWERS} followers; refused {len(run.refused)}"
    )
    _report("commit_to_paint_p99_ms", [percentile(one, 99) for one in paints], beside)
    keys = [delay for one in run.windows for delay in one.echo_ms]
    beside = f"{len(keys)} keys, one every {KEY_EVERY_MS} ms, median {percentile(keys, 50):.0f}; same load"
    _report("key_to_echo_p99_ms", [percentile(one.echo_ms, 99) for one in run.windows], beside)
    _report("first_load_kb", run.load_kb, "pages, styles, code, fonts, board of 224 units; without the map")
    growth, spread = slope(run.heap_mb)
    beside = (
        f"heap {run.heap_mb[-1][1]:.1f} MB, {len(run.heap_mb)} looks in {run.heap_mb[-1][0] / 60:.1f} min, each after "
    )
    _report("memory_growth_mb_per_hour", [growth], f"{beside}a collection; standard error {spread:.1f}")


def _report(figure: str, values: list[float], beside: str) -> None:
    unit, aim = FIGURES[figure]
    report(BENCH, figure, values, unit, aim=aim, beside=beside, more_is_better=False)


def measure(
    chromium: str,
    *,
    minutes: float,
    warm_s: float = WARM_S,
    window_s: float = WINDOW_S,
    followers: int = FOLLOWERS,
    events_a_second: float = busy_centre.EVENTS_A_SECOND,
) -> Run:
    """One run on a fresh centre. Raises `Unavailable` when it does not come up or the load broke down."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not there where Tenfour is only installed

    with ExitStack() as stack:
        folder, url, sip = stack.enter_context(running_centre())
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=chromium, args=FLAGS)
        stack.callback(browser.close)
        load_kb = [first_load_kb(browser, url) for _ in range(3)]
        following = stack.enter_context(beside("tenfour.bench.followers", url, str(followers)))
        assert following.stdout is not None
        following.stdout.readline()
        busy = stack.enter_context(beside("tenfour.bench.busy_centre", url, *map(str, (*sip, events_a_second))))
        page = sit_down(browser, url, "06")
        page.evaluate("watchPaint()")
        type_lines(page, warm_s)
        page.evaluate(FORGET)
        windows = [watched(page, window_s) for _ in range(WINDOWS)]
        commits, events = committed(folder, windows[0].began_ms, windows[-1].ended_ms)
        painted = caught_up(page, commits)
        drawn = [DrawnRow(*one) for one in page.evaluate("drawnRows()")]
        heap_mb = list(heap(page, 60 * minutes))
        told = msgspec.json.decode(busy.communicate("", timeout=60)[0], type=busy_centre.Told)
        if following.poll() is not None:
            raise Unavailable("A window that followed fell behind and was dropped.")
    bare = [Change(f"unit {unit}", words, at) for unit, words, at in told.seen]
    a_second = 1000 * events / (windows[-1].ended_ms - windows[0].began_ms)
    return Run(windows, commits, painted, drawn, bare, a_second, load_kb, heap_mb, told.refused)


# ---- the centre and those around it ----


@contextmanager
def running_centre() -> Iterator[tuple[Path, str, tuple[str, int]]]:
    """A fresh demo centre with 200 units more: its folder, its address, where it answers SIP."""
    build = Path("build")
    build.mkdir(exist_ok=True)  # on the disk: a memory file system would make fsync a lie
    with tempfile.TemporaryDirectory(prefix="bench-screens-", dir=build) as name:
        folder, http, sip = Path(name, "c"), f"127.0.0.1:{free_port(SOCK_STREAM)}", ("127.0.0.1", free_port())
        make_centre(folder, DEMO_CACHE, http=http, sip=f"{sip[0]}:{sip[1]}")
        with (folder / "units.toml").open("a") as units:
            units.writelines(busy_centre.more_units())
        with (folder / "centre.toml").open("a") as centre:
            centre.write(f"\n[desk]\nkeep_finished_min = {FINISHED_MIN}\n")
        with run_centre(folder, http):
            yield folder, f"http://{http}", sip


@contextmanager
def beside(module: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A module in a process of its own, which goes on until its input is closed."""
    arguments = (sys.executable, "-m", module, *arguments)
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        yield process


# ---- the browser ----


def sit_down(browser: "Browser", url: str, position: str) -> "Page":
    """A desk at this position, in a browser of its own."""
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.set_default_timeout(60_000)
    page.add_init_script(LOOKING_ON)
    page.goto(url)
    page.get_by_label("Position").select_option(position)
    page.get_by_role("button", name="R. Adeyemi Call taker and dispatcher").click()
    page.locator(".units [data-unit]").first.wait_for()
    return page


def first_load_kb(browser: "Browser", url: str) -> float:
    """Bytes on the wire until a desk stands, in a browser that never was here; what the map loads is left out."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.add_init_script(LOOKING_ON)
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        urls: dict[str, str] = {}
        sizes: dict[str, float] = {}
        network.on("Network.requestWillBeSent", lambda told: urls.update({told["requestId"]: told["request"]["url"]}))
        network.on("Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}))
        page.goto(url)
        page.get_by_label("Position").select_option("06")
        page.get_by_role("button", name="R. Adeyemi Call taker and dispatcher").click()
        page.locator(".units [data-unit]").first.wait_for()
        page.evaluate("document.fonts.ready.then(() => true)")
        page.wait_for_timeout(1500)
        return sum(size for one, size in sizes.items() if not any(part in urls[one] for part in OF_THE_MAP)) / 1000
    finally:
        context.close()


def type_lines(page: "Page", seconds: float) -> None:
    """Work the command line like a person: turn to the newest incident, write a note on it, and again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        newest = page.evaluate("document.querySelector('.incs tbody b')?.textContent ?? ''")
        for line in (f"S {newest}", f"N {newest} light in the kitchen {time.time_ns() % 10**9}"):
            page.locator("[data-command]").focus()
            page.keyboard.type(line, delay=KEY_EVERY_MS)
            page.keyboard.press("Enter")


def watched(page: "Page", seconds: float) -> Window:
    """What was echoed while somebody types."""
    began = time.time() * 1000
    type_lines(page, seconds)
    return Window(began, time.time() * 1000, page.evaluate("echoed.splice(0)"))


def caught_up(page: "Page", commits: Sequence[Change]) -> list[Change]:
    """What was painted, once all statuses in view were; of a page that does not come to it, what there is."""
    painted: list[Change] = []
    drawn: list[DrawnRow] = []
    deadline = time.monotonic() + CATCH_UP_S
    while time.monotonic() < deadline:
        painted += [Change(*one) for one in page.evaluate("painted.splice(0)")]
        drawn = [DrawnRow(*one) for one in page.evaluate("drawnRows()")]
        if not unseen(in_view(sightings(commits, painted), drawn)):
            break
        page.wait_for_timeout(250)
    return painted


def heap(page: "Page", seconds: float) -> Iterator[tuple[float, float]]:
    """The page's JS heap while it works, by seconds and MB, each time after everything unused was let go."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")
    began = time.monotonic()
    while (at := time.monotonic() - began) < seconds:
        yield at, _used_mb(page, session)
        type_lines(page, HEAP_EVERY_S)
    yield at, _used_mb(page, session)


def _used_mb(page: "Page", session: "CDPSession") -> float:
    """The least of a few looks: what a frame just being shown takes is no growth."""
    used = []
    for _ in range(LOOKS):
        page.evaluate(FORGET)
        session.send("HeapProfiler.collectGarbage")
        used.append(float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6)
        page.wait_for_timeout(100)
    return min(used)


# ---- what came of it ----


def committed(folder: Path, from_ms: float, until_ms: float) -> tuple[list[Change], int]:
    """What the journal holds between two moments: what a screen shows of it, and how many events it was."""
    journal, events = JournalFile(folder / "data/journal.sqlite", Codec(CATALOGUE)), 0
    changes: dict[tuple[str, float], Change] = {}
    for record in journal.records():
        if from_ms <= record.header.recorded_at.timestamp() * 1000 < until_ms:
            events += 1
            # The last of one commit: `Cleared` is on no screen when `Available` is on disk with it.
            changes.update(((one.what, one.at_ms), one) for one in change_of(record))
    journal.close()
    return list(changes.values()), events


def change_of(record: Recorded) -> Iterable[Change]:
    """What a screen shows of an event, if it is looked at."""
    at_ms = record.header.recorded_at.timestamp() * 1000
    match record.event:
        case UnitStatusChanged(status=status, reason=reason):
            words = f"{WORDS[status]}: {reason}" if reason and status is not UnitStatus.AVAILABLE else WORDS[status]
            yield Change(f"unit {record.header.stream.partition('/')[2]}", words, at_ms)
        case NarrativeAdded(text=text):
            yield Change(f"note {text}", "", at_ms)
        case CallReceived(ani=ani):
            yield Change(f"call {ani}", "", at_ms)


def sightings(commits: Sequence[Change], seen: Sequence[Change]) -> list[Sighting]:
    """Each commit, in order, and when it was first seen after it; a status that a newer one overtook, with that."""
    moments: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in seen:
        moments[one.what, one.words].append(one.at_ms)
    newer: dict[str, float] = {}
    found = []
    for commit in reversed(commits):
        at = moments.get((commit.what, commit.words), [])
        first = bisect_left(at, commit.at_ms)
        at_ms = min(at[first] if first < len(at) else inf, newer.get(commit.what, inf))
        newer[commit.what] = at_ms
        found.append(Sighting(commit, None if at_ms == inf else at_ms))
    return found[::-1]


def in_view(seen: Sequence[Sighting], drawn: Sequence[DrawnRow]) -> list[Sighting]:
    """Those that the page had to paint: of units, the ones whose row was drawn from the commit on.

    A row that left the view before its change was painted counts only if it stayed for `STAYED_MS`.
    """
    rows: dict[str, list[DrawnRow]] = defaultdict(list)
    for row in drawn:
        rows[f"unit {row.unit}"].append(row)

    def due(change: Change, at_ms: float | None) -> bool:
        needed = min(at_ms or inf, change.at_ms + STAYED_MS)
        return any(row.from_ms <= change.at_ms and needed <= row.until_ms for row in rows[change.what])

    return [one for one in seen if not one.change.what.startswith("unit ") or due(*one)]


def within(seen: Sequence[Sighting], window: Window) -> list[Sighting]:
    """Those of a window."""
    return [one for one in seen if window.began_ms <= one.change.at_ms < window.ended_ms]


def delays(seen: Sequence[Sighting]) -> list[float]:
    """Milliseconds from each commit until it was seen. A note nobody looked at is not looked for.

    Raises `Unavailable` when more than one change in a hundred was never seen: then there is no figure.
    """
    found = [one.at_ms - one.change.at_ms for one in seen if one.at_ms is not None]
    lost = unseen(seen)
    if (seen and not found) or lost > len(seen) / 100:
        raise Unavailable(f"Of {len(seen)} changes {len(found)} were seen, {lost} statuses never.")
    return found


def unseen(seen: Sequence[Sighting]) -> int:
    """How many statuses were never seen."""
    return sum(one.at_ms is None and one.change.what.startswith("unit ") for one in seen)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` per cent do not exceed."""
    return float(np.percentile(values, share))


def slope(heap_mb: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """MB an hour by which a line through these (seconds, MB) rises, and its standard error."""
    at, used = (np.array(column) for column in zip(*heap_mb, strict=True))
    (rise, start), covariance = (
        np.polyfit(at / 3600, used, 1, cov=True) if len(at) > 3 else (np.polyfit(at, used, 1), None)
    )
    _ = start
    return float(rise), float(covariance[0][0] ** 0.5) if covariance is not None else 0.0
