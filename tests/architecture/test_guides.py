"""The guides speak in the words of the screens: every key and label that they name is there."""

import re
from pathlib import Path

import pytest

from tenfour.cli.main import main

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDES = sorted((CHECKOUT / "docs").glob("guide-*.md"))
SCREENS = "\n".join(
    path.read_text(encoding="utf-8")
    for kind in ("svelte", "ts")
    for path in sorted((CHECKOUT / "web/src").rglob(f"*.{kind}"))
)
CODE = re.sub(r"^\s*//[^\n]*$|<!--.*?-->", "", SCREENS, flags=re.M | re.S)
HELP = (CHECKOUT / "web/src/desk/Help.svelte").read_text(encoding="utf-8")
KEYS_OF_THE_DESK = re.findall(r'^ {4}\["([^"]+)", "', HELP, re.M)
KEYS_OF_EVERY_FORM = {"Enter", "Tab", "Shift"}
KEY, LABEL, COMMAND = (
    re.compile(r"<kbd>(.+?)</kbd>"),
    re.compile(r"\*\*(.+?)\*\*", re.S),
    re.compile(r"^tenfour (\w+)", re.M),
)


def of(guide: Path, pattern: re.Pattern[str]) -> list[str]:
    """What a guide names, with line ends as spaces."""
    return [" ".join(found.split()) for found in pattern.findall(guide.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_every_key_is_one_of_the_desk(guide: Path) -> None:
    assert set(of(guide, KEY)) <= {*KEYS_OF_THE_DESK, *KEYS_OF_EVERY_FORM}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_every_label_stands_on_a_screen(guide: Path) -> None:
    labels = of(guide, LABEL)
    assert len(labels) >= 5
    assert [label for label in labels if not on_a_screen(label)] == []


def on_a_screen(label: str) -> bool:
    """Does it stand in a page as text: between tags, in quotes, or before what changes?"""
    return (
        re.search(rf"""[>"'`}}]\s*{re.escape(label)}\s*[<"'`{{$]|(?<=[a-z ]){re.escape(label)}(?=<)""", CODE)
        is not None
    )


def test_a_label_that_is_nowhere_is_found_out() -> None:
    assert not on_a_screen("Answer the telephone")
    assert on_a_screen("Release the line")


def test_every_key_of_the_desk_is_named_in_a_guide_for_who_works_there() -> None:
    assert len(KEYS_OF_THE_DESK) >= 15
    named = {key for guide in GUIDES if guide.stem != "guide-administrator" for key in of(guide, KEY)}
    assert named >= set(KEYS_OF_THE_DESK)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_every_command_is_one_of_tenfour(guide: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    known = set(re.findall(r"^ {4}(\w+) ", capsys.readouterr().out, re.M))
    assert set(of(guide, COMMAND)) <= known
