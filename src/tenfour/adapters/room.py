"""The voices of one conversation, mixed: each frame that the caller is given is one step for everybody in it."""

import asyncio
import socket
from collections.abc import Iterator

import numpy as np

from tenfour.adapters.headset_protocol import Voices
from tenfour.adapters.recording_notice import over
from tenfour.adapters.wire import Wire
from tenfour.telephony.g711 import Samples
from tenfour.telephony.jitter_buffer import JitterBuffer
from tenfour.telephony.mixer import SILENCE, mixes
from tenfour.telephony.party import Party, Role
from tenfour.telephony.rtp import RtpPacket
from tenfour.vocabulary.ids import PositionId

CALLER = PositionId("")
"""The caller's place among the parties; no position is called so."""


_OURS = frozenset({Role.CALL_TAKER, Role.BARGED_IN})


class Room:
    """`hear` takes the caller's packets, `frames` is what the caller hears; `wires` lead to the others.

    `hold`: the hold sound, frames of PCM16 for ever.
    """

    def __init__(self, hold: Iterator[bytes]) -> None:
        self.voices = Voices()
        self.wires: dict[PositionId, Wire] = {}
        self.over: Samples | None = None
        """What goes over the present step for everybody of ours, too."""
        self._hold = hold
        self._buffer = JitterBuffer()
        self._loop = asyncio.get_running_loop()

    def hear(self, packet: RtpPacket, samples: Samples) -> None:
        """The caller said something."""
        self._buffer.put(packet, samples, self._loop.time())

    def join(self, position: PositionId, bound: socket.socket | None) -> None:
        """A position's headset is at the other end of this, an earlier one is let go; None: it is gone."""
        before = self.wires.pop(position, None)
        if before is not None:
            before.close()
        if bound is not None:
            self.wires[position] = Wire(bound)

    def close(self) -> None:
        """Let go of all wires."""
        for position in tuple(self.wires):
            self.join(position, None)

    def frames(self) -> Iterator[bytes]:
        """20 ms for the caller at each step, for ever."""
        while True:
            yield self._step()

    def _step(self) -> bytes:
        frames = {CALLER: self._buffer.pull()}
        for position, wire in self.wires.items():
            said = wire.take()
            if said is not None:
                frames[position] = said
        parties = {CALLER: Party(Role.CALLER, held=self.voices.held)}
        parties |= {one.position: Party(one.role, one.muted, held=self._waits(one.role)) for one in self.voices.parties}
        hold_sound = np.frombuffer(next(self._hold), dtype=np.int16) if self.voices.held else SILENCE
        heard = mixes(parties, frames, hold_sound)
        for position, wire in self.wires.items():
            wire.send(over(heard.get(position, SILENCE), self.over))
        return heard[CALLER].tobytes()

    def _waits(self, role: Role) -> bool:
        """While the caller waits and nobody of ours is there, a third party waits, too."""
        if role is not Role.THIRD_PARTY or not self.voices.held:
            return False
        return not any(one.role in _OURS and one.position in self.wires for one in self.voices.parties)
