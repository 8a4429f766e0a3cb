"""From `workflow` inward there is no outside: no event loop, socket, clock, randomness, log or database."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tenfour"
PURE = (
    "vocabulary",
    "journal",
    "telephony",
    "units",
    "roads",
    "calltaking",
    "location",
    "incident",
    "dispatch",
    "evidence",
    "release",
    "outreach",
    "workflow",
)
OUTSIDE = {
    "asyncio",
    "socket",
    "ssl",
    "select",
    "selectors",
    "threading",
    "multiprocessing",
    "subprocess",
    "time",
    "random",
    "secrets",
    "logging",
    "structlog",
    "sqlite3",
    "apsw",
    "httpx",
    "urllib.request",
    "uvicorn",
    "litestar",
    "os",
    "pathlib.Path",
    "tempfile",
}
CLOCKS = {"now", "utcnow", "today"}


def modules() -> list[Path]:
    return sorted(path for stage in PURE for path in (SOURCE / stage).rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_stage_imports_nothing_of_the_outside(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {name for name in imported(tree) if name in OUTSIDE or name.split(".")[0] in OUTSIDE}
    assert not found, f"{path.relative_to(SOURCE)} imports {sorted(found)}: `now`, ids and data are arguments here"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_stage_never_asks_the_clock(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    asked = [
        f"line {node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date"}
    ]
    assert not asked, f"{path.relative_to(SOURCE)} asks the clock at {asked}: take `now` as an argument"


def test_the_pure_stages_are_there() -> None:
    assert len(modules()) > len(PURE)
