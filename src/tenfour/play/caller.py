"""A caller's telephone: places an emergency call as a carrier's network delivers it, speaks, drops.

The INVITE is addressed to `urn:service:sos` (RFC 5031) and carries SDP, PIDF-LO and ServiceInfo (RFC 7852) in one
multipart body (RFC 5621), Geolocation by value and by reference (RFC 6442), and the number in P-Asserted-Identity
(RFC 3325).
"""

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from tenfour.play import pidf, service_info
from tenfour.play.cast import Caller
from tenfour.play.teletypewriter import Teletypewriter
from tenfour.play.texter import Texter
from tenfour.play.voice import Voice
from tenfour.play.wire import Address, SipWire, new_token
from tenfour.telephony.dialog import DialogKey
from tenfour.telephony.errors import SdpError
from tenfour.telephony.message import Header
from tenfour.telephony.multipart import BY_REFERENCE, Part, write_parts
from tenfour.telephony.sdp import audio_of, offer, parse_sdp, serialise_sdp
from tenfour.telephony.secured_sdp import Attribute
from tenfour.telephony.sip_event import (
    Answered,
    ByeAnswered,
    ByeReceived,
    DialogFailed,
    Referred,
    Rejected,
    Ringing,
    SipEvent,
)
from tenfour.telephony.text_sdp import offered_text, text_of
from tenfour.vocabulary.errors import Refused

SERVICE = "urn:service:sos"
CARRIER = "carrier.invalid"
"""RFC 2606: a name that belongs to nobody."""

GOODBYE_S = 3.0


class Typewriter(Protocol):
    """By what a caller types and reads."""

    async def type(self, text: str, letters_per_s: float) -> None:
        """Type it; returns when it was sent."""

    async def until_read(self, words: str) -> None:
        """Return when these words came."""

    async def close(self) -> None:
        """Give back what it holds."""


class Onward(msgspec.Struct, frozen=True):
    """Whom a telephone in a call is asked to call: the URI, where that is, headers of the INVITE, by whose word."""

    target: str
    peer: Address
    headers: tuple[Header, ...] = ()
    referred_by: str = ""


class PlacedCall:
    """One call of a telephone: its dialog, its sound, its text, and what has become of it.

    `onward` is the call that it was asked to place in the place of this one; `following` sees to that.
    """

    def __init__(self, wire: SipWire, voice: Voice, text: Typewriter | None = None) -> None:
        self.wire, self.voice, self.text = wire, voice, text
        wire.on_event = self.on_event
        self.key: DialogKey | None = None
        self.ended_words = self.refused_words = ""
        self.refused_status = 0
        self.on_referred: Callable[[Referred], None] = self._refuse
        self.onward: PlacedCall | None = None
        self.following: set[asyncio.Task[None]] = set()
        self.ringing, self.answered, self.over = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @property
    def sip_call_id(self) -> str:
        """The Call-ID header's value."""
        assert self.key is not None
        return self.key.call_id

    @property
    def current(self) -> "PlacedCall":
        """The call in which whoever holds the telephone is now."""
        passed_on = self.onward is not None and self.onward.answered.is_set()
        return self.onward.current if passed_on and self.onward is not None else self

    def on_event(self, event: SipEvent) -> None:
        """Something happened on the wire."""
        match event:
            case Ringing():
                self.ringing.set()
            case Answered(sdp=sdp):
                self._connect(sdp)
            case Rejected(status=status, reason=reason):
                self.refused_status, self.refused_words = status, reason
                self._end(f"answered {status} {reason}")
            case ByeReceived():
                self._end("the centre hung up")
            case ByeAnswered():
                self._end("hung up")
            case DialogFailed(why=why):
                self._end(why)
            case Referred():
                self.on_referred(event)

    @property
    def typewriter(self) -> Typewriter:
        """By what this caller types; raises `Refused` where nothing, or where the centre took no text."""
        if self.text is None or (isinstance(self.text, Texter) and not self.text.is_open):
            raise Refused("This telephone cannot type, or the centre takes none of it.")
        return self.text

    def require_connected(self) -> None:
        """Raises `Refused` where nobody could speak."""
        if self.over.is_set():
            raise Refused(f"The call is over: {self.ended_words}.")
        if not self.answered.is_set():
            raise Refused("The call is not answered yet.")

    def _connect(self, sdp: bytes | None) -> None:
        try:
            stream = audio_of(parse_sdp(sdp or b""))
        except SdpError as error:
            self._end(f"the centre's description of the sound cannot be used: {error}")
            return
        self.voice.send_to((stream.host, stream.port))
        text = text_of(parse_sdp(sdp or b""))
        if isinstance(self.text, Texter) and text is not None:
            self.text.text_to(text)
        self.answered.set()

    def _refuse(self, asked: Referred) -> None:
        self.wire.agent.reject_refer(asked.refer, self.wire.now())

    def _end(self, words: str) -> None:
        self.ended_words = self.ended_words or words
        self.over.set()


async def dial(
    caller: Caller, *, sip: Address, bind: str, location_uri: str, onward: Onward | None = None
) -> PlacedCall:
    """Place the call from `bind` to the centre at `sip`; returns as soon as the INVITE is on the wire.

    `onward`: to somebody else, at whose wish.

    Raises `Unavailable` when there is no socket or no connection to be had.
    """
    voice = await Voice.open(bind)
    wire = SipWire("TCP" if caller.transport == "TCP" else "UDP", sip)
    text = await _typewriter(caller, bind, voice)
    call = PlacedCall(wire, voice, text)
    try:
        await wire.open(bind)
    except BaseException:
        await voice.close()
        if text is not None:
            await text.close()
        raise
    body, content_type, headers = invitation(
        caller,
        sdp=_offer(caller, bind, voice, text),
        location_uri=location_uri,
        boundary=new_token(),
        now=datetime.now(UTC),
    )
    digits = digits_of(caller.number)
    target = f"sip:{digits_of(caller.called)}@{CARRIER};user=phone" if caller.called else SERVICE
    if onward is not None:
        target, headers = onward.target, (*headers, *onward.headers)
        headers += (("Referred-By", f"<{onward.referred_by}>"),) if onward.referred_by else ()
    call.key = wire.agent.invite(
        target,
        flow=wire.flow,
        to=f"<{target}>",
        from_=f"<sip:{digits}@{CARRIER};user=phone>",
        now=wire.now(),
        body=body,
        content_type=content_type,
        headers=headers,
    )
    wire.turn()
    return call


async def drop(call: PlacedCall) -> None:
    """The caller's side ends the call with BYE, in the middle of what is being said."""
    call.require_connected()
    call.voice.fall_silent()
    assert call.key is not None
    call.wire.agent.bye(call.key, call.wire.now())
    call.wire.turn()
    await _until_over(call)


async def cancel(call: PlacedCall) -> None:
    """The caller gives up before an answer: CANCEL."""
    if call.answered.is_set():
        raise Refused("The call was answered already; a caller who gives up now `drops`.")
    assert call.key is not None
    call.wire.agent.cancel(call.key, call.wire.now())
    call.wire.turn()
    await _until_over(call)


async def put_away(call: PlacedCall) -> None:
    """End whatever still goes on, and give the sockets back."""
    for task in call.following:
        task.cancel()
    await asyncio.gather(*call.following, return_exceptions=True)
    if call.onward is not None:
        await put_away(call.onward)
    if not call.over.is_set() and call.key is not None:
        leave = call.wire.agent.bye if call.answered.is_set() else call.wire.agent.cancel
        leave(call.key, call.wire.now())
        call.wire.turn()
        await _until_over(call)
    await call.voice.close()
    if call.text is not None:
        await call.text.close()
    await call.wire.shut()


def invitation(
    caller: Caller, *, sdp: bytes, location_uri: str, boundary: str, now: datetime
) -> tuple[bytes, str, tuple[Header, ...]]:
    """Body, its type, and the headers of the INVITE: multipart where a location or a class of service goes too."""
    digits = digits_of(caller.number)
    headers: list[Header] = [("P-Asserted-Identity", f"<sip:{digits}@{CARRIER};user=phone>")]
    parts = [Part("application/sdp", sdp)]
    places = []
    if caller.location is not None:
        content_id = f"{boundary}@{CARRIER}"
        places.append(f"<cid:{content_id}>")
        place = pidf.document(caller.location, entity=f"sip:{digits}@{CARRIER}", now=now).encode()
        parts.append(Part(pidf.CONTENT_TYPE, place, content_id, BY_REFERENCE))
    if location_uri:
        places.append(f"<{location_uri}>")
    if places:
        headers += [("Geolocation", ", ".join(places)), ("Geolocation-Routing", "yes")]
    if caller.class_of_service:
        content_id = f"service.{boundary}@{CARRIER}"
        headers.append(("Call-Info", f"<cid:{content_id}>;purpose={service_info.PURPOSE}"))
        block = service_info.document(caller.class_of_service, provider=CARRIER).encode()
        parts.append(Part(service_info.CONTENT_TYPE, block, content_id, BY_REFERENCE))
    if len(parts) == 1:
        return sdp, "application/sdp", tuple(headers)
    kind, body = write_parts(parts, boundary)
    return body, kind, tuple(headers)


def digits_of(number: str) -> str:
    """The number as it is signalled: without hyphens."""
    return number.replace("-", "")


async def _typewriter(caller: Caller, bind: str, voice: Voice) -> Typewriter | None:
    match caller.text:
        case "rtt":
            every = caller.loses_every
            return await Texter.open(bind, lambda number: every > 0 and number % every == 0)
        case "tty":
            return Teletypewriter(voice)
        case _:
            return None


def _offer(caller: Caller, host: str, voice: Voice, text: Typewriter | None) -> bytes:
    """Audio, text beside it where the telephone has it, and the languages of both."""
    sdp = offer(host=host, port=voice.port, session_id=secrets.randbits(31))
    media = (*sdp.media, offered_text(text.port)) if isinstance(text, Texter) else sdp.media
    tags = " ".join(caller.languages)
    spoken: tuple[Attribute, ...] = (("hlang-send", tags), ("hlang-recv", tags)) if tags else ()
    spoken_media = (msgspec.structs.replace(each, attributes=(*each.attributes, *spoken)) for each in media)
    return serialise_sdp(msgspec.structs.replace(sdp, media=tuple(spoken_media)))


async def _until_over(call: PlacedCall) -> None:
    """Wait for the peer's answer; a peer that never answers does not hold the story up."""
    waiting = asyncio.create_task(call.over.wait())
    await asyncio.wait({waiting}, timeout=GOODBYE_S)
    waiting.cancel()
