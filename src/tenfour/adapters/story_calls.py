"""Plays the callers of a story onto this very centre: a process of its own, one story at a time."""

import asyncio
import sys
from pathlib import Path

import structlog

from tenfour.adapters.domain_clock import real_now
from tenfour.adapters.story_shelf import shelved, story_head, story_names
from tenfour.vocabulary.errors import Conflict
from tenfour.vocabulary.story import StoryCard, StoryPlayed

LEAVES_WITHIN_S = 10.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104
"""Bound to every address: reached here by loopback."""

log = structlog.get_logger(__name__)


class StoryCalls:
    """The stories whose callers can ring this centre, and the one that does now. `http` and `sip` are where it is."""

    def __init__(self, centre_id: str, mode: str, *, http: tuple[str, int], sip_host: str) -> None:
        host, port = http
        host = ANYWHERE.get(host, host)
        self._centre_id, self._mode = centre_id, mode
        self._url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._bind = ANYWHERE.get(sip_host, sip_host)
        self._process: asyncio.subprocess.Process | None = None
        self._following: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self.played: StoryPlayed | None = None

    def stories(self) -> tuple[StoryCard, ...]:
        """Every story with callers that can be played on this centre."""
        cards = []
        for name in story_names():
            head = story_head(shelved(name))
            if head is not None and head.callers and self._fits(head.centre.modes, head.centre.id):
                cards.append(StoryCard(name, head.title, " ".join(head.about.split()), head.callers[0].number))
        return tuple(cards)

    async def start(self, name: str) -> None:
        """Let the callers of a story ring. Raises `NotFound`, and `Conflict` while another story is played."""
        async with self._starting:
            if self.played is not None and self.played.running:
                raise Conflict(f"{self.played.title} is being played; stop it first.")
            file = shelved(name)
            head = story_head(file)
            self.played = StoryPlayed(file.stem, head.title if head else file.stem, real_now(), True, "about to call")
            command = (sys.executable, "-m", "tenfour.cli.main", "story", "play", str(file.resolve()))
            where = ("--center", self._url, "--bind", self._bind, "--only", "callers")
            self._process = await asyncio.create_subprocess_exec(
                *command, *where, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=Path.cwd()
            )
            self._following = asyncio.create_task(self._follow(self._process), name="story calls")

    async def stop(self) -> None:
        """The callers hang up. Nothing, where no story is played."""
        process, following = self._process, self._following
        if process is None or following is None or process.returncode is not None:
            return
        process.terminate()
        _, late = await asyncio.wait({following}, timeout=LEAVES_WITHIN_S)
        if late:
            process.kill()
            await following

    def _fits(self, modes: tuple[str, ...], centre_id: str) -> bool:
        return self._mode in modes and centre_id in ("", self._centre_id)

    async def _follow(self, process: asyncio.subprocess.Process) -> None:
        """Keep what the callers did last, in words, until the process ends."""
        assert process.stdout is not None
        async for line in process.stdout:
            self._tell(line.decode(errors="replace"))
        await process.wait()
        if self.played is not None:
            said = self.played.words if process.returncode == 1 else "over"
            self.played = StoryPlayed(self.played.name, self.played.title, self.played.began_at, False, said)
        log.info("a story was played", status=process.returncode)

    def _tell(self, line: str) -> None:
        words = line.strip().lstrip("0123456789.✗! ")
        if self.played is not None and words:
            self.played = StoryPlayed(self.played.name, self.played.title, self.played.began_at, True, words)
