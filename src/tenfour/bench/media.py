"""`tenfour bench media`: what a call's audio costs a media worker, and how soon another one carries it on.

The calls are the line's own, in a worker process as the line starts it: each is received, recorded, and hears the
announcement; packets of 20 ms come from another process. Nothing is mixed.
"""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tenfour.adapters.announcement import DEFAULT
from tenfour.adapters.audio_ports import bind_audio
from tenfour.adapters.dtls_certificate import new_certificate
from tenfour.adapters.left_recordings import LeftRecordings
from tenfour.adapters.line_media import CallMedia
from tenfour.adapters.media_protocol import CallerAudio, Sound, Sounds, Welcome
from tenfour.adapters.media_workers import MediaWorkers
from tenfour.adapters.recording_file import Ended
from tenfour.adapters.srtp import Place, SrtpKeys
from tenfour.bench.figure import report
from tenfour.bench.wire import PACKETS_A_SECOND, PORTS, SENDER
from tenfour.calltaking.event import AudioMeasured
from tenfour.telephony.sdp import Codec
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import CallId

CALLS = 30
TALK_S = 4.0
PATIENCE_S = 30.0
HEARD = CallerAudio(None, Codec.PCMU, 0, None, silence_s=10.0)


def main() -> None:
    """Measure and print the figures."""
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
        calls = [_Call(CallId(f"bench{at}"), workers, left) for at in range(count)]
        sender = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", SENDER, str(talk_s + PATIENCE_S), str(PACKETS_A_SECOND)),
            *(str(call.media.port) for call in calls),
        )
        try:
            await _until(lambda: all(call.heard for call in calls) and workers.stands_by)
            return await _measured(workers, calls, talk_s)
        finally:
            sender.kill()
            await sender.wait()
            for call in calls:
                call.media.end()
            await workers.close()
            await left.close()


async def _measured(workers: MediaWorkers, calls: "list[_Call]", talk_s: float) -> tuple[float, float]:
    worker = workers.seats[0].worker
    if worker is None or worker.pid is None:
        raise Unavailable("The media worker died by itself.")
    before = _cpu_s(worker.pid)
    await asyncio.sleep(talk_s)
    spent_s = _cpu_s(worker.pid) - before
    os.kill(worker.pid, signal.SIGKILL)
    await _until(lambda: all(call.gaps for call in calls))
    return spent_s, max(max(call.gaps) for call in calls)


async def _until(true: Callable[[], bool]) -> None:
    """Raises `Unavailable` when it does not come true in `PATIENCE_S`."""
    for _ in range(round(100 * PATIENCE_S)):
        if true():
            return
        await asyncio.sleep(0.01)
    raise Unavailable("The machine is too busy to measure media workers.")


def _cpu_s(process: int) -> float:
    ticks = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


class _Call:
    """A call that notes when it is heard, and how long nobody carried it; nothing else concerns it."""

    def __init__(self, call_id: CallId, workers: MediaWorkers, left: LeftRecordings) -> None:
        self.heard, self.gaps = False, list[float]()
        self.media = CallMedia(call_id, self, bind_audio("127.0.0.1", PORTS), HEARD, carriers=workers, left=left)
        self.media.start(segment=1)
        self.media.play(Sound.ANNOUNCEMENT)

    def audio_started(self) -> None:
        """It is heard."""
        self.heard = True

    def audio_picked_up(self, gap_s: float, why: str) -> None:
        """It is carried on."""
        self.gaps.append(gap_s)

    def audio_stopped(self, silent_for_s: float) -> None:
        """Nothing to do."""

    def audio_resumed(self, silent_for_s: float) -> None:
        """Nothing to do."""

    def key_pressed(self, digit: str, duration_s: float) -> None:
        """Nothing to do."""

    def audio_secured(self, keys: SrtpKeys) -> None:
        """Nothing to do."""

    def audio_not_secured(self, why: str) -> None:
        """Nothing to do."""

    def audio_came_to(self, place: Place) -> None:
        """Nothing to do."""

    def recording_started(self, file: str, segment: int) -> None:
        """Nothing to do."""

    def recording_ended(self, file: str, segment: int, ended: Ended | None) -> None:
        """Nothing to do."""

    def audio_interrupted(self, why: str) -> None:
        """Nothing to do."""

    def audio_measured(self, measured: AudioMeasured) -> None:
        """Nothing to do."""

    def audio_over(self) -> None:
        """Nothing to do."""

    def tty_read(self, text: str, ago_ms: tuple[int, ...]) -> None:
        """Nothing to do."""

    def tty_said(self, number: int) -> None:
        """Nothing to do."""
