"""The line process: `python -m tenfour.line DIR [--sip HOST:PORT]`. Builds everything that answers calls.

It ends on SIGTERM or SIGINT as it would on SIGKILL, only tidier: the calls are kept and taken up by the next line.
"""

import argparse
import asyncio
import os
import resource
import signal
import sys
from pathlib import Path

import structlog

from tenfour.adapters.domain_clock import DomainClock
from tenfour.adapters.garbage import leave_alone_what_is_there
from tenfour.adapters.identity import new_sip_token
from tenfour.adapters.left_recordings import LeftRecordings
from tenfour.adapters.line_audio import LineAudio
from tenfour.adapters.line_orders import LineOrders
from tenfour.adapters.line_outgoing import OutgoingCalls
from tenfour.adapters.line_page import PageTexts
from tenfour.adapters.line_restart import Restart
from tenfour.adapters.line_security import LineSecurity
from tenfour.adapters.line_settings import LineSettings, host_and_port, read_line_settings
from tenfour.adapters.line_switchboard import Switchboard
from tenfour.adapters.line_transfer import Transfers
from tenfour.adapters.line_voice import LineVoice
from tenfour.adapters.line_watch import LineWatch
from tenfour.adapters.link import LineServerLink
from tenfour.adapters.log import log_to_stderr
from tenfour.adapters.media_protocol import Sounds, Welcome
from tenfour.adapters.media_workers import MediaWorkers
from tenfour.adapters.outbox import Outbox
from tenfour.adapters.signal_trace import SignalTrace
from tenfour.adapters.sip_sockets import SipSockets
from tenfour.adapters.sip_tls import read_sip_tls
from tenfour.adapters.supervisor import WILL_NOT_START
from tenfour.adapters.trunks import Trunks
from tenfour.adapters.voice_frame import HeadsetAnswer
from tenfour.telephony.admission import Admission
from tenfour.telephony.flow import Flow
from tenfour.telephony.message import Request
from tenfour.telephony.sip_event import SipEvent
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.errors import TenfourError, Unavailable
from tenfour.vocabulary.ids import NodeId

OUTBOX = Path("line/outbox.sqlite")
RECORDINGS = Path("recordings")
SIGNALLING = Path("signalling")
SOCKET = Path("run/line.sock")
OPEN_FILES = 65_536

log = structlog.get_logger(__name__)


class Line:
    """One line, built from its settings; the current directory is the centre folder."""

    def __init__(self, settings: LineSettings) -> None:
        self._settings = settings
        host, port = host_and_port(settings.sip.bind) or ("127.0.0.1", 5060)
        self._bind = (host, port)
        self._tls_bind = host_and_port(settings.sip.tls_bind)
        trunks = Trunks(settings.sip.trunk)
        self.agent = UserAgent(
            host=settings.sip.send_from or host,
            port=port,
            tls_port=self._tls_bind[1] if self._tls_bind else 5061,
            new_token=new_sip_token,
            max_calls=settings.sip.calls_limit,
            trunk_of=trunks.name_of,
            on_message=self._written,
        )
        self.outbox = Outbox(OUTBOX)
        security = LineSecurity(self.outbox)
        self.workers = MediaWorkers(settings.media.workers, _welcome(settings, security))
        self.left = LeftRecordings(RECORDINGS)
        self.trace = SignalTrace(SIGNALLING, other_limit=settings.line.other_signalling_limit)
        self.board = Switchboard(
            settings,
            agent=self.agent,
            outbox=self.outbox,
            audio=LineAudio(settings, security=security, carriers=self.workers, left=self.left),
            trace=self.trace,
            clock=DomainClock(),
        )
        self.outgoing = OutgoingCalls(self.board)
        self.transfers = Transfers(self.board)
        self.pages = PageTexts(self.board)
        self.sockets = SipSockets(
            self.agent,
            self._happened,
            admission=Admission(trunks.budget_of),
            connections_a_source=settings.sip.connections_limit,
            on_trouble=self.board.trouble,
            trace=self.trace,
        )
        self.board.send = self.sockets.pump
        self.voice = LineVoice(settings, self.board, workers=self.workers, security=security, reply=self._reply)
        self.board.speak, self.board.on_over = self.voice.speak, self.voice.over
        self.watch = LineWatch(self.board, self.sockets, self.workers)
        self.link = LineServerLink(
            SOCKET,
            self.outbox,
            node=NodeId(settings.line.node),
            calls=self.board.calls,
            on_order=LineOrders(self.board, self.outgoing, self.transfers, self.voice).order,
            on_presence=self.board.presence,
            status=self.watch.status,
            headsets=self.voice.connected,
        )

    def _written(self, request: Request, flow: Flow) -> int:
        return self.pages.status(request, flow)

    def _happened(self, event: SipEvent) -> None:
        if not (self.outgoing.handle(event) or self.transfers.handle(event) or self.pages.handle(event)):
            self.board.handle(event)

    def _reply(self, answer: HeadsetAnswer) -> None:
        self.link.say(answer)

    async def start(self) -> None:
        """Listen, and take up the calls of an earlier run. Raises `Unavailable` when a port is taken."""
        self.workers.start()
        port = await self.sockets.listen(*self._bind)
        await self._listen_tls()
        messages = host_and_port(self._settings.sip.msrp_bind)
        if messages is not None:
            await self.board.text.msrp.listen(*messages, self._settings.our_host)
        Restart(self.board, self.sockets.reaches, self.pages).run()
        self.voice.take_up()
        await self.link.start()
        self.watch.start()
        log.info("the line is open", sip=f"{self._bind[0]}:{port}", calls=len(self.board.open))

    async def _listen_tls(self) -> None:
        """Take calls over TLS, too. A certificate that cannot be used is logged: the line opens without it."""
        sip = self._settings.sip
        if self._tls_bind is None:
            return
        authorities = Path(sip.tls_authorities) if sip.tls_authorities else None
        try:
            tls = read_sip_tls(Path(sip.tls_certificate), Path(sip.tls_key), authorities)
        except Unavailable as error:
            log.error("no calls over TLS", problem=str(error))
            return
        await self.sockets.listen_tls(*self._tls_bind, tls)
        log.info("the line takes TLS", sip=sip.tls_bind)

    async def stop(self) -> None:
        """Bring everything to the disk and let go. Calls are kept as they are."""
        self.watch.stop()
        await self.link.close()
        await self.sockets.close()
        await self.board.text.msrp.close()
        await self.trace.close()
        await self.workers.close()
        await self.left.close()
        await self.outbox.close()
        log.info("the line is closed", counters=self.board.counters, signalling_not_kept=self.trace.not_kept)


def _welcome(settings: LineSettings, security: LineSecurity) -> Welcome:
    said, consent = settings.announcement, settings.recording.consent_file
    sounds = Sounds(said.file, said.waiting_file, said.beep_every_s, said.hold_file, said.lost_file, consent)
    return Welcome(security.certificate_pem, sounds, str(RECORDINGS))


async def run(settings: LineSettings) -> None:
    """Run a line until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    line = Line(settings)
    try:
        await line.start()
        leave_alone_what_is_there()
        await stop.wait()
    finally:
        await line.stop()


def raise_open_files() -> None:
    """As many open files as this user may have: 1,024, the usual limit, is fewer than calls and connections need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def main(arguments: list[str] | None = None) -> int:
    """The command; gives the exit status: 0 after an orderly stop, otherwise one sentence on stderr and 1.

    2 says that starting again would not help: a setting is wrong.
    """
    parser = argparse.ArgumentParser(prog="tenfour.line", description=__doc__)
    parser.add_argument("folder", metavar="DIR", type=Path, help="the centre folder")
    parser.add_argument("--sip", metavar="HOST:PORT", default=None, help="where SIP listens (stands above centre.toml)")
    chosen = parser.parse_args(arguments)
    log_to_stderr()
    try:
        settings = read_line_settings(chosen.folder.resolve(), bind=chosen.sip)
    except TenfourError as error:
        sys.stderr.write(f"{error}\n")
        return WILL_NOT_START
    try:
        os.chdir(settings.folder)
        raise_open_files()
        asyncio.run(run(settings))
    except (TenfourError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
