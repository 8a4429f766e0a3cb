"""`tenfour bench wire`: reading an INVITE, receiving and recording audio, and how many of many bent inputs crash.

The INVITE has 2 kB: SDP and PIDF-LO in a multipart body. The audio is 20 ms packets of mu-law from another process,
received by a media worker's conversations and written by its recorder; what counts is the CPU time of this process.
"""

import asyncio
import random
import socket
import sys
import tempfile
import time
from email.parser import BytesParser
from pathlib import Path

from tenfour.adapters.announcement import DEFAULT
from tenfour.adapters.audio_ports import bind_audio
from tenfour.adapters.caption_feed import CaptionFeed
from tenfour.adapters.conversation import Conversation
from tenfour.adapters.dtls_certificate import DtlsCertificate, new_certificate
from tenfour.adapters.media_protocol import CallerAudio, Recorded, Sounds
from tenfour.adapters.recorder import Recorder
from tenfour.adapters.sound_shelf import SoundShelf
from tenfour.bench.figure import report, three
from tenfour.telephony.body import parts_of
from tenfour.telephony.message import parse
from tenfour.telephony.sdp import Codec
from tenfour.testing.fuzz_target import TARGETS
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import CallId

PARSES = 2000
STREAMS = 60
TALK_S = 3.0
PACKETS_A_SECOND = 50
BENT_INPUTS = 4000
PORTS = (30000, 39998)
HEARD = CallerAudio(None, Codec.PCMU, 0, None, silence_s=10.0, watched=True, recorded=Recorded(1))

PIDF = (
    '<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" '
    'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gs="http://www.opengis.net/pidflo/1.0" '
    'xmlns:gml="http://www.opengis.net/gml" entity="pres:handset@tower.example"><tuple id="t1"><status><gp:geopriv>'
    '<gp:location-info><gs:Circle srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>39.9612 -82.9988</gml:pos>'
    '<gs:radius uom="urn:ogc:def:uom:EPSG::9001">120</gs:radius></gs:Circle></gp:location-info><gp:usage-rules/>'
    "<gp:method>A-GPS</gp:method></gp:geopriv></status><timestamp>2026-11-21T17:00:00Z</timestamp></tuple></presence>"
)
SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 8 101\r\n"
SENDER = """
import socket, struct, sys, time
seconds, every = float(sys.argv[1]), 1 / float(sys.argv[2])
ports = [int(port) for port in sys.argv[3:]]
sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in ports]
began, sent = time.monotonic(), 0
while sent * every < seconds:
    for at, (bound, port) in enumerate(zip(sockets, ports)):
        head = struct.pack("!BBHII", 128, 0, sent & 65535, 160 * sent, at + 1)
        bound.sendto(head + b"\\x7f" * 160, ("127.0.0.1", port))
    sent += 1
    time.sleep(max(0, began + sent * every - time.monotonic()))
"""


def main() -> None:
    """Measure and print the figures."""
    data = invite()
    report(
        "wire",
        "parse_us",
        three(lambda: parse_us(data)),
        "us",
        aim=None,
        beside=f"{len(data)} bytes, with the body's parts; Python's e-mail parser on the same: {email_us(data):.0f} us",
        more_is_better=False,
    )
    bare = bare_streams_per_core()
    report(
        "wire",
        "rtp_streams_per_core",
        three(streams_per_core),
        "streams",
        aim=200.0,
        beside=f"bare sockets that read and forget: {bare:.0f}",
    )
    crashes = three(lambda: float(crashes_of(BENT_INPUTS)))
    beside = f"{BENT_INPUTS} inputs bent at random a run; guided by coverage: make fuzz"
    report("wire", "fuzz_crashes", crashes, "crashes", aim=0.0, beside=beside, more_is_better=False)


def invite() -> bytes:
    """An emergency INVITE of some 2 kB: SDP and PIDF-LO."""
    body = (
        f"--parts\r\nContent-Type: application/sdp\r\n\r\n{SDP}\r\n--parts\r\nContent-Type: application/pidf+xml\r\n"
        f"Content-ID: <where@tower.example>\r\n\r\n{PIDF}\r\n--parts--\r\n"
    )
    return (
        "INVITE urn:service:sos SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK776asdhds;rport, SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK74bf9\r\n"
        "Record-Route: <sip:192.0.2.7;lr>, <sip:192.0.2.8;lr>\r\nMax-Forwards: 70\r\n"
        'From: "Handset" <sip:9114427186@192.0.2.1>;tag=9fxced76sl\r\nTo: <urn:service:sos>\r\n'
        "Call-ID: 3848276298220188511@192.0.2.1\r\nCSeq: 1 INVITE\r\nContact: <sip:9114427186@192.0.2.1:5060>\r\n"
        "P-Asserted-Identity: <tel:+19114427186>\r\nGeolocation: <cid:where@tower.example>\r\n"
        "Geolocation-Routing: yes\r\nUser-Agent: IMS-UE\r\nSession-Expires: 1800;refresher=uac\r\nMin-SE: 90\r\n"
        "P-Access-Network-Info: 3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=310410A1B2C3D4E5; network-provided\r\n"
        "P-Charging-Vector: icid-value=b1f0a9c2d3e4; orig-ioi=carrier.example\r\nAccept: application/sdp\r\n"
        "History-Info: <urn:service:sos>;index=1, <sip:psap@larkspur.example?Reason=SIP;cause=302>;index=1.1\r\n"
        "Call-Info: <urn:emergency:uid:callid:c7bb06a82d274abbb7cd:esrp.example>;purpose=emergency-CallId\r\n"
        "Resource-Priority: esnet.1\r\nSupported: 100rel, timer\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n"
        f"Content-Type: multipart/mixed; boundary=parts\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def parse_us(data: bytes) -> float:
    """CPU microseconds to read one INVITE with all parts of its body."""
    began = time.process_time()
    for _ in range(PARSES):
        parts_of(parse(data))
    return (time.process_time() - began) / PARSES * 1e6


def email_us(data: bytes) -> float:
    """The same by the standard library's parser for e-mail, which SIP's headers and bodies resemble."""
    rest = data.partition(b"\r\n")[2]
    parser = BytesParser()
    began = time.process_time()
    for _ in range(PARSES // 10):
        parser.parsebytes(rest)
    return (time.process_time() - began) / (PARSES // 10) * 1e6


# ---- audio ----


def streams_per_core() -> float:
    """How many streams one core receives and records: streams by the share of a core that they took.

    Raises `Unavailable` when more than one packet in a hundred was not received.
    """
    with tempfile.TemporaryDirectory(prefix="bench-wire-") as folder:
        return asyncio.run(_streams_per_core(Path(folder)))


async def _streams_per_core(folder: Path) -> float:
    recorder = Recorder(folder)
    certificate, sounds = DtlsCertificate(new_certificate()), SoundShelf(Sounds(str(DEFAULT), "", 0.0))
    conversations = [
        Conversation(
            CallId(f"bench{at}"),
            bind_audio("127.0.0.1", PORTS),
            HEARD,
            certificate=certificate,
            sounds=sounds,
            recorder=recorder,
            captions=CaptionFeed(),
            report=lambda _: None,
        )
        for at in range(STREAMS)
    ]
    cpu_s = await _cpu_while_sending([each.leg.port for each in conversations])
    packets = sum(each.leg.packets for each in conversations)
    for each in conversations:
        each.close()
    await recorder.close()
    wanted = STREAMS * TALK_S * PACKETS_A_SECOND
    if packets < 0.99 * wanted:
        raise Unavailable(f"Only {packets} of {wanted:.0f} packets came; the machine is too busy to measure.")
    return STREAMS * TALK_S / cpu_s


async def _cpu_while_sending(ports: list[int]) -> float:
    """CPU seconds of this process while another sends to these ports."""
    began = time.process_time()
    sender = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SENDER, str(TALK_S), str(PACKETS_A_SECOND)), *map(str, ports)
    )
    await sender.wait()
    await asyncio.sleep(0.2)
    return time.process_time() - began


def bare_streams_per_core() -> float:
    """The same packets read by the event loop and forgotten: what Python's sockets cost by themselves."""
    return asyncio.run(_bare_streams_per_core())


async def _bare_streams_per_core() -> float:
    loop = asyncio.get_running_loop()
    bound = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(STREAMS)]
    for each in bound:
        each.bind(("127.0.0.1", 0))
        loop.add_reader(each, each.recv, 2048)
    cpu_s = await _cpu_while_sending([each.getsockname()[1] for each in bound])
    for each in bound:
        loop.remove_reader(each)
        each.close()
    return STREAMS * TALK_S / cpu_s


# ---- bent input ----


def crashes_of(count: int) -> int:
    """How many of so many bent inputs made a reader of the wire do what it must not."""
    dice = random.Random(count)  # noqa: S311
    seeds = {name: seed for name, seed in _seeds().items() if name in TARGETS}
    crashes = 0
    for at in range(count):
        name = list(seeds)[at % len(seeds)]
        data = bytearray(seeds[name])
        for _ in range(dice.randrange(1, 6)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        if dice.random() < 0.3:
            del data[dice.randrange(len(data)) :]
        crashes += _crashes(name, bytes(data))
    return crashes


def _crashes(name: str, data: bytes) -> bool:
    try:
        TARGETS[name](data)
    except Exception as error:  # noqa: BLE001  every exception is what is counted here
        sys.stderr.write(f"{name} crashed: {error!r} with {data!r}\n")
        return True
    return False


def _seeds() -> dict[str, bytes]:
    """An input for each target, that is as it should be."""
    call = invite()
    _, _, body = call.partition(b"\r\n\r\n")
    packet = b"\x80\x00\x00\x01\x00\x00\x00\xa0\x00\x00\x00\x07" + b"\x7f" * 160
    return {
        "sip": call,
        "stream": b"\x10" + call + call,
        "sdp": SDP.encode(),
        "multipart": b"multipart/mixed; boundary=parts\n" + body,
        "pidf_lo": PIDF.encode(),
        "rtp": b"".join(len(packet).to_bytes(2, "big") + packet for _ in range(8)),
    }
