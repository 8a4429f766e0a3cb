"""One call's RTCP: reports go out every few seconds on the port beside its audio; what the other side says is kept."""

import asyncio
import random
import socket
import time
from collections.abc import Callable

import msgspec
import structlog

from tenfour.adapters.audio_security import AudioSecurity
from tenfour.adapters.audio_source import Address
from tenfour.adapters.dtls_handshake import is_handshake
from tenfour.telephony.errors import RtpError
from tenfour.telephony.reception import Reception
from tenfour.telephony.rtcp import (
    Report,
    ReportBlock,
    Sent,
    middle,
    ntp_time,
    parse_rtcp,
    serialise_goodbye,
    serialise_report,
)
from tenfour.telephony.rtp import is_keepalive

REPORT_EVERY_S = 5.0
"""The mean pause between reports; each is half to one and a half of it (RFC 3550 section 6.2)."""

TAKE_AT_ONCE = 16

log = structlog.get_logger(__name__)


class Speaking(msgspec.Struct, frozen=True):
    """What our side has sent so far, and to whom (None: nobody yet). `reports_to`: where not beside the audio."""

    ssrc: int
    timestamp: int
    packets: int
    octets: int
    target: Address | None
    reports_to: Address | None = None


class FarSide(msgspec.Struct, frozen=True):
    """What the other side last said of our audio. `round_trip_s` None: it could not be told."""

    lost: int
    jitter_s: float
    round_trip_s: float | None


class RtcpLeg:
    """On the port beside the audio's. Where that is taken (None) there are no reports, and the call goes on.

    `send_by_audio` takes our reports where they go by the audio's port; `security` lets none out or in that is plain.
    """

    def __init__(self, bound: socket.socket | None, reception: Reception, speaking: Callable[[], Speaking]) -> None:
        self._reception, self._speaking = reception, speaking
        self.far: FarSide | None = None
        self.broken = 0
        self.security: AudioSecurity | None = None
        self.send_by_audio: Callable[[bytes, Address], None] | None = None
        self._heard: tuple[int, float] | None = None
        self._loop = asyncio.get_running_loop()
        self._socket = bound
        self._timer: asyncio.TimerHandle | None = None
        if self._socket is not None:
            self._loop.add_reader(self._socket, self._readable, self._socket)
        self._wait()

    def close(self) -> None:
        """Say goodbye, and let go of the port."""
        if self._timer is not None:
            self._timer.cancel()
        speaking = self._speaking()
        self._send(serialise_goodbye(speaking.ssrc, self._name(speaking.ssrc)), speaking)
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def take(self, data: bytes, address: Address) -> None:
        """A report, not secured any more; it is believed from the host where ours go."""
        speaking = self._speaking()
        hosts = {known[0] for known in (speaking.target, speaking.reports_to) if known is not None}
        if self.security is not None or address[0] in hosts:
            self._believe(data)

    def _wait(self) -> None:
        self._timer = self._loop.call_later(REPORT_EVERY_S * random.uniform(0.5, 1.5), self._report)  # noqa: S311

    def _report(self) -> None:
        speaking = self._speaking()
        ntp = ntp_time(time.time())
        sent = Sent(ntp, speaking.timestamp, speaking.packets, speaking.octets) if speaking.packets else None
        last, heard_at = self._heard or (0, self._loop.time())
        block = self._reception.report(last, int((self._loop.time() - heard_at) * 65536) & 0xFFFFFFFF)
        report = Report(speaking.ssrc, sent, (block,) if block is not None else ())
        self._send(serialise_report(report, self._name(speaking.ssrc)), speaking)
        self._wait()

    def _name(self, ssrc: int) -> str:
        return f"{ssrc:08x}@tenfour"

    def _send(self, data: bytes, speaking: Speaking) -> None:
        secured = data if self.security is None else self.security.protect_rtcp(data)
        to = speaking.reports_to or beside(speaking.target)
        if secured is None or to is None:
            return
        if self.send_by_audio is not None:
            self.send_by_audio(secured, to)
        else:
            self.send_raw(secured, to)

    def send_raw(self, data: bytes, to: Address) -> None:
        """Send a datagram as it is."""
        try:
            if self._socket is not None:
                self._socket.sendto(data, to)
        except OSError as error:
            log.debug("a report could not be sent", problem=str(error))

    def _readable(self, bound: socket.socket) -> None:
        for _ in range(TAKE_AT_ONCE):
            try:
                data, address = bound.recvfrom(4096)
            except BlockingIOError:
                return
            except OSError as error:  # an ICMP error of an earlier send
                log.debug("the caller's address refused a report", problem=str(error))
                continue
            self._receive(data, (address[0], address[1]))

    def _receive(self, data: bytes, address: Address) -> None:
        if is_keepalive(data):
            return
        if self.security is None:
            self.take(data, address)
        elif is_handshake(data):
            self.security.take_handshake(data, address)
        elif (opened := self.security.unprotect_rtcp(data)) is not None:
            self.take(opened, address)

    def _believe(self, data: bytes) -> None:
        try:
            reports = parse_rtcp(data)
        except RtpError:
            self.broken += 1
            return
        ours = self._speaking().ssrc
        for report in reports:
            if report.sent is not None:
                self._heard = middle(report.sent.ntp), self._loop.time()
            for block in report.blocks:
                if block.ssrc == ours:
                    self.far = _far_side(block)


def beside(target: Address | None) -> Address | None:
    """The port above the audio's (RFC 3550 section 11)."""
    return (target[0], min(target[1] + 1, 65535)) if target is not None else None


def _far_side(block: ReportBlock) -> FarSide:
    """RFC 3550 section 6.4.1: the round trip is now, less our report's time, less how long it lay there."""
    units = (middle(ntp_time(time.time())) - block.last_sender_report - block.delay) & 0xFFFFFFFF
    told = block.last_sender_report != 0 and units < 60 * 65536
    return FarSide(block.lost, block.jitter / 8000, round(units / 65536, 6) if told else None)
