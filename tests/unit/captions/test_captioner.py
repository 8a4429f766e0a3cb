"""The captioner's process is kept alive, and put away at once when the centre stops."""

import asyncio
from pathlib import Path

import pytest

from tenfour.adapters import captioner as captioners
from tenfour.adapters.caption_model import CaptionModel
from tenfour.adapters.captioner import Captioner
from tenfour.calltaking.caption import Pace, Said


@pytest.fixture
def captioner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Captioner:
    """Its process is Python's own, and says what the test lets it."""
    monkeypatch.setattr(captioners, "caption_model", lambda own, language: CaptionModel(tmp_path, "tiny", language))
    monkeypatch.setattr(captioners, "SHORTEST_PAUSE_S", 0.01)
    return Captioner(None, "en", tmp_path / "s", patience_s=5.0)


def lets_it_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{program}\n")
    python.chmod(0o700)
    monkeypatch.setattr(captioners.sys, "executable", str(python))


async def test_centre_that_stops_waits_for_no_captioner_that_talks(
    captioner: Captioner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lets_it_run(monkeypatch, tmp_path, 'while :; do echo \'{"type":"Pace"}\'; done')
    heard: list[Said | Pace | None] = []
    for wanted in (10, 100, 1000):
        running = asyncio.create_task(captioner.run(heard.append))
        async with asyncio.timeout(20):
            while len(heard) < wanted:
                await asyncio.sleep(0)
        running.cancel()
        async with asyncio.timeout(20):
            await asyncio.gather(running, return_exceptions=True)
        assert running.cancelled()
        assert captioner.pid is None


@pytest.mark.parametrize("program", ["exit 3", "echo nonsense; exec sleep 60", "exec tr '\\0' x < /dev/zero"])
async def test_captioner_that_ends_or_talks_nonsense_is_begun_anew(
    captioner: Captioner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str
) -> None:
    lets_it_run(monkeypatch, tmp_path, program)
    gone = asyncio.Event()
    running = asyncio.create_task(captioner.run(lambda told: gone.set() if told is None else None))
    async with asyncio.timeout(20):
        await gone.wait()
        while captioner.starts < 2:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
