"""A caller's telephone that is asked to call somebody else (REFER, RFC 3515): it calls, and tells how it fares.

Until the other side has answered the first call stands; the sound of whoever holds the telephone goes along.
"""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import unquote

import msgspec

from tenfour.play.caller import Onward, PlacedCall, put_away
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.message import Header
from tenfour.telephony.sip_event import Referred
from tenfour.telephony.uri import parse_sip_uri
from tenfour.vocabulary.errors import Unavailable

SIP_PORT = 5060
NOT_REACHED, NOBODY = 503, 408
RINGS = 180
ALLOWED = {"call-info": "Call-Info", "replaces": "Replaces"}
"""Headers that a URI may ask for; all others are for the telephone alone to say (RFC 3261 section 19.1.5)."""

Dial = Callable[[Onward], Awaitable[PlacedCall]]


def read_onward(refer_to: str) -> Onward:
    """Whom to call, and what the INVITE is to have; raises `HeaderError` for anything but a SIP URI."""
    uri = parse_sip_uri(refer_to)
    headers: list[Header] = []
    for asked in filter(None, uri.headers.split("&")):
        name, _, value = asked.partition("=")
        allowed = ALLOWED.get(unquote(name).lower())
        if allowed is not None:
            headers.append((allowed, unquote(value).replace("\r", " ").replace("\n", " ")))
    target = str(msgspec.structs.replace(uri, headers=""))
    return Onward(target, (uri.host.strip("[]"), uri.port or SIP_PORT), tuple(headers))


def take_up(call: PlacedCall, dial: Dial) -> None:
    """Let this telephone call by `dial` whomever it is asked to."""

    def referred(event: Referred) -> None:
        task = asyncio.create_task(_follow(call, event, dial), name="passed on")
        call.following.add(task)
        task.add_done_callback(call.following.discard)

    call.on_referred = referred


async def _follow(call: PlacedCall, asked: Referred, dial: Dial) -> None:
    wire = call.wire
    wire.agent.accept_refer(asked.refer, wire.now())
    wire.turn()
    try:
        onward = msgspec.structs.replace(read_onward(asked.refer_to), referred_by=asked.referred_by)
        placed = call.onward = await dial(onward)
    except (HeaderError, Unavailable) as error:
        _tell(call, asked, NOT_REACHED, str(error)[:80])
        return
    placed.voice.hum(call.voice.hummed)
    if await _first(placed.ringing, placed.over):
        _tell(call, asked, RINGS)
    if await _first(placed.answered, placed.over):
        _tell(call, asked, 200)
        return
    _tell(call, asked, placed.refused_status or NOBODY, placed.refused_words)
    await put_away(placed)
    call.onward = None


def _tell(call: PlacedCall, asked: Referred, status: int, reason: str = "") -> None:
    call.wire.agent.refer_progress(asked.refer, status, call.wire.now(), reason=reason)
    call.wire.turn()


async def _first(wanted: asyncio.Event, over: asyncio.Event) -> bool:
    """Wait for either; was it the wanted one?"""
    waiting = [asyncio.create_task(event.wait()) for event in (wanted, over)]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    return wanted.is_set()
