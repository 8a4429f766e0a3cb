"""What is kept, told and promised of an incident, at the desk: by keyboard, in both themes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .test_pages_for_everyone import findings

CLIP = Path(__file__).resolve().parents[3] / "stories" / "exhibits" / "doorbell.wav"
pytestmark = pytest.mark.needs_chromium


def answered(desk: Page, telephone: Any, person: Any, number: str) -> None:
    """A call with a sealed recording, whose incident is in view."""
    person.sit_down(desk)
    telephone.call(number)
    person.answer(desk, number)


def fill(desk: Page, title: str) -> None:
    """Fill the form of an exhibit."""
    desk.locator("[data-exhibit-file]").set_input_files(CLIP)
    desk.get_by_label("Kind").last.select_option("doorbell")
    for label, words in (
        ("Title", title),
        ("Owner", "The boy’s mother"),
        ("Consent", "Yes, in writing."),
        ("Scope", "This incident only."),
    ):
        desk.get_by_label(label, exact=True).fill(words)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_file_becomes_an_exhibit_that_can_be_hashed_again(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], theme: str, person: Any
) -> None:
    desk = open_page("/", 1920, 1080, theme=theme)
    answered(desk, telephone, person, "911-555-0170" if theme == "dark" else "911-555-0171")
    desk.get_by_role("tab", name="Exhibits").click()
    fill(desk, "<i>Doorbell</i> when the deputy came")
    assert findings(desk) == []
    desk.get_by_role("button", name="Add exhibit").press("Enter")
    row = desk.get_by_role("button", name="<i>Doorbell</i>")
    expect(row).to_contain_text("<i>Doorbell</i> when the deputy came")
    row.press("Enter")
    expect(desk.get_by_text("The boy’s mother")).to_be_visible()
    desk.get_by_role("button", name="Hash again").press("Enter")
    expect(desk.get_by_role("button", name="<i>Doorbell</i>").get_by_text("verified")).to_be_visible()
    assert findings(desk) == []
    shot(desk, f"exhibits-{theme}-1920x1080")
    desk.set_viewport_size({"width": 1280, "height": 800})
    shot(desk, f"exhibits-{theme}-1280x800")
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_press_text_is_drafted_edited_and_not_published(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], theme: str, person: Any
) -> None:
    desk = open_page("/", 1920, 1080, theme=theme)
    number = "911-555-0172" if theme == "dark" else "911-555-0173"
    answered(desk, telephone, person, number)
    desk.get_by_role("tab", name="After").click()
    desk.get_by_role("button", name="Draft from facts").press("Enter")
    dialog = desk.get_by_role("dialog", name="Press text")
    expect(dialog.get_by_text("No version yet.")).to_be_visible()
    dialog.get_by_role("button", name="Draft from facts").press("Enter")
    first = dialog.get_by_label("Sentence 1", exact=True)
    expect(first).not_to_have_value("")
    assert number not in first.input_value()
    expect(dialog.get_by_text("nothing is published from here")).to_be_visible()
    first.fill(f"The number was {number}.")
    dialog.get_by_role("button", name="Save as version 2").press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("could identify somebody")
    first.fill("Somebody called 911 and is well.")
    dialog.get_by_role("button", name="Save as version 2").press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text("Saved version 2")
    assert findings(desk) == []
    shot(desk, f"press-{theme}-1920x1080")
    desk.set_viewport_size({"width": 1280, "height": 800})
    shot(desk, f"press-{theme}-1280x800")
    desk.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_promised_visit_is_a_task_until_it_was_made(
    open_page: Callable[..., Page], telephone: Any, shot: Callable[[Page, str], None], theme: str, person: Any
) -> None:
    desk = open_page("/", 1920, 1080, theme=theme)
    answered(desk, telephone, person, "911-555-0174" if theme == "dark" else "911-555-0175")
    desk.get_by_role("tab", name="After").click()
    words = f"Comes by with the car ({theme})."
    desk.get_by_label("Who will come").fill("12A3")
    desk.get_by_label("Day").fill("2099-11-21")
    desk.get_by_label("What was promised").fill(words)
    desk.get_by_role("button", name="Promise visit").press("Enter")
    expect(desk.get_by_role("tabpanel").get_by_text("by 21 Nov, 12:00")).to_be_visible()
    assert findings(desk) == []
    shot(desk, f"visit-{theme}-1920x1080")
    desk.set_viewport_size({"width": 1280, "height": 800})
    shot(desk, f"visit-{theme}-1280x800")
    desk.set_viewport_size({"width": 1920, "height": 1080})
    desk.get_by_role("button", name="Tasks").press("Enter")
    tasks = desk.get_by_role("dialog", name="Visits to be made")
    task = tasks.get_by_role("listitem").filter(has_text=words)
    expect(task).to_be_visible()
    assert findings(desk) == []
    shot(desk, f"tasks-{theme}-1920x1080")
    task.get_by_role("button", name="It was made").press("Enter")
    expect(task).to_have_count(0)
