"""A story's telephone against a SIP peer on loopback: real packets, real time."""

import asyncio
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tenfour.calltaking.service_info import class_of_service, is_service_info
from tenfour.location.event import FixClass
from tenfour.location.pidf import read_pidf_lo
from tenfour.play.caller import PlacedCall, cancel, dial, drop, put_away
from tenfour.play.cast import Caller
from tenfour.play.fix import CircleGiven
from tenfour.play.sound import packets_of
from tenfour.play.voice import Voice
from tenfour.play.wire import SipWire
from tenfour.telephony.dialog import DialogKey
from tenfour.telephony.sdp import answer, audio_of, parse_sdp, serialise_sdp
from tenfour.telephony.sip_event import Acknowledged, ByeReceived, Cancelled, InviteReceived, SipEvent
from tenfour.vocabulary.errors import Refused, Unavailable

LOOPBACK = "127.0.0.1"
WITHIN_S = 5.0


class Callee(SipWire):
    """Rings, answers when told, sends what it is told to say, and remembers all that came."""

    def __init__(self) -> None:
        super().__init__("UDP", (LOOPBACK, 9))
        self.events: asyncio.Queue[SipEvent] = asyncio.Queue()
        self.on_event = self.events.put_nowait
        self.peer: tuple[str, int] = (LOOPBACK, 9)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.peer = addr
        super().datagram_received(data, addr)

    @property
    def address(self) -> tuple[str, int]:
        assert self._datagrams is not None
        host, port = self._datagrams.get_extra_info("sockname")
        return host, port

    def _send(self, data: bytes) -> None:
        assert self._datagrams is not None
        self._datagrams.sendto(data, self.peer)

    async def next(self, kind: type) -> SipEvent:
        async with asyncio.timeout(WITHIN_S):
            while not isinstance(event := await self.events.get(), kind):
                pass
            return event

    async def invited(self) -> InviteReceived:
        event = await self.next(InviteReceived)
        assert isinstance(event, InviteReceived)
        self.agent.provisional(event.call, 180, self.now())
        self.turn()
        return event

    async def pick_up(self, invite: InviteReceived, voice: Voice) -> None:
        offered = parse_sdp(invite.sdp or b"")
        ours = answer(offered, host=LOOPBACK, port=voice.port, session_id=1)
        self.agent.answer(invite.call, serialise_sdp(ours), self.now())
        self.turn()
        await self.next(Acknowledged)
        stream = audio_of(offered)
        voice.send_to((stream.host, stream.port))

    def hang_up(self, call: DialogKey) -> None:
        self.agent.bye(call, self.now())
        self.turn()


BOY = Caller(
    name="boy",
    number="911-442-7186",
    location=CircleGiven(lat=39.95865, lon=-82.96435, radius_m=900, method="Cell"),
)


@pytest.fixture
async def callee() -> AsyncIterator[Callee]:
    callee = Callee()
    await callee.open(LOOPBACK)
    yield callee
    await callee.shut()


@pytest.fixture
async def ear() -> AsyncIterator[Voice]:
    ear = await Voice.open(LOOPBACK)
    yield ear
    await ear.close()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    tone = (8000 * np.sin(np.arange(8000) * 2 * np.pi * 440 / 8000)).astype("<i2")
    with wave.open(str(path), "wb") as wav:
        wav.setparams((1, 2, 8000, 0, "NONE", ""))
        wav.writeframes(tone.tobytes())
    return path


async def connected(callee: Callee, ear: Voice) -> tuple[PlacedCall, InviteReceived]:
    call = await dial(BOY, sip=callee.address, bind=LOOPBACK, location_uri="http://127.0.0.1:9/held/boy")
    invite = await callee.invited()
    await callee.pick_up(invite, ear)
    await asyncio.wait_for(call.answered.wait(), WITHIN_S)
    return call, invite


async def test_an_emergency_call_brings_its_number_and_where_it_is(callee: Callee, ear: Voice) -> None:
    call, invite = await connected(callee, ear)
    assert invite.request.uri == "urn:service:sos"
    assert invite.request.first("To") == "<urn:service:sos>"
    assert "9114427186" in str(invite.request.first("P-Asserted-Identity"))
    assert invite.request.listed("Geolocation")[1] == "<http://127.0.0.1:9/held/boy>"
    assert not invite.problems
    [place] = [part for part in invite.parts if part.content_type == "application/pidf+xml"]
    assert f"<cid:{place.content_id}>" == invite.request.listed("Geolocation")[0]
    [fix] = read_pidf_lo(place.content.decode(), source="by value", tower_radius_m=300)
    assert fix.fix_class is FixClass.PHASE_I
    await put_away(call)
    await callee.next(ByeReceived)


async def test_a_class_of_service_travels_as_a_block_that_call_info_names(callee: Callee) -> None:
    woman = Caller(name="woman", number="614-555-0162", class_of_service="RES")
    call = await dial(woman, sip=callee.address, bind=LOOPBACK, location_uri="")
    invite = await callee.invited()
    [block] = [part for part in invite.parts if part.content_type != "application/sdp"]
    assert is_service_info(block.content_type)
    assert class_of_service(block.content.decode()) == "RES"
    named = f"<cid:{block.content_id}>;purpose=EmergencyCallData.ServiceInfo"
    assert invite.request.listed("Call-Info") == (named,)
    assert not invite.problems
    assert invite.sdp
    assert not invite.request.listed("Geolocation")
    await asyncio.wait_for(call.ringing.wait(), WITHIN_S)
    await cancel(call)
    await put_away(call)


async def test_what_is_said_arrives_in_real_time(callee: Callee, ear: Voice, clip: Path) -> None:
    call, _ = await connected(callee, ear)
    began = asyncio.get_running_loop().time()
    call.voice.speak(packets_of(clip))
    await asyncio.wait_for(call.voice.until_spoken(), WITHIN_S)
    assert asyncio.get_running_loop().time() - began == pytest.approx(1.0, abs=0.4)
    await asyncio.wait_for(ear.until_heard(0.9), WITHIN_S)
    await put_away(call)


async def test_the_caller_hears_what_the_centre_says(callee: Callee, ear: Voice, clip: Path) -> None:
    call, _ = await connected(callee, ear)
    ear.speak(packets_of(clip))
    await asyncio.wait_for(call.voice.until_heard(0.5), WITHIN_S)
    assert call.voice.heard_s >= 0.5
    await put_away(call)


async def test_dropping_in_the_middle_of_a_word_sends_bye(callee: Callee, ear: Voice, clip: Path) -> None:
    call, _ = await connected(callee, ear)
    call.voice.speak(packets_of(clip))
    await drop(call)
    assert call.over.is_set()
    assert call.ended_words == "hung up"
    await callee.next(ByeReceived)
    await asyncio.wait_for(call.voice.until_spoken(), 0.1)
    await put_away(call)


async def test_giving_up_before_an_answer_cancels(callee: Callee) -> None:
    call = await dial(BOY, sip=callee.address, bind=LOOPBACK, location_uri="")
    await callee.invited()
    await asyncio.wait_for(call.ringing.wait(), WITHIN_S)
    await cancel(call)
    await callee.next(Cancelled)
    assert "487" in call.ended_words
    await put_away(call)


async def test_a_caller_who_is_not_answered_cannot_drop(callee: Callee) -> None:
    call = await dial(BOY, sip=callee.address, bind=LOOPBACK, location_uri="")
    await callee.invited()
    with pytest.raises(Refused, match="not answered yet"):
        await drop(call)
    await put_away(call)


async def test_a_caller_who_was_answered_cannot_cancel(callee: Callee, ear: Voice) -> None:
    call, _ = await connected(callee, ear)
    with pytest.raises(Refused, match="drops"):
        await cancel(call)
    await put_away(call)


async def test_a_centre_that_hangs_up_ends_the_call(callee: Callee, ear: Voice) -> None:
    call, invite = await connected(callee, ear)
    callee.hang_up(invite.call)
    await asyncio.wait_for(call.over.wait(), WITHIN_S)
    assert call.ended_words == "the centre hung up"
    with pytest.raises(Refused, match="the centre hung up"):
        call.require_connected()
    await put_away(call)


async def test_no_connection_to_be_had_is_told(free_port: int) -> None:
    with pytest.raises(Unavailable, match="No SIP over TCP"):
        await dial(
            Caller(name="boy", number="911-442-7186", transport="TCP"),
            sip=(LOOPBACK, free_port),
            bind=LOOPBACK,
            location_uri="",
        )


async def test_falling_silent_sends_nothing_and_keeps_the_line(callee: Callee, ear: Voice, clip: Path) -> None:
    call, _ = await connected(callee, ear)
    call.voice.fall_silent()
    call.voice.speak(packets_of(clip))
    await asyncio.wait_for(call.voice.until_spoken(), WITHIN_S)
    assert ear.heard_s == 0
    assert not call.over.is_set()
    call.voice.sound_again()
    call.voice.speak(packets_of(clip))
    await asyncio.wait_for(ear.until_heard(0.5), WITHIN_S)
    await put_away(call)


async def test_caller_who_dials_a_number_calls_that_and_not_the_emergency_service(callee: Callee) -> None:
    clerk = Caller(name="clerk", number="614-555-0137", called="614-555-0100")
    call = await dial(clerk, sip=callee.address, bind=LOOPBACK, location_uri="")
    invite = await callee.invited()
    assert invite.request.uri.startswith("sip:6145550100@")
    assert "urn:service" not in (invite.request.first("To") or "")
    await cancel(call)
    await put_away(call)
