"""Who is in a call, and who hears whom: one table."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import msgspec

P = TypeVar("P")


class Role(Enum):
    """What somebody is in a call."""

    CALLER = "caller"
    CALL_TAKER = "call_taker"
    THIRD_PARTY = "third_party"
    """Somebody of outside, such as an interpreter."""
    BARGED_IN = "barged_in"
    """A supervisor who speaks with everybody."""
    COACHING = "coaching"
    """A supervisor whom only the call taker hears."""
    LISTENING = "listening"
    """A supervisor whom nobody hears."""
    SOUND = "sound"
    """An announcement: it hears nobody."""


_IN_THE_OPEN = frozenset({Role.CALL_TAKER, Role.THIRD_PARTY, Role.BARGED_IN})

HEARS: dict[Role, frozenset[Role]] = {
    Role.CALLER: _IN_THE_OPEN | {Role.SOUND},
    Role.CALL_TAKER: _IN_THE_OPEN | {Role.CALLER, Role.COACHING},
    Role.THIRD_PARTY: _IN_THE_OPEN | {Role.CALLER},
    Role.BARGED_IN: _IN_THE_OPEN | {Role.CALLER},
    Role.COACHING: _IN_THE_OPEN | {Role.CALLER},
    Role.LISTENING: _IN_THE_OPEN | {Role.CALLER, Role.COACHING, Role.SOUND},
    Role.SOUND: frozenset(),
}
"""By listener: whom it hears, itself never. docs/voice.md has it as a table."""


class Party(msgspec.Struct, frozen=True):
    """Somebody in a call. A `muted` one is heard by nobody; a `held` one neither, and hears the hold sound alone."""

    role: Role
    muted: bool = False
    held: bool = False


def heard_by(listener: P, parties: Mapping[P, Party]) -> tuple[P, ...]:
    """Whom this party hears now."""
    if parties[listener].held:
        return ()
    hears = HEARS[parties[listener].role]
    return tuple(
        key
        for key, party in parties.items()
        if key != listener and party.role in hears and not party.muted and not party.held
    )
