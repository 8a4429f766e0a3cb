"""Every SIP message and every decision on it, kept by call: for whoever asks later what happened on the wire.

The event loop only puts what passes into a queue; one thread finds out to which call it belongs and writes it. What the
queue or the disk cannot take is counted and said in the log: no call waits for it.
"""

import asyncio
import threading
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
import structlog

from tenfour.adapters.signal_router import SignalRouter
from tenfour.telephony.flow import Flow
from tenfour.telephony.signalling import (
    KeptDecision,
    KeptNote,
    KeptProblem,
    kept_message,
    masked_words,
    sip_call_id_of,
)
from tenfour.vocabulary.ids import CallId

WRITE_EVERY_S = 0.2
"""How long what happened waits before it is written."""

SYNC_EVERY_S = 1.0
"""How often what was written is forced to the disk."""

WAITING_LIMIT = 50_000
"""Entries that may wait for a disk that hangs."""

WAITING_BYTES = 64 * 1024 * 1024
"""Bytes of messages that may wait for it."""

STARTED_AGAIN = "The line was started again."

log = structlog.get_logger(__name__)


class _Passed(msgspec.Struct, frozen=True, gc=False):
    """A message that came in or went out."""

    at: float
    way: Literal["in", "out"]
    flow: Flow
    local: str
    data: bytes


class _Said(msgspec.Struct, frozen=True, gc=False):
    """A decision, by the SIP Call-ID."""

    at: float
    sip_call_id: str
    what: str


class _Broken(msgspec.Struct, frozen=True, gc=False):
    """What was wrong with a message."""

    at: float
    data: bytes
    problem: str


class _Known(msgspec.Struct, frozen=True, gc=False):
    """These messages are of that call."""

    at: float
    sip_call_id: str
    call_id: CallId
    again: bool


class _Over(msgspec.Struct, frozen=True, gc=False):
    """The call is over."""

    at: float
    call_id: CallId


_Waiting = _Passed | _Said | _Broken | _Known | _Over


class SignalTrace:
    """The signalling of all calls of this line. Every method returns at once."""

    def __init__(self, folder: Path, *, other_limit: int) -> None:
        """`other_limit`: bytes a day that are kept of messages of no call of ours."""
        self._waiting: deque[_Waiting] = deque()
        self._put_bytes = self._taken_bytes = 0
        self.lost = 0
        self._router = SignalRouter(folder, other_limit)
        self._closed = threading.Event()
        self._writer = threading.Thread(target=self._write_loop, name="signalling", daemon=True)
        self._writer.start()

    @property
    def not_kept(self) -> int:
        """Entries that the queue or the disk could not take."""
        return self.lost + self._router.lost

    def passed(self, way: Literal["in", "out"], flow: Flow, local: str, data: bytes) -> None:
        """A message came from `flow`, or goes there. `local`: our HOST:PORT."""
        self._put_bytes += len(data)
        self._put(_Passed(time.time(), way, flow, local, data))

    def decided(self, sip_call_id: str, what: str) -> None:
        """A decision about a message of this SIP Call-ID."""
        self._put(_Said(time.time(), sip_call_id, what))

    def broken(self, data: bytes, problem: str) -> None:
        """A message that passed could not be used."""
        self._put_bytes += len(data)
        self._put(_Broken(time.time(), data, problem))

    def known(self, sip_call_id: str, call_id: CallId, *, again: bool = False) -> None:
        """From now on, and for what passed a moment ago: this SIP Call-ID is that call. `again`: after a restart."""
        self._waiting.append(_Known(time.time(), sip_call_id, call_id, again))

    def over(self, call_id: CallId) -> None:
        """The call is over. What comes late still goes to its file for some minutes."""
        self._waiting.append(_Over(time.time(), call_id))

    async def close(self) -> None:
        """Write what waits, bring it to the disk, and stop."""
        self._closed.set()
        await asyncio.to_thread(self._writer.join)

    def _put(self, entry: _Waiting) -> None:
        if len(self._waiting) < WAITING_LIMIT and self._put_bytes - self._taken_bytes <= WAITING_BYTES:
            self._waiting.append(entry)
            return
        self._put_bytes -= _size(entry)
        self.lost += 1
        if self.lost % WAITING_LIMIT == 1:
            log.error("the disk hangs: signalling is not being kept", lost=self.lost)

    # ---- the writing thread ----

    def _write_loop(self) -> None:
        self._router.remember(time.time())
        synced = time.monotonic()
        while not self._closed.wait(WRITE_EVERY_S):
            self._write()
            if time.monotonic() - synced >= SYNC_EVERY_S:
                self._router.sync()
                synced = time.monotonic()
        self._write()
        self._router.finish()

    def _write(self) -> None:
        for _ in range(len(self._waiting)):
            entry = self._waiting.popleft()
            self._taken_bytes += _size(entry)
            self._take(entry)
        self._router.flush()

    def _take(self, entry: _Waiting) -> None:
        at = datetime.fromtimestamp(entry.at, UTC)
        match entry:
            case _Passed(data=data, flow=flow):
                if data.strip(b"\r\n\0 "):
                    peer = f"{flow.host}:{flow.port}"
                    message = kept_message(
                        data, at=at, way=entry.way, transport=flow.transport, local=entry.local, peer=peer
                    )
                    self._router.keep(sip_call_id_of(data), message)
            case _Said(sip_call_id=sip_call_id, what=what):
                self._router.keep(sip_call_id, KeptDecision(at=at, what=masked_words(what)))
            case _Broken(data=data, problem=problem):
                self._router.keep(sip_call_id_of(data), KeptProblem(at=at, what=masked_words(problem)))
            case _Known(sip_call_id=sip_call_id, call_id=call_id):
                self._router.know(sip_call_id, call_id, at)
                if entry.again:
                    self._router.keep(sip_call_id, KeptNote(at=at, what=STARTED_AGAIN))
            case _Over(call_id=call_id):
                self._router.over(call_id, at)


def _size(entry: _Waiting) -> int:
    return len(entry.data) if isinstance(entry, _Passed | _Broken) else 0
