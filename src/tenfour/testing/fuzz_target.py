"""What a fuzzer feeds: any bytes to every reader of the wire, and the laws that hold whatever the bytes are.

`make fuzz` drives these with coverage as its guide; the kept corpus goes through them in every test run.
"""

import itertools
import struct
from collections.abc import Callable

from tenfour.adapters.line_invite import conveyed, read_invite
from tenfour.adapters.line_offer import offer_problems, our_description, read_offer, with_text
from tenfour.adapters.recording_timeline import Timeline
from tenfour.adapters.srtp import SrtpReceiver
from tenfour.location.held import read_answer
from tenfour.location.pidf import read_pidf_lo
from tenfour.telephony.authenticator import Authenticator
from tenfour.telephony.dialog import DialogKey
from tenfour.telephony.digest import answer_challenge, can_answer, parse_challenges, parse_proof
from tenfour.telephony.errors import HeaderError, MessageError, RtpError, SdpError
from tenfour.telephony.flow import Flow
from tenfour.telephony.g711 import decode_alaw, decode_ulaw
from tenfour.telephony.jitter_buffer import FRAME, JitterBuffer
from tenfour.telephony.keypress import KeypressReader
from tenfour.telephony.loopback import mirror_of, mirrored, place_of_audio
from tenfour.telephony.message import Request, parse, serialise
from tenfour.telephony.multipart import MAX_PARTS, Parts, read_parts, write_parts
from tenfour.telephony.reception import Reception
from tenfour.telephony.refer import Sipfrag, parse_sipfrag
from tenfour.telephony.rtcp import parse_rtcp, serialise_report
from tenfour.telephony.rtp import parse_rtp, serialise_rtp
from tenfour.telephony.sdp import AudioStream, audio_of, parse_sdp, serialise_sdp
from tenfour.telephony.secured_sdp import OUR_KEY_BYTES, Fingerprint, MasterKey, OurSecurity, Suite
from tenfour.telephony.sip_event import (
    AckTimedOut,
    InDialog,
    InviteReceived,
    Referred,
    Reinvited,
    SipEvent,
    SubscribeReceived,
)
from tenfour.telephony.stream import MessageStream
from tenfour.telephony.subscription import parse_event, parse_standing
from tenfour.telephony.text_sdp import text_of
from tenfour.telephony.user_agent import UserAgent
from tenfour.testing.fuzz_text import msrp, real_time_text, tty
from tenfour.testing.law import LawBroken, must
from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.ids import CallId

BETWEEN = b"\n%%\n"
"""Stands between two datagrams in one input."""

TAG = "s000000000000000"
"""Our tag in the call that is up before the input comes: an input may speak in that call."""

PATIENCE = 400
"""Timers after which every transaction must have come to its end."""

OURS = OurSecurity(bytes(OUR_KEY_BYTES), Fingerprint("sha-256", bytes(32)))
PEER = Flow("UDP", "192.0.2.1", 5060)
BYSTANDER = Flow("UDP", "192.0.2.77", 5060)
DESCRIPTION = (
    b"v=0\r\no=- 7 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
    b"m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


def sip(data: bytes) -> None:
    """Datagrams to a user agent that has a call up. All calls that come are answered, and in the end given up."""
    caller = _Centre()
    for datagram in data.split(BETWEEN)[:16]:
        _reads_as_written(datagram)
        caller.agent.receive_datagram(datagram, PEER, caller.now)
        caller.react()
    caller.wait_for_all()
    touched = any(name in data for name in (b"bystander", TAG.encode()))
    must(touched or caller.bystander in caller.agent.calls(), "A call ended by a message that was none of its own.")


class _Centre:
    """A user agent with one established call, and a user who answers everything."""

    def __init__(self) -> None:
        count = itertools.count()
        self.now = 0.0
        self.agent = UserAgent(
            host="192.0.2.9",
            port=5060,
            new_token=lambda: f"s{next(count):015d}",
            credentials=lambda realm: ("user", "password"),
            authenticator=Authenticator(
                realm="fuzz", secret=b"0123456789abcdef", password_of={"user": "password"}.get, methods=("MESSAGE",)
            ),
            packages=("presence",),
            refers=True,
            on_message=lambda _request, _flow: 200,
        )
        self._say("INVITE", "")
        self.bystander = next(e.call for e in self.agent.take_events() if isinstance(e, InviteReceived))
        self.agent.answer(self.bystander, DESCRIPTION, self.now)
        self._say("ACK", f";tag={self.bystander.local_tag}")
        self.agent.subscribe("sip:b@192.0.2.77", event="presence", flow=BYSTANDER, from_="sip:a@192.0.2.9", now=0.0)
        self.agent.refer(self.bystander, "sip:c@192.0.2.77", self.now)
        self.react()
        must(self.bystander.local_tag == TAG, "The call that is up has another tag than the corpus says.")

    def _say(self, method: str, tag: str) -> None:
        text = (
            f"{method} urn:service:sos SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK{method}\r\n"
            f"From: <sip:b@192.0.2.77>;tag=b\r\nTo: <sip:911@192.0.2.9>{tag}\r\nCall-ID: bystander\r\n"
            f"CSeq: 1 {method}\r\nContact: <sip:b@192.0.2.77>\r\n\r\n"
        )
        self.agent.receive_datagram(text.encode(), BYSTANDER, self.now)

    def react(self) -> None:
        """Do as a line does with whatever happened, and read all that is sent."""
        for event in self.agent.take_events():
            self._take(event)
        for _, sent in self.agent.take_outgoing():
            parse(sent)

    def _take(self, event: SipEvent) -> None:
        match event:
            case InviteReceived():
                ids = itertools.count()
                read_invite(event, new_i3_id=lambda: f"id{next(ids):020d}", taken=lambda _: False, part_limit=4096)
                self._answer(event.call, event.sdp)
            case Reinvited():
                self._answer(event.call, event.sdp)
            case InDialog():
                conveyed(event.request, event.parts, 4096)
            case AckTimedOut():
                self._leave(event.call)
            case SubscribeReceived():
                self.agent.accept_subscription(event.subscription, self.now, body=b"here", content_type="text/plain")
            case Referred():
                self.agent.accept_refer(event.refer, self.now)
                self.agent.refer_progress(event.refer, 200, self.now)
            case _:
                return

    def _answer(self, call: DialogKey, offered: bytes | None) -> None:
        if call not in self.agent.calls():
            return
        try:
            description = our_description(offered, "192.0.2.9", 6000, CallId(call.call_id), 1, security=OURS)
        except SdpError:
            self.agent.reject(call, 488, self.now)
        else:
            self.agent.answer(call, description, self.now)

    def _leave(self, call: DialogKey) -> None:
        if call in self.agent.calls():
            self.agent.bye(call, self.now)

    def wait_for_all(self) -> None:
        """Run the clock until nothing is due any more."""
        for _ in range(PATIENCE):
            due = self.agent.next_timer()
            if due is None:
                return
            self.now = max(self.now, due)
            self.agent.handle_timer(self.now)
            self.react()
        raise LawBroken(f"After {PATIENCE} timers the user agent still is not at rest.")


def _reads_as_written(datagram: bytes) -> None:
    try:
        message = parse(datagram)
    except MessageError:
        return
    again = parse(serialise(message))
    must((again.headers, again.body) == (message.headers, message.body), "A message changes when it is written.")


def stream(data: bytes) -> None:
    """A TCP stream cut anywhere gives the same messages, and the same end."""
    width = 1 + (data[0] if data else 0)
    whole = _messages([data[1:]])
    cut = _messages([data[at : at + width] for at in range(1, len(data), width)])
    must(whole == cut, "Where a stream was cut makes a difference.")


def _messages(pieces: list[bytes]) -> tuple[list[bytes], bool]:
    reader = MessageStream(max_head=4096, max_message=16384)
    messages: list[bytes] = []
    broken = False
    for piece in pieces:
        read = reader.receive(piece)
        messages += read.messages
        broken = broken or read.broken is not None
    return messages + list(reader.give_up().messages), broken


def sdp(data: bytes) -> None:
    """A description that can be read is the same after writing it, and has an answer that speaks as it asks."""
    try:
        read = parse_sdp(data)
    except SdpError:
        return
    written = serialise_sdp(read)
    must(serialise_sdp(parse_sdp(written)) == written, "A description changes when it is written.")
    try:
        answer = our_description(data, "192.0.2.9", 6000, CallId("fuzz"), 1, security=OURS)
    except SdpError:
        return
    said, offered = parse_sdp(with_text(answer, data, 6002, ("en",), security=OURS)), read_offer(data)
    must((text_of(said) is None) == (text_of(read) is None), "Text is refused that could be taken, or the reverse.")
    must(len(said.media) >= len(read.media), "An answer has fewer media than the offer.")
    if isinstance(offered, AudioStream):
        is_plain = audio_of(said).security is None
        must(is_plain == (offered.security is None), "A secured stream is answered plain, or a plain one secured.")
    offer_problems(data)
    looped = serialise_sdp(mirrored(said, mirror_of(read, place_of_audio(said))))
    must(serialise_sdp(parse_sdp(looped)) == looped, "An answer to a test call changes when it is written.")


def multipart(data: bytes) -> None:
    """A body: its content type on the first line. The parts written anew are read as the same."""
    kind, _, body = data.partition(b"\n")
    parts = read_parts(kind.decode("latin-1").strip(), body)
    must(len(parts.parts) <= MAX_PARTS, "A body has more parts than there may be.")
    must(all(len(part.content) <= len(body) for part in parts.parts), "A part is longer than its body.")
    _ = Parts(parts.parts).sdp
    if parts.parts:
        write_parts(parts.parts, "=-fuzz-edge-=")


def pidf_lo(data: bytes) -> None:
    """A location document, and the answer of a location server: fixes, or a sentence."""
    text = data.decode("utf-8", "replace")
    for read in (lambda: read_pidf_lo(text, source="fuzz", tower_radius_m=1000.0), lambda: read_answer(data)):
        try:
            read()
        except BadInput as error:
            must(bool(str(error)), "A refusal says nothing.")


def rtp(data: bytes) -> None:
    """Packets, each behind two bytes of length: read, decoded, counted, played, placed in a recording; keys, RTCP.

    To whoever has SRTP's keys none of them is authentic.
    """
    secured = SrtpReceiver(Suite.AES_CM_128_HMAC_SHA1_32, (MasterKey(bytes(30), b"\1"), MasterKey(bytes(30), b"\2")))
    timeline, reception, keys, at, packets = Timeline(), Reception(), KeypressReader(), 0, 0
    heard = JitterBuffer()
    while at + 2 <= len(data) and packets < 64:
        (length,) = struct.unpack_from("!H", data, at)
        datagram, at, packets = data[at + 2 : at + 2 + length], at + 2 + length, packets + 1
        _reads_rtcp(datagram)
        opened = secured.unprotect(datagram) or secured.unprotect_rtcp(datagram)
        must(opened is None, "A packet is taken for secured.")
        try:
            packet = parse_rtp(datagram)
        except RtpError:
            continue
        must(parse_rtp(serialise_rtp(packet)) == packet, "A packet changes when it is written.")
        decode_alaw(packet.payload)
        elapsed_s = packets * 0.02
        heard.put(packet, decode_ulaw(packet.payload), elapsed_s)
        must(heard.pull().size == FRAME, "A pull gives no frame of 20 ms.")
        reception.take(packet.ssrc, packet.sequence, packet.timestamp, elapsed_s)
        told = reception.measured()
        must(min(told.received, told.lost, told.late, told.doubled) >= 0, "A count of packets is negative.")
        reception.report()
        keys.take(packet)
        position = timeline.place(packet.ssrc, packet.sequence, packet.timestamp, elapsed_s)
        must(position is None or 0 <= position <= 8000 * (elapsed_s + 3), "A packet is placed outside its recording.")


def _reads_rtcp(datagram: bytes) -> None:
    try:
        reports = parse_rtcp(datagram)
    except RtpError:
        return
    for report in reports:
        must(parse_rtcp(serialise_report(report, "fuzz")) == (report,), "A report changes when it is written.")


def headers(data: bytes) -> None:
    """Header values, one a line: challenges and their answers, Event, Subscription-State, and sipfrags.

    What can be read is the same after writing it, and a challenge that we can answer has an answer that can be read.
    """
    request = Request(method="MESSAGE", uri="sip:911@192.0.2.9", body=data)
    for line in data.decode("latin-1").split("\n")[:64]:
        for challenge in parse_challenges([line]):
            must(parse_challenges([str(challenge)]) == (challenge,), "A challenge changes when it is written.")
            if can_answer(challenge):
                proof = answer_challenge(challenge, request, "user", "password", count=1, cnonce="c")
                must(parse_proof(str(proof)) == proof, "An answer changes when it is written.")
        for read in (parse_proof, parse_event, parse_standing):
            try:
                value = read(line)
            except HeaderError:
                continue
            must(read(str(value)) == value, "A header's value changes when it is written.")
        try:
            fragment = parse_sipfrag(line.encode("latin-1"))
        except HeaderError:
            continue
        must(isinstance(fragment, Sipfrag) and 100 <= fragment.status <= 699, "A sipfrag has no status.")


TARGETS: dict[str, Callable[[bytes], None]] = {
    "sip": sip,
    "stream": stream,
    "sdp": sdp,
    "multipart": multipart,
    "pidf_lo": pidf_lo,
    "rtp": rtp,
    "headers": headers,
    "text": real_time_text,
    "tty": tty,
    "msrp": msrp,
}
"""By the name of the folder in tests/fuzz/corpus."""
