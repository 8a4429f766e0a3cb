"""The recording on the desk: drawn where it is heard, played while the call goes on, by mouse and by keys."""

import os
import signal
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tenfour.adapters.flac_file import compress
from tenfour.adapters.recording_file import Recording

from .test_pages_for_everyone import findings

pytestmark = pytest.mark.needs_chromium

QUIET_S, TONE_S = 3.0, 1.5
LOUD = 8000
# The caller is the first channel; the announcement, on the second, is loud, too.
LISTEN = """() => {
  const audio = document.querySelector('.replay audio');
  const context = new AudioContext();
  const meter = context.createAnalyser();
  const lanes = context.createChannelSplitter(2);
  context.createMediaElementSource(audio).connect(lanes);
  lanes.connect(meter, 0);
  const heard = window.heard = [];
  const samples = new Float32Array(meter.fftSize);
  setInterval(() => {
    meter.getFloatTimeDomainData(samples);
    const loud = Math.max(...samples.map(Math.abs)) > 0.1;
    if (loud && !audio.paused) heard.push(audio.currentTime);
  }, 20);
}"""

# What is played moves on while a slow machine looks: what a key or a click led to is noted when it happens.
FOLLOW = """() => {
  const audio = document.querySelector('.replay audio');
  let from = 0;
  window.led = [];
  for (const kind of ['keydown', 'pointerdown']) addEventListener(kind, () => (from = audio.currentTime), true);
  audio.addEventListener('seeking', () => window.led.push([from, audio.currentTime]));
}"""


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Silence, a tone of 440 Hz, silence: 8 kHz mono."""
    at = np.arange(int(8000 * (QUIET_S + TONE_S + 1.0))) / 8000
    loud = (at >= QUIET_S) & (at < QUIET_S + TONE_S)
    with wave.open(str(tmp_path / "tone.wav"), "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(8000)
        clip.writeframes(np.where(loud, 20_000 * np.sin(2 * np.pi * 440 * at), 0).astype("<i2").tobytes())
    return tmp_path / "tone.wav"


def talking(open_page: Callable[..., Page], telephone: Any, person: Any, number: str) -> tuple[Page, Any]:
    """A desk, and a call in its hand."""
    desk = open_page()
    person.sit_down(desk)
    call = telephone.call(number)
    person.answer(desk, number)
    return desk, call


def drawn_tone(desk: Page) -> tuple[float, float]:
    """Where the API says that it is loud, in seconds of the recording."""
    call_id = desk.evaluate("new URLSearchParams(location.hash.slice(1)).get('call')")
    answer = desk.request.get(f"{desk.url.partition('/#')[0]}/api/calls/{call_id}/recordings/1/waveform")
    assert answer.ok, answer.text()
    steps = [place for place, peak in enumerate(answer.json()["peaks"]) if peak > LOUD]
    return steps[0] / 10, (steps[-1] + 1) / 10


def tallest(desk: Page, lane: str) -> float:
    """The tallest bar of a lane."""
    expect(desk.locator(f".wave {lane} rect").nth(5)).to_be_attached()
    return float(
        desk.evaluate(
            """lane => Math.max(...[...document.querySelectorAll(`.wave ${lane} rect`)].map(
                one => one.height.baseVal.value))""",
            lane,
        )
    )


def led(desk: Page, act: Callable[[], object]) -> tuple[float, float]:
    """From where to where an act led the player."""
    before = desk.evaluate("window.led.length")
    act()
    desk.wait_for_function("before => window.led.length > before", arg=before)
    left, reached = desk.evaluate("window.led.at(-1)")
    return left, reached


def recorded_s(desk: Page) -> float:
    """How long the recording is by now, as the screen says."""
    return float(desk.evaluate("document.querySelector('.wvin').ariaValueMax"))


def player(desk: Page, name: str) -> Any:
    """What the player says of itself."""
    return desk.evaluate(f"document.querySelector('.replay audio').{name}")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_tone_is_drawn_where_it_is_heard(
    open_page: Callable[..., Page], telephone: Any, person: Any, shot: Any, *, tone: Path, theme: str
) -> None:
    number = "614-555-0161" if theme == "dark" else "614-555-0162"
    desk = open_page("/", 1280, 800, theme=theme)
    person.sit_down(desk)
    call = telephone.call(number)
    person.answer(desk, number)
    telephone.speak(call, tone)
    expect(desk.locator(".wave rect").nth(5)).to_be_attached()
    begin, end = drawn_tone(desk)
    assert abs(end - begin - TONE_S) <= 0.3
    assert tallest(desk, ".ca") > 10, "the caller's tone"
    assert tallest(desk, ".ct") > 3, "the announcement that the caller hears"
    place = desk.get_by_role("slider", name="Place in the recording")
    desk.evaluate(LISTEN)

    desk.keyboard.press("F4")
    desk.wait_for_function("end => document.querySelector('.replay audio').currentTime > end + 0.3", arg=end)
    heard = desk.evaluate("window.heard")
    assert abs(min(heard) - begin) < 0.5 and abs(max(heard) - end) < 0.5, (heard[0], heard[-1], begin, end)
    expect(desk.get_by_role("button", name="Pause")).to_be_visible()
    shot(desk, f"replay-{theme}-talking-1280x800")

    telephone.drop(call)
    expect(desk.locator(".drop")).to_contain_text("ago")
    expect(desk.locator(".wvin .gone")).to_be_visible()
    place.focus()
    desk.keyboard.press("Home")
    for _ in range(2):
        desk.keyboard.press("ArrowRight")
    desk.get_by_role("button", name="1.5 times").click()
    expect(desk.get_by_role("button", name="1.5 times")).to_have_attribute("aria-pressed", "true")
    assert desk.evaluate("document.querySelector('.replay audio').playbackRate") == 1.5
    assert person.nothing_hidden(desk, ".player") == []
    shot(desk, f"replay-{theme}-dropped-1280x800")
    desk.set_viewport_size({"width": 1920, "height": 1080})
    shot(desk, f"replay-{theme}-dropped-1920x1080")
    assert person.nothing_hidden(desk, ".player", ".rr .cap") == []
    assert findings(desk) == []


def test_place_is_chosen_by_keys_and_by_click(
    open_page: Callable[..., Page], telephone: Any, person: Any, tone: Path
) -> None:
    desk, call = talking(open_page, telephone, person, "614-555-0163")
    telephone.speak(call, tone)
    telephone.drop(call)
    expect(desk.locator(".wvin .gone")).to_be_visible()
    place = desk.get_by_role("slider", name="Place in the recording")
    place.focus()
    desk.keyboard.press("Home")
    expect(place).to_have_attribute("aria-valuenow", "0")
    for _ in range(3):
        desk.keyboard.press("ArrowRight")
    expect(place).to_have_attribute("aria-valuenow", "3")
    desk.keyboard.press("ArrowLeft")
    expect(place).to_have_attribute("aria-valuenow", "2")
    expect(desk.locator(".replay audio")).to_have_js_property("paused", True)
    desk.keyboard.press("Space")
    expect(desk.locator(".replay audio")).to_have_js_property("paused", False)
    desk.keyboard.press("Space")
    expect(desk.locator(".replay audio")).to_have_js_property("paused", True)
    box = place.bounding_box()
    assert box is not None
    desk.evaluate(FOLLOW)
    middle = box["height"] / 2
    assert led(desk, lambda: place.click(position={"x": 1, "y": middle}))[1] < 1
    expect(desk.locator(".replay audio")).to_have_js_property("paused", False)


def test_replay_goes_on_over_a_line_that_was_started_anew(
    open_page: Callable[..., Page], telephone: Any, person: Any, centre: Any, tone: Path
) -> None:
    desk, call = talking(open_page, telephone, person, "614-555-0164")
    telephone.speak(call, tone)
    expect(desk.locator(".wave rect").nth(5)).to_be_attached()
    os.kill(centre.process("line"), signal.SIGKILL)
    expect(desk.get_by_text("the line is away").or_(desk.get_by_text("The line process is away")).first).to_be_visible()
    desk.keyboard.press("F4")
    desk.wait_for_function("() => document.querySelector('.replay audio').currentTime > 0.2")
    expect(desk.locator(".top .stat.line")).to_be_visible(timeout=30_000)
    expect(desk.locator(".drop")).to_contain_text("On the line")
    call_id = desk.evaluate("new URLSearchParams(location.hash.slice(1)).get('call')")
    address = f"{desk.url.partition('/#')[0]}/api/calls/{call_id}"
    for _ in range(100):
        recordings = desk.request.get(address).json()["recordings"]
        if len(recordings) == 2:
            break
        desk.wait_for_timeout(200)
    assert [one["segment"] for one in recordings] == [1, 2]
    telephone.speak(call, tone)
    expect(desk.locator(".wvin .none")).to_be_attached()
    expect(desk.locator(".replay .missing")).to_contain_text("nobody carried the audio")
    assert person.nothing_hidden(desk, ".missing", ".player") == []
    desk.evaluate(LISTEN)
    desk.keyboard.press("F4")
    for _ in range(100):
        if desk.evaluate("window.heard.length") > 3:
            break
        desk.wait_for_timeout(200)
    assert desk.evaluate("window.heard.length") > 3, "the tone after the new start is not heard"
    expect(desk.locator(".replay [role=alert]")).to_have_count(0)


def test_replay_is_led_by_keys_while_the_call_goes_on_and_somebody_types(
    open_page: Callable[..., Page], telephone: Any, person: Any, tone: Path
) -> None:
    desk, call = talking(open_page, telephone, person, "614-555-0165")
    telephone.speak(call, tone)
    desk.wait_for_function("() => document.querySelector('.wvin').ariaValueMax > 34", timeout=60_000)
    desk.keyboard.press("n")
    note = desk.locator("[data-note]")
    expect(note).to_be_focused()
    desk.keyboard.type("He says ")
    desk.evaluate(FOLLOW)
    assert led(desk, lambda: desk.keyboard.press("F4"))[1] > 17, "the last 15 seconds"
    desk.wait_for_function("() => !document.querySelector('.replay audio').paused")
    desk.wait_for_function("() => document.querySelector('.replay audio').currentTime > 17.5")
    left, reached = led(desk, lambda: desk.keyboard.press("F4"))
    assert 12 < left - reached < 18, "15 seconds back"
    desk.keyboard.press("Alt+,")
    desk.wait_for_function("() => document.querySelector('.replay audio').playbackRate === 0.75")
    desk.keyboard.press("Alt+,")  # there is no slower one
    desk.keyboard.press("Alt+.")
    desk.keyboard.press("Alt+.")
    desk.wait_for_function("() => document.querySelector('.replay audio').playbackRate === 1.5")
    desk.keyboard.press("Alt+/")
    desk.wait_for_function("() => document.querySelector('.replay audio').paused")
    desk.keyboard.press("Alt+/")
    desk.wait_for_function("() => !document.querySelector('.replay audio').paused")
    shortest = recorded_s(desk)
    minute = led(desk, lambda: desk.keyboard.press("Shift+F4"))[1]
    assert max(0, shortest - 60) - 1 <= minute <= max(0, recorded_s(desk) - 60) + 1, "the last minute"
    expect(note).to_have_value("He says ")
    expect(note).to_be_focused()
    expect(desk.locator(".drop")).to_contain_text("On the line")
    expect(desk.locator(".replay [role=alert]")).to_have_count(0)


# Plays from a second on; gives where it is heard to be loud, as the player counts.
PLAY_FROM = """async ([url, second]) => {
  const audio = new Audio(url);
  await new Promise((ready, failed) => {
    audio.onloadedmetadata = ready;
    audio.onerror = () => failed(new Error(audio.error.message));
  });
  const context = new AudioContext();
  const meter = context.createAnalyser();
  context.createMediaElementSource(audio).connect(meter);
  const samples = new Float32Array(meter.fftSize);
  audio.currentTime = second;
  await new Promise((done) => (audio.onseeked = done));
  await audio.play();
  let loud = null;
  for (let look = 0; look < 500 && loud === null; look += 1) {
    await new Promise((done) => setTimeout(done, 20));
    meter.getFloatTimeDomainData(samples);
    if (Math.max(...samples.map(Math.abs)) > 0.1) loud = audio.currentTime;
  }
  audio.pause();
  return { loud, length: audio.duration };
}"""


def test_place_in_a_call_of_an_hour_that_was_compressed_is_heard_at_once(
    open_page: Callable[..., Page], telephone: Any, person: Any, centre: Any
) -> None:
    desk, call = talking(open_page, telephone, person, "614-555-0166")
    telephone.drop(call)
    call_id = desk.evaluate("new URLSearchParams(location.hash.slice(1)).get('call')")
    flac = centre.folder / "recordings" / f"{call_id}-1.flac"
    for _ in range(300):
        if flac.exists() and not flac.with_suffix(".wav").exists():
            break
        desk.wait_for_timeout(200)
    hour = Recording(flac.with_name("hour-1.wav"))
    for second in (0, 1800, 3500):
        tone = (16_000 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 8000)).astype(np.int16)
        hour.write(8000 * second, tone)
    hour.write(8000 * 3600 - 160, np.zeros(160, dtype=np.int16))
    made = compress(flac.with_name("hour-1.wav"), hour.end().sha256)
    flac.with_name("hour-1.wav").unlink()
    flac.with_name(made.file).replace(flac)
    address = f"{desk.url.partition('/#')[0]}/api/calls/{call_id}/recordings/1.wav"
    for second in (3499, 1799):
        heard = desk.evaluate(PLAY_FROM, [address, second])
        assert heard["length"] == 3600
        assert heard["loud"] is not None, f"nothing is heard after {second} s"
        assert second + 0.5 < heard["loud"] < second + 2.5, heard
