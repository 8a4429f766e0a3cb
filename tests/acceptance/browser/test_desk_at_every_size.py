"""At every size and in both themes: each control has a name, no text is cut, nothing moves that should not."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .test_pages_for_everyone import findings

pytestmark = pytest.mark.needs_chromium

SIZES = [(1920, 1080), (1280, 800), (960, 540)]
CUT = """() => {
  const own = element => [...element.childNodes].some(one => one.nodeType === 3 && one.data.trim());
  const shown = element => element.checkVisibility({visibilityProperty: true}) && element.offsetWidth > 1;
  const cut = element => {
    const style = getComputedStyle(element);
    const aside = style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1;
    const down = style.overflowY === 'hidden' && element.scrollHeight > element.clientHeight + 3;
    const told = style.textOverflow === 'ellipsis' && !element.closest('button, th, label, dt, h2, h3');
    return (aside && !told) || (down && !aside);
  };
  return [...document.querySelectorAll('#app *')]
    .filter(element => own(element) && shown(element) && !element.closest('.vh, svg, .mirror, select') && cut(element))
    .map(element => `${element.tagName}.${element.className}: ${element.innerText}`);
}"""
UNDER_ANOTHER = """() => [...document.querySelectorAll('.top > :not(.vh)')].filter(one => one.offsetWidth > 1)
  .filter((one, at, all) => {
    const [left, right] = [one, all[at + 1]].map(each => each?.getBoundingClientRect());
    return right !== undefined && left.right > right.left + 1;
  })
  .map(one => one.innerText)"""


def without_name(page: Page) -> list[str]:
    """Controls for which a screen reader has no name, by Chromium's own tree."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    found = []
    for node in nodes:
        focusable = any(one["name"] == "focusable" and one["value"]["value"] for one in node.get("properties", []))
        role = node.get("role", {}).get("value", "")
        picture = role == "image"
        if not node["ignored"] and (focusable or picture) and not node.get("name", {}).get("value", "").strip():
            found.append(f"{role} {node.get('backendDOMNodeId')}")
    session.detach()
    return found


def flaws(page: Page) -> list[str]:
    """Everything that is wrong on the page as it stands."""
    sideways = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    moving = page.evaluate("document.getAnimations().filter(one => one.playState === 'running').length")
    return [
        *(f"no name: {one}" for one in without_name(page)),
        *(f"cut: {one}" for one in page.evaluate(CUT)),
        *(f"overlapped: {one}" for one in page.evaluate(UNDER_ANOTHER)),
        *(["the page scrolls sideways"] if sideways else []),
        *([f"{moving} animations under reduced motion"] if moving else []),
    ]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_desk_is_whole_at_every_size(
    open_page: Callable[..., Page],
    telephone: Any,
    person: Any,
    shot: Callable[[Page, str], None],
    theme: str,
) -> None:
    desk = open_page("/", 1920, 1080, theme=theme)
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    desk.emulate_media(reduced_motion="reduce")
    person.sit_down(desk)
    number = "911-555-0195" if theme == "dark" else "911-555-0196"
    telephone.call(number)
    person.answer(desk, number)
    person.choose_door(desk, "9417 Kendall Place")
    desk.get_by_label("Kind").select_option("WELFARE")
    expect(desk.get_by_label("Kind")).to_have_value("WELFARE")
    desk.get_by_role("button", name="Recommend F8").click()
    expect(desk.get_by_role("region", name="Recommendation")).to_contain_text("by road")
    telephone.call("614-555-0197")
    expect(desk.get_by_role("region", name="Ringing call 614-555-0197")).to_be_visible()
    wrong: list[str] = []
    for width, height in SIZES:
        desk.set_viewport_size({"width": width, "height": height})
        wrong += [f"{width}: {one}" for one in flaws(desk)]
        shot(desk, f"desk-whole-{theme}-{width}x{height}")
        for menu in ("Layout", "Sounds"):
            opener = desk.get_by_role("button", name=menu)
            opener.click()
            wrong += [f"{width} {menu}: {one}" for one in [*flaws(desk), *findings(desk)]]
            shot(desk, f"desk-{menu.lower()}-{theme}-{width}x{height}")
            desk.keyboard.press("Escape")
    assert wrong == []
    home: str = desk.evaluate("location.origin")
    assert [url for url in asked if not url.startswith((home, f"blob:{home}", "data:"))] == []
