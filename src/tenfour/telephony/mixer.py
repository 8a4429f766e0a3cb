"""Who hears whom in a call, and what: each party's mix of the others, 20 ms at a time, without a clock or a socket."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import msgspec
import numpy as np

from tenfour.telephony.g711 import Samples

FRAME = 160
"""Samples of one frame: 20 ms at 8 kHz."""

SILENCE: Samples = np.zeros(FRAME, np.int16)
SILENCE.setflags(write=False)

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


def mixes(parties: Mapping[P, Party], frames: Mapping[P, Samples], hold_sound: Samples = SILENCE) -> dict[P, Samples]:
    """What each party hears of these frames; of a party without a frame nothing came in these 20 ms."""
    return {
        key: hold_sound if party.held else _sum([frames[other] for other in heard_by(key, parties) if other in frames])
        for key, party in parties.items()
    }


def lanes(
    caller: P, parties: Mapping[P, Party], frames: Mapping[P, Samples], hold_sound: Samples = SILENCE
) -> tuple[Samples, Samples]:
    """The two lanes of the recording: the caller alone, muted and held or not, and all that the caller hears."""
    return frames.get(caller, SILENCE), mixes(parties, frames, hold_sound)[caller]


def _sum(frames: list[Samples]) -> Samples:
    """Added up; what is louder than a sample can be is as loud as one can."""
    if not frames:
        return SILENCE
    if len(frames) == 1:
        return frames[0]
    total = np.sum(frames, axis=0, dtype=np.int32)
    return np.clip(total, -32768, 32767).astype(np.int16)
