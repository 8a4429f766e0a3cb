"""`tenfour bench answer`: how soon caller and call taker hear each other after the key that answers.

A fresh demo centre of real processes, a real chromium with a headset whose microphone is a tone, and a caller who
speaks another tone as soon as the call is answered. From the keydown of F2 in the page until both have come: the
first loud packet at the caller, and the first loud sound in the track that the browser received.
"""

import asyncio
import shutil
import tempfile
import threading
import time
import wave
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from socket import SOCK_STREAM
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from tenfour.bench.figure import report, skip
from tenfour.bench.server import free_port, run_centre
from tenfour.demo.make import make_centre
from tenfour.play.caller import PlacedCall, dial, put_away
from tenfour.play.cast import Caller
from tenfour.play.fix import CircleGiven
from tenfour.play.sound import packets_of
from tenfour.telephony.g711 import Samples
from tenfour.vocabulary.errors import Unavailable

if TYPE_CHECKING:
    from playwright.sync_api import Page

BENCH, FIGURE, AIM_MS = "answer", "click_to_two_way_ms", 300.0
CALLS, RUNS = 5, 3
PATIENCE_S = 20.0
LOUD = 500
DEMO_CACHE = Path("build/demo")
PLACE = CircleGiven(lat=39.95865, lon=-82.96435, radius_m=38, confidence_pct=90, method="A-GPS")
FLAGS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-background-networking",
    "--disable-3d-apis",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--allow-loopback-in-peer-connection",
]
LOOKING_ON = """(() => {
    const Connection = RTCPeerConnection;
    const clock = () => performance.timeOrigin + performance.now();
    window.pressed = window.heard = window.loudAt = 0;
    window.isQuiet = () => clock() - window.loudAt > 500;
    addEventListener('keydown', event => {
        if (event.key === 'F2') [window.pressed, window.heard] = [clock(), 0];
    }, true);
    window.RTCPeerConnection = class extends Connection {
        constructor(...rest) {
            super(...rest);
            this.addEventListener('track', event => {
                const context = new AudioContext();
                const analyser = new AnalyserNode(context, {fftSize: 256});
                const samples = new Float32Array(analyser.fftSize);
                context.createMediaStreamSource(new MediaStream([event.track])).connect(analyser);
                setInterval(() => {
                    analyser.getFloatTimeDomainData(samples);
                    if (!samples.some(one => Math.abs(one) > 0.06)) return;
                    window.loudAt = clock();
                    window.heard ||= window.loudAt;
                }, 4);
            });
        }
    };
})()"""

T = TypeVar("T")


def main() -> None:
    """Measure and print the figure; skipped where chromium or Playwright is missing."""
    chromium = shutil.which("chromium")
    if chromium is None or find_spec("playwright") is None:
        why = "chromium is missing; make peers gets it" if chromium is None else "Playwright is missing; make setup"
        skip(BENCH, FIGURE, "ms", aim=AIM_MS, why=why)
        return
    runs = measure(chromium)
    caller = sorted(one[0] for run in runs for one in run)
    page = sorted(one[1] for run in runs for one in run)
    beside = (
        f"{len(caller)} calls; the caller hears after {caller[len(caller) // 2]:.0f}, the call taker after "
        f"{page[len(page) // 2]:.0f} (medians); a jitter buffer of 40 and one of the browser are in it"
    )
    values = [float(np.median([max(one) for one in run])) for run in runs]
    report(BENCH, FIGURE, values, "ms", aim=AIM_MS, beside=beside, more_is_better=False)


def measure(chromium: str) -> list[list[tuple[float, float]]]:
    """Of each call in each run: milliseconds until the caller heard, and until the call taker did."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  the benchmark is skipped where it is missing

    with tempfile.TemporaryDirectory() as scratch:
        folder, http, sip = Path(scratch) / "centre", free_port(SOCK_STREAM), free_port()
        make_centre(folder, DEMO_CACHE, http=f"127.0.0.1:{http}", sip=f"127.0.0.1:{sip}")
        spoken = _tone(Path(scratch) / "caller.wav", 1100.0, 8000)
        microphone = _tone(Path(scratch) / "microphone.wav", 700.0, 48000)
        flags = [*FLAGS, f"--use-file-for-fake-audio-capture={microphone}"]
        with run_centre(folder, f"127.0.0.1:{http}"), sync_playwright() as playwright, _loop() as loop:
            browser = playwright.chromium.launch(executable_path=chromium, args=flags)
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            _sit_down(page, f"http://127.0.0.1:{http}/")
            runs = [
                [_one_call(page, loop, ("127.0.0.1", sip), spoken, 10 * run + at) for at in range(CALLS)]
                for run in range(RUNS)
            ]
            browser.close()
    return runs


def _sit_down(page: "Page", url: str) -> None:
    page.add_init_script(LOOKING_ON)
    page.add_init_script("localStorage.setItem('tour adeyemi', 'left'); localStorage.setItem('headset worn at', '04')")
    page.goto(url)
    page.get_by_label("Position").select_option("04")
    page.get_by_role("button", name="R. Adeyemi").first.click()
    page.locator("[data-opens='headset'] .okd").wait_for(timeout=1000 * PATIENCE_S)


def _one_call(
    page: "Page", loop: asyncio.AbstractEventLoop, sip: tuple[str, int], spoken: Path, number: int
) -> tuple[float, float]:
    heard: list[float] = []

    def listen(samples: Samples) -> None:
        if not heard and np.abs(samples.astype(np.int32)).max() > LOUD:
            heard.append(1000 * time.time())

    call = _wait(loop, _ring(sip, f"614-555-{1000 + number}", spoken))
    call.voice.on_sound = listen
    page.get_by_role("region", name="Ringing call").first.wait_for(timeout=1000 * PATIENCE_S)
    while not page.evaluate("window.isQuiet()"):  # of the call before
        page.wait_for_timeout(50)
    page.keyboard.press("F2")
    deadline = time.monotonic() + PATIENCE_S
    while not heard or not page.evaluate("window.heard"):
        if time.monotonic() > deadline:
            raise Unavailable(f"The {'call taker' if heard else 'caller'} does not hear the other.")
        page.wait_for_timeout(20)
    pressed, in_page = page.evaluate("[window.pressed, window.heard]")
    page.keyboard.press("Shift+F2")
    _wait(loop, put_away(call))
    return heard[0] - pressed, in_page - pressed


async def _ring(sip: tuple[str, int], number: str, spoken: Path) -> PlacedCall:
    call = await dial(Caller(name="caller", number=number, location=PLACE), sip=sip, bind="127.0.0.1", location_uri="")
    call.voice.speak(packets_of(spoken))
    async with asyncio.timeout(PATIENCE_S):
        await call.ringing.wait()
    return call


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop of the callers' own, in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _wait(loop: asyncio.AbstractEventLoop, work: Coroutine[object, object, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, loop).result(2 * PATIENCE_S)


def _tone(path: Path, hertz: float, rate: int) -> Path:
    at = np.arange(10 * rate) / rate
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((8000 * np.sin(2 * np.pi * hertz * at)).astype("<i2").tobytes())
    return path
