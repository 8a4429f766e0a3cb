"""A flood of one kind of packet at a media port: two others speak on, and no packet of theirs is late."""

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest

from tenfour.calltaking.event import AudioMeasured, CallReceived
from tenfour.telephony.rtcp import Report, serialise_report
from tenfour.telephony.rtp import RtpPacket, serialise_rtp
from tenfour.telephony.sdp import Codec

from .two_way import TAKER_HZ, Phone, answers, connected_headset, let_speak, port_in, taker_hears

FLOOD = """
import socket, sys, time
host, port, seconds, rate, data = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
flood = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
flood.bind((host, 0))
began, sent, data = time.monotonic(), 0, bytes.fromhex(data)
while time.monotonic() < began + seconds:
    for _ in range(50):
        flood.sendto(data, ("127.0.0.1", port))
    sent += 50
    time.sleep(max(0.0, began + sent / rate - time.monotonic()))
"""
SECONDS, RATE = 2.0, 15_000
LATE_S = 1.0
"""So late a packet may be on a machine that floods itself and does other work; who reads a flood alone is later."""

STUN = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)
CLIENT_HELLO = bytes.fromhex("16fefd000000000000000000640100005800000000000000580000fefd") + bytes(84)
KINDS = {
    "RTP": serialise_rtp(RtpPacket(0, 1, 160, 9, b"\x00" * 160)),
    "RTCP": serialise_report(Report(9, None, ()), "flood"),
    "STUN": STUN,
    "DTLS": CLIENT_HELLO,
    "garbage": b"\xff\x00 no packet at all " * 20,
}


async def flood(port: int, data: bytes, host: str = "127.0.0.9") -> None:
    arguments = (host, str(port), str(SECONDS), str(RATE), data.hex())
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", FLOOD, *arguments)
    assert await process.wait() == 0


class Calls:
    """A call that is flooded, and one beside it that is two-way with a headset."""

    def __init__(self, centre, new_caller, wait_until) -> None:
        self.centre, self.new_caller, self.until = centre, new_caller, wait_until
        self.phones: list[Phone] = []
        self.late_s = 0.0

    async def call(self, phone: Phone) -> tuple[object, CallReceived, int]:
        """An answered call of this telephone, and the port where it is heard."""
        self.phones.append(phone)
        caller, before = self.new_caller(), len(self.centre.events(CallReceived))
        await caller.listen()
        caller.dial(body=phone.description(1))
        received = await self.centre.heard_of(CallReceived, before + 1)
        self.centre.answer(received.call_id)
        await caller.answered()
        described = answers(caller)[0]
        phone.speak_to(described)
        return caller, received, port_in(described.decode())


@pytest.fixture
async def calls(centre, new_caller, wait_until) -> AsyncIterator[Calls]:
    made = Calls(centre, new_caller, wait_until)
    yield made
    for phone in made.phones:
        phone.close()


@pytest.mark.parametrize(
    ("kind", "secured"), [*((kind, False) for kind in KINDS), ("RTP", True), ("DTLS", True)], ids=str
)
async def test_a_flood_at_one_calls_ports_makes_no_packet_of_another_late(kind: str, secured: bool, calls) -> None:
    headset, _ = await connected_headset(calls.centre)
    other, received, _ = await calls.call(spoken := Phone())
    let_speak(calls.centre, received.call_id)
    await calls.until(lambda: spoken.hears(TAKER_HZ))
    _, _, port = await calls.call(Phone(codec=Codec.PCMA, secured=secured, hertz=900))
    spoken.pace.clear()
    await flood(port + 1 if kind == "RTCP" else port, KINDS[kind])
    assert len(spoken.pace) > 0.8 * 50 * SECONDS
    assert spoken.latest_s() < LATE_S
    await calls.until(lambda: spoken.hears(TAKER_HZ))
    await calls.until(taker_hears(headset, spoken.hertz))
    other.hang_up()
    measured = await calls.centre.heard_of(AudioMeasured)
    assert measured.received > 0.8 * 50 * SECONDS
    assert measured.refused == 0
    await headset.vanish()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_flood_at_a_headsets_port_makes_no_packet_of_its_call_late(kind: str, calls) -> None:
    headset, headset_port = await connected_headset(calls.centre)
    _, received, _ = await calls.call(spoken := Phone())
    let_speak(calls.centre, received.call_id)
    await calls.until(lambda: spoken.hears(TAKER_HZ))
    spoken.pace.clear()
    await flood(headset_port, KINDS[kind])
    assert spoken.latest_s() < LATE_S
    await calls.until(taker_hears(headset, spoken.hertz))
    await calls.until(lambda: spoken.hears(TAKER_HZ))
    await headset.vanish()


async def test_a_caller_who_sends_a_hundred_times_too_much_makes_no_packet_of_another_late(calls) -> None:
    """Each is a packet of its call, in order: received, decoded, listened to and recorded, as far as time allows."""
    headset, _ = await connected_headset(calls.centre)
    _, received, _ = await calls.call(spoken := Phone())
    let_speak(calls.centre, received.call_id)
    await calls.until(lambda: spoken.hears(TAKER_HZ))
    _, _, port = await calls.call(greedy := Phone(hertz=900))
    greedy.be_silent()
    spoken.pace.clear()
    for number in range(round(5_000 * SECONDS)):
        greedy.send(serialise_rtp(RtpPacket(0, number, 160 * number, 5, b"\x10" * 160)), port)
        if number % 25 == 0:
            await asyncio.sleep(0.005)
    assert spoken.latest_s() < LATE_S
    await calls.until(lambda: spoken.hears(TAKER_HZ))
    await calls.until(taker_hears(headset, spoken.hertz))
    await headset.vanish()
