"""What each party of a call hears: the mix of the others, 20 ms at a time, without a clock or a socket."""

from collections.abc import Mapping

import numpy as np

from tenfour.telephony.g711 import Samples
from tenfour.telephony.party import P, Party, heard_by

FRAME = 160
"""Samples of one frame: 20 ms at 8 kHz."""

SILENCE: Samples = np.zeros(FRAME, np.int16)
SILENCE.setflags(write=False)


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
