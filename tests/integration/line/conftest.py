"""A real line process, the centre's end of its link, and a caller who speaks SIP and RTP."""

import asyncio
import os
import signal
import socket
import sys
import tempfile
import wave
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tenfour.adapters.identity import new_sip_token
from tenfour.adapters.link import LineLink
from tenfour.adapters.link_frame import LineCall
from tenfour.adapters.sip_sockets import SipSockets
from tenfour.adapters.sip_tls import SipTls
from tenfour.calltaking.event import LINE_EVENTS
from tenfour.calltaking.voice_event import HeadsetConnected, HeadsetLost
from tenfour.cli.story import free_port
from tenfour.telephony.flow import Flow, Transport
from tenfour.telephony.g711 import decode_ulaw, encode_ulaw
from tenfour.telephony.rtp import RtpPacket, parse_rtp, serialise_rtp
from tenfour.telephony.sdp import audio_of, offer, parse_sdp, serialise_sdp
from tenfour.telephony.sip_event import Answered, Rejected, Ringing, SipEvent
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.envelope import Event, Fact
from tenfour.vocabulary.ids import CallId, PersonId, PositionId

E = TypeVar("E", bound=Event)
S = TypeVar("S", bound=SipEvent)

PIDF_LO = b"""<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"
 xmlns:gml="http://www.opengis.net/gml" entity="pres:caller@example.org"><tuple id="a"><status><gp:geopriv>
 <gp:location-info><gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>39.96 -83.0</gml:pos></gml:Point>
 </gp:location-info><gp:usage-rules/></gp:geopriv></status></tuple></presence>"""

CENTRE_TOML = """
id = "larkspur"
[[agency]]
id = "sheriff"
[sip]
rtp_ports = [{low}, {high}]
tls_bind = "127.0.0.1:{tls_port}"
tls_certificate = "secrets/sip.pem"
tls_key = "secrets/sip.key"
tls_authorities = "secrets/sip.pem"
[line]
silence_s = 0.6
centre_away_answer_s = 0.5
ring_restart_s = 1.5
"""


async def until(true: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for something that is to happen, no longer than `seconds`."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


def write_certificate(folder: Path) -> None:
    """A certificate for 127.0.0.1 that vouches for itself, and its key, for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(exist_ok=True)
    (folder / "sip.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "sip.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def free_sip_ports(count: int) -> set[int]:
    """So many different ports that are free."""
    found: set[int] = set()
    while len(found) < count:
        found.add(free_port())
    return found


def is_media_worker(pid: int) -> bool:
    """Does this process run, and is it one?"""
    try:
        return b"tenfour.media" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


class LineProcess:
    """`python -m tenfour.line` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sip_port = free_port()
        self.tls_port = free_port()
        low = 20000 + (os.getpid() * 40) % 9000
        (folder / "centre.toml").write_text(CENTRE_TOML.format(low=low, high=low + 400, tls_port=self.tls_port))
        write_certificate(folder / "secrets")
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with (self.folder / "line.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tenfour.line", str(self.folder), "--sip", f"127.0.0.1:{self.sip_port}"),
                stdout=log,
                stderr=log,
            )
        self._told = self._opened()
        await until(lambda: self.opened() or self.ended)
        assert not self.ended, self.log()

    async def kill(self) -> None:
        assert self._process is not None
        self._told = self.log().count("the line is open")
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(self._process.wait(), 10)

    @property
    def ended(self) -> bool:
        return self._process is not None and self._process.returncode is not None

    def opened(self) -> bool:
        return self._opened() > self._told

    def _opened(self) -> int:
        return self.log().count("the line is open")

    _told = 0

    def log(self) -> str:
        return (self.folder / "line.log").read_text() if (self.folder / "line.log").exists() else ""

    @property
    def workers(self) -> list[int]:
        """Its media workers."""
        pid = self._process.pid if self._process is not None else 0
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in children if is_media_worker(int(child))]

    @property
    def carriers(self) -> list[int]:
        """Those of them that hold UDP sockets: the ports of calls."""
        rows = (Path("/proc/net", name).read_text().splitlines()[1:] for name in ("udp", "udp6"))
        udp = {f"socket:[{row.split()[9]}]" for each in rows for row in each}
        return [pid for pid in self.workers if udp & {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()}]

    def kill_carrier(self) -> None:
        """SIGKILL for the one that carries calls."""
        (carrier,) = self.carriers
        os.kill(carrier, signal.SIGKILL)

    @property
    def recordings(self) -> list[Path]:
        return sorted((self.folder / "recordings").glob("*.wav"), key=lambda path: int(path.stem.rsplit("-", 1)[1]))


class CentreEnd:
    """The centre's end of the link: keeps every fact once by id, answers calls by itself when told to."""

    def __init__(self, folder: Path) -> None:
        self.link = LineLink(
            folder / "run/line.sock",
            catalogue={event.__name__: event for event in (*LINE_EVENTS, HeadsetConnected, HeadsetLost)},
            on_facts=self._take,
            on_connected=self._greet,
            on_lost=lambda: None,
            on_drained=self.hear_drained,
        )
        self.facts: list[Fact] = []
        self.calls: Sequence[LineCall] = ()
        self.connections = 0
        self.repeated = self.drained = 0
        self._ids: set[str] = set()
        self._running: asyncio.Task[None] | None = None

    async def hear_drained(self) -> None:
        self.drained += 1

    async def connect(self) -> None:
        self._running = asyncio.create_task(self.link.run())
        await until(lambda: self.link.connected)

    async def disconnect(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])
            self._running = None

    def events(self, kind: type[E]) -> list[E]:
        return [fact.event for fact in self.facts if isinstance(fact.event, kind)]

    def names(self) -> list[str]:
        return [type(fact.event).__name__ for fact in self.facts]

    async def heard_of(self, kind: type[E], count: int = 1) -> E:
        await until(lambda: len(self.events(kind)) >= count)
        return self.events(kind)[count - 1]

    def answer(self, call_id: CallId) -> None:
        self.link.answer(call_id, PositionId("04"), PersonId("adeyemi"))

    async def _take(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if fact.id in self._ids:
                self.repeated += 1
            else:
                self._ids.add(fact.id)
                self.facts.append(fact)

    async def _greet(self, calls: Sequence[LineCall]) -> None:
        self.calls = calls
        self.connections += 1


class Caller:
    """A caller: a user agent on its own port, and a tone of a given frequency as its voice."""

    def __init__(self, line_port: int, transport: Transport = "UDP", hertz: float = 440.0) -> None:
        self.port, self.tls_port = free_port(), free_port()
        self.agent = UserAgent(host="127.0.0.1", port=self.port, tls_port=self.tls_port, new_token=new_sip_token)
        self.sockets = SipSockets(self.agent, self._happened)
        self.happened: list[SipEvent] = []
        self.heard: list[bytes] = []
        self.call = None
        self._flow = Flow(transport, "127.0.0.1", line_port)
        self._rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._rtp.bind(("127.0.0.1", 0))
        self._rtp.setblocking(False)
        self.rtp_port = int(self._rtp.getsockname()[1])
        self._hertz = hertz
        self._speaking: asyncio.Task[None] | None = None
        self._sent = 0
        self.first_sequence = 0
        self.secured: Callable[[bytes], bytes | None] = lambda packet: packet

    async def listen(self, tls: SipTls | None = None) -> None:
        await self.sockets.listen("127.0.0.1", self.port)
        if tls is not None:
            await self.sockets.listen_tls("127.0.0.1", self.tls_port, tls)
        asyncio.get_running_loop().add_reader(self._rtp, self._hear)

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    @property
    def sdp(self) -> bytes:
        return serialise_sdp(offer(host="127.0.0.1", port=self.rtp_port, session_id=1))

    def dial(
        self,
        number: str = "9114427186",
        *,
        target: str = "urn:service:sos",
        body: bytes | None = None,
        content_type: str = "application/sdp",
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.call = self.agent.invite(
            target,
            flow=self._flow,
            from_=f"<sip:{number}@127.0.0.1>",
            now=self.now,
            body=self.sdp if body is None else body,
            content_type=content_type,
            headers=headers,
        )
        self.sockets.pump()

    def hang_up(self) -> None:
        assert self.call is not None
        self.agent.bye(self.call, self.now)
        self.sockets.pump()

    async def wait_for(self, kind: type[S]) -> S:
        await until(lambda: any(isinstance(event, kind) for event in self.happened))
        return next(event for event in self.happened if isinstance(event, kind))

    async def ringing(self) -> None:
        await self.wait_for(Ringing)

    async def answered(self) -> None:
        await self.wait_for(Answered)

    async def rejected(self) -> int:
        return (await self.wait_for(Rejected)).status

    def speak(self) -> None:
        answer = next(event for event in self.happened if isinstance(event, Answered))
        assert answer.sdp is not None
        self.speak_to(answer.sdp)

    def speak_to(self, described: bytes) -> None:
        audio = audio_of(parse_sdp(described))
        self._speaking = asyncio.create_task(self._speak((audio.host, audio.port)))

    def send_audio(self, packet: bytes, to: tuple[str, int]) -> None:
        """Any bytes from the port of the caller's audio."""
        self._rtp.sendto(packet, to)

    async def be_silent(self) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
            await asyncio.wait([self._speaking])
            self._speaking = None

    async def leave(self) -> None:
        await self.be_silent()
        await self.sockets.close()
        asyncio.get_running_loop().remove_reader(self._rtp)
        self._rtp.close()

    def heard_samples(self) -> npt.NDArray[np.int16]:
        return decode_ulaw(b"".join(parse_rtp(data).payload for data in self.heard))

    def _happened(self, event: SipEvent) -> None:
        self.happened.append(event)

    def _hear(self) -> None:
        self.heard.append(self._rtp.recv(4096))

    async def _speak(self, to: tuple[str, int]) -> None:
        begin = self.now - self._sent * 0.02
        while True:
            at = np.arange(160 * self._sent, 160 * (self._sent + 1)) / 8000
            payload = encode_ulaw((8000 * np.sin(2 * np.pi * self._hertz * at)).astype(np.int16))
            sequence, timestamp = (self.first_sequence + self._sent) & 0xFFFF, 160 * self._sent
            packet = self.secured(serialise_rtp(RtpPacket(0, sequence, timestamp, 77, payload)))
            if packet is not None:
                self._rtp.sendto(packet, to)
            self._sent += 1
            await asyncio.sleep(max(0.0, begin + self._sent * 0.02 - self.now))


def multipart(sdp: bytes) -> tuple[bytes, str]:
    """SDP and PIDF-LO and a part that nobody knows, with the Content-Type that names the boundary."""
    parts = [
        b"Content-Type: application/sdp\r\n\r\n" + sdp,
        b"Content-Type: application/pidf+xml\r\nContent-ID: <loc@example.org>\r\n\r\n" + PIDF_LO,
        b"Content-Type: application/x-unheard-of\r\nContent-ID: <odd@example.org>\r\n\r\n\xff\xfe\x00",
    ]
    body = b"".join(b"--b1\r\n" + part + b"\r\n" for part in parts) + b"--b1--\r\n"
    return body, "multipart/mixed;boundary=b1"


def loudest_hertz(path: Path, lane: int = 0) -> float:
    """The strongest frequency of a recording's lane: the caller, or what it hears."""
    with wave.open(str(path)) as wav:
        assert (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) == (2, 2, 8000)
        samples = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2")[lane::2].astype(float)
    assert len(samples) > 800
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * 8000 / len(samples))


@pytest.fixture(scope="session")
def line_kinds() -> SimpleNamespace:
    """What the fixtures below are made of, for a test that shares them among many cases."""
    return SimpleNamespace(
        LineProcess=LineProcess, CentreEnd=CentreEnd, Caller=Caller, until=until, is_media_worker=is_media_worker
    )


@pytest.fixture
async def line() -> AsyncIterator[LineProcess]:
    """A line that runs; its folder has a short name, so that its socket's name fits."""
    with tempfile.TemporaryDirectory(prefix="line-") as folder:
        process = LineProcess(Path(folder))
        await process.start()
        yield process
        await process.stop()
        print(process.log())


@pytest.fixture
async def centre(line: LineProcess) -> AsyncIterator[CentreEnd]:
    end = CentreEnd(line.folder)
    await end.connect()
    yield end
    await end.disconnect()


@pytest.fixture
async def new_caller(line: LineProcess) -> AsyncIterator[Callable[..., Caller]]:
    """Makes callers of this line; they leave when the test is over."""
    callers: list[Caller] = []

    def make(transport: Transport = "UDP", hertz: float = 440.0) -> Caller:
        caller = Caller(line.tls_port if transport == "TLS" else line.sip_port, transport, hertz)
        callers.append(caller)
        return caller

    yield make
    for caller in callers:
        await caller.leave()


@pytest.fixture
def sip_port() -> int:
    """A port for a SIP peer that is not ours."""
    return free_port()


@pytest.fixture
def ports() -> Callable[[int], list[int]]:
    """So many different free ports for SIP peers."""
    return lambda count: list(free_sip_ports(count))


@pytest.fixture
def with_location() -> Callable[[bytes], tuple[bytes, str]]:
    """A multipart body around an SDP."""
    return multipart


@pytest.fixture
def frequency_of() -> Callable[[Path], float]:
    """The strongest frequency of a recording, in hertz."""
    return loudest_hertz


@pytest.fixture
def wait_until() -> Callable[..., object]:
    """Wait for something that is to happen."""
    return until
