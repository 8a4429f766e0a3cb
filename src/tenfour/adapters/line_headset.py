"""One headset as the line keeps it: its ports and keys, and what its worker tells. A worker that dies takes neither."""

import asyncio
import secrets
import socket
from collections.abc import Callable

import msgspec

from tenfour.adapters.audio_ports import AudioPorts
from tenfour.adapters.audio_security import KeptSecurity
from tenfour.adapters.headset_protocol import (
    CloseHeadset,
    HeadsetAudio,
    HeadsetCameTo,
    HeadsetChanged,
    HeadsetId,
    HeadsetReport,
    HeadsetSecured,
    OpenHeadset,
    WireHeadset,
)
from tenfour.adapters.headset_state import HeadsetState
from tenfour.adapters.media_channel import MediaChannel
from tenfour.adapters.media_protocol import CallReport, Report
from tenfour.telephony.browser_sdp import BrowserOffer, OurEnd, answer_browser
from tenfour.telephony.sdp import serialise_sdp
from tenfour.telephony.secured_sdp import Dtls, Fingerprint
from tenfour.vocabulary.ids import PersonId, PositionId

AWAY_AFTER_S = 3.0
"""So long nobody may carry a headset before it counts as lost."""


class HeadsetMedia:
    """`on_change` hears of each new state, `on_carried` that a worker has it, which knows of no wire yet."""

    def __init__(
        self, position: PositionId, person: PersonId, offer: BrowserOffer, ports: AudioPorts, host: str
    ) -> None:
        self.position, self.person = position, person
        self.state = HeadsetState.CONNECTING
        self.on_change: Callable[[], None] = lambda: None
        self.on_carried: Callable[[], None] = lambda: None
        self._offer, self._ports, self._host = offer, ports, host
        self._id = HeadsetId(f"{position} {secrets.token_hex(4)}")
        security = KeptSecurity(Dtls(offer.fingerprints, we_begin=False), b"")
        self.audio = HeadsetAudio(
            secrets.token_urlsafe(6), secrets.token_urlsafe(24), offer.ufrag, offer.payload_type, security
        )
        self._loop = asyncio.get_running_loop()
        self._channel: MediaChannel[Report] | None = None
        self._waits_since: float | None = self._loop.time()

    @property
    def name(self) -> str:
        """Its own, among all that workers carry."""
        return self._id

    def answer(self, fingerprint: Fingerprint) -> str:
        """Our side's description for the browser."""
        audio = self.audio
        ours = OurEnd(self._host, self._ports.port, audio.ufrag, audio.password, fingerprint, secrets.randbits(62))
        return serialise_sdp(answer_browser(self._offer, ours)).decode()

    def wire(self, bound: socket.socket | None) -> None:
        """A conversation is at the other end of this socket; None: none is."""
        if self._channel is not None:
            fds = (bound.fileno(),) if bound is not None else ()
            self._channel.send(WireHeadset(self._id, len(fds)), fds)

    def close(self) -> None:
        """Let go of it."""
        self.state = HeadsetState.CLOSED
        self._ports.close()
        if self._channel is not None:
            self._channel.send(CloseHeadset(self._id))
            self._channel = None

    # ---- what its workers do ----

    def carry(self, channel: MediaChannel[Report]) -> None:
        """This worker carries it from now on."""
        self._channel, self._waits_since = channel, None
        fds = self._ports.filenos()
        channel.send(OpenHeadset(self._id, self.audio, len(fds)), fds)
        self.on_carried()

    def lose(self, why: str, at: float) -> None:
        """The worker is gone since then."""
        self._channel, self._waits_since = None, at

    def wait(self, why: str) -> None:
        """Nobody carries it, still."""
        since = self._waits_since
        if since is not None and self._loop.time() - since >= AWAY_AFTER_S:
            self._become(HeadsetState.LOST)

    def take(self, report: CallReport | HeadsetReport) -> None:
        """The worker tells something of it."""
        match report:
            case HeadsetSecured(keys=keys):
                self._keep_security(keys=keys)
            case HeadsetCameTo(place=place):
                self._keep_security(place=place)
            case HeadsetChanged(state=state, path=path):
                self.audio = msgspec.structs.replace(self.audio, path=path)
                self._become(state)

    def _keep_security(self, **changes: object) -> None:
        security = msgspec.structs.replace(self.audio.security, **changes)
        self.audio = msgspec.structs.replace(self.audio, security=security)

    def _become(self, state: HeadsetState) -> None:
        if self.state not in (state, HeadsetState.CLOSED):
            self.state = state
            self.on_change()
