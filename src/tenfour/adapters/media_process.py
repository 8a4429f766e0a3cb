"""One media worker as the line keeps it: started, spoken to, watched, and ended when it does not answer."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

from tenfour.adapters.headset_protocol import HeadsetReport
from tenfour.adapters.media_channel import LEFT, MediaChannel
from tenfour.adapters.media_protocol import CallReport, Ping, Pong, Ready, Report, Welcome, decode_report

ASK_EVERY_S = 0.5
UNANSWERED_LIMIT = 4
"""So many questions in a row without an answer, and the worker is taken to hang. They are counted, not timed: while
the line itself is late it asks nothing."""

START_LIMIT = 60
"""The same for one that starts: half a minute."""

DEATH_PATIENCE_S = 1.0
STOP_PATIENCE_S = 5.0

NO_ANSWER = "did not answer"
STOPPED = "stopped"


class MediaProcess:
    """`on_ready` hears when it takes conversations, `on_report` what it tells of them, `on_end`, once, why it is gone.

    `seen_at`: when it was last known to work (monotonic seconds).
    """

    def __init__(
        self,
        welcome: Welcome,
        *,
        on_ready: Callable[["MediaProcess"], None],
        on_report: Callable[["MediaProcess", CallReport | HeadsetReport], None],
        on_end: Callable[["MediaProcess", str], None],
    ) -> None:
        self._welcome, self._on_ready, self._on_report, self._on_end = welcome, on_ready, on_report, on_end
        self._loop = asyncio.get_running_loop()
        self.started_at = self.seen_at = self._loop.time()
        self.pid: int | None = None
        self.is_ready = False
        self._asked = self._answered = 0
        self._gone: asyncio.Future[str] = self._loop.create_future()
        self.channel: MediaChannel[Report] | None = None

    async def run(self) -> None:
        """Start it, and return when it is gone. It takes no module from the centre folder, where it runs (`-P`)."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", "tenfour.media", str(theirs.fileno())),
                    pass_fds=(theirs.fileno(),),
                    stdin=asyncio.subprocess.DEVNULL,
                )
            except OSError as error:
                ours.close()
                self._on_end(self, f"The media worker cannot be started ({error.strerror}).")
                return
        self.pid = process.pid
        self.channel = MediaChannel(ours, decode_report, self._take, self._lost)
        self.channel.send(self._welcome)
        asker = self._loop.create_task(self._ask())
        why = await self._gone
        asker.cancel()
        self.channel.close()
        if why != STOPPED:
            _kill(process)
            await _ended(process, DEATH_PATIENCE_S)
            self._on_end(self, _words(why, process.returncode))
        elif not await _ended(process, STOP_PATIENCE_S):
            _kill(process)
        await process.wait()

    def stop(self) -> None:
        """Take leave of it: it brings to the disk what it recorded, and `run` returns. One that does not is killed."""
        self._lost(STOPPED)

    def _lost(self, why: str) -> None:
        if why.startswith(LEFT):
            self.seen_at = self._loop.time()
        if not self._gone.done():
            self._gone.set_result(why)

    async def _ask(self) -> None:
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            if self._asked - self._answered >= (UNANSWERED_LIMIT if self.is_ready else START_LIMIT):
                self._lost(NO_ANSWER)
            self._asked += 1
            if self.channel is not None:
                self.channel.send(Ping(self._asked))

    def _take(self, report: Report) -> None:
        self.seen_at = self._loop.time()
        match report:
            case Pong(n=n):
                self._answered = n
            case Ready():
                self.is_ready = True
                self._on_ready(self)
            case _:
                self._on_report(self, report)


def _kill(process: asyncio.subprocess.Process) -> None:
    """End it for good. By `os.kill`: the process's own `kill` takes the exit status away from those who wait for it."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


async def _ended(process: asyncio.subprocess.Process, patience_s: float) -> bool:
    """Did it end in time?"""
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), patience_s)
    return process.returncode is not None


def _words(why: str, status: int | None) -> str:
    if not why.startswith(LEFT):
        return f"The media worker {why} and was ended."
    if status is not None and status < 0:
        return f"The media worker was killed by {signal.Signals(-status).name}."
    return f"The media worker ended (exit status {status})."
