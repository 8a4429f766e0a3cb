"""A position's headset: the browser's microphone and loudspeaker by ICE, DTLS and SRTP on one UDP port of ours.

It stays connected over a shift, whatever calls come and go: to answer takes no new path.
"""

import asyncio
from typing import Protocol

import numpy as np

from tenfour.adapters.audio_ports import AudioPorts
from tenfour.adapters.audio_security import AudioSecurity
from tenfour.adapters.audio_source import Address
from tenfour.adapters.dtls_certificate import DtlsCertificate
from tenfour.adapters.headset_protocol import HeadsetAudio
from tenfour.adapters.headset_state import HeadsetState
from tenfour.adapters.rtp_leg import RtpLeg
from tenfour.adapters.srtp import Place, SrtpKeys
from tenfour.telephony.g711 import Samples
from tenfour.telephony.ice import IceAgent
from tenfour.telephony.jitter_buffer import JitterBuffer
from tenfour.telephony.rtp import RtpPacket
from tenfour.telephony.sdp import Codec
from tenfour.telephony.stun import is_stun

LOST_AFTER_S = 3.0
"""A browser speaks 50 times a second, muted or not: after so long without a word of it, it has gone."""

CONNECT_WITHIN_S = 15.0
"""So long a browser may take from our answer to its first audio."""

WATCH_EVERY_S = 0.25
LEAST_DELAY_S = 0.02


class HeadsetWatcher(Protocol):
    """Who wants to know what happens to a headset, and keeps what another worker needs."""

    def changed(self, state: HeadsetState) -> None:
        """It is in another state."""

    def audio_secured(self, keys: SrtpKeys) -> None:
        """A handshake ended with these keys."""

    def audio_came_to(self, place: Place) -> None:
        """The browser's stream has come so far."""


class BrowserLeg:
    """`pull` gives what the call taker says, `push` lets him hear; 20 ms each."""

    def __init__(
        self,
        ports: AudioPorts,
        audio: HeadsetAudio,
        certificate: DtlsCertificate,
        watcher: HeadsetWatcher,
    ) -> None:
        """Read these ports from now on; they are the leg's own."""
        self._loop = asyncio.get_running_loop()
        self._watcher = watcher
        self.state = HeadsetState.CONNECTING
        self.strangers = 0
        self._ice = IceAgent(audio.ufrag, audio.password, audio.their_ufrag)
        self._buffer = JitterBuffer(least_s=LEAST_DELAY_S)
        self._leg = RtpLeg(ports, None, Codec.PCMU, self._on_audio, payload_type=audio.payload_type)
        self._leg.admits = self._admits
        security = AudioSecurity(certificate, self, self._leg.send_raw, self._leg.speak_anew)
        self._leg.secure(security)
        self._leg.report(None, mux=True)
        security.agree(audio.security, None)
        if audio.path is not None:
            self._ice.trust(audio.path, self._loop.time())
            self._leg.source.describe(audio.path)
        self._heard_at = self._loop.time()
        self._watch = self._loop.call_later(WATCH_EVERY_S, self._look)

    @property
    def port(self) -> int:
        """Where the browser finds it."""
        return self._leg.port

    @property
    def path(self) -> Address | None:
        """Where the browser is."""
        return self._ice.path

    @property
    def is_there(self) -> bool:
        """Does the call taker hear and speak?"""
        return self.state is HeadsetState.CONNECTED

    def pull(self) -> Samples:
        """The next 20 ms of what the call taker says; silence where nothing came."""
        return self._buffer.pull()

    def push(self, samples: Samples) -> None:
        """20 ms for the call taker to hear; nothing goes out before there are keys."""
        self._leg.send(np.ascontiguousarray(samples).tobytes())

    def close(self) -> None:
        """Let go of the port; the browser is told goodbye."""
        self._watch.cancel()
        self.state = HeadsetState.CLOSED
        self._leg.close()

    # ---- what AudioSecurity tells ----

    def audio_secured(self, keys: SrtpKeys) -> None:
        """The handshake ended with keys: what is said is heard from now on."""
        self._watcher.audio_secured(keys)

    def audio_not_secured(self, why: str) -> None:
        """The handshake ended without; nothing is heard, and `CONNECT_WITHIN_S` ends it."""

    def audio_came_to(self, place: Place) -> None:
        """Their stream has come so far."""
        self._watcher.audio_came_to(place)

    # ---- from the socket ----

    def _admits(self, data: bytes, address: Address) -> bool:
        """Is this for the ears of DTLS and RTP? From whom has not proved himself by ICE, nothing is."""
        if not is_stun(data):
            known = address in self._ice.known
            self.strangers += not known
            return known
        answer = self._ice.take(data, address, self._loop.time())
        if answer is not None:
            self._leg.send_raw(answer, address)
        self._leg.source.describe(self._ice.path)
        return False

    def _on_audio(self, packet: RtpPacket, samples: Samples) -> None:
        now = self._loop.time()
        self._heard_at = now
        self._buffer.put(packet, samples, now)
        if self.state in (HeadsetState.CONNECTING, HeadsetState.LOST):
            self._become(HeadsetState.CONNECTED)

    def _look(self) -> None:
        silent_s = self._loop.time() - self._heard_at
        self._watch = self._loop.call_later(WATCH_EVERY_S, self._look)
        if self.state is HeadsetState.CONNECTED and silent_s >= LOST_AFTER_S:
            self._become(HeadsetState.LOST)
        elif self.state is HeadsetState.CONNECTING and silent_s >= CONNECT_WITHIN_S:
            self.close()
            self._watcher.changed(HeadsetState.CLOSED)

    def _become(self, state: HeadsetState) -> None:
        self.state = state
        self._watcher.changed(state)
