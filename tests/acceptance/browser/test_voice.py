"""A call taker with a headset in chromium speaks with a caller: tones at both ends, told apart by their frequency."""

import io
import os
import re
import signal
import time
import wave
from collections import deque
from collections.abc import Callable
from pathlib import Path
from weakref import WeakKeyDictionary

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tenfour.play.caller import PlacedCall
from tenfour.play.sound import packets_of
from tenfour.telephony.g711 import Samples

from .conftest import microphone_that_says

pytestmark = pytest.mark.needs_chromium

HEARD: "WeakKeyDictionary[PlacedCall, deque[Samples]]" = WeakKeyDictionary()
SAID_HZ, CALLER_HZ = 700.0, 1100.0
WITHIN_S = 20.0
AXE = Path(__file__).resolve().parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]

LISTEN = """(() => {
    const Connection = RTCPeerConnection;
    window.RTCPeerConnection = class extends Connection {
        constructor(...rest) {
            super(...rest);
            this.addEventListener('track', event => {
                const listening = new AudioContext();
                window.heard = listening.createAnalyser();
                heard.fftSize = 8192;
                listening.createMediaStreamSource(new MediaStream([event.track])).connect(heard);
            });
        }
    };
})()"""
LOUDEST = """() => {
    if (!window.heard) return 0;
    const levels = new Float32Array(heard.frequencyBinCount);
    heard.getFloatFrequencyData(levels);
    const at = levels.reduce((best, level, index) => level > levels[best] ? index : best, 0);
    return levels[at] > -60 ? at * heard.context.sampleRate / heard.fftSize : 0;
}"""


def tone_file(path: Path, hertz: float, seconds: float, rate: int) -> Path:
    at = np.arange(int(seconds * rate)) / rate
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((8000 * np.sin(2 * np.pi * hertz * at)).astype("<i2").tobytes())
    return path


def loudest(samples: Samples) -> float:
    """The frequency in Hz that is loudest; 0 for silence."""
    if samples.size < 1600 or np.abs(samples.astype(int)).max() < 500:
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum) * 8000 / samples.size)


def tones(samples: Samples) -> list[float]:
    """The loudest frequency of each half second."""
    return [loudest(samples[at : at + 4000]) for at in range(0, samples.size - 4000, 4000)]


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def ring(telephone, number: str) -> PlacedCall:
    """A call; the last second of what its caller hears is kept."""
    call = telephone.call(number)
    last: deque[Samples] = deque(maxlen=50)
    HEARD[call] = last
    call.voice.on_sound = last.append
    return call


def caller_hears(call: PlacedCall) -> float:
    return loudest(np.concatenate([*HEARD[call].copy(), np.zeros(0, np.int16)]))


def hears_call_taker(call) -> bool:
    return abs(caller_hears(call) - SAID_HZ) < 20


def hears_caller(page: Page) -> bool:
    return bool(abs(page.evaluate(LOUDEST) - CALLER_HZ) < 20)


@pytest.fixture(scope="module")
def browser_flags(browser_flags: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    said = tone_file(tmp_path_factory.mktemp("microphone") / "said.wav", SAID_HZ, 2.0, 48000)
    return [*browser_flags, *microphone_that_says(said)]


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    return tone_file(tmp_path / "caller.wav", CALLER_HZ, 60.0, 8000)


def sit_with_headset(page: Page, person, name: str = "R. Adeyemi", position: str = "04") -> None:
    person.sit_down(page, name, position)
    connect_headset(page, position)


def supervisor_with_headset(open_page) -> Page:
    """A supervisor's desk at position 01, in another browser; what it hears can be measured."""
    other = open_page("/")
    other.add_init_script(LISTEN)
    other.reload()
    other.get_by_label("Position").select_option("01")
    other.get_by_role("button", name=re.compile("upervisor")).first.click()
    connect_headset(other, "01")
    return other


def connect_headset(page: Page, position: str) -> None:
    page.get_by_role("button", name="No headset").click()
    page.get_by_role("button", name="Connect the headset").click()
    expect(page.locator("[data-opens='headset'] .okd")).to_be_visible()
    page.keyboard.press("Escape")
    until(lambda: headset_of(page, position) == "connected", "the headset is not connected")


def headset_of(page: Page, position: str) -> str:
    board = page.evaluate("async () => (await fetch('/api/board')).json()")
    return next(row["headset"] for row in board["positions"] if row["position_id"] == position)


def put_away(page: Page) -> None:
    """Leave no headset behind: the centre is the module's."""
    page.evaluate(
        """async () => fetch('/api/voice/put-away', {
            method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'})"""
    )


def facts(page: Page, stream: str) -> list[dict]:
    found: list[dict] = page.evaluate("async s => (await fetch(`/api/facts?stream=${s}`)).json()", stream)
    return found


def call_of(page: Page, number: str) -> dict:
    board = page.evaluate("async () => (await fetch('/api/board')).json()")
    return next(row for row in board["calls"] if row["ani"] == number)


def channels(page: Page, call_id: str) -> tuple[Samples, Samples]:
    """What the caller said, and what it heard."""
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    recorded = httpx.get(f"{page.url.split('#')[0]}api/calls/{call_id}/recordings/1.wav", cookies=cookies)
    recorded.raise_for_status()
    with wave.open(io.BytesIO(recorded.content)) as file:
        both = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, file.getnchannels())
    return both[:, 0], both[:, 1]


def speak(telephone, call, clip: Path) -> None:
    """Say it while the test goes on."""
    telephone.loop.call_soon_threadsafe(call.voice.speak, packets_of(clip))


@pytest.fixture
def page(open_page) -> Page:
    page = open_page("/")
    page.add_init_script(LISTEN)
    page.reload()
    return page


def test_call_taker_and_caller_hear_each_other_mute_and_hold(page: Page, telephone, person, tone: Path, shot) -> None:
    sit_with_headset(page, person)
    call = ring(telephone, "614-555-0141")
    person.answer(page, "614-555-0141")
    speak(telephone, call, tone)
    until(lambda: hears_call_taker(call), "the caller does not hear the call taker")
    until(lambda: hears_caller(page), "the call taker does not hear the caller")
    card = page.get_by_role("region", name="Call in hand")
    expect(card).to_contain_text("position 04")
    call_id = call_of(page, "614-555-0141")["call_id"]
    assert "AnnouncementStarted" not in [fact["type"] for fact in facts(page, f"call/{call_id}")]
    shot(page, "voice-two-way")

    page.keyboard.press("F7")
    expect(page.get_by_role("button", name=re.compile("^Unmute"))).to_be_visible()
    until(lambda: caller_hears(call) == 0.0, "the caller hears a muted call taker")
    page.keyboard.press("F7")
    until(lambda: hears_call_taker(call), "the caller does not hear the call taker again")

    page.keyboard.press("F3")
    expect(card).to_contain_text("the hold sound")
    until(lambda: 300 < caller_hears(call) < 500, "no hold sound")
    until(lambda: page.evaluate(LOUDEST) == 0, "the call taker hears a held caller")
    page.keyboard.press("F3")
    until(lambda: hears_call_taker(call) and hears_caller(page), "they do not talk again")

    page.keyboard.press("Shift+F2")
    until(call.over.is_set, "the call goes on")
    assert call.ended_words == "the centre hung up"
    caller, heard = channels(page, call_id)
    assert any(abs(tone - CALLER_HZ) < 20 for tone in tones(caller))
    assert any(abs(tone - SAID_HZ) < 20 for tone in tones(heard))
    assert any(300 < tone < 500 for tone in tones(heard))
    page.locator("[data-opens='headset']").click()
    page.get_by_role("button", name="Put it away").click()
    until(lambda: headset_of(page, "04") == "none", "the headset is still there")


def test_second_call_in_hand_lets_the_first_wait_and_back(page: Page, telephone, person, tone: Path) -> None:
    sit_with_headset(page, person)
    first = ring(telephone, "614-555-0142")
    person.answer(page, "614-555-0142")
    until(lambda: hears_call_taker(first), "the first caller does not hear the call taker")
    second = ring(telephone, "614-555-0143")
    person.answer(page, "614-555-0143")
    until(lambda: hears_call_taker(second), "the second caller does not hear the call taker")
    until(lambda: 300 < caller_hears(first) < 500, "the first caller does not hear the hold sound")
    assert call_of(page, "614-555-0142")["voice"]["held"]
    page.locator(".qr", has_text="614-555-0142").click()
    page.keyboard.press("F3")
    until(lambda: hears_call_taker(first), "the first caller does not hear the call taker again")
    until(lambda: not hears_call_taker(second), "both callers hear the call taker")
    put_away(page)


def test_supervisor_listens_coaches_and_barges_in(page: Page, open_page, telephone, person, tone: Path) -> None:
    sit_with_headset(page, person)
    call = ring(telephone, "614-555-0144")
    person.answer(page, "614-555-0144")
    until(lambda: hears_call_taker(call), "the caller does not hear the call taker")
    expect(page.get_by_role("button", name="Call in")).to_have_count(
        0
    )  # this centre's settings name nobody, and it has no trunk
    other = supervisor_with_headset(open_page)
    other.locator(".qr", has_text="614-555-0144").click()
    speak(telephone, call, tone)
    other.get_by_role("button", name="Listen in").click()
    until(lambda: hears_caller(other), "the supervisor does not hear the caller")
    expect(page.get_by_role("group", name="Voices")).to_contain_text("Supervisor, listens")
    page.keyboard.press("F7")
    until(lambda: caller_hears(call) == 0.0, "the caller hears somebody")
    other.get_by_role("button", name="Coach").click()
    expect(page.get_by_role("group", name="Voices")).to_contain_text("heard by the call taker only")
    time.sleep(1.0)
    assert caller_hears(call) == 0.0
    other.get_by_role("button", name="Barge in").click()
    until(lambda: hears_call_taker(call), "the caller does not hear the supervisor")
    other.get_by_role("button", name="Leave the call").click()
    until(lambda: caller_hears(call) == 0.0, "the supervisor is still heard")
    for one in (page, other):
        put_away(one)


def test_caller_of_a_lost_browser_is_kept_and_hears_so_and_they_talk_again(
    page: Page, open_page, telephone, person
) -> None:
    sit_with_headset(page, person)
    call = ring(telephone, "614-555-0145")
    person.answer(page, "614-555-0145")
    until(lambda: hears_call_taker(call), "the caller does not hear the call taker")
    call_id = call_of(page, "614-555-0145")["call_id"]
    page.reload()
    until(lambda: hears_call_taker(call), "the caller does not hear the call taker after a reload")
    told = [fact["type"] for fact in facts(page, f"call/{call_id}")]
    assert "CallRangBack" in told
    page.close()
    watching = open_page("/")
    person.sit_down(watching, "J. Novak", "05")
    until(lambda: call_of(watching, "614-555-0145")["voice"]["rings_back"], "it does not ring back")
    assert "still there" in call_of(watching, "614-555-0145")["voice"]["words"]
    until(lambda: not hears_call_taker(call) and caller_hears(call) > 0, "the caller hears nothing of it")
    expect(watching.get_by_role("region", name="Ringing call 614-555-0145")).to_be_visible(timeout=30_000)
    watching.keyboard.press("F2")
    until(lambda: call_of(watching, "614-555-0145")["position"] == "05", "the call is not taken over")
    assert not call.over.is_set()


def test_killed_media_worker_is_replaced_and_they_go_on_talking(
    page: Page, centre, telephone, person, tone: Path
) -> None:
    sit_with_headset(page, person)
    call = ring(telephone, "614-555-0146")
    person.answer(page, "614-555-0146")
    speak(telephone, call, tone)
    until(lambda: hears_call_taker(call) and hears_caller(page), "they do not talk")
    os.kill(media_worker(centre.process("line")), signal.SIGKILL)
    call_id = call_of(page, "614-555-0146")["call_id"]
    until(
        lambda: "AudioPickedUpAgain" in [fact["type"] for fact in facts(page, f"call/{call_id}")], "nobody took it up"
    )
    telephone.loop.call_soon_threadsafe(HEARD[call].clear)
    until(lambda: hears_call_taker(call), "the caller does not hear the call taker any more")
    until(lambda: hears_caller(page), "the call taker does not hear the caller any more")
    assert "CallRangBack" not in [fact["type"] for fact in facts(page, f"call/{call_id}")]
    put_away(page)


def media_worker(line: int) -> int:
    """The one that carries calls: it has been there longest."""
    children = Path(f"/proc/{line}/task/{line}/children").read_text().split()
    return min(int(child) for child in children if b"tenfour.media" in Path(f"/proc/{child}/cmdline").read_bytes())


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_headset_can_be_worn_by_keyboard_and_axe_finds_nothing(open_page, person, shot, theme: str) -> None:
    page = open_page("/", theme=theme)
    person.sit_down(page)
    page.locator("[data-opens='headset']").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-opens='headset'] .okd")).to_be_visible()
    menu = page.get_by_role("group", name="Headset of this position")
    expect(menu.get_by_label("Microphone")).to_be_visible()
    until(lambda: float(menu.locator("meter").evaluate("one => one.value")) > 0.3, "the level does not move")
    menu.get_by_role("button", name="Test tone").focus()
    page.keyboard.press("Enter")
    shot(page, f"headset-menu-{theme}")
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"] if one["impact"] != "minor"] == []
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    put_away(page)
