"""The commands that people are told to type are commands that there are."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tenfour.cli.main import parser

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.M | re.S)


def typed(text: str) -> list[str]:
    """Lines that begin with the command, without what explains them."""
    lines = (re.split(r"\s+#|\s{3,}", line.strip())[0] for line in text.splitlines())
    return [line for line in lines if re.match(r"(\.venv/bin/)?tenfour ", line)]


MADE = subprocess.run(["make", "--dry-run", "run", "bench"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
TOLD = sorted(
    {
        *typed(MADE.stdout),
        *(line for page in PAGES for block in FENCED.findall(page.read_text()) for line in typed(block)),
    }
)


def test_commands_are_found_in_the_makefile_and_in_the_documents() -> None:
    assert ".venv/bin/tenfour run" in TOLD
    assert "tenfour run DIR" in TOLD
    assert len(TOLD) > 10


@pytest.mark.parametrize("line", TOLD)
def test_command_that_people_are_told_to_type_is_understood(line: str) -> None:
    parser().parse_args(shlex.split(line)[1:])
