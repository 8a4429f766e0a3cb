"""Calls that wait until they may ring, or until there is an audio port to answer them with: in the order they came.

One source may have so many calls half open at once: ringing, or answered and not acknowledged. Its further calls are
taken and wait (182 Queued) without audio; when one of the others has come to something, the next rings.
"""

import asyncio
from collections.abc import Callable

from tenfour.adapters.line_call import OpenCall, Phase
from tenfour.vocabulary.ids import CallId

TOO_MANY = "{limit} calls of its source ring already; this one rings when one of them has been answered or is over."
NO_PORT = "{problem} The answer stands; the call is connected as soon as a port is free."
TRY_AGAIN_S = 0.5


class CallQueue:
    """`holder_of(call)` and `limit_of(holder)`: whose call it is, and how many of theirs may be half open.

    `ring` lets a call ring that waited, `answer` tries to answer one that had no port.
    """

    def __init__(
        self,
        limit_of: Callable[[str], int],
        *,
        ring: Callable[[OpenCall], None],
        answer: Callable[[OpenCall], None],
    ) -> None:
        self._limit_of, self._ring, self._answer = limit_of, ring, answer
        self._loop = asyncio.get_running_loop()
        self._half_open: dict[str, dict[CallId, OpenCall]] = {}
        self._waiting: dict[str, dict[CallId, OpenCall]] = {}
        self._without_port: dict[CallId, OpenCall] = {}
        self._retry: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """Calls that may not ring yet."""
        return sum(map(len, self._waiting.values()))

    @property
    def without_port(self) -> int:
        """Calls that were answered and have no audio port yet."""
        return len(self._without_port)

    def enter(self, call: OpenCall, *, rings: bool = False) -> str:
        """A call comes: "" where it may ring, else it waits, and this is why. `rings`: it rang already."""
        limit = self._limit_of(call.source)
        room = len(self._half_open.get(call.holder, ())) < limit and call.holder not in self._waiting
        if rings or room:
            self._half_open.setdefault(call.holder, {})[call.call_id] = call
            return ""
        self._waiting.setdefault(call.holder, {})[call.call_id] = call
        return TOO_MANY.format(limit=limit)

    def answered(self, call: OpenCall) -> None:
        """A person picked up a call, whether it rang or waited."""
        if self._drop(self._waiting, call):
            self._half_open.setdefault(call.holder, {})[call.call_id] = call

    def settled(self, call: OpenCall) -> None:
        """A call is connected, or over: the next of its source rings."""
        self._drop(self._waiting, call)
        self._drop(self._half_open, call)
        if self._without_port.pop(call.call_id, None) is None and call.kept.phase is Phase.ENDED:
            self._loop.call_soon(self.port_is_free)
        waiting = self._waiting.get(call.holder)
        while waiting and len(self._half_open.get(call.holder, ())) < self._limit_of(call.source):
            following = next(iter(waiting.values()))
            self._drop(self._waiting, following)
            self._half_open.setdefault(call.holder, {})[following.call_id] = following
            self._ring(following)

    def wait_for_port(self, call: OpenCall) -> bool:
        """No audio port was free for its answer; False where it waited for one already."""
        new = call.call_id not in self._without_port
        self._without_port[call.call_id] = call
        if self._retry is None:
            self._retry = self._loop.call_later(TRY_AGAIN_S, self._try_again)
        return new

    def _try_again(self) -> None:
        self._retry = None
        self.port_is_free()
        if self._without_port and self._retry is None:
            self._retry = self._loop.call_later(TRY_AGAIN_S, self._try_again)

    def port_is_free(self) -> None:
        """Answer those that wait for a port, until there is none again."""
        for call in list(self._without_port.values()):
            self._answer(call)
            if call.media is None:
                return
            self._without_port.pop(call.call_id, None)

    def _drop(self, table: dict[str, dict[CallId, OpenCall]], call: OpenCall) -> bool:
        calls = table.get(call.holder, {})
        if calls.pop(call.call_id, None) is None:
            return False
        if not calls:
            del table[call.holder]
        return True
