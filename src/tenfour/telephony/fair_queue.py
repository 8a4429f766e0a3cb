"""What came and was not dealt with yet: a queue for each source, served in turn: a flood waits behind itself."""

from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

from tenfour.telephony.admission import SHEDDING, PacketClass

T = TypeVar("T")

PACKETS_LIMIT = 4096
"""Packets of one source that may wait."""

BYTES_LIMIT = 4 * 1024 * 1024
"""Bytes of one source that may wait."""

ALL_BYTES_LIMIT = 16 * 1024 * 1024
"""Above so many bytes in all, a source adds no more than its share of as many again."""

_PARTS = {rung.packet: (place + 1) / (len(SHEDDING) + 1) for place, rung in enumerate(SHEDDING)}


class FairQueue(Generic[T]):
    """In order within a source, in turn between sources. What is shed first finds the queue full first."""

    def __init__(
        self, *, packets: int = PACKETS_LIMIT, size: int = BYTES_LIMIT, all_size: int = ALL_BYTES_LIMIT
    ) -> None:
        self._packets, self._size, self._all_size = packets, size, all_size
        self._waiting: dict[Hashable, deque[tuple[T, int]]] = {}
        self._sizes: dict[Hashable, int] = {}
        self._whole = 0

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def waits(self, source: Hashable) -> int:
        """Packets of this source that wait."""
        return len(self._waiting.get(source, ()))

    def put(self, source: Hashable, packet: PacketClass, item: T, size: int) -> bool:
        """Let it wait; False when too much of its source waits already."""
        part = _PARTS.get(packet, 1.0)
        held, of_all = self._sizes.get(source, 0) + size, self._all_size / (len(self._waiting) + 1)
        if self.waits(source) >= part * self._packets or held > part * self._size:
            return False
        if self._whole + size > self._all_size and held > of_all:
            return False
        self._waiting.setdefault(source, deque()).append((item, size))
        self._sizes[source] = held
        self._whole += size
        return True

    def take(self) -> T | None:
        """The oldest of the source whose turn it is, None where nothing waits."""
        source = next(iter(self._waiting), None)
        if source is None:
            return None
        queue = self._waiting.pop(source)
        item, size = queue.popleft()
        self._whole -= size
        self._sizes[source] -= size
        if queue:
            self._waiting[source] = queue
        else:
            del self._sizes[source]
        return item
