"""Calls bridged at once on one core: more and more of them, until a packet is late, or a voice does not come through.

The same speakers, listeners and measure for whatever bridges: our media worker, rtpengine, or nothing at all (each side
sends to the other), which says what the speakers and listeners themselves manage.
"""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from tenfour.adapters.audio_ports import SO_TIMESTAMPNS
from tenfour.bench.rtp_stream import PACKET_S, Heard, Order, Sent
from tenfour.vocabulary.errors import Unavailable

WINDOW_S, SETTLE_S = 3.0, 1.0
TRIES = 3
"""A machine that does something else just then makes packets late: a number of calls may be tried so often."""

COMES_WITHIN_S = 0.5
"""A loud packet that is heard later was not heard."""

HEARD_SHARE = 0.99
ANSWER_WITHIN_S = 20.0
BUFFER = 16 * 1024 * 1024
SO_RCVBUFFORCE = 33
"""Linux: more than `net.core.rmem_max`, for who may."""

CORES = sorted(os.sched_getaffinity(0))

T = TypeVar("T", Sent, Heard)


class Bridge(Protocol):
    """What joins calls."""

    async def add(self, caller: int, callee: int) -> tuple[int, int]:
        """Join another call of these two ports of ours; where the caller's and the callee's audio is to be sent."""

    @property
    def pid(self) -> int | None:
        """The process that does it, None for nobody."""


class Window(msgspec.Struct, frozen=True):
    """What came of some calls in `WINDOW_S`: late and lost packets, and the one-way delay of each loud one (s)."""

    calls: int
    packets: int
    late: int
    lost: int
    worst_s: float
    not_heard: int
    delays_s: tuple[float, ...]
    cpu_s: float

    @property
    def is_good(self) -> bool:
        """Was every packet there in time, and every voice heard?"""
        expected = 2 * self.calls * WINDOW_S / PACKET_S
        all_came = not self.late and not self.lost and self.packets > 0.95 * expected
        return all_came and len(self.delays_s) >= HEARD_SHARE * (len(self.delays_s) + self.not_heard) > 0


class Load:
    """Speakers and listeners of calls through one bridge."""

    def __init__(
        self,
        bridge: Bridge,
        sides: Sequence[socket.socket],
        sender: asyncio.subprocess.Process,
        listener: asyncio.subprocess.Process,
    ) -> None:
        self._bridge, self._sender, self._listener = bridge, sender, listener
        self._ports = tuple(int(bound.getsockname()[1]) for bound in sides)
        self._heard_as: dict[tuple[int, int], int] = {}
        """By side and the port that it comes from: the stream that is heard there."""
        self.calls = 0

    async def grow(self, calls: int) -> None:
        """Let so many be there."""
        added: list[tuple[int, int]] = []
        for _ in range(calls - self.calls):
            to_caller, to_callee = await self._bridge.add(*self._ports)
            added += [(0, to_caller), (1, to_callee)]
            if self._bridge.pid is not None:
                self._heard_as |= {(1, to_callee): 2 * self.calls + 1, (0, to_caller): 2 * self.calls + 2}
            self.calls += 1
        await _tell(self._sender, Order(add=added))

    async def look(self, window_s: float = WINDOW_S) -> Window:
        """Watch for so long, after a while in which nothing counts."""
        await asyncio.sleep(SETTLE_S)
        await self._looked()
        before = cpu_s(self._bridge.pid)
        await asyncio.sleep(window_s)
        spent_s = cpu_s(self._bridge.pid) - before
        sent, heard = await self._looked()
        delays_s = self._delays(sent, heard)
        return Window(
            calls=self.calls,
            packets=heard.packets,
            late=heard.late,
            lost=heard.lost,
            worst_s=heard.worst_s,
            not_heard=sum(delay is None for delay in delays_s),
            delays_s=tuple(delay for delay in delays_s if delay is not None),
            cpu_s=spent_s,
        )

    async def _looked(self) -> tuple[Sent, Heard]:
        sent = await _ask(self._sender, Sent)
        return sent, await _ask(self._listener, Heard)

    def _delays(self, sent: Sent, heard: Heard) -> list[float | None]:
        """Of each loud packet, but for the last ones, how long it took from the mouth to the ear."""
        came: dict[int, list[float]] = {}
        for side, port, ssrc, at in heard.loud:
            came.setdefault(self._heard_as.get((side, port), ssrc), []).append(at)
        until = max((at for _, at in sent.loud), default=0.0) - COMES_WITHIN_S
        return [
            next((PACKET_S + at - said for at in came.get(number, ()) if 0 <= at - said < COMES_WITHIN_S), None)
            for number, said in sent.loud
            if said < until
        ]


@asynccontextmanager
async def load_of(bridge: Bridge) -> AsyncIterator[Load]:
    """Speakers and listeners for this bridge, in two processes on the second of our cores."""
    async with AsyncExitStack() as stack:
        sides = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2)]
        for bound in sides:
            _prepare(bound)
        fds = tuple(bound.fileno() for bound in sides)
        processes = [await stack.enter_async_context(_stream_process(kind, fds)) for kind in ("send", "hear")]
        yield Load(bridge, sides, *processes)


class Nobody:
    """Each side sends to the other."""

    pid = None

    async def add(self, caller: int, callee: int) -> tuple[int, int]:
        """Callers send to the callees' port."""
        return callee, caller


async def most_calls(load: Load, *, first: int, factor: float, most: int) -> tuple[int, Window]:
    """So many were bridged without a fault, and the window in which they were; 0 where not even `first`."""
    best = 0, Window(0, 0, 0, 0, 0.0, 0, (), 0.0)
    while best[0] < most:
        await load.grow(min(most, max(first, round(best[0] * factor))))
        for _ in range(TRIES):
            window = await load.look()
            if window.is_good:
                best = load.calls, window
                break
        else:
            break
    return best


def pin(pid: int, which: int) -> None:
    """Keep a process, with all its threads, on one of our cores."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {CORES[which % len(CORES)]})


def cpu_s(pid: int | None) -> float:
    """CPU seconds that a process has taken so far."""
    if pid is None:
        return 0.0
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def _stream_process(kind: str, fds: tuple[int, ...]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tenfour.bench.rtp_stream", kind, *map(str, fds)),
        pass_fds=fds,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=16 * 1024 * 1024,
    )
    pin(process.pid, 1)
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


def _prepare(bound: socket.socket) -> None:
    bound.bind(("127.0.0.1", 0))
    bound.setblocking(False)
    bound.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    try:
        bound.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    except PermissionError:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)


async def _tell(process: asyncio.subprocess.Process, order: Order) -> None:
    if process.stdin is not None:
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        await process.stdin.drain()


async def _ask(process: asyncio.subprocess.Process, answer: type[T]) -> T:
    await _tell(process, Order(look=True))
    if process.stdout is not None:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            line = await process.stdout.readline()
        if line:
            return msgspec.json.decode(line, type=answer)
    raise Unavailable("A process that speaks or listens for the benchmark is gone.")
