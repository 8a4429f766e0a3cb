"""What is typed on a desk outlives page, browser, connection and disk, and people do not undo each other."""

import os
import re
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from .test_pages_for_everyone import findings_at_every_size, findings_in_both_themes

pytestmark = pytest.mark.needs_chromium

FULL = 4096
"""No file of the centre can be written beyond so many bytes."""

OpenPage = Callable[..., Page]


@contextmanager
def disk_full(pid: int) -> Iterator[None]:
    """Nothing that this process writes goes on the disk any more; then there is room again."""
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (FULL, most))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))


def new_incident(desk: Page, kind: str, place: str) -> str:
    """Two fields are enough; the number of the incident that is then open on this desk."""
    button = desk.get_by_role("button", name="New", exact=True)
    if button.is_visible():
        button.click()
    desk.get_by_label("Kind").select_option(kind)
    desk.get_by_label("Place").fill(place)
    desk.keyboard.press("Enter")
    heading = desk.locator(".incident h2")
    expect(heading).to_have_text(re.compile(r"Incident \d+"))
    return heading.inner_text().split()[1]


def open_incident(desk: Page, number: str) -> None:
    """Choose it on the incident board."""
    desk.get_by_role("region", name="Incidents").get_by_role("row", name=re.compile(f"^{number} ")).get_by_role(
        "button"
    ).first.click()
    expect(desk.locator(".incident h2")).to_have_text(f"Incident {number}")


def note(desk: Page, text: str) -> None:
    field = desk.get_by_label("Add a note")
    field.fill(text)
    field.press("Enter")


def story(desk: Page) -> Locator:
    return desk.get_by_role("log", name="Narrative")


def said(desk: Page, marked: str) -> list[str]:
    """The lines of the narrative that begin so, in order, as the centre has them."""
    incident = desk.evaluate("new URLSearchParams(location.hash.slice(1)).get('incident')")
    row = desk.request.get(f"{desk.url.partition('/#')[0]}/api/incidents/{incident}").json()
    return [line["text"] for line in row["narrative"] if line["text"].startswith(marked)]


def test_second_window_and_reload_show_what_is_half_typed(open_page: OpenPage, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    number = new_incident(desk, "WELFARE", "9417 Kendall Place")
    desk.get_by_label("Add a note").fill("porch light")
    desk.locator("#place").click()
    desk.get_by_label("Place").fill("94")
    desk.keyboard.press("Tab")
    desk.get_by_role("tab", name="Close").click()
    desk.get_by_label("How it ended, in one line").fill("all is")

    second = desk.context.new_page()
    second.goto(desk.url)
    expect(second.locator(".incident h2")).to_have_text(f"Incident {number}")
    expect(second.get_by_label("Add a note")).to_have_value("porch light")
    expect(second.get_by_label("Place")).to_have_value("94")
    second.get_by_label("Add a note").fill("porch light on")
    desk.get_by_role("tab", name="Narrative").click()
    expect(desk.get_by_label("Add a note")).to_have_value("porch light on")
    desk.reload()
    expect(desk.get_by_label("Add a note")).to_have_value("porch light on")
    desk.get_by_role("tab", name="Close").click()
    expect(desk.get_by_label("How it ended, in one line")).to_have_value("all is")
    second.get_by_label("Add a note").press("Enter")
    expect(story(second)).to_contain_text("porch light on")
    desk.get_by_role("tab", name="Narrative").click()
    expect(desk.get_by_label("Add a note")).to_have_value("")
    expect(story(desk)).to_contain_text("porch light on")

    other = open_page()
    person.sit_down(other, "J. Novak", "02")
    assert other.evaluate("Object.keys(localStorage).filter(one => one.startsWith('draft desk')).length") == 0


def test_two_people_write_into_one_narrative(open_page: OpenPage, person: Any) -> None:
    first, second = open_page(), open_page()
    person.sit_down(first)
    person.sit_down(second, "J. Novak", "02")
    number = new_incident(first, "WELFARE", "9418 Kendall Place")
    open_incident(second, number)
    for count in range(8):
        note(first, f"duo one {count}")
        note(second, f"duo two {count}")
    for desk in (first, second):
        for count in range(8):
            expect(story(desk)).to_contain_text(f"duo one {count}")
            expect(story(desk)).to_contain_text(f"duo two {count}")
        expect(story(desk).get_by_text("not yet confirmed")).to_have_count(0)
    for who in ("one", "two"):
        assert said(first, f"duo {who}") == [f"duo {who} {count}" for count in range(8)]
    assert story(first).inner_text() == story(second).inner_text()


def test_who_changed_the_kind_is_told_and_nothing_is_lost(open_page: OpenPage, person: Any, shot: Any) -> None:
    first, second = open_page("/", 1920, 1080), open_page(theme="light")
    person.sit_down(first)
    person.sit_down(second, "J. Novak", "02")
    number = new_incident(first, "WELFARE", "9421 Kendall Place")
    open_incident(second, number)
    second.get_by_label("Kind").select_option("911H")
    told = first.locator(".others")
    expect(told).to_contain_text("J. Novak at")
    expect(told).to_contain_text("911H")
    expect(told).to_contain_text("Before: WELFARE")
    expect(first.get_by_label("Kind")).to_have_value("911H")
    expect(second.locator(".others")).to_be_empty()
    shot(first, "others-dark-1920x1080")
    assert findings_in_both_themes(first) == []
    told.get_by_role("button", name="Set back").click()
    expect(first.get_by_label("Kind")).to_have_value("WELFARE")
    expect(told).to_be_empty()
    expect(second.locator(".others")).to_contain_text("R. Adeyemi at")
    expect(second.locator(".others")).to_contain_text("Before: 911H Hang-up")
    shot(second, "others-light-1280x800")
    second.locator(".others").get_by_role("button", name="Seen").click()
    expect(second.locator(".others")).to_be_empty()
    assert [line.split(",")[0] for line in said(first, "Kind ")] == ["Kind WELFARE", "Kind 911H", "Kind WELFARE"]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_full_disk_keeps_everything_here_and_sends_it_once(
    open_page: OpenPage, person: Any, shot: Any, centre: Any, theme: str
) -> None:
    desk = open_page("/", 1280, 800, theme=theme)
    person.sit_down(desk)
    new_incident(desk, "WELFARE", "9422 Kendall Place")
    note(desk, "disk before")
    expect(desk.get_by_text("All saved")).to_be_visible()
    with disk_full(centre.process("center")):
        note(desk, "disk one")
        expect(desk.locator(".top .spool")).to_contain_text("Record away since")
        note(desk, "disk two")
        desk.get_by_label("Kind").select_option("911H")
        expect(desk.get_by_label("Kind")).to_have_value("911H")
        expect(desk.locator(".ctx")).to_contain_text("Kind not yet confirmed")
        expect(story(desk).get_by_text("not yet confirmed")).to_have_count(2)
        expect(desk.locator(".top .spool")).to_contain_text("3 kept here, in order")
        shot(desk, f"record-away-{theme}-1280x800")
        assert findings_at_every_size(desk) == []
        desk.set_viewport_size({"width": 1920, "height": 1080})
        shot(desk, f"record-away-{theme}-1920x1080")
        second = desk.context.new_page()
        second.goto(desk.url)
        expect(story(second).get_by_text("not yet confirmed")).to_have_count(2)
        desk.reload()
        expect(desk.get_by_label("Kind")).to_have_value("911H")
        expect(story(desk).get_by_text("not yet confirmed")).to_have_count(2)
        assert said(desk, "disk") == ["disk before"]
    for page in (desk, second):
        expect(page.get_by_text("All saved")).to_be_visible(timeout=20_000)
        expect(page.locator(".top .spool")).to_have_count(0)
        expect(page.get_by_text("not yet confirmed")).to_have_count(0)
        expect(page.get_by_label("Kind")).to_have_value("911H")
    assert said(desk, "disk") == ["disk before", "disk one", "disk two"]
    assert len(said(desk, "Kind 911H")) == 1


def test_lost_connection_keeps_what_was_said(open_page: OpenPage, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    new_incident(desk, "WELFARE", "9413 Kendall Place")
    desk.context.set_offline(True)
    note(desk, "net one")
    note(desk, "net two")
    expect(story(desk).get_by_text("not yet confirmed")).to_have_count(2)
    desk.context.set_offline(False)
    expect(story(desk).get_by_text("not yet confirmed")).to_have_count(0)
    assert said(desk, "net") == ["net one", "net two"]


def test_silent_connection_is_told_and_comes_back_by_itself(open_page: OpenPage, centre: Any, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    new_incident(desk, "WELFARE", "9413 Kendall Place")
    centre_process = centre.process("center")
    os.kill(centre_process, signal.SIGSTOP)
    try:
        note(desk, "mute one")
        note(desk, "mute two")
        desk.get_by_label("Add a note").fill("mute three")
        expect(story(desk).get_by_text("not yet confirmed")).to_have_count(2)
        expect(desk.locator(".top .spool")).to_contain_text("reconnecting. 2 kept here, in order", timeout=40_000)
    finally:
        os.kill(centre_process, signal.SIGCONT)
    expect(desk.get_by_text("All saved")).to_be_visible(timeout=40_000)
    expect(story(desk).get_by_text("not yet confirmed")).to_have_count(0)
    expect(desk.get_by_label("Add a note")).to_have_value("mute three")
    desk.get_by_label("Add a note").press("Enter")
    expect(story(desk)).to_contain_text("mute three")
    expect(desk.get_by_text("All saved")).to_be_visible()
    assert said(desk, "mute") == ["mute one", "mute two", "mute three"]


def test_centre_that_is_killed_comes_back_under_a_desk(open_page: OpenPage, centre: Any, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    new_incident(desk, "WELFARE", "9418 Kendall Place")
    note(desk, "kill one")
    expect(desk.get_by_text("All saved")).to_be_visible()
    os.kill(centre.process("center"), signal.SIGKILL)
    note(desk, "kill two")
    expect(desk.locator(".top .spool")).to_contain_text("reconnecting")
    expect(desk.get_by_text("All saved")).to_be_visible(timeout=30_000)
    expect(story(desk)).to_contain_text("kill two")
    assert said(desk, "kill") == ["kill one", "kill two"]


def test_projection_deleted_under_an_open_desk_is_not_noticed(open_page: OpenPage, centre: Any, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    number = new_incident(desk, "WELFARE", "9417 Kendall Place")
    note(desk, "projection before")
    gone = list((centre.folder / "data").glob("projection.sqlite*"))
    assert gone
    for file in gone:
        file.unlink()
    note(desk, "projection after")
    desk.get_by_label("Kind").select_option("911H")
    expect(desk.get_by_text("All saved")).to_be_visible()
    assert said(desk, "projection") == ["projection before", "projection after"]
    desk.reload()
    expect(desk.locator(".incident h2")).to_have_text(f"Incident {number}")
    expect(desk.get_by_label("Kind")).to_have_value("911H")
    expect(story(desk)).to_contain_text("projection after")


def test_desk_shows_the_centres_time_and_how_far_the_machine_is_off(
    open_page: OpenPage, person: Any, shot: Any
) -> None:
    desk = open_page()
    desk.add_init_script("const real = Date.now.bind(Date); Date.now = () => real() + 3 * 3600e3;")
    desk.reload()
    person.sit_down(desk)
    expect(desk.locator(".top .off")).to_have_text("This machine's clock is 3 h fast")
    shown, real = desk.evaluate("[Date.parse(document.querySelector('.top .now').dateTime), Date.now() - 3 * 3600e3]")
    assert abs(shown - real) < 5000
    new_incident(desk, "WELFARE", "9414 Kendall Place")
    note(desk, "clock note")
    expect(desk.get_by_text("All saved")).to_be_visible()
    assert said(desk, "clock") == ["clock note"]
    shot(desk, "clock-off-1280x800")
    assert findings_in_both_themes(desk) == []


ODD = {
    "script": "<script>window.bad = 1</script><img src=x onerror='window.bad = 1'>\"'{{7*7}}",
    "right to left": "\u202e\u0645\u0631\u062d\u0628\u0627 abc \u05e9\u05dc\u05d5\u05dd",
    "combining": "Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309" * 30 + " e\u0301",
    "control": "bell\u0007 esc\u001b[31m null\u0000 del\u007f",
    "other planes": "\U0001f6a8\U00020000\ufeff\u200b",
}


@pytest.mark.parametrize("what", ODD)
def test_odd_text_in_every_field_is_only_text(open_page: OpenPage, person: Any, shot: Any, what: str) -> None:
    odd = ODD[what]
    desk = open_page()
    person.sit_down(desk)
    new_incident(desk, "WELFARE", f"{what} {odd}"[:300])
    note(desk, f"odd {odd}")
    expect(desk.get_by_text("All saved")).to_be_visible()
    kept = said(desk, "odd")
    assert len(kept) == 1
    assert re.sub(r"[\x00-\x1f\x7f]", "", odd) in re.sub(r"[\x00-\x1f\x7f]", "", kept[0])
    desk.locator("[data-command]").fill(f"N {odd}")
    expect(desk.locator("[data-command]")).to_have_value(re.compile("^N "))
    desk.locator("[data-command]").fill("")
    assert desk.evaluate("window.bad") is None
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert person.nothing_hidden(desk, ".notes") == []
    shot(desk, f"odd-{what.replace(' ', '-')}-1280x800")


def test_text_that_is_too_long_stays_in_its_field(open_page: OpenPage, person: Any) -> None:
    desk = open_page()
    person.sit_down(desk)
    new_incident(desk, "WELFARE", "9425 Kendall Place")
    note(desk, "long " + "x" * 100_000)
    expect(desk.locator(".told")).to_contain_text("98005 characters too many")
    assert len(desk.get_by_label("Add a note").input_value()) == 100_005
    desk.reload()
    assert len(desk.get_by_label("Add a note").input_value()) == 100_005
    note(desk, "long " + "x" * 1000)
    expect(desk.get_by_text("All saved")).to_be_visible()
    assert [len(line) for line in said(desk, "long")] == [1005]


def test_killed_browser_comes_back_with_what_was_typed(
    browser: Browser, centre: Any, tmp_path: Path, person: Any
) -> None:
    def start() -> BrowserContext:
        return browser.browser_type.launch_persistent_context(
            tmp_path, executable_path="/usr/bin/chromium", args=["--no-sandbox", "--headless=new"]
        )

    desk = start().new_page()
    desk.goto(centre.url)
    person.sit_down(desk)
    new_incident(desk, "WELFARE", "9409 Kendall Place")
    desk.get_by_label("Add a note").fill("killed while typing")
    address = desk.url
    store = tmp_path / "Default" / "Local Storage" / "leveldb"
    for _ in range(100):
        if any("killed while typing" in text for text in map(_words_of, store.glob("*.log"))):
            break
        desk.wait_for_timeout(200)
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        if f"--user-data-dir={tmp_path}".encode() in _bytes_of(process):
            os.kill(int(process.parent.name), signal.SIGKILL)
    again = start()
    page = again.new_page()
    page.goto(address)
    person.sit_down(page)
    expect(page.get_by_label("Add a note")).to_have_value("killed while typing")
    again.close()


def _words_of(file: Path) -> str:
    return _bytes_of(file).replace(b"\0", b"").decode("latin-1")


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
