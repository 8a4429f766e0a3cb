"""The record as it grows while a story plays: woken by the live feed, read through `GET /api/facts`."""

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tenfour.play.api import Door
from tenfour.play.seen import SeenFact
from tenfour.vocabulary.errors import Unavailable

PAGE = 500
RECONNECT_S = 0.2
TRIES = 50
FIRST_FRAME_S = 10.0


class _Line(msgspec.Struct, frozen=True):
    """Whether calls can come in."""

    connected: bool


class _Frame(msgspec.Struct, frozen=True):
    """What a live frame says here: how far the journal now reaches, and of the line when that has changed."""

    seq: int
    line: _Line | None = None


class Record:
    """Facts of the centre from the moment the story began, and everybody who waits for one."""

    def __init__(self, door: Door, on_facts: Callable[[list[SeenFact]], None]) -> None:
        self.facts: list[SeenFact] = []
        self.line_connected = False
        self._door, self._on_facts = door, on_facts
        self._after = 0
        self._grown = asyncio.Condition()
        self._began = asyncio.Event()
        self._follower: asyncio.Task[None] | None = None

    @property
    def seq(self) -> int:
        """How far the record has been read."""
        return self._after

    async def start(self) -> None:
        """Follow the live feed from here on; what was before the story is left out."""
        board = await self._door.get("/api/board")
        self._after = int(board["seq"])
        self._follower = asyncio.create_task(self._follow())
        began = asyncio.create_task(self._began.wait())
        await asyncio.wait({self._follower, began}, timeout=FIRST_FRAME_S, return_when=asyncio.FIRST_COMPLETED)
        began.cancel()
        if self._follower.done():
            self._follower.result()
        if not self._began.is_set():
            raise Unavailable(f"The centre at {self._door.url} sends no live feed.")

    async def wait_until(self, holds: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until `holds()`, asked again with every live frame; False when `timeout_s` has passed."""
        waiting = asyncio.create_task(self._until(holds))
        assert self._follower is not None
        await asyncio.wait({waiting, self._follower}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return True
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        if self._follower.done():
            self._follower.result()
        return holds()

    async def read(self) -> None:
        """Read all facts there are now."""
        while True:
            page = msgspec.convert(await self._door.get("/api/facts", after=self._after, limit=PAGE), list[SeenFact])
            if page:
                self._after = max(self._after, page[-1].seq)
                self.facts.extend(page)
                self._on_facts(page)
            if len(page) < PAGE:
                return

    async def stop(self) -> None:
        """Follow no longer."""
        if self._follower is not None:
            self._follower.cancel()
            await asyncio.gather(self._follower, return_exceptions=True)

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with self._grown:
            await self._grown.wait_for(holds)

    async def _follow(self) -> None:
        """Stay on the feed; when it breaks, take it up again where it was."""
        tries = 0
        while True:
            try:
                async for frame in self._frames():
                    tries = 0
                    await self._take(frame)
            except (OSError, WebSocketException) as error:
                tries += 1
                if tries > TRIES:
                    raise Unavailable(f"The live feed of {self._door.url} is gone ({error}).") from error
                await asyncio.sleep(RECONNECT_S)

    async def _frames(self) -> AsyncIterator[_Frame]:
        url = self._door.url.replace("http", "ws", 1) + f"/api/live?after={self._after}"
        headers = {"Authorization": f"Bearer {self._door.token}"}
        async with connect(url, additional_headers=headers, proxy=None, max_size=None) as feed:
            self._began.set()
            async for message in feed:
                yield msgspec.json.decode(message, type=_Frame)

    async def _take(self, frame: _Frame) -> None:
        async with self._grown:
            if frame.line is not None:
                self.line_connected = frame.line.connected
            if frame.seq > self._after:
                await self.read()
                self._after = max(self._after, frame.seq)
            self._grown.notify_all()
