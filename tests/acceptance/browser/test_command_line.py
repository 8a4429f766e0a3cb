"""The command line of the desk, by keyboard alone: echo, completion, history, accept and refuse in words."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

AXE = Path(__file__).resolve().parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
pytestmark = pytest.mark.needs_chromium


def findings(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    grave = [one for one in found["violations"] if one["impact"] in {"serious", "critical"}]
    return [f"{one['id']}: {node['html'][:160]}" for one in grave for node in one["nodes"]]


def line_of(desk: Page) -> Locator:
    return desk.get_by_role("combobox", name="Command")


def echo_of(desk: Page) -> Locator:
    return desk.locator("#echo")


def said(desk: Page) -> Locator:
    return desk.locator(".cmd > [role=status]")


def give(desk: Page, text: str) -> None:
    """Type a line with `/` and Enter, as fast as a machine can; in the empty line the slash is nothing."""
    expect(line_of(desk)).to_have_value("")
    desk.keyboard.press("/")
    expect(line_of(desk)).to_be_focused()
    desk.keyboard.type(text)
    desk.keyboard.press("Enter")


def post(desk: Page, path: str, body: dict[str, Any]) -> Any:
    """Something that happens elsewhere in the centre; the desk hears of it by its feed."""
    answer = desk.request.post(desk.url.split("#")[0].rstrip("/") + path, data=body, headers={"Origin": origin(desk)})
    assert answer.ok, answer.text()
    return answer.json()


def origin(desk: Page) -> str:
    found: str = desk.evaluate("location.origin")
    return found


def opened(desk: Page, place: str = "9417 Kendall Place", kind: str = "WELFARE") -> tuple[int, str]:
    """An incident on the board, with the number people say and the unit that is recommended."""
    made = post(desk, "/api/incidents", {"kind": kind, "place": place})
    recommended = post(desk, f"/api/incidents/{made['incident_id']}/recommend", {})
    expect(incident_row(desk, made["number"])).to_be_visible()
    return made["number"], recommended["units"][0]["unit"]


def incident_row(desk: Page, number: int) -> Locator:
    return desk.locator(".incs tbody tr").filter(has=desk.locator("b", has_text=re.compile(f"^{number}$")))


def unit_row(desk: Page, unit: str) -> Locator:
    return desk.locator(".units tbody tr").filter(has=desk.locator("b", has_text=re.compile(f"^{unit}$")))


def test_one_incident_is_worked_from_dispatch_to_close_without_a_mouse(
    open_page: Callable[..., Page], person: Any, shot: Callable[[Page, str], None]
) -> None:
    desk = open_page("/", 1280, 800)
    person.sit_down(desk)
    number, unit = opened(desk)
    desk.keyboard.press("/")
    desk.keyboard.type(f"d.{unit.lower()},{number}")
    expect(echo_of(desk)).to_contain_text("Enter does it")
    expect(echo_of(desk)).to_contain_text("Read back: nine four one seven, Kendall Place", use_inner_text=False)
    expect(desk.locator(".mirror .tk-unit")).to_have_text(unit.lower())
    expect(desk.locator(".mirror .tk-incident")).to_have_text(str(number))
    shot(desk, "command-1-echo-1280x800")
    desk.keyboard.press("Enter")
    expect(said(desk)).to_contain_text(f"Done: Dispatched {unit} to {number}")
    expect(line_of(desk)).to_have_value("")
    expect(line_of(desk)).to_be_focused()
    expect(unit_row(desk, unit)).to_contain_text("Dispatched")
    expect(desk.get_by_role("button", name=f"C {unit}")).to_contain_text("takes")
    shot(desk, "command-2-done-1280x800")

    desk.keyboard.type(f"S {number}")
    desk.keyboard.press("Enter")
    expect(incident_row(desk, number).locator("[aria-current=true]")).to_be_visible()
    give(desk, f"EN {unit}")
    expect(unit_row(desk, unit)).to_contain_text("En route")
    give(desk, f"OS {unit}")
    expect(unit_row(desk, unit)).to_contain_text("On scene")
    give(desk, "N t:2 people at the door, both well")
    expect(desk.get_by_role("log", name="Narrative")).to_contain_text("2 people at the door, both well")
    give(desk, f"UH {unit}")
    expect(desk.get_by_role("region", name=f"History of {unit}")).to_contain_text(f"{unit} on scene")
    shot(desk, "command-3-history-1280x800")
    give(desk, "C Just wanted a hug")
    expect(said(desk)).to_contain_text("nobody was seen")
    expect(line_of(desk)).to_have_value("C Just wanted a hug")
    desk.keyboard.press("Home")
    desk.keyboard.press("ArrowRight")
    desk.keyboard.type(" seen:adult")
    expect(echo_of(desk)).to_contain_text("18 Settled by contact")
    shot(desk, "command-4-close-1280x800")
    desk.keyboard.press("Enter")
    expect(said(desk)).to_contain_text(f"Done: Closed {number}")
    expect(unit_row(desk, unit)).to_contain_text("Available")


def test_selecting_a_unit_opens_it_on_the_board_and_later_lines_mean_it(
    open_page: Callable[..., Page], person: Any
) -> None:
    desk = open_page("/", 1280, 800)
    person.sit_down(desk)
    give(desk, "s m9")
    expect(desk.get_by_role("group", name="Status of M9")).to_be_in_viewport()
    expect(line_of(desk)).to_be_focused()
    desk.keyboard.type("OS")
    expect(echo_of(desk)).to_contain_text("M9")
    desk.keyboard.press("Enter")
    expect(unit_row(desk, "M9")).to_contain_text("On scene")
    desk.keyboard.type("C")
    expect(echo_of(desk)).to_contain_text("which incident")
    desk.keyboard.type(" M9")
    desk.keyboard.press("Enter")
    expect(unit_row(desk, "M9")).to_contain_text("Available")


def test_accept_and_refuse_are_heard(open_page: Callable[..., Page], person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    desk.evaluate(
        """() => { window.tones = []; window.OscillatorNode = class extends OscillatorNode {
             constructor(audio, options) {
               super(audio, options);
               if ([988, 220].includes(options.frequency)) window.tones.push(options.frequency); } }; }"""
    )
    give(desk, "UH 12A3")
    expect(said(desk)).to_contain_text("Done: History of 12A3")
    assert desk.evaluate("window.tones") == [988]
    give(desk, "frobnicate")
    expect(said(desk)).to_contain_text("Refused: ")
    assert desk.evaluate("window.tones") == [988, 220]


def test_nonsense_is_refused_in_words_and_the_line_stays(open_page: Callable[..., Page], person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    number, unit = opened(desk)
    desk.keyboard.press("/")
    desk.keyboard.type(f"D {unit} {number} quickly")
    expect(echo_of(desk)).to_contain_text("“quickly” is no unit or incident on the board")
    desk.keyboard.press("Enter")
    expect(said(desk)).to_contain_text("Refused: Understood: Dispatch")
    expect(said(desk)).to_contain_text("Nothing was done.")
    expect(line_of(desk)).to_have_value(f"D {unit} {number} quickly")
    expect(unit_row(desk, unit)).to_contain_text("Available")


def test_completion_and_older_lines_by_keyboard(
    open_page: Callable[..., Page], person: Any, shot: Callable[[Page, str], None]
) -> None:
    desk = open_page("/", 1280, 800)
    person.sit_down(desk)
    number, _ = opened(desk, kind="CITASST")
    desk.keyboard.press("/")
    desk.keyboard.type("D 14")
    choices = desk.get_by_role("listbox", name="Completions")
    expect(choices.get_by_role("option").first).to_contain_text("14B2")
    shot(desk, "command-5-completions-1280x800")
    desk.keyboard.press("Tab")
    expect(line_of(desk)).to_have_value("D 14B2 ")
    expect(choices.get_by_role("option", name=re.compile(f"^{number} "))).to_be_visible()
    desk.keyboard.press("ArrowDown")
    expect(choices.get_by_role("option", selected=True)).to_have_count(1)
    desk.keyboard.press("Escape")
    expect(choices.get_by_role("option", selected=True)).to_have_count(0)
    expect(line_of(desk)).to_be_focused()
    desk.keyboard.press("Control+a")
    desk.keyboard.type("UH 12A3")
    desk.keyboard.press("Enter")
    desk.keyboard.type("UH 14B2")
    desk.keyboard.press("Enter")
    expect(said(desk)).to_contain_text("History of 14B2")
    desk.keyboard.press("ArrowUp")
    expect(line_of(desk)).to_have_value("UH 14B2")
    desk.keyboard.press("ArrowUp")
    expect(line_of(desk)).to_have_value("UH 12A3")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("ArrowDown")
    expect(line_of(desk)).to_have_value("")
    desk.reload()
    expect(desk.get_by_role("region", name="Units")).to_be_visible()
    desk.keyboard.press("/")
    desk.keyboard.press("ArrowUp")
    expect(line_of(desk)).to_have_value("UH 14B2")


def test_slash_and_escape_go_there_and_back_and_no_call_takes_the_caret(
    open_page: Callable[..., Page], telephone: Any, person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    desk.keyboard.press("Alt+5")
    before = desk.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText")
    desk.keyboard.press("/")
    desk.keyboard.type("N half a word")
    telephone.call("614-555-0144")
    expect(desk.get_by_role("region", name="Ringing call 614-555-0144")).to_be_visible()
    expect(line_of(desk)).to_be_focused()
    desk.keyboard.type(" more")
    expect(line_of(desk)).to_have_value("N half a word more")
    desk.keyboard.press("F2")
    expect(desk.get_by_role("region", name="Ringing call 614-555-0144")).to_have_count(0)
    expect(line_of(desk)).to_be_focused()
    desk.keyboard.press("Escape")
    assert (
        desk.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText") == before
    )
    desk.reload()
    expect(line_of(desk)).to_have_value("N half a word more")
    desk.get_by_label("Add a note").focus()
    desk.keyboard.type("a/b")
    expect(desk.get_by_label("Add a note")).to_have_value("a/b")


@pytest.mark.parametrize(
    "pasted",
    [
        "الأم تقول إنه بخير، وشكرا",
        "\u202eevil\u202c note e\u0301\u0301\u0301 שלום",
        "tab\there, 👩\u200d👧 and\x07 bell",
    ],
)
def test_pasted_text_of_any_script_becomes_the_note_that_was_echoed(
    open_page: Callable[..., Page], person: Any, shot: Callable[[Page, str], None], pasted: str
) -> None:
    desk = open_page()
    person.sit_down(desk)
    number, _ = opened(desk, kind="INFO")
    give(desk, f"S {number}")
    expect(said(desk)).to_contain_text(f"Selected {number}")
    desk.keyboard.insert_text(f"N {pasted}")
    expect(echo_of(desk)).to_contain_text("Enter does it")
    shot(desk, f"command-pasted-{len(pasted)}-1280x800")
    desk.keyboard.press("Enter")
    seen = " ".join("".join(" " if one in "\u202e\u202c\x07\t" else one for one in pasted).split())
    expect(desk.get_by_role("log", name="Narrative")).to_contain_text(seen)


def test_a_hundred_thousand_characters_are_answered_and_not_carried_out(
    open_page: Callable[..., Page], person: Any
) -> None:
    desk = open_page()
    person.sit_down(desk)
    desk.keyboard.press("/")
    desk.keyboard.insert_text("N " + "a" * 100_000)
    expect(echo_of(desk)).to_contain_text("at most 2,400 are read. Shorten it.")
    desk.keyboard.press("Enter")
    expect(said(desk)).to_contain_text("Nothing was done.")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_command_line_has_no_serious_finding(
    open_page: Callable[..., Page], person: Any, shot: Callable[[Page, str], None], theme: str
) -> None:
    desk = open_page("/", 1920, 1080, theme=theme)
    person.sit_down(desk)
    number, unit = opened(desk, kind="SUSP")
    give(desk, f"S {number}")
    for text, name in (
        (f"D {unit} {number}", "echo"),
        (f"D {unit} kwyjibo", "unknown"),
        ("D 14", "choices"),
        ("?", "help"),
    ):
        desk.keyboard.press("Control+a")
        desk.keyboard.type(text)
        expect(echo_of(desk)).not_to_be_empty()
        desk.wait_for_load_state("networkidle")
        assert findings(desk) == []
        for width, height in ((1920, 1080), (1280, 800)):
            desk.set_viewport_size({"width": width, "height": height})
            shot(desk, f"command-{name}-{theme}-{width}x{height}")
        assert person.nothing_hidden(desk, ".ev-verb", ".ev-unit", ".go1") == []
        desk.set_viewport_size({"width": 1920, "height": 1080})
    desk.keyboard.press("Control+a")
    desk.keyboard.press("Delete")
    assert findings(desk) == []
    desk.set_viewport_size({"width": 960, "height": 540})
    shot(desk, f"command-idle-{theme}-960x540")
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_cheat_card_can_be_printed(open_page: Callable[..., Page], shot: Callable[[Page, str], None]) -> None:
    card = open_page("/cheat-card", 1280, 800)
    expect(card.get_by_role("row", name=re.compile("^RTU"))).to_contain_text("safety timer")
    assert findings(card) == []
    shot(card, "cheat-card-1280x800")
