"""What stands between a call's audio and its socket where both sides agreed on SRTP: keys, or a handshake for them."""

import asyncio
from collections.abc import Callable
from typing import Protocol, assert_never

import msgspec

from tenfour.adapters.audio_source import Address, Source
from tenfour.adapters.dtls_certificate import DtlsCertificate
from tenfour.adapters.dtls_handshake import DtlsHandshake
from tenfour.adapters.srtp import Place, SrtpKeys, SrtpReceiver, SrtpSender
from tenfour.telephony.secured_sdp import Dtls, Sdes, Security, our_key


class KeptSecurity(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is agreed on, and what a restart needs of it: our random bytes, a handshake's keys, how far theirs came."""

    agreed: Security
    random: bytes
    keys: SrtpKeys | None = None
    place: Place | None = None

    @property
    def name(self) -> str:
        """As the record calls it."""
        return "SDES" if isinstance(self.agreed, Sdes) else "DTLS"


class SecurityWatcher(Protocol):
    """Who keeps what a restart needs, and tells what came of a handshake."""

    def audio_secured(self, keys: SrtpKeys) -> None:
        """A handshake ended with these keys."""

    def audio_not_secured(self, why: str) -> None:
        """A handshake ended without."""

    def audio_came_to(self, place: Place) -> None:
        """Their stream has come so far."""


class AudioSecurity:
    """Without keys nothing goes out and nothing is heard. `unauthentic` counts what did not prove itself.

    `send` takes what a handshake has to say. `on_keys`: new keys are used from now on.
    """

    def __init__(
        self,
        certificate: DtlsCertificate,
        watcher: SecurityWatcher,
        send: Callable[[bytes, Address], None],
        on_keys: Callable[[], None],
    ) -> None:
        self._certificate, self._watcher, self._send, self._on_keys = certificate, watcher, send, on_keys
        self._loop = asyncio.get_running_loop()
        self._out: SrtpSender | None = None
        self._in: list[SrtpReceiver] = []
        self._told: Place | None = None
        self._handshake: DtlsHandshake | None = None
        self._source = Source(None)
        self.agreed: Security | None = None
        self.unauthentic = 0

    def agree(self, kept: KeptSecurity, described: Address | None) -> None:
        """This is how it is done from now on; saying the same again changes nothing."""
        self._source.describe(described)
        if kept.agreed == self.agreed:
            return
        self.agreed = kept.agreed
        self._stop_handshake()
        match kept.agreed:
            case Sdes(suite=suite, keys=theirs):
                self._use(SrtpKeys(suite, our_key(suite, kept.random), theirs), kept.place)
            case Dtls() if kept.keys is not None:
                self._use(kept.keys, kept.place)
            case Dtls():
                self._handshake = DtlsHandshake(self._certificate, kept.agreed, self._send_handshake, self._shaken)
            case _:
                assert_never(kept.agreed)

    @property
    def is_ready(self) -> bool:
        """Are there keys?"""
        return self._out is not None

    def protect(self, packet: bytes) -> bytes | None:
        """RTP of ours as it goes out; None: it must not."""
        return self._out.protect(packet) if self._out is not None else None

    def protect_rtcp(self, packet: bytes) -> bytes | None:
        """RTCP of ours as it goes out; None: it must not."""
        return self._out.protect_rtcp(packet) if self._out is not None else None

    def unprotect(self, packet: bytes) -> bytes | None:
        """RTP of theirs; None: it must not be heard."""
        for receiver in self._in:
            opened = receiver.unprotect(packet)
            if opened is not None:
                self._heard_by(receiver)
                return opened
        self.unauthentic += self.is_ready
        return None

    def unprotect_rtcp(self, packet: bytes) -> bytes | None:
        """RTCP of theirs; None: it must not be believed."""
        for receiver in self._in:
            opened = receiver.unprotect_rtcp(packet)
            if opened is not None:
                return opened
        self.unauthentic += self.is_ready
        return None

    def take_handshake(self, datagram: bytes, address: Address) -> None:
        """A DTLS datagram, from where the description says or else from the first who sends one.

        Whoever takes the place of another begins anew: nothing of what the other said holds.
        """
        before = self._source.latched
        if self._handshake is None or not self._source.accepts(address, self._loop.time()):
            return
        if before not in (None, address):
            self._handshake.begin_anew()
        self._handshake.take(datagram)

    def close(self) -> None:
        """The call is over."""
        self._stop_handshake()

    def _use(self, keys: SrtpKeys, place: Place | None) -> None:
        """Until their first packet by new keys comes, those by the earlier ones are heard.

        Whether a stream's rollovers count on under new keys (RFC 3711 section 3.3.1) or from zero, both are found.
        """
        new = [SrtpReceiver(keys.suite, keys.theirs, place)]
        earlier = self._in[:1]
        if earlier and (last := earlier[0].place) is not None and last.index > 0xFFFF:
            new.append(SrtpReceiver(keys.suite, keys.theirs, last))
        self._out, self._in, self._told = SrtpSender(keys.suite, keys.ours), [*new, *earlier], place
        self._on_keys()

    def _heard_by(self, receiver: SrtpReceiver) -> None:
        if receiver.keys is not self._in[0].keys:
            return
        if len(self._in) > 1:
            self._in = [receiver]
        if receiver.place is not None and receiver.place is not self._told:
            self._told = receiver.place
            self._watcher.audio_came_to(receiver.place)

    def _shaken(self, outcome: SrtpKeys | str) -> None:
        if isinstance(outcome, str):
            self._watcher.audio_not_secured(outcome)
        else:
            self._use(outcome, None)
            self._watcher.audio_secured(outcome)

    def _send_handshake(self, datagram: bytes) -> None:
        if self._source.target is not None:
            self._send(datagram, self._source.target)

    def _stop_handshake(self) -> None:
        if self._handshake is not None:
            self._handshake.close()
            self._handshake = None
