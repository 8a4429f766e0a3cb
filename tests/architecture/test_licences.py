"""The inventory of licences is of what is really installed and built in."""

import re
import runpy
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPT = runpy.run_path(str(CHECKOUT / "scripts" / "licences.py"))
PAGE = (CHECKOUT / "docs" / "licences.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| ([@\w./-]+) \| ([^|]+) \|", PAGE, re.M))


def test_every_runtime_dependency_is_named_with_its_licence() -> None:
    named = SCRIPT["named_in_pyproject"]()
    assert len(named) > 10
    assert [name for name in named if not ROWS.get(name)] == []


def test_what_the_dependencies_need_is_named_too() -> None:
    needed = [name for name, _ in SCRIPT["installed"](SCRIPT["named_in_pyproject"]())]
    assert "h11" in needed
    assert [name for name in needed if name not in ROWS] == []


def test_licences_are_those_that_the_packages_state_today() -> None:
    wrong = {
        name: SCRIPT["licence_of"](found)
        for name, found in SCRIPT["installed"](SCRIPT["named_in_pyproject"]())
        if ROWS[name] != SCRIPT["licence_of"](found)
    }
    assert wrong == {}


def test_every_package_that_reaches_a_browser_is_named() -> None:
    web = {name: licence for name, licence, _ in SCRIPT["web_packages"]()}
    assert "svelte" in web
    assert {name: ROWS.get(name) for name in web} == web


def test_no_licence_asks_for_more_than_ours_gives() -> None:
    """GPL programs run as processes of their own; nothing under the GPL or AGPL is imported."""
    assert [name for name, licence in ROWS.items() if re.search(r"\bA?GPL", licence)] == []
