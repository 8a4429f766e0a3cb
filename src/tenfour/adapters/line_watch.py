"""What the line tells of itself: how busy it is, for screens and figures, and what troubles gathered."""

import asyncio
import heapq
from collections import Counter

from tenfour.adapters.line_call import OpenCall, Phase
from tenfour.adapters.line_switchboard import Switchboard
from tenfour.adapters.media_workers import MediaWorkers
from tenfour.adapters.sip_sockets import SipSockets
from tenfour.calltaking.line_status import LineStatus, PacketCount, SourceStatus

SOURCES_TOLD = 10
EVERY_S = 1.0


class LineWatch:
    """Looks after one line once a second; `status` is what it would tell now."""

    def __init__(self, board: Switchboard, sockets: SipSockets, workers: MediaWorkers) -> None:
        self._board, self._sockets, self._workers = board, sockets, workers
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Look now, and again every second."""
        self._board.troubles.flush(self._loop.time())
        self._timer = self._loop.call_later(EVERY_S, self.start)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def status(self) -> LineStatus:
        """How busy the line is."""
        lag, admission = self._sockets.lag, self._sockets.admission
        doing = Counter(map(_doing, self._board.open.values()))
        packets = (
            PacketCount(trunk, packet.value, received, admission.shed[trunk, packet])
            for (trunk, packet), received in admission.received.items()
        )
        return LineStatus(
            ringing=doing["ringing"],
            queued=doing["queued"],
            without_port=self._board.queue.without_port,
            answered=doing["answered"],
            connections=len(self._sockets.connections),
            late_ms=round(1000 * lag.late_s, 1),
            busy=round(lag.busy, 3),
            strain=admission.strain.name.lower(),
            packets=tuple(sorted(packets, key=lambda one: (one.trunk, one.packet))),
            sources=self._sources(),
            troubles={kind.value: count for kind, count in self._board.troubles.counts.items()},
            media_seats=len(self._workers.seats),
            media_carried=sum(seat.worker is not None for seat in self._workers.seats),
            media_deaths=self._workers.deaths,
        )

    def _sources(self) -> tuple[SourceStatus, ...]:
        accounts = self._sockets.admission.accounts.values()
        calls = Counter(call.source for call in self._board.open.values() if call.kept.phase is not Phase.ENDED)
        most = heapq.nlargest(SOURCES_TOLD, accounts, key=lambda account: account.received.total())
        return tuple(
            SourceStatus(
                account.source,
                account.trunk,
                account.received.total(),
                account.shed.total(),
                calls[account.source],
                self._sockets.connections.by_source[account.source],
            )
            for account in most
        )


def _doing(call: OpenCall) -> str:
    if call.kept.phase is Phase.RINGING:
        return "queued" if call.kept.queued else "ringing"
    return "over" if call.kept.phase is Phase.ENDED else "answered"
