"""How many calls one core bridges at once, and how long a voice takes: our media worker beside rtpengine.

A call is two telephones, each with 20 ms of PCMU every 20 ms, who hear each other: the caller and a third party, two
calls of the line that are wired together, both received, played out, mixed and recorded. rtpengine relays the packets.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path

import msgspec
import numpy as np

from tenfour.adapters.announcement import DEFAULT
from tenfour.adapters.dtls_certificate import new_certificate
from tenfour.adapters.headset_protocol import Voice, Voices
from tenfour.adapters.left_recordings import LeftRecordings
from tenfour.adapters.media_protocol import Sound, Sounds, Welcome
from tenfour.adapters.media_workers import MediaWorkers
from tenfour.adapters.wire import wire_pair
from tenfour.bench.bench_call import BenchCall, until
from tenfour.bench.bridge import CORES, WINDOW_S, Bridge, Nobody, Window, load_of, most_calls, pin
from tenfour.bench.figure import report, skip
from tenfour.bench.ng import RtpEngine, rtpengine, run_rtpengine
from tenfour.bench.wire import PORTS
from tenfour.telephony.party import Role
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import CallId, PositionId

BENCH, CALLS, DELAY = "media", "calls_per_core", "one_way_ms"
CALLS_AIM, DELAY_AIM_MS = 20.0, 150.0
QUIET_CALLS, QUIET_S = 4, 6.0
NO_PEER = "rtpengine is not here (make peers gets it)"
OTHER = PositionId("other")
RUNS = 3
BARE_MOST = 600


class Bridged(msgspec.Struct, frozen=True):
    """What one bridge did: a few calls in `quiet`; `most` at once, as in `full`."""

    quiet: Window
    most: int
    full: Window


def figures() -> None:
    """Measure and print both figures, where there are two cores."""
    if len(CORES) < 2:
        for figure, unit, aim in ((CALLS, "calls", CALLS_AIM), (DELAY, "ms", DELAY_AIM_MS)):
            skip(BENCH, figure, unit, aim=aim, why="a second core is missing")
        return
    asyncio.run(measure_and_report())


async def measure_and_report() -> None:
    """Nothing between, rtpengine, and ours three times."""
    program = rtpengine()
    bare = await _bare()
    theirs = await _theirs(program) if program is not None else None
    ours = [await our_bridge() for _ in range(RUNS)]
    best = max(ours, key=lambda each: each.most)
    load = f"speakers and listeners alone manage {_many(bare, BARE_MOST)}"
    peer = f"rtpengine in user space, without recording: {_many(theirs, BARE_MOST)}" if theirs else NO_PEER
    beside = f"ours, all recorded, {_cost(best)}; {peer}; {load}"
    if bare.most < CALLS_AIM:
        skip(BENCH, CALLS, "calls", aim=CALLS_AIM, why=f"the machine is too busy: {load}")
    else:
        report(BENCH, CALLS, [float(each.most) for each in ours], "calls", aim=CALLS_AIM, beside=beside)
    peer = f"rtpengine: {_delays(theirs)}" if theirs else NO_PEER
    beside = (
        f"{QUIET_CALLS} calls, mouth to ear with the 20 ms of a packet and without the buffer of the ear; ours: "
        f"{_delays(best)}{_at_most(best)}; {peer}; nothing between: {_delays(bare)}"
    )
    medians = [_ms(each.quiet, 50) for each in ours]
    report(BENCH, DELAY, medians, "ms", aim=DELAY_AIM_MS, beside=beside, more_is_better=False)


async def our_bridge(*, first: int = 20, most: int = 400, quiet_s: float = QUIET_S) -> Bridged:
    """What a media worker of the line does."""
    async with worker_bridge() as bridge:
        return await _measured(bridge, first=first, factor=1.25, most=most, quiet_s=quiet_s)


async def _theirs(program: Path) -> Bridged:
    async with their_bridge(program) as bridge:
        return await _measured(bridge, first=50, factor=1.5, most=BARE_MOST)


async def _bare() -> Bridged:
    return await _measured(Nobody(), first=50, factor=1.5, most=BARE_MOST)


async def _measured(bridge: Bridge, *, first: int, factor: float, most: int, quiet_s: float = QUIET_S) -> Bridged:
    async with load_of(bridge) as load:
        await load.grow(min(QUIET_CALLS, first))
        quiet = await load.look(quiet_s)
        at_once, full = await most_calls(load, first=first, factor=factor, most=most)
        return Bridged(quiet, at_once, full)


# ---- bridges ----


class WorkerBridge:
    """Two calls of the line for each, in one media worker, wired together as with a third party."""

    def __init__(self, workers: MediaWorkers, left: LeftRecordings, pid: int) -> None:
        self._workers, self._left, self.pid = workers, left, pid
        self._numbers = count(1)
        self.legs: list[BenchCall] = []

    async def add(self, caller: int, callee: int) -> tuple[int, int]:
        """Two ports of ours."""
        legs = [BenchCall(CallId(f"bench{next(self._numbers)}"), self._workers, self._left) for _ in range(2)]
        ends = wire_pair()
        for leg, end in zip(legs, ends, strict=True):
            leg.media.speak(Voices((Voice(OTHER, Role.THIRD_PARTY),)))
            leg.media.play(Sound.VOICES)
            leg.media.wire(OTHER, end)
            end.close()
        self.legs += legs
        await asyncio.sleep(0)
        return legs[0].media.port, legs[1].media.port


@asynccontextmanager
async def worker_bridge() -> AsyncIterator[WorkerBridge]:
    """A media worker on the first of our cores, without calls yet."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-media-"))
        left = LeftRecordings(Path(folder))
        stack.push_async_callback(left.close)
        workers = MediaWorkers(1, Welcome(new_certificate(), Sounds(str(DEFAULT), "", 15.0), folder))
        workers.start()
        stack.push_async_callback(workers.close)
        await until(lambda: workers.stands_by)
        worker = workers.seats[0].worker
        if worker is None or worker.pid is None:
            raise Unavailable("The media worker died by itself.")
        pin(worker.pid, 0)
        bridge = WorkerBridge(workers, left, worker.pid)
        yield bridge
        for leg in bridge.legs:
            leg.end()


class RtpEngineBridge:
    """Calls of rtpengine."""

    def __init__(self, engine: RtpEngine) -> None:
        self.engine, self.pid = engine, engine.pid
        self.calls: list[str] = []

    async def add(self, caller: int, callee: int) -> tuple[int, int]:
        """Two ports of its."""
        self.calls.append(f"bench{len(self.calls) + 1}")
        return await self.engine.bridge(self.calls[-1], caller, callee)


@asynccontextmanager
async def their_bridge(program: Path) -> AsyncIterator[RtpEngineBridge]:
    """rtpengine on the first of our cores; its calls are deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="bench-rtpengine-") as folder:
        async with run_rtpengine(program, Path(folder), PORTS) as engine:
            pin(engine.pid, 0)
            bridge = RtpEngineBridge(engine)
            yield bridge
            for call in bridge.calls:
                await engine.delete(call)


# ---- words ----


def _many(bridged: Bridged, limit: int) -> str:
    more = " and more" if bridged.most >= limit else ""
    return f"{bridged.most}{more}, {_cost(bridged)}"


def _cost(bridged: Bridged) -> str:
    if not bridged.most or not bridged.full.cpu_s:
        return f"worst packet {1000 * bridged.full.worst_s:.0f} ms late"
    cpu_ms = 1000 * bridged.full.cpu_s / (bridged.most * WINDOW_S)
    return f"{cpu_ms:.1f} ms of CPU a call and second, worst packet {1000 * bridged.full.worst_s:.0f} ms late"


def _at_most(bridged: Bridged) -> str:
    return f", at {bridged.most} calls p99 {_ms(bridged.full, 99):.0f}" if bridged.most else ""


def _delays(bridged: Bridged) -> str:
    return f"median {_ms(bridged.quiet, 50):.0f}, p99 {_ms(bridged.quiet, 99):.0f}"


def _ms(window: Window, percent: float) -> float:
    return float(np.percentile(window.delays_s, percent)) * 1000 if window.delays_s else float("nan")
