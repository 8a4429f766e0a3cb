"""Room for calls, and who has how much of it: one caller's side never shuts out another's.

A holder is a trunk, or a single address. Room is counted in calls and in bytes of their INVITEs; the scarcer counts.
"""

from collections.abc import Callable, Iterator

from tenfour.telephony.dialog import DialogKey

RESERVED = 0.2
"""The last part of the room is for trunks, and for holders that have less than their fair share."""

BYTES_LIMIT = 256 * 1024 * 1024


class CallRoom:
    """The calls to us, by who holds them. `trunk_of(host)` is the trunk's name, "" for a stranger."""

    def __init__(self, limit: int, trunk_of: Callable[[str], str], *, size: int = BYTES_LIMIT) -> None:
        self.limit, self._trunk_of, self._size_limit = limit, trunk_of, size
        self._calls: dict[str, dict[DialogKey, int]] = {}
        self._sizes: dict[str, int] = {}
        self._holders: dict[DialogKey, str] = {}
        self._size = 0

    def __len__(self) -> int:
        return len(self._holders)

    def holder(self, host: str) -> str:
        """Who stands behind an address: `trunk NAME`, or the address itself."""
        trunk = self._trunk_of(host)
        return f"trunk {trunk}" if trunk else host

    def held(self, host: str) -> int:
        """How many calls the holder behind an address has."""
        return len(self._calls.get(self.holder(host), ()))

    def enter(self, call: DialogKey, host: str, size: int) -> None:
        """A call from this address takes its room; whoever asks `has_room` first keeps the bounds."""
        holder = self.holder(host)
        self._holders[call] = holder
        self._calls.setdefault(holder, {})[call] = size
        self._sizes[holder] = self._sizes.get(holder, 0) + size
        self._size += size

    def leave(self, call: DialogKey) -> None:
        """A call is over; nothing where it held no room."""
        holder = self._holders.pop(call, None)
        if holder is None:
            return
        calls = self._calls[holder]
        size = calls.pop(call)
        self._sizes[holder] -= size
        self._size -= size
        if not calls:
            del self._calls[holder], self._sizes[holder]

    def has_room(self, host: str, size: int) -> bool:
        """Is there room for another call from this address?"""
        whole = self._load(len(self._holders) + 1, self._size + size)
        if whole > 1:
            return False
        if whole <= 1 - RESERVED or self._trunk_of(host):
            return True
        return self._load_of(self.holder(host)) < 1 / (len(self._calls) + 1)

    def greedier(self, host: str) -> Iterator[DialogKey]:
        """The calls of the stranger who has most room, newest first; none where that is not more than this one has."""
        strangers = [holder for holder in self._calls if not holder.startswith("trunk ")]
        most = max(strangers, key=self._load_of, default=None)
        own = self.holder(host)
        if most is None or most == own or len(self._calls[most]) <= len(self._calls.get(own, ())) + 1:
            return iter(())
        return reversed(list(self._calls[most]))

    def _load_of(self, holder: str) -> float:
        return self._load(len(self._calls.get(holder, ())), self._sizes.get(holder, 0))

    def _load(self, calls: int, size: int) -> float:
        return max(calls / self.limit, size / self._size_limit)
