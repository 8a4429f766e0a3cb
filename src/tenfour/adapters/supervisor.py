"""Keeps the line and the centre running: two processes, either of which may die while the other works.

A process that ends by itself is started again: at once, then after growing pauses while it keeps dying young.
A process that says it can never start this way (exit status `WILL_NOT_START`, after one sentence on its
standard error) ends the whole, while somebody is there to read it: at its first start. Later, when it has worked
before, the other one has calls to look after, and the start is tried again.
"""

import asyncio
import fcntl
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import httpx

from tenfour.adapters.parent_death import die_with_parent
from tenfour.adapters.process_log import set_aside
from tenfour.adapters.taken_port import refuse_taken_port
from tenfour.vocabulary.errors import Unavailable

WILL_NOT_START = 2
"""Exit status of a process that starting again would not help: a bad setting, a port in use."""

YOUNG_S = 2.0
"""A process that dies sooner than this after its start is given a pause before the next start, and has not worked."""

LONGEST_PAUSE_S = 2.0
LOOK_AT_LOGS_EVERY_S = 30.0
STOP_PATIENCE_S = 8.0


def _die_with_parent() -> None:
    """Nothing is orphaned when the supervisor dies."""
    die_with_parent(signal.SIGTERM)


class Kept:
    """One process that is kept running. `pid` changes with every start; `starts` counts them."""

    def __init__(self, name: str, command: Sequence[str], log: Path, say: Callable[[str], None]) -> None:
        self.name, self.starts = name, 0
        self.pid: int | None = None
        self.log = log
        self._command, self._say = tuple(command), say
        self._process: asyncio.subprocess.Process | None = None

    async def keep(self) -> None:
        """Run it and start it again for ever; raises `Unavailable` when it will not start and never worked."""
        pause_s, worked = 0.0, False
        while True:
            await asyncio.sleep(pause_s)
            started = asyncio.get_running_loop().time()
            status = await self._run_once()
            ending = _ending(status)
            if status == WILL_NOT_START:
                ending = f"cannot start: {self._last_words()}"
                if not worked:
                    raise Unavailable(f"The {self.name} process {ending}")
            young = asyncio.get_running_loop().time() - started < YOUNG_S
            worked = worked or not young
            pause_s = min(LONGEST_PAUSE_S, max(0.1, pause_s * 2)) if young else 0.0
            self._say(f"The {self.name} process {ending} Starting it again.")

    async def stop(self) -> None:
        """End it: politely, then for good."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_PATIENCE_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _run_once(self) -> int:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stderr=log,
                stdout=log,
                preexec_fn=_die_with_parent,
            )
        self.pid = self._process.pid
        self.starts += 1
        return await self._process.wait()

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing."


def _ending(status: int) -> str:
    return f"ended (killed by {signal.Signals(-status).name})." if status < 0 else f"ended (exit status {status})."


class Supervisor:
    """The two processes of one centre folder.

    `http` and `sip` are `host:port`. Each process writes its log to `folder/log/<name>.log`.
    """

    def __init__(self, folder: Path, *, http: str, sip: str, say: Callable[[str], None]) -> None:
        self.folder, self.http, self.sip = folder, http, sip
        logs = folder / "log"
        logs.mkdir(parents=True, exist_ok=True)
        host, _, port = http.rpartition(":")
        module = (sys.executable, "-m")
        center = (*module, "tenfour.center", str(folder), "--host", host, "--port", port, "--sip", sip)
        self.line = Kept("line", (*module, "tenfour.line", str(folder), "--sip", sip), logs / "line.log", say)
        self.center = Kept("centre", center, logs / "center.log", say)

    async def run(self, stop: asyncio.Event, *, on_ready: Callable[[], None] | None = None) -> None:
        """Keep both running until `stop`; raises `Unavailable` when one will not start or its port is taken."""
        await refuse_taken_port("HTTP on", self.http)
        await refuse_taken_port("SIP on", self.sip, udp=True)
        keepers = [
            asyncio.create_task(self._look_at_logs()),
            asyncio.create_task(self.line.keep()),
            asyncio.create_task(self.center.keep()),
        ]
        stopper = asyncio.create_task(stop.wait())
        greeter = asyncio.create_task(self._greet(on_ready))
        try:
            done, _ = await asyncio.wait([*keepers, stopper], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (*keepers, stopper, greeter):
                task.cancel()
            await asyncio.gather(*keepers, stopper, greeter, return_exceptions=True)
            await asyncio.gather(self.center.stop(), self.line.stop())

    async def _look_at_logs(self) -> None:
        while True:
            for log in (self.line.log, self.center.log):
                await asyncio.to_thread(set_aside, log)
            await asyncio.sleep(LOOK_AT_LOGS_EVERY_S)

    async def ready(self, timeout_s: float = 60.0) -> None:
        """Return when the centre answers `/readyz`; raises `Unavailable` when it does not within `timeout_s`."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        async with httpx.AsyncClient(base_url=f"http://{self.http}", trust_env=False) as client:
            while asyncio.get_running_loop().time() < deadline:
                try:
                    if (await client.get("/readyz", timeout=5)).is_success:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.02)  # nothing listens yet
                else:
                    await asyncio.sleep(0.05)
        raise Unavailable(f"The centre did not answer http://{self.http}/readyz within {timeout_s:.0f} s.")

    async def _greet(self, on_ready: Callable[[], None] | None) -> None:
        await self.ready()
        if on_ready is not None:
            on_ready()


def run_until_interrupted(supervisor: Supervisor, on_ready: Callable[[], None]) -> None:
    """Run in the foreground until SIGINT or SIGTERM; raises `Unavailable` when it cannot."""

    async def body() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await supervisor.run(stop, on_ready=on_ready)

    asyncio.run(body())


def refuse_second_supervisor(folder: Path) -> BinaryIO:
    """Lock the folder for one supervisor; closing the file lets go. Raises `Unavailable` when it is taken."""
    handle = (folder / "run.lock").open("wb")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise Unavailable(f"The centre in {folder} is already running; stop that one first.") from error
    return handle
