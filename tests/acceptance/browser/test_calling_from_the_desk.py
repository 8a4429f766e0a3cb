"""A call taker calls back and calls out by keyboard; what comes of it stands in the queue and in the call in hand."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tenfour.cli.story import free_port

from .conftest import Centre, Telephone, centre_in
from .trunk import Trunk, settings

pytestmark = pytest.mark.needs_chromium

AXE = Path(__file__).resolve().parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TRUNK = free_port()


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A demo centre that places calls."""
    with centre_in(tmp_path_factory.mktemp("calling") / "centre", more_settings=settings(TRUNK)) as running:
        yield running


@pytest.fixture
def trunk(telephone: Telephone) -> Iterator[Trunk]:
    made = Trunk(telephone.loop, TRUNK)
    yield made
    made.close()


def violations(page: Page) -> list[str]:
    """What axe-core finds."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"] if one["impact"] != "minor"]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_call_taker_calls_back_and_out_by_keyboard(
    theme: str,
    *,
    open_page: Callable[..., Page],
    telephone: Telephone,
    trunk: Trunk,
    shot: Callable[[Page, str], None],
    person: Any,
) -> None:
    number, other = ("614-555-0191", "614-555-0192") if theme == "dark" else ("614-555-0193", "614-555-0194")
    desk = open_page(theme=theme, width=1600, height=900)
    person.sit_down(desk)
    call = telephone.call(number)
    person.answer(desk, number)
    expect(desk.get_by_role("region", name="Calls").locator(".qr", has_text=number)).to_contain_text("On the line")
    telephone.drop(call)
    expect(desk.get_by_role("region", name="Calls").locator(".qr", has_text=number)).to_contain_text("Disconnected")

    desk.get_by_role("button", name="Call back", exact=True).focus()
    desk.keyboard.press("Enter")
    ours = desk.get_by_role("region", name="Calls").locator(".qr", has_text="called by us").filter(has_text=number)
    expect(ours).to_contain_text("Ringing there")
    expect(ours).to_have_attribute("aria-current", "true")
    assert violations(desk) == []
    shot(desk, f"desk-calling-back-{theme}-1600x900")
    trunk.refuse(486)
    expect(ours).to_contain_text("Not taken")
    expect(desk.locator(".call")).to_contain_text("busy (486 Busy Here)")

    desk.get_by_label("Call a number").focus()
    desk.keyboard.type(other)
    desk.keyboard.press("Enter")
    out = desk.get_by_role("region", name="Calls").locator(".qr", has_text=other)
    expect(out).to_contain_text("Ringing there")
    expect(desk.get_by_label("Call a number")).to_have_value("")
    desk.get_by_role("button", name="Release the line").focus()
    desk.keyboard.press("Enter")
    expect(out).to_contain_text("Released")
