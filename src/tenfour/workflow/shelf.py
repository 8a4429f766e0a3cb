"""The shelf: where the states of what is finished stand, so that the world need not carry them for ever."""

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

REMEMBERED_ABSENT: Final = 10_000
"""So many names that the shelf does not know are remembered, so that each fact of a new call does not ask again."""

K = TypeVar("K")
V = TypeVar("V")


class Shelf(Protocol):
    """Finds the state of something that the world has let go of."""

    def state(self, kind: str, name: str) -> bytes | None:
        """The state as msgspec JSON, as last saved; None for what never was. May raise `Unavailable`."""
        ...


class Carried(dict[K, V]):
    """States by name. One that is not carried is looked up on the shelf each time, and stays there.

    Asking for a name (`[]`, `get`, `in`) finds both; counting and walking through see only what is carried. States that
    are part `of` others go down from the shelf and up to it together with those.
    """

    def __init__(self, find: Callable[[K], V | None], of: "Carried[K, Any] | None" = None) -> None:
        super().__init__()
        self._shelved, self._of = find, of
        self._parts: list[Carried[K, Any]] = []
        self._absent: set[K] = set()
        """Names that the shelf does not know: it learns only what was carried here before, and then was let go of."""
        if of is not None:
            of._parts.append(self)

    def _find(self, name: K) -> V | None:
        if name in self._absent or (self._of is not None and self._of.carries(name)):
            return None
        return self._shelved(name)

    def __missing__(self, name: K) -> V:
        found = self._find(name)
        if found is None:
            raise KeyError(name)
        return found

    def get(self, name: K, default: V | None = None) -> V | None:  # type: ignore[override]
        """The state, carried or from the shelf."""
        found = self.carried(name)
        if found is None:
            found = self._find(name)
        return default if found is None else found

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or self._find(name) is not None  # type: ignore[arg-type]

    def carry(self, name: K) -> None:
        """Take it down from the shelf with its parts, if it stands there."""
        if self.carries(name) or name in self._absent:
            return
        found = self._find(name)
        if found is None:
            self._remember_absent(name)
            return
        for part in self._parts:
            part.carry(name)
        self[name] = found

    def let_go(self, name: K) -> None:
        """Carry it no longer: it stands on the shelf."""
        self.pop(name, None)
        self._absent.discard(name)

    def _remember_absent(self, name: K) -> None:
        if len(self._absent) >= REMEMBERED_ABSENT:
            self._absent.clear()
        self._absent.add(name)

    def carries(self, name: K) -> bool:
        """Is it here, and not on the shelf?"""
        return super().__contains__(name)

    def carried(self, name: K) -> V | None:
        """The state, if it is here: after `carry` there is no need to look on the shelf again."""
        return super().get(name)
