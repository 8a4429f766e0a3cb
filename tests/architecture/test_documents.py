"""The documents lead somewhere."""

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_link_inside_the_project_leads_somewhere(document: Path) -> None:
    links = [link for link in LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]
    broken = [link for link in links if not (document.parent / link).exists()]
    assert not broken


def test_the_two_commands_stand_at_the_top_of_the_readme() -> None:
    top = (CHECKOUT / "README.md").read_text(encoding="utf-8").split("\n## ")[0]
    assert "make run" in top
    assert "make test" in top


def test_glossary_is_in_alphabetical_order_and_names_nothing_twice() -> None:
    rows = re.findall(r"^\| ([^|]+?) \|", (CHECKOUT / "docs/glossary.md").read_text(encoding="utf-8"), re.M)
    words = [row.split(",")[0].lower() for row in rows if row not in {"word", "---"}]
    assert len(words) > 30
    assert words == sorted(set(words))
