"""`tenfour bench media`: what a call's audio costs a media worker, how soon another one carries it on, and how many
calls are bridged at once (`bridged_calls`).

The calls are the line's own, in a worker process as the line starts it: each is received, recorded, and hears the
announcement; packets of 20 ms come from another process. Nothing is mixed.
"""

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

from tenfour.adapters.announcement import DEFAULT
from tenfour.adapters.dtls_certificate import new_certificate
from tenfour.adapters.left_recordings import LeftRecordings
from tenfour.adapters.media_protocol import Sound, Sounds, Welcome
from tenfour.adapters.media_workers import MediaWorkers
from tenfour.bench import bridged_calls
from tenfour.bench.bench_call import PATIENCE_S, BenchCall, until
from tenfour.bench.bridge import cpu_s
from tenfour.bench.figure import report
from tenfour.bench.wire import PACKETS_A_SECOND, SENDER
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import CallId

CALLS = 30
TALK_S = 4.0


def main() -> None:
    """Measure and print the figures."""
    bridged_calls.figures()
    runs = [asyncio.run(measure(CALLS, TALK_S)) for _ in range(3)]
    beside = f"{CALLS} calls in one worker, each received, recorded and announced to; nothing is mixed"
    cpu = [1000 * cpu_s / (CALLS * TALK_S) for cpu_s, _ in runs]
    report("media", "cpu_ms_per_call_s", cpu, "ms", aim=None, beside=beside, more_is_better=False)
    beside = f"the longest of {CALLS} calls whose worker was killed, until the next one carries it"
    gaps = [1000 * gap_s for _, gap_s in runs]
    report("media", "picked_up_ms", gaps, "ms", aim=1000.0, beside=beside, more_is_better=False)


async def measure(count: int, talk_s: float) -> tuple[float, float]:
    """CPU seconds of the worker in `talk_s` of so many calls, and the longest gap in seconds when it is then killed.

    Raises `Unavailable` when a call was not heard, or was not picked up.
    """
    with tempfile.TemporaryDirectory(prefix="bench-media-") as folder:
        left = LeftRecordings(Path(folder))
        workers = MediaWorkers(1, Welcome(new_certificate(), Sounds(str(DEFAULT), "", 15.0), folder))
        workers.start()
        calls = [BenchCall(CallId(f"bench{at}"), workers, left) for at in range(count)]
        for call in calls:
            call.media.play(Sound.ANNOUNCEMENT)
        sender = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", SENDER, str(talk_s + PATIENCE_S), str(PACKETS_A_SECOND)),
            *(str(call.media.port) for call in calls),
        )
        try:
            await until(lambda: all(call.heard for call in calls) and workers.stands_by)
            return await _measured(workers, calls, talk_s)
        finally:
            sender.kill()
            await sender.wait()
            for call in calls:
                call.end()
            await workers.close()
            await left.close()


async def _measured(workers: MediaWorkers, calls: list[BenchCall], talk_s: float) -> tuple[float, float]:
    worker = workers.seats[0].worker
    if worker is None or worker.pid is None:
        raise Unavailable("The media worker died by itself.")
    before = cpu_s(worker.pid)
    await asyncio.sleep(talk_s)
    spent_s = cpu_s(worker.pid) - before
    os.kill(worker.pid, signal.SIGKILL)
    await until(lambda: all(call.gaps for call in calls))
    return spent_s, max(max(call.gaps) for call in calls)
