"""A real demo centre under its supervisor, for tests that ring it and kill it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tenfour.adapters.supervisor import Kept, Supervisor
from tenfour.cli.run import DEMO_CACHE
from tenfour.cli.story import free_port
from tenfour.demo.make import make_centre
from tenfour.play.api import CentreSaidNo, Door
from tenfour.vocabulary.errors import Unavailable


class RunningCentre:
    """The centre under test: its folder, its two processes, a call taker's door."""

    def __init__(self, supervisor: Supervisor, door: Door) -> None:
        self.supervisor, self.door = supervisor, door

    @property
    def folder(self) -> Path:
        return self.supervisor.folder

    async def ask(self, path: str, **query: str | int) -> Any:
        """GET, patiently: while a process is being started again there is nobody to answer."""
        return await patiently(lambda: self.door.get(path, **query))

    async def command(self, path: str, body: dict[str, Any]) -> Any:
        """POST once; raises when it was not acknowledged."""
        return await self.door.post(path, body)

    async def patient_command(self, path: str, body: dict[str, Any]) -> Any:
        """POST until it is acknowledged."""
        return await patiently(lambda: self.command(path, body))

    async def facts(self, stream: str = "") -> list[dict[str, Any]]:
        """All facts of a stream, or of the whole record."""
        only: dict[str, str | int] = {"stream": stream} if stream else {}
        found: list[dict[str, Any]] = []
        while page := await self.ask("/api/facts", after=found[-1]["seq"] if found else 0, limit=1000, **only):
            found += page
        return found

    async def call(self) -> dict[str, Any]:
        """The one call of this centre, as the board shows it; patient until it is there."""
        async with asyncio.timeout(30):
            while True:
                board = await self.ask("/api/board")
                if board["calls"]:
                    return dict(board["calls"][0])
                await asyncio.sleep(0.05)

    async def until_fact(self, stream: str, kind: str, count: int = 1) -> dict[str, Any]:
        """Wait for the `count`th fact of a type on a stream; the fact."""
        async with asyncio.timeout(30):
            while len(found := [fact for fact in await self.facts(stream) if fact["type"] == kind]) < count:
                await asyncio.sleep(0.05)
        return found[count - 1]

    async def kill(self, process: Kept) -> None:
        """SIGKILL, and wait until it was started again."""
        starts = process.starts
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        async with asyncio.timeout(30):
            while process.starts == starts:
                await asyncio.sleep(0.01)


async def patiently(ask: Callable[[], Awaitable[Any]]) -> Any:
    """Ask until there is an answer that is not «away just now»."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await ask()
            except Unavailable:
                await asyncio.sleep(0.02)
            except CentreSaidNo as error:
                if error.status != 503:
                    raise
                await asyncio.sleep(0.02)


@pytest.fixture
async def running_centre(tmp_path: Path) -> AsyncIterator[RunningCentre]:
    folder = tmp_path / "centre"
    http, sip = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    await asyncio.to_thread(make_centre, folder, DEMO_CACHE, http=http, sip=sip, rtp_ports=(52000, 52998))
    supervisor, stop = Supervisor(folder, http=http, sip=sip, say=lambda _words: None), asyncio.Event()
    running = asyncio.create_task(supervisor.run(stop))
    door = Door(f"http://{http}")
    try:
        await supervisor.ready()
        await door.log_in(role="call_taker", person="adeyemi", position="04")
        yield RunningCentre(supervisor, door)
    finally:
        stop.set()
        await running
        await door.close()
