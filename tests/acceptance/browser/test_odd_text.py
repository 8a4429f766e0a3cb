"""Odd text in every field there is: recorded as it is and shown as text, or kept in its field with a sentence."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from .test_field_page import drive_up

pytestmark = pytest.mark.needs_chromium

CLIP = Path(__file__).resolve().parents[3] / "stories" / "exhibits" / "doorbell.wav"
ODD = {
    "script": "</script><script>window.bad = 1</script><img src=x onerror='window.bad = 1'>\"'{{7*7}}${7*7}",
    "right to left": "\u202e\u0645\u0631\u062d\u0628\u0627 abc \u05e9\u05dc\u05d5\u05dd \u2067x",
    "combining": "Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309" * 12 + " e\u0301",
    "control": "bell\u0007 esc\u001b[31m null\u0000 del\u007f\u0085",
    "emoji": "\U0001f6a8\U0001f468\u200d\U0001f469\u200d\U0001f467\U00020000\ufeff\u200b",
    "very long": "x" * 100_000,
}
FIELDS = "input:not([type=checkbox], [type=file], [type=range], [type=date], [type=time], [type=radio]), textarea"
FIND = f"""() => [...document.querySelectorAll('{FIELDS}')]
  .filter(field => field.checkVisibility() && !field.disabled && !field.readOnly)
  .map(field => ((field.dataset.odd ??= String(Math.random()).slice(2)), field.dataset.odd))"""
SENTENCES = """() => [...document.querySelectorAll('.told, .tX, .tD, [role=alert], [role=status], .echo')]
  .filter(one => one.checkVisibility()).map(one => one.innerText.trim()).join(' | ')"""


def put_everywhere(page: Page, odd: str, marks: list[str]) -> dict[str, str]:
    """Odd text into every field that is seen now, after a mark of its own; the marks by field."""
    put = {}
    for name in page.evaluate(FIND):
        field = page.locator(f"[data-odd='{name}']")
        if field.input_value().startswith("mark"):
            continue
        mark = f"mark{len(marks):03}"
        marks.append(mark)
        field.fill(f"{mark} {odd}")
        put[name] = mark
    assert put, "there is no field to be seen"
    return put


def submit(page: Page, put: dict[str, str]) -> None:
    """Press Enter in each of these fields, as far as it is still there."""
    for name in put:
        field = page.locator(f"[data-odd='{name}']")
        if field.count() == 1 and field.is_visible() and field.evaluate("field => field.tagName") == "INPUT":
            field.press("Enter")
    page.wait_for_load_state("networkidle")


def bare(text: str) -> str:
    """Without what a field or the record may take out: controls and marks that nobody sees, and the space around."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\ufeff]", "", text).strip()


def whole(page: Page, person: Any) -> None:
    """Nothing was run, and the page stands as it stood."""
    assert page.evaluate("window.bad") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
    assert person.nothing_hidden(page, ".notes", ".banner", ".ctx", ".tabpane", ".tabpane p", ".tabpane li") == []


def accounted_for(page: Page, put: dict[str, str], odd: str, record: Callable[[], str]) -> None:
    """Each text is in the record, faithfully, or still in its field while the page says why."""
    for name, mark in put.items():
        field = page.locator(f"[data-odd='{name}']")
        kept = field.input_value() if field.count() == 1 else ""
        if bare(kept) == bare(f"{mark} {odd}") or (kept.startswith(mark) and len(kept) >= 100):
            continue
        for _ in range(40):
            if mark in record() or mark in (said := page.evaluate(SENTENCES)):
                break
            page.wait_for_timeout(250)
        text = record()
        if mark in text:
            assert bare(odd)[:60] in bare(text), f"{mark} was changed"
        else:
            assert mark in said, f"{mark} is lost and nothing is said: {said[:500]}"


def texts(told: Any) -> Iterator[str]:
    """Every text in an answer."""
    for one in told.values() if isinstance(told, dict) else told:
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict | list):
            yield from texts(one)


@pytest.fixture
def record(centre: Any) -> Iterator[Callable[[], str]]:
    """All that the centre has on its board, as text."""
    with httpx.Client(base_url=centre.url) as client:
        login = {"role": "supervisor", "person": "whitfield", "position": "05"}
        token = client.post("/api/session", json=login).json()["token"]
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {token}"
        yield lambda: "\n".join(texts(client.get("/api/board").json()))


def tried(page: Page, person: Any, odd: str, marks: list[str], record: Callable[[], str]) -> None:
    """Everything that can be typed into now is typed into and entered."""
    put = put_everywhere(page, odd, marks)
    whole(page, person)
    submit(page, put)
    whole(page, person)
    accounted_for(page, put, odd, record)
    for name in page.evaluate(FIND):
        page.locator(f"[data-odd='{name}']").fill("")


@pytest.mark.parametrize("what", ODD)
def test_odd_text_in_every_field_of_the_desk(
    open_page: Callable[..., Page], telephone: Any, person: Any, shot: Any, record: Callable[[], str], *, what: str
) -> None:
    odd, marks = ODD[what], list[str]()
    number = f"614-555-02{10 + list(ODD).index(what)}"
    desk = open_page("/", 1280, 800)
    person.sit_down(desk)
    tried(desk, person, odd, marks, record)
    telephone.call(number)
    person.answer(desk, number)
    expect(desk.locator(".incident h2")).to_have_text(re.compile(r"Incident \d+"))
    tried(desk, person, odd, marks, record)
    shot(desk, f"odd-call-{what.replace(' ', '-')}-1280x800")
    if desk.locator("button#place").is_visible():
        desk.locator("button#place").click()
    desk.get_by_label("Priority").select_option("2")
    desk.get_by_label("Priority").select_option("4")
    desk.get_by_role("tab", name="Close").click()
    tried(desk, person, odd, marks, record)
    desk.get_by_role("tab", name="Exhibits").click()
    desk.locator("[data-exhibit-file]").set_input_files(CLIP)
    tried(desk, person, odd, marks, record)
    desk.get_by_role("tab", name="After").click()
    desk.get_by_label("Day").fill("2099-11-21")
    tried(desk, person, odd, marks, record)
    desk.get_by_role("button", name="Draft from facts").click()
    dialog = desk.get_by_role("dialog", name="Press text")
    dialog.get_by_role("button", name="Draft from facts").click()
    expect(dialog.get_by_label("Sentence 1", exact=True)).to_be_visible()
    for name in dialog.locator("textarea").all():
        name.fill("mark of a sentence " + odd[:900])
    dialog.get_by_role("button", name=re.compile("^Save as version")).click()
    expect(dialog.locator("[role=alert], [role=status]").filter(has_text=re.compile(r"\w+"))).not_to_have_count(0)
    whole(desk, person)
    shot(desk, f"odd-{what.replace(' ', '-')}-1280x800")


@pytest.mark.parametrize("what", ODD)
def test_odd_text_in_every_field_of_the_units_page(
    open_page: Callable[..., Page], centre: Any, person: Any, shot: Any, what: str
) -> None:
    odd, marks = ODD[what], list[str]()
    with httpx.Client(base_url=centre.url) as dispatcher:
        login = {"role": "dispatcher", "person": "novak", "position": "02"}
        token = dispatcher.post("/api/session", json=login).json()["token"]
        dispatcher.cookies.clear()
        dispatcher.headers["Authorization"] = f"Bearer {token}"
        unit = ["11A2", "11C1", "11C2", "13A4", "15B1", "15C4"][list(ODD).index(what)]
        opened = dispatcher.post("/api/incidents", json={"kind": "911H", "place": f"94 {odd[:200]}"}).raise_for_status()
        path = f"/api/incidents/{opened.json()['incident_id']}"
        order = {"units": [unit], "override_reason": odd[:2000]}
        dispatcher.post(f"{path}/dispatch", json=order).raise_for_status()
        page = open_page("/field", 390, 844)
        person.board_unit(page, unit)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        drive_up(page, person)
        page.get_by_role("button", name="Close", exact=True).click()
        [(name, mark)] = put_everywhere(page, odd, marks).items()
        submit(page, {name: mark})
        proposed, refused = page.locator("h1", has_text=mark), page.locator(".off[role=alert]")
        expect(proposed.or_(refused).first).to_be_visible()
        assert page.evaluate("window.bad") is None
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        shot(page, f"odd-field-{what.replace(' ', '-')}-390x844")
        if refused.is_visible():
            assert len(page.get_by_label("How it ended, in one line").input_value()) > len(odd)
            expect(refused).to_contain_text(re.compile(r"long|length|2000", re.IGNORECASE))
            return
        page.get_by_label("Unable to locate?").fill(f"tried {odd}"[:500])
        page.get_by_role("button", name="Confirm and clear").click()
        expect(page.get_by_role("heading", name="No call")).to_be_visible()
        closed = dispatcher.get(path).json()
        assert bare(closed["closing_words"]) == bare(f"{mark} {odd}")
