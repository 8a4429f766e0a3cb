"""A position's headset in a media worker: its browser at one end, at the other the conversation that it is in."""

import asyncio
import socket
from collections.abc import Callable

from tenfour.adapters.audio_ports import AudioPorts
from tenfour.adapters.browser_leg import BrowserLeg
from tenfour.adapters.dtls_certificate import DtlsCertificate
from tenfour.adapters.headset_protocol import (
    HeadsetAudio,
    HeadsetCameTo,
    HeadsetChanged,
    HeadsetId,
    HeadsetReport,
    HeadsetSecured,
)
from tenfour.adapters.headset_state import HeadsetState
from tenfour.adapters.sound_shelf import FRAME_S
from tenfour.adapters.srtp import Place, SrtpKeys
from tenfour.adapters.wire import Wire
from tenfour.telephony.mixer import SILENCE

NOTHING_TO_HEAR_S = 0.05
"""So long after the last frame of a conversation silence is sent. A browser whose stream pauses takes what comes
then for late, and plays it most of a second later."""

BEHIND_LIMIT_S = 0.2
"""A clock that has fallen so far behind does not catch up: it goes on from now."""


class Headset:
    """Gives the leg's 20 ms to the conversation, and the conversation's to the leg. The ports are its own."""

    def __init__(
        self,
        name: HeadsetId,
        ports: AudioPorts,
        audio: HeadsetAudio,
        certificate: DtlsCertificate,
        report: Callable[[HeadsetReport], None],
    ) -> None:
        self._name, self._report = name, report
        self.leg = BrowserLeg(ports, audio, certificate, self)
        self._loop = asyncio.get_running_loop()
        self._wire: Wire | None = None
        self._due = self._heard_at = self._loop.time()
        self._timer = self._loop.call_later(0.0, self._step)

    def join(self, bound: socket.socket | None) -> None:
        """Be in the conversation at the other end of this; None: in none."""
        if self._wire is not None:
            self._loop.remove_reader(self._wire.socket)
            self._wire.close()
        self._wire = Wire(bound) if bound is not None else None
        if self._wire is not None:
            self._loop.add_reader(self._wire.socket, self._hear)

    def changed(self, state: HeadsetState) -> None:
        """It is in another state."""
        self._report(HeadsetChanged(self._name, state, self.leg.path))

    def audio_secured(self, keys: SrtpKeys) -> None:
        """A handshake ended with these keys."""
        self._report(HeadsetSecured(self._name, keys))

    def audio_came_to(self, place: Place) -> None:
        """The browser's stream has come so far."""
        self._report(HeadsetCameTo(self._name, place))

    def close(self) -> None:
        """The headset is gone."""
        self._timer.cancel()
        self.join(None)
        self.leg.close()

    def _hear(self) -> None:
        for frame in self._wire.take_all() if self._wire is not None else ():
            self._heard_at = self._loop.time()
            self.leg.push(frame)

    def _step(self) -> None:
        said = self.leg.pull()
        if self._wire is not None and self.leg.is_there:
            self._wire.send(said)
        if self._loop.time() - self._heard_at > NOTHING_TO_HEAR_S:
            self.leg.push(SILENCE)
        self._due += FRAME_S
        if self._loop.time() - self._due > BEHIND_LIMIT_S:
            self._due = self._loop.time()
        self._timer = self._loop.call_at(self._due, self._step)
