"""Two user agents on a wire, and a peer that writes its messages by hand."""

import itertools
import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tenfour.telephony.flow import Flow
from tenfour.telephony.message import Request, Response, parse
from tenfour.telephony.sip_event import InviteReceived, SipEvent
from tenfour.telephony.user_agent import UserAgent
from tenfour.testing.lossy_wire import LossyWire

CALLER = Flow("UDP", "192.0.2.1", 5060)
CENTRE = Flow("UDP", "192.0.2.9", 5060)
OFFER = (
    b"v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"
)
ANSWER = OFFER.replace(b"192.0.2.1", b"192.0.2.9").replace(b"4000", b"6000")


def tokens(prefix: str) -> Callable[[], str]:
    count = itertools.count()
    return lambda: f"{prefix}{next(count):015d}"


class Sip:
    """A caller's and a centre's user agent, a clock, and all that they told so far."""

    caller_flow, centre_flow, offer, answer = CALLER, CENTRE, OFFER, ANSWER

    def __init__(self, seed: int = 0, **wire: object) -> None:
        self.caller = UserAgent(host=CALLER.host, port=5060, new_token=tokens("c"))
        self.centre = UserAgent(host=CENTRE.host, port=5060, new_token=tokens("s"))
        self.wire = LossyWire({CALLER: self.caller, CENTRE: self.centre}, random=Random(seed), **wire)
        self.caller_events: list[SipEvent] = []
        self.centre_events: list[SipEvent] = []
        self.on_centre: Callable[[SipEvent], None] = lambda event: None
        self.on_caller: Callable[[SipEvent], None] = lambda event: None

    def run(self, seconds: float) -> None:
        self.wire.run(self.wire.now + seconds, self._take)

    def _take(self) -> None:
        for event in self.caller.take_events():
            self.caller_events.append(event)
            self.on_caller(event)
        for event in self.centre.take_events():
            self.centre_events.append(event)
            self.on_centre(event)

    @property
    def now(self) -> float:
        return self.wire.now

    def place(self, **more: object):
        """The caller dials 911; gives the caller's and (after a moment) the centre's name of the call."""
        given = {"flow": CENTRE, "from_": "sip:911-442-7186@192.0.2.1", "body": OFFER, "now": self.now} | more
        mine = self.caller.invite("urn:service:sos", **given)
        self.run(0.1)
        theirs = [event.call for event in self.centre_events if isinstance(event, InviteReceived)]
        return mine, theirs[-1] if theirs else None

    def talk(self):
        """An established call."""
        mine, theirs = self.place()
        self.centre.answer(theirs, ANSWER, self.now)
        self.run(0.1)
        return mine, theirs

    def told(self, kind: type, events: list[SipEvent] | None = None) -> list:
        return [event for event in (self.centre_events if events is None else events) if isinstance(event, kind)]

    def starts(self) -> list[str]:
        """The start lines of all that went over the wire."""
        return [data.split(b"\r\n", 1)[0].decode() for _, _, _, data in self.wire.sent]


class Peer:
    """Speaks to one user agent by hand: `say` feeds a text, and gives what comes back at once."""

    def __init__(self, flow: Flow = CALLER) -> None:
        self.agent = UserAgent(host=CENTRE.host, port=5060, new_token=tokens("s"))
        self.flow, self.now = flow, 0.0
        self.events: list[SipEvent] = []
        self.outgoing: list[tuple[Flow, bytes]] = []

    def say(self, text: str | bytes, body: bytes = b"") -> list[Request | Response]:
        data = text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body
        self.agent.receive_datagram(data, self.flow, self.now)
        return self.heard()

    def wait(self, seconds: float) -> list[Request | Response]:
        self.now += seconds
        self.agent.handle_timer(self.now)
        return self.heard()

    def heard(self) -> list[Request | Response]:
        self.events += self.agent.take_events()
        self.outgoing = self.agent.take_outgoing()
        return [parse(data) for _, data in self.outgoing]

    def request(
        self, method: str = "INVITE", *, branch: str = "z9hG4bK1", to_tag: str = "", number: int = 1, more: str = "",
        uri: str = "urn:service:sos", call_id: str = "one", body: bytes = b"", via: str = "192.0.2.1:5060;rport",
    ) -> list[Request | Response]:  # fmt: skip
        tag = f";tag={to_tag}" if to_tag else ""
        text = (
            f"{method} {uri} SIP/2.0\nVia: SIP/2.0/UDP {via};branch={branch}\nMax-Forwards: 70\n"
            f"From: <sip:911-442-7186@192.0.2.1>;tag=f1\nTo: <sip:911@192.0.2.9>{tag}\nCall-ID: {call_id}\n"
            f"CSeq: {number} {method}\nContact: <sip:911-442-7186@192.0.2.1:5060>\n{more}"
        ).rstrip("\n")
        if body:
            text += "\nContent-Type: application/sdp"
        return self.say(f"{text}\nContent-Length: {len(body)}", body)

    @property
    def call(self):
        return next(event.call for event in self.events if isinstance(event, InviteReceived))


@pytest.fixture(scope="session")
def new_tokens() -> Callable[[str], Callable[[], str]]:
    return tokens


@pytest.fixture
def sip() -> Sip:
    return Sip()


@pytest.fixture(scope="session")
def make_sip() -> type[Sip]:
    return Sip


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture(scope="session")
def make_peer() -> type[Peer]:
    return Peer


@pytest.fixture
def shared_sip() -> Path:
    """The SIP samples beside the checkout."""
    folder = Path(__file__).parents[3].parent / "shared" / "data" / "sip"
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{folder} is missing.")
        pytest.skip("The shared data folder is not beside this checkout.")
    return folder


@pytest.fixture
def torture_names(shared_sip) -> set[str]:
    """The names of all torture messages of RFC 4475."""
    return {file.stem for file in (shared_sip / "rfc4475").glob("*.dat")}


@pytest.fixture
def torture(shared_sip) -> Callable[[str], bytes]:
    """A torture message as it was on the wire. Most of the files lost their CRs on the way to the folder."""

    def read(name: str) -> bytes:
        data = (shared_sip / "rfc4475" / f"{name}.dat").read_bytes()
        return data if b"\r\n" in data else data.replace(b"\n", b"\r\n")

    return read


@pytest.fixture(scope="session")
def torture_document() -> str:
    """What docs/sip.md says."""
    return (Path(__file__).parents[3] / "docs" / "sip.md").read_text()
