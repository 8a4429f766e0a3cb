"""The line's media workers: so many carry calls, and one more is ready to take the place of one that dies.

Each call belongs to one worker's seat. A worker that dies is replaced at once, and the next one is told all that is to
be known of the calls of its seat; their ports were the line's all the time. While there is no worker, the calls are up
and wait.
"""

import asyncio
from typing import Protocol

import structlog

from tenfour.adapters.headset_protocol import HeadsetReport
from tenfour.adapters.media_channel import MediaChannel
from tenfour.adapters.media_process import MediaProcess
from tenfour.adapters.media_protocol import CallReport, Closed, Report, Welcome

YOUNG_S = 2.0
"""A worker that dies sooner than this after its start gives the next one a pause."""

SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0

SPARE_AFTER_S = 1.0
"""The one that stands by starts so long after the others: they, and what they do, come first."""

LOOK_EVERY_S = 0.5

NOT_STARTED = "The media worker has not started yet."

log = structlog.get_logger(__name__)


class Carried(Protocol):
    """A call's audio or a headset, as the line keeps it: told to whichever worker carries it."""

    @property
    def name(self) -> str:
        """No two have the same."""

    def carry(self, channel: MediaChannel[Report]) -> None:
        """This worker carries it from now on."""

    def lose(self, why: str, at: float) -> None:
        """The worker is gone since then."""

    def wait(self, why: str) -> None:
        """Nobody carries it, still."""

    def take(self, report: CallReport | HeadsetReport) -> None:
        """The worker tells something of it."""


class Seat:
    """The place of one worker: the calls and headsets that belong to it, and who carries them now (None: nobody)."""

    def __init__(self) -> None:
        self.carried: dict[str, Carried] = {}
        self.worker: MediaProcess | None = None
        self.why = NOT_STARTED


class MediaWorkers:
    """`take` gives a call's audio to a worker, `end` ends it. Every method returns at once."""

    def __init__(self, count: int, welcome: Welcome) -> None:
        self.seats = [Seat() for _ in range(count)]
        self.deaths = 0
        self._welcome = welcome
        self._loop = asyncio.get_running_loop()
        self._running: dict[MediaProcess, asyncio.Task[None]] = {}
        self._spare: MediaProcess | None = None
        self._pause_s = 0.0
        self._pause: asyncio.TimerHandle | None = None
        self._look: asyncio.TimerHandle | None = None
        self._closes = False

    def start(self) -> None:
        """Start the workers; nothing waits for them."""
        self._fill()
        self._look_again()

    async def close(self) -> None:
        """Take leave of the workers. The calls are as they are."""
        self._closes = True
        for timer in (self._look, self._pause):
            if timer is not None:
                timer.cancel()
        tasks = list(self._running.values())
        for worker in self._running:
            worker.stop()
        await asyncio.gather(*tasks)

    @property
    def stands_by(self) -> bool:
        """Is there one more than there are seats?"""
        return self._spare is not None

    def take(self, media: Carried) -> None:
        """Carry this from now on."""
        seat = min(self.seats, key=lambda each: len(each.carried))
        seat.carried[media.name] = media
        if seat.worker is not None and seat.worker.channel is not None:
            media.carry(seat.worker.channel)

    def forget(self, media: Carried) -> None:
        """Nothing more comes of it."""
        for seat in self.seats:
            if seat.carried.get(media.name) is media:
                del seat.carried[media.name]

    # ---- what the processes tell ----

    def _ready(self, worker: MediaProcess) -> None:
        log.info("a media worker is ready", pid=worker.pid)
        empty = next((seat for seat in self.seats if seat.worker is None), None)
        if empty is None:
            self._spare = worker
        else:
            self._seat(empty, worker)
        self._fill()

    def _seat(self, seat: Seat, worker: MediaProcess) -> None:
        seat.worker = worker
        if worker.channel is not None:
            for media in list(seat.carried.values()):
                media.carry(worker.channel)

    def _reported(self, worker: MediaProcess, report: CallReport | HeadsetReport) -> None:
        seat = next((seat for seat in self.seats if seat.worker is worker), None)
        name = report.headset if isinstance(report, HeadsetReport) else report.call_id
        media = seat.carried.get(name) if seat is not None else None
        if media is not None:
            if isinstance(report, Closed):
                self.forget(media)
            media.take(report)

    def _ended(self, worker: MediaProcess, why: str) -> None:
        log.error("a media worker is gone", pid=worker.pid, why=why)
        self.deaths += 1
        del self._running[worker]
        if self._loop.time() - worker.started_at < YOUNG_S:
            self._pause_s = min(LONGEST_PAUSE_S, max(SHORTEST_PAUSE_S, 2 * self._pause_s))
        else:
            self._pause_s = 0.0
        if worker is self._spare:
            self._spare = None
        for seat in self.seats:
            if seat.worker is worker:
                self._lost(seat, worker, why)
            elif seat.worker is None:
                seat.why = why
        self._fill()

    def _lost(self, seat: Seat, worker: MediaProcess, why: str) -> None:
        """Its calls go to the one that stands by, or wait for the next."""
        if self._pause is not None and not self._pause_s:
            self._pause.cancel()
            self._pause = None
        seat.worker, seat.why = None, why
        for media in list(seat.carried.values()):
            media.lose(why, worker.seen_at)
        if self._spare is not None:
            spare, self._spare = self._spare, None
            self._seat(seat, spare)

    # ---- keeping them ----

    def _fill(self) -> None:
        """Start as many as there are to be: one for each seat, and when all are taken, one that waits."""
        if self._pause is not None or self._closes:
            return
        all_sit = all(seat.worker is not None for seat in self.seats)
        pause_s = max(self._pause_s, SPARE_AFTER_S) if all_sit else self._pause_s
        if pause_s:
            self._pause = self._loop.call_later(pause_s, self._start_missing)
        else:
            self._start_missing()

    def _start_missing(self) -> None:
        self._pause = None
        wanted = len(self.seats) + all(seat.worker is not None for seat in self.seats)
        while len(self._running) < wanted:
            worker = MediaProcess(self._welcome, on_ready=self._ready, on_report=self._reported, on_end=self._ended)
            self._running[worker] = self._loop.create_task(worker.run())

    def _look_again(self) -> None:
        """Calls that nobody carries for long are told of."""
        for seat in self.seats:
            if seat.worker is None:
                for media in list(seat.carried.values()):
                    media.wait(seat.why)
        self._look = self._loop.call_later(LOOK_EVERY_S, self._look_again)
