"""Everybody outside whom the centre or a caller may call: other centres, interpreters. One SIP user agent plays all.

Whom a call is for its Request-URI says, by the part before the @. It rings until the story lets somebody pick up.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence

import msgspec

from tenfour.adapters.line_invite import ani_of
from tenfour.adapters.sip_sockets import SipSockets
from tenfour.location.event import FixRecorded
from tenfour.location.pidf import PidfLoUnreadable, read_pidf_lo
from tenfour.play.cast import Party
from tenfour.play.voice import Voice
from tenfour.play.wire import Address, new_token
from tenfour.telephony.errors import HeaderError, SdpError
from tenfour.telephony.geolocation import LocationScheme, geolocations
from tenfour.telephony.i3 import emergency_ids
from tenfour.telephony.refer import referred_by
from tenfour.telephony.sdp import answer, audio_of, parse_sdp, serialise_sdp
from tenfour.telephony.sip_event import (
    Acknowledged,
    AckTimedOut,
    ByeAnswered,
    ByeReceived,
    CallEvent,
    Cancelled,
    DialogFailed,
    InviteReceived,
    Reinvited,
    SipEvent,
)
from tenfour.telephony.uri import parse_sip_uri
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.errors import Refused

TOWER_RADIUS_M = 1000.0
NOT_FOUND, RINGS, NO_AUDIO = 404, 180, 488
GOODBYE_S = 3.0
PIDF = "application/pidf+xml"


class Arrived(msgspec.Struct, frozen=True):
    """What came along with a call: who calls, by whose word, the identifiers of call and incident with the name of who
    made them, where the caller is, and where that can be asked again."""

    number: str
    referred_by: str
    call_id: str
    call_host: str
    incident_id: str
    incident_host: str
    replaces: bool
    fixes: tuple[FixRecorded, ...]
    location_uris: tuple[str, ...]


class OutsideCall:
    """A call to somebody outside: it rings, is picked up, and is over."""

    def __init__(self, invite: InviteReceived) -> None:
        self.invite, self.arrived = invite, _arrived(invite)
        self.voice: Voice | None = None
        self.connected, self.over = asyncio.Event(), asyncio.Event()


class Outside:
    """Plays these parties; `voice_of` gives what each says in the place of silence. `on_event` hears of the wire."""

    def __init__(self, parties: Sequence[Party], voice_of: Callable[[str], tuple[bytes, ...]]) -> None:
        self._names = {party.answers_to: party.name for party in parties}
        self._voice_of = voice_of
        self._calls: dict[str, OutsideCall] = {}
        self._came = asyncio.Event()
        self._agent: UserAgent | None = None
        self._sockets: SipSockets | None = None
        self._host = ""
        self.on_event: Callable[[SipEvent], None] = self._happened

    async def listen(self, address: Address) -> None:
        """Answer there from now on; raises `Unavailable` where that cannot be."""
        self._host, port = address
        self._agent = UserAgent(host=self._host, port=port, new_token=new_token)
        self._sockets = SipSockets(self._agent, self._hand_on)
        await self._sockets.listen(self._host, port)

    def call_of(self, who: str) -> OutsideCall:
        """The newest call to this one; raises `Refused` where there is none."""
        call = self._calls.get(who)
        if call is None:
            raise Refused(f"Nobody has called {who}.")
        return call

    async def until_rung(self, who: str, timeout_s: float) -> OutsideCall:
        """The call that rings there, as soon as one does."""

        def rings() -> bool:
            call = self._calls.get(who)
            return call is not None and not call.over.is_set() and call.voice is None

        try:
            async with asyncio.timeout(timeout_s):
                while not rings():
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError as error:
            raise Refused(f"Nobody called {who} within {timeout_s:g} s.") from error
        return self._calls[who]

    async def pick_up(self, who: str, timeout_s: float) -> OutsideCall:
        """Answer what rings there; over when it is acknowledged."""
        call = await self.until_rung(who, timeout_s)
        call.voice = await Voice.open(self._host)
        call.voice.hum(self._voice_of(who))
        try:
            offered = parse_sdp(call.invite.sdp or b"")
            stream = audio_of(offered)
            ours = answer(offered, host=self._host, port=call.voice.port, session_id=secrets.randbits(31))
        except SdpError as error:
            self.act(lambda agent, now: agent.reject(call.invite.call, NO_AUDIO, now))
            raise Refused(f"{who} cannot speak with who calls: {error}") from error
        call.voice.send_to((stream.host, stream.port))
        self.act(lambda agent, now: agent.answer(call.invite.call, serialise_sdp(ours), now))
        try:
            async with asyncio.timeout(timeout_s):
                await call.connected.wait()
        except TimeoutError as error:
            raise Refused(f"Nobody acknowledged that {who} picked up.") from error
        return call

    async def turn_away(self, who: str, status: int, timeout_s: float) -> None:
        """Refuse what rings there."""
        call = await self.until_rung(who, timeout_s)
        call.over.set()
        self.act(lambda agent, now: agent.reject(call.invite.call, status, now))

    async def hang_up(self, who: str) -> None:
        """End the call; raises `Refused` where none goes on."""
        call = self.call_of(who)
        if call.over.is_set() or call.voice is None:
            raise Refused(f"{who} is in no call.")
        await self._end(call)

    async def close(self) -> None:
        """End whatever still goes on, and give the sockets back."""
        for call in self._calls.values():
            if not call.over.is_set():
                await self._end(call)
            if call.voice is not None:
                await call.voice.close()
        if self._sockets is not None:
            await self._sockets.close()

    async def _end(self, call: OutsideCall) -> None:
        self.act(lambda agent, now: agent.bye(call.invite.call, now))
        waiting = asyncio.create_task(call.over.wait())
        await asyncio.wait({waiting}, timeout=GOODBYE_S)
        waiting.cancel()

    # ---- from the wire ----

    def _hand_on(self, event: SipEvent) -> None:
        self.on_event(event)

    def _happened(self, event: SipEvent) -> None:
        if isinstance(event, InviteReceived):
            self._invited(event)
            return
        call = next((one for one in self._calls.values() if _is_of(event, one)), None)
        match event:
            case Acknowledged() if call is not None:
                call.connected.set()
            case Cancelled() | ByeReceived() | ByeAnswered() | DialogFailed() | AckTimedOut() if call is not None:
                call.over.set()
            case Reinvited() if call is not None:
                self._described_anew(call, event)

    def _invited(self, event: InviteReceived) -> None:
        who = self._names.get(_user_of(event.request.uri))
        if who is None:
            self.act(lambda agent, now: agent.reject(event.call, NOT_FOUND, now))
            return
        self._calls[who] = OutsideCall(event)
        self.act(lambda agent, now: agent.provisional(event.call, RINGS, now))
        self._came.set()

    def _described_anew(self, call: OutsideCall, event: Reinvited) -> None:
        """The other side's sound is elsewhere from now on, as it says."""
        try:
            offered = parse_sdp(event.sdp or b"")
            stream = audio_of(offered)
            assert call.voice is not None
            ours = answer(offered, host=self._host, port=call.voice.port, session_id=1, version=2)
        except SdpError:
            self.act(lambda agent, now: agent.reject(event.call, NO_AUDIO, now))
            return
        call.voice.send_to((stream.host, stream.port))
        self.act(lambda agent, now: agent.answer(event.call, serialise_sdp(ours), now))

    def act(self, says: Callable[[UserAgent, float], object]) -> None:
        """Let the user agent say something, and send it."""
        assert self._agent is not None
        assert self._sockets is not None
        says(self._agent, asyncio.get_running_loop().time())
        asyncio.get_running_loop().call_soon(self._sockets.pump)


def _is_of(event: SipEvent, call: OutsideCall) -> bool:
    return isinstance(event, CallEvent) and event.call == call.invite.call


def _user_of(uri: str) -> str:
    try:
        return parse_sip_uri(uri).user
    except HeaderError:
        return ""


def _arrived(invite: InviteReceived) -> Arrived:
    ids = emergency_ids(invite.request)
    fixes: list[FixRecorded] = []
    for part in invite.parts:
        if part.content_type.lower().startswith(PIDF):
            try:
                text = part.content.decode("utf-8", "replace")
                fixes += read_pidf_lo(text, source="by value", tower_radius_m=TOWER_RADIUS_M)
            except PidfLoUnreadable:
                continue
    return Arrived(
        ani_of(invite.request),
        referred_by(invite.request),
        ids.call_id or "",
        ids.call_host,
        ids.incident_id or "",
        ids.incident_host,
        invite.request.first("Replaces") is not None,
        tuple(fixes),
        tuple(place.uri for place in geolocations(invite.request) if place.scheme is not LocationScheme.BY_VALUE),
    )
