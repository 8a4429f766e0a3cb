"""Workers and lines that are stopped and killed at any instant of calls: what is recorded is whole, and told once."""

import asyncio
import hashlib
import os
import random
import signal
import sqlite3
import wave
from collections import Counter
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tenfour.adapters.flac_file import compress
from tenfour.calltaking.event import AudioPickedUpAgain, CallReceived, RecordingEnded, RecordingStarted
from tenfour.vocabulary.ids import call_stream

ENDS = {"CallAbandoned", "CallerDisconnected", "CallReleased", "CallFailed"}
TONES = (440.0, 700.0, 1000.0)
LOST_A_KILL_S = 0.1
"""20 ms on a machine that has time: what a worker had read and not written."""
KEPT_BY_KERNEL_S = 5.0
"""So much audio waits for a worker at least, where one takes long to start."""
CATCH_UP_S = 1.0
"""A worker takes what waited in one go, and writes it: killed just then, it would lose all that."""
APART_S = 0.6
"""So far a recording's time may be off."""


@pytest.fixture(autouse=True)
async def ready(line, wait_until) -> None:
    """The first worker has started: on a busy machine that alone can take long."""
    await wait_until(lambda: "a media worker is ready" in line.log(), 30.0)


def loud_in(path: Path, hertz: float) -> tuple[float, float, float]:
    """Seconds of the caller's lane in which this tone is heard, and the seconds of the first and the last of them."""
    with wave.open(str(path)) as wav:
        samples = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2")[::2].astype(float)
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    strength = np.abs(frames @ np.exp(-2j * np.pi * hertz * np.arange(160) / 8000)) / 80
    loud = np.flatnonzero(strength > 4000)
    return (0.02 * len(loud), 0.02 * loud[0], 0.02 * (loud[-1] + 1)) if len(loud) else (0.0, 0.0, 0.0)


class Killer:
    """Does one thing at a time, and counts how often it did, and for how long the line was away."""

    def __init__(self, line, luck: random.Random, wait_until, *, lines: bool) -> None:
        self.line, self.luck, self.wait_until = line, luck, wait_until
        self.kinds = [self.kill_line] if lines else [self.kill_worker, self.kill_worker, self.kill_all, self.hang]
        self.kills, self.away_s = 0, 0.0
        self._busy = asyncio.Lock()

    async def strike(self) -> None:
        if not self._busy.locked():
            async with self._busy:
                self.kills += 1
                with suppress(OSError):
                    await self.luck.choice(self.kinds)()
                await self.wait_until(self.is_picked_up)
                await asyncio.sleep(CATCH_UP_S)

    def is_picked_up(self) -> bool:
        """Does a worker carry the calls, or are there none?"""
        try:
            return bool(self.line.carriers) or kept_calls(self.line) == 0
        except OSError:  # a process that ended while it was looked at
            return False

    async def kill_worker(self) -> None:
        await self._kill(self.line.carriers)

    async def kill_all(self) -> None:
        await self._kill(self.line.workers)

    async def _kill(self, pids: list[int]) -> None:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        await self.wait_until(lambda: not set(pids) & set(self.line.workers))

    async def hang(self) -> None:
        """Stopped: for a moment, or until the line kills it."""
        for pid in self.line.carriers:
            os.kill(pid, signal.SIGSTOP)
            if self.luck.random() < 0.5:
                await asyncio.sleep(self.luck.uniform(0.05, 2.2))
                os.kill(pid, signal.SIGCONT)
            else:
                await self.wait_until(lambda pid=pid: pid not in self.line.workers)

    async def kill_line(self) -> None:
        began = asyncio.get_running_loop().time()
        await self.line.kill()
        await self.line.start()
        self.away_s += asyncio.get_running_loop().time() - began


class Talk:
    """One call: its caller, and when the tone was there."""

    def __init__(self, number: str, hertz: float) -> None:
        self.number, self.hertz = number, hertz
        self.sent_s = 0.0
        self.began = self.ended = datetime.now(UTC)

    async def run(self, caller, killer: Killer, luck: random.Random) -> None:
        await caller.listen()
        await asyncio.sleep(luck.uniform(0.0, 1.5))
        caller.dial(self.number)
        await caller.answered()
        self.began = datetime.now(UTC)
        caller.speak()
        blows = [luck.uniform(0.0, 0.06)] if luck.random() < 0.5 else []  # while the file is made, and told of
        for blow in (*blows, luck.uniform(0.3, 1.5), luck.uniform(0.3, 2.0)):
            await asyncio.sleep(blow)
            await killer.strike()
        await asyncio.sleep(luck.uniform(0.0, 1.0))
        await caller.be_silent()
        self.sent_s, self.ended = 0.02 * caller._sent, datetime.now(UTC)
        caller.hang_up()
        if luck.random() < 0.7:
            await asyncio.sleep(luck.uniform(0.0, 0.06))  # while the file is closed, and told of
            await killer.strike()


async def answer_all(centre) -> None:
    """As the centre does it: again and again."""
    while True:
        for received in centre.events(CallReceived):
            if centre.link.connected:
                centre.answer(received.call_id)
        await asyncio.sleep(0.1)


async def release_the_silent(centre) -> None:
    """As a call taker does it: a line that is killed within milliseconds of answering a BYE has forgotten it, and the
    call stands, silent, until a person ends it.
    """
    while True:
        await asyncio.sleep(3.0)
        over = {fact.stream for fact in centre.facts if type(fact.event).__name__ in ENDS}
        for received in centre.events(CallReceived):
            if call_stream(received.call_id) not in over and centre.link.connected:
                centre.link.release(received.call_id)


def kept_calls(line) -> int:
    with closing(sqlite3.connect(f"file:{line.folder}/line/outbox.sqlite?mode=ro", uri=True)) as outbox:
        return int(outbox.execute("SELECT count(*) FROM dialog").fetchone()[0])


@pytest.mark.parametrize(("killed", "seed"), [("workers", 11), ("workers", 12), ("lines", 21), ("lines", 22)])
async def test_recordings_are_whole_whatever_is_killed_and_when(  # noqa: PLR0917
    line, centre, new_caller, wait_until, killed: str, seed: int
) -> None:
    luck = random.Random(seed)
    killer = Killer(line, luck, wait_until, lines=killed == "lines")
    answering = asyncio.create_task(answer_all(centre))
    talks = [Talk(f"61455501{place:02}", hertz) for place, hertz in enumerate(TONES)]
    await asyncio.gather(*(talk.run(new_caller(hertz=talk.hertz), killer, luck) for talk in talks))
    releasing = asyncio.create_task(release_the_silent(centre) if killed == "lines" else asyncio.sleep(0))
    await wait_until(lambda: sum(name in ENDS for name in centre.names()) == len(talks), 60.0)
    await wait_until(lambda: kept_calls(line) == 0, 60.0)
    answering.cancel()
    releasing.cancel()

    def told_of_all() -> bool:
        ended = Counter(event.file for event in centre.events(RecordingEnded))
        return ended.keys() >= {path.name for path in line.recordings}

    await wait_until(told_of_all, 60.0)
    started = {fact.event.file: fact for fact in centre.facts if isinstance(fact.event, RecordingStarted)}
    ended = {event.file: event for event in centre.events(RecordingEnded)}
    files = {path.name: path for path in line.recordings}
    assert files.keys() == started.keys() == ended.keys(), (killed, seed)
    assert Counter(centre.names())["RecordingStarted"] == Counter(centre.names())["RecordingEnded"] == len(files)
    for name, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == ended[name].sha256
        if ended[name].duration_s > 0:
            compress(path, ended[name].sha256)
    calls = {received.ani[-4:]: received.call_id for received in centre.events(CallReceived)}
    lost_s = LOST_A_KILL_S * killer.kills + killer.away_s + 0.15
    lost_s += sum(max(0.0, event.gap_s - KEPT_BY_KERNEL_S) for event in centre.events(AudioPickedUpAgain))
    for talk in talks:
        mine = [path for name, path in files.items() if name.startswith(calls[talk.number[-4:]])]
        heard_s = sum(loud_in(path, talk.hertz)[0] for path in mine)
        assert talk.sent_s - lost_s < heard_s < talk.sent_s + 0.15 + 0.04 * len(mine), (killed, seed, talk.hertz)
        for path in mine:
            seconds, first_s, last_s = loud_in(path, talk.hertz)
            at = started[path.name].at
            if seconds:
                slack = timedelta(seconds=APART_S)
                assert at + timedelta(seconds=first_s) > talk.began - slack, (killed, seed, path.name)
                assert at + timedelta(seconds=last_s) < talk.ended + slack, (killed, seed, path.name)
