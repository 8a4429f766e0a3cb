"""Two processes are kept running: they come back when they die, and leave when told."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tenfour.adapters import supervisor
from tenfour.adapters.supervisor import Kept, refuse_second_supervisor
from tenfour.vocabulary.errors import Unavailable

WAITS = "import signal; signal.pause()"
WAITS_DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"


def kept(tmp_path: Path, code: str, said: list[str] | None = None) -> Kept:
    say: Callable[[str], None] = [].append if said is None else said.append
    return Kept("line", (sys.executable, "-c", code), tmp_path / "line.log", say)


@asynccontextmanager
async def keeping(process: Kept) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(process.keep())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Unavailable):
            await task
        await process.stop()


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # another process: there is no event to wait for
            await asyncio.sleep(0.01)


def gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


async def test_killed_process_is_back_and_its_death_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    process = kept(tmp_path, WAITS, said)
    async with keeping(process):
        for start in (1, 2, 3):
            await eventually(lambda start=start: process.starts == start)  # type: ignore[misc]
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
        await eventually(lambda: process.starts == 4)
    assert said[0] == "The line process ended (killed by SIGKILL). Starting it again."


async def test_process_that_cannot_start_ends_the_whole_with_its_last_words(tmp_path: Path) -> None:
    process = kept(tmp_path, "import sys; print('centre.toml:3: no.', file=sys.stderr); sys.exit(2)")
    with pytest.raises(Unavailable, match=r"The line process cannot start: centre\.toml:3: no\."):
        await asyncio.wait_for(process.keep(), 20)
    assert process.starts == 1


async def test_process_that_worked_before_is_tried_again_and_the_other_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its settings or files were spoilt meanwhile. That must not end the calls that the other process holds."""
    monkeypatch.setattr(supervisor, "YOUNG_S", 0.0)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_S", 0.01)
    spoilt, said = tmp_path / "spoilt", list[str]()
    code = f"""
import pathlib, signal, sys
if pathlib.Path({str(spoilt)!r}).exists():
    print("roads.npz: no.", file=sys.stderr)
    sys.exit(2)
signal.pause()
"""
    process = kept(tmp_path, code, said)
    async with keeping(process) as task:
        await eventually(lambda: process.pid is not None)
        spoilt.touch()
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        await eventually(lambda: len(said) >= 3)
        assert not task.done()
        assert said[2] == "The line process cannot start: roads.npz: no. Starting it again."


async def test_stop_ends_a_process_that_does_not_listen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_PATIENCE_S", 0.2)
    process = kept(tmp_path, WAITS_DEAF)
    async with keeping(process) as task:
        log = tmp_path / "line.log"
        await eventually(lambda: log.exists() and "deaf" in log.read_text())
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await process.stop()
        assert process.pid is not None
        assert gone(process.pid)


async def test_nothing_is_orphaned_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    keeper = f"""
import asyncio, pathlib, sys
from tenfour.adapters.supervisor import Kept
kept = Kept("line", (sys.executable, "-c", {WAITS!r}), pathlib.Path({str(tmp_path / "log")!r}), print)
async def main():
    task = asyncio.create_task(kept.keep())
    while kept.pid is None:
        await asyncio.sleep(0.01)
    print(kept.pid, flush=True)
    await task
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", keeper, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    child = int(await asyncio.wait_for(parent.stdout.readline(), 20))
    assert not gone(child)
    parent.kill()
    await parent.wait()
    await eventually(lambda: gone(child))


def test_a_folder_has_one_supervisor(tmp_path: Path) -> None:
    first = refuse_second_supervisor(tmp_path)
    with pytest.raises(Unavailable, match="already running"):
        refuse_second_supervisor(tmp_path)
    first.close()
    refuse_second_supervisor(tmp_path).close()
