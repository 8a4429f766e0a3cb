"""A call taker with a headset calls an interpreter in by one key: all hear each other, a supervisor listens to all."""

import asyncio
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tenfour.cli.story import free_port
from tenfour.telephony.sip_event import ByeReceived

from ..run.outside import FAINT, Outside, tones_in
from .conftest import Centre, Telephone, centre_in
from .test_voice import (
    AXE,
    CALLER_HZ,
    HEARD,
    LISTEN,
    RULES,
    SAID_HZ,
    browser_flags,  # noqa: F401 - the same microphone
    call_of,
    facts,
    put_away,
    ring,
    sit_with_headset,
    speak,
    supervisor_with_headset,
    tone_file,
    until,
)

pytestmark = pytest.mark.needs_chromium

INTERPRETER_HZ = 1900.0
EACH = (SAID_HZ, CALLER_HZ, INTERPRETER_HZ)
PORT = free_port()
SETTINGS = f"""
[[third_party]]
name = "Spanish interpreter"
kind = "interpreter"
uri = "sip:es@127.0.0.1:{PORT}"
key = "1"
languages = ["es"]

[[transfer]]
name = "Franklin"
uri = "sip:911@127.0.0.1:{PORT}"
"""
TONES = """each => {
    if (!window.heard) return [];
    const levels = new Float32Array(heard.frequencyBinCount);
    heard.getFloatFrequencyData(levels);
    const bin = hertz => Math.round(hertz * heard.fftSize / heard.context.sampleRate);
    return each.filter(hertz => Math.max(...levels.slice(bin(hertz) - 4, bin(hertz) + 5)) > -60);
}"""


class Interpreter:
    """A telephone of outside, in the loop of the callers' telephones."""

    def __init__(self, telephone: Telephone) -> None:
        self.telephone, self._loop = telephone, telephone.loop
        self.run(self._open())

    async def _open(self) -> None:
        self.phone = Outside(INTERPRETER_HZ, PORT)
        await self.phone.open()

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def ring(self) -> None:
        async def rings() -> None:
            await self.phone.called()
            self.phone.ring()

        self.run(rings())

    def answer(self) -> None:
        async def answers() -> None:
            self.phone.answer()

        self.run(answers())

    def hears(self) -> set[float]:
        return self.phone.hears(EACH, FAINT)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with centre_in(tmp_path_factory.mktemp("conference") / "centre", more_settings=SETTINGS) as running:
        yield running


@pytest.fixture
def interpreter(telephone: Telephone) -> Iterator[Interpreter]:
    made = Interpreter(telephone)
    yield made
    made.run(made.phone.close())


@pytest.fixture
def said(tmp_path: Path) -> Path:
    return tone_file(tmp_path / "caller.wav", CALLER_HZ, 120.0, 8000)


@pytest.fixture
def page(open_page: Any) -> Page:
    page = open_page("/")
    page.add_init_script(LISTEN)
    page.reload()
    return page


def caller_hears(call: Any) -> set[float]:
    return tones_in(np.concatenate([*HEARD[call].copy(), np.zeros(0, np.int16)]), EACH, FAINT)


def browser_hears(page: Page) -> set[float]:
    return set(page.evaluate(TONES, list(EACH)))


def test_interpreter_by_one_key_all_hear_each_other_and_a_supervisor_listens(
    page: Page, open_page: Any, person: Any, interpreter: Interpreter, said: Path
) -> None:
    sit_with_headset(page, person)
    call = ring(interpreter.telephone, "614-555-0171")
    person.answer(page, "614-555-0171")
    speak(interpreter.telephone, call, said)
    until(lambda: caller_hears(call) == {SAID_HZ}, "the caller does not hear the call taker")
    parties = page.get_by_role("group", name="Further parties")
    page.locator("[data-note]").first.focus()
    page.keyboard.press("Control+Shift+Digit1")
    interpreter.ring()
    expect(parties).to_contain_text("rings there")
    interpreter.answer()
    expect(parties).to_contain_text("in the call")
    expect(page.locator(".wvin")).to_be_visible()
    needed = (".number", ".voice .b", ".third .b", ".third .why", ".nsi", ".wvin", "#heard-text", "[data-note]")
    assert person.out_of_sight(page, *needed) == [], "to be scrolled to at 1280x800"
    until(lambda: caller_hears(call) == {SAID_HZ, INTERPRETER_HZ}, "the caller does not hear both")
    until(lambda: interpreter.hears() == {SAID_HZ, CALLER_HZ}, "the interpreter does not hear both")
    until(lambda: browser_hears(page) == {CALLER_HZ, INTERPRETER_HZ}, "the call taker does not hear both")

    other = supervisor_with_headset(open_page)
    other.locator(".qr", has_text="614-555-0171").click()
    other.get_by_role("button", name="Listen in").click()
    until(lambda: browser_hears(other) == set(EACH), "the supervisor does not hear all three")

    parties.get_by_role("button", name="Leave the caller to Spanish interpreter").click()
    until(lambda: caller_hears(call) == {INTERPRETER_HZ}, "the caller is not left to the interpreter alone")
    parties.get_by_role("button", name="Take back").click()
    until(lambda: caller_hears(call) == {SAID_HZ, INTERPRETER_HZ}, "the caller was not taken back")
    until(lambda: browser_hears(page) == {CALLER_HZ, INTERPRETER_HZ}, "the call taker does not hear both again")

    page.keyboard.press("F3")
    until(lambda: interpreter.hears() == {SAID_HZ}, "the interpreter hears a held caller")
    until(lambda: browser_hears(page) == {INTERPRETER_HZ}, "the call taker does not hear the interpreter alone")
    assert not caller_hears(call) & set(EACH)
    parties.get_by_role("button", name="Let go Spanish interpreter").click()
    until(lambda: interpreter.phone.took(ByeReceived) != [], "the interpreter was not let go")
    page.keyboard.press("F3")
    until(lambda: caller_hears(call) == {SAID_HZ}, "they do not talk again")
    for one in (page, other):
        put_away(one)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_caller_is_left_to_a_centre_by_keyboard_and_axe_finds_nothing(
    open_page: Any, person: Any, interpreter: Interpreter, shot: Any, theme: str
) -> None:
    number = f"614-555-017{2 if theme == 'dark' else 3}"
    page = open_page("/", theme=theme)
    person.sit_down(page)
    ring(interpreter.telephone, number)
    person.answer(page, number)
    parties = page.get_by_role("group", name="Further parties")
    opener = page.get_by_role("button", name="Call in, pass on")
    opener.focus()
    page.keyboard.press("Enter")
    parties.get_by_label("Call a centre into the call").select_option("Franklin")
    shot(page, f"conference-asked-{theme}")
    parties.get_by_role("button", name="Call in").focus()
    page.keyboard.press("Enter")
    expect(opener).to_be_focused()
    expect(parties.get_by_role("button", name="Call in")).to_have_count(0)
    interpreter.ring()
    interpreter.answer()
    leave = parties.get_by_role("button", name="Leave the caller to Franklin")
    expect(leave).to_be_visible()
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"] if one["impact"] != "minor"] == []
    shot(page, f"conference-centre-{theme}")
    leave.focus()
    page.keyboard.press("Enter")
    until(lambda: call_of(page, number)["conference"]["handed_over_to"] == "Franklin", "the caller was not left")
    expect(page.get_by_role("region", name="Calls", exact=True)).to_contain_text(number)
    assert "CallHandedOver" in [fact["type"] for fact in facts(page, f"call/{call_of(page, number)['call_id']}")]
