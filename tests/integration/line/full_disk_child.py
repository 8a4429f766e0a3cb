"""Begins a recording on a disk that is full, then has room; says how it went as JSON: `... FOLDER`.

Full is a file system of its own (`FOLDER` is one, which may be filled), or, elsewhere, a limit on the size of files.
"""

import asyncio
import errno
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

from tenfour.adapters.recorder import Recorder
from tenfour.vocabulary.ids import CallId

CALL = CallId("call0123456789")
FULL_FOR_S = 3.5
"""It is tried again each second."""


def fill(path: Path) -> None:
    """Until not a byte more goes on."""
    if not path.parent.is_mount():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20, resource.RLIM_INFINITY))
        return
    for block in (b"x" * 4096, b"x"):
        with path.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(block)
            except OSError as error:
                assert error.errno == errno.ENOSPC


def make_room(path: Path) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    path.unlink(missing_ok=True)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def main(folder: Path) -> dict[str, object]:
    filler = folder / "filler"
    recorder = Recorder(folder / "recordings")
    (folder / "recordings").mkdir()
    fill(filler)
    before, started, ended = descriptors(), [], asyncio.get_running_loop().create_future()
    handle = recorder.start(CALL, 1, lambda file, segment: started.append((file, segment)))
    began, sent = time.monotonic(), 0

    async def say_until(true) -> None:
        nonlocal sent
        while not true():
            recorder.write(handle, 7, sent, 160 * sent, np.full(160, 1000, dtype=np.int16))
            sent += 1
            await asyncio.sleep(max(0.0, began + 0.02 * sent - time.monotonic()))

    await say_until(lambda: time.monotonic() - began > FULL_FOR_S)
    told: dict[str, object] = {
        "files_while_full": sorted(path.name for path in (folder / "recordings").iterdir()),
        "descriptors_more": descriptors() - before,
        "failures": recorder.write_failures,
    }
    make_room(filler)
    async with asyncio.timeout(30):
        await say_until(lambda: started)
        for _ in range(50):
            at = sent
            await say_until(lambda at=at: sent > at)
    recorder.end(handle, ended.set_result)
    closed = await ended
    await recorder.close()
    there = sorted(path.name for path in (folder / "recordings").iterdir())
    return {**told, "started": started, "files": there, "duration_s": closed.duration_s, "sent_s": 0.02 * sent}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(Path(sys.argv[1])))))
