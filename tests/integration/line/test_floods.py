"""Floods and callers who wait: a flood from one address takes nothing from a call of another."""

import asyncio
import sys
import tempfile
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfour.calltaking.event import (
    CallConnected,
    CallerDisconnected,
    CallFailed,
    CallQueued,
    CallReceived,
    CallReleased,
    MessageIgnored,
    RecordingEnded,
    RecordingStarted,
    Trouble,
    WireTrouble,
)
from tenfour.telephony.sdp import audio_of, parse_sdp
from tenfour.telephony.sip_event import Answered, Ringing

FLOOD = """
import socket, sys, time
source, port, count, rate, text = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5]
flood = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
flood.bind((source, 0))
began = time.monotonic()
for number in range(count):
    flood.sendto(text.replace("NUMBER", str(number)).replace("\\n", "\\r\\n").encode(), ("127.0.0.1", port))
    if number % 50 == 0:
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
"""

INVITE = """INVITE urn:service:sos SIP/2.0
Via: SIP/2.0/UDP 127.0.0.9:9;branch=z9hG4bKflNUMBER
From: <sip:5550100@127.0.0.9>;tag=fNUMBER
To: <urn:service:sos>
Call-ID: flood-NUMBER
CSeq: 1 INVITE
Contact: <sip:f@127.0.0.9:9>
Max-Forwards: 70
Content-Length: 0

"""
OPTIONS = INVITE.replace("INVITE", "OPTIONS")


class Place:
    """A line with settings of its own, and the centre's end of its link."""

    def __init__(self, kinds: Any, folder: Path, sip: str) -> None:
        self.kinds, self.line = kinds, kinds.LineProcess(folder)
        self.centre = kinds.CentreEnd(folder)
        self.callers: list[Any] = []
        file = folder / "centre.toml"
        file.write_text(file.read_text().replace("[sip]\n", f"[sip]\n{sip}\n", 1))

    async def caller(self) -> Any:
        made = self.kinds.Caller(self.line.sip_port)
        self.callers.append(made)
        await made.listen()
        return made

    async def received(self, caller: Any) -> CallReceived:
        """The fact of this caller's INVITE."""
        key = caller.call.call_id
        await self.kinds.until(lambda: any(e.sip_call_id == key for e in self.centre.events(CallReceived)))
        return next(e for e in self.centre.events(CallReceived) if e.sip_call_id == key)

    def of(self, received: CallReceived) -> list[str]:
        """The names of the facts of one call."""
        stream = f"call/{received.call_id}"
        return [type(fact.event).__name__ for fact in self.centre.facts if fact.stream == stream]

    async def told(self, received: CallReceived, name: str) -> None:
        await self.kinds.until(lambda: name in self.of(received))

    async def talking(self) -> tuple[Any, CallReceived]:
        """A call whose caller sounds a tone."""
        caller = await self.caller()
        caller.dial()
        received = await self.received(caller)
        await self.told(received, "CallRinging")
        self.centre.answer(received.call_id)
        await self.told(received, "CallConnected")
        caller.speak()
        await self.told(received, "RecordingStarted")
        return caller, received

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.line._process.pid}/status").read_text()
        return next(int(row.split()[1]) / 1024 for row in status.splitlines() if row.startswith("VmRSS"))


async def flooding(source: str, port: int, count: int, rate: float, text: str) -> asyncio.subprocess.Process:
    arguments = (source, str(port), str(count), str(rate), text)
    return await asyncio.create_subprocess_exec(sys.executable, "-c", FLOOD, *arguments)


def longest_hole_s(recording: Path) -> float:
    """The longest silence between the first and the last sound of a recording of a tone."""
    with wave.open(str(recording)) as wav:
        samples = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2")[::2].astype(int)
    loud = np.flatnonzero(np.abs(samples) > 500)
    return float(np.max(np.diff(loud), initial=0)) / 8000


@pytest.fixture
async def place_with(line_kinds) -> AsyncIterator[Any]:
    """Makes a line with these settings of `[sip]`."""
    made: list[Place] = []
    with tempfile.TemporaryDirectory(prefix="flood-") as folder:

        async def make(sip: str = "") -> Place:
            place = Place(line_kinds, Path(folder), sip)
            made.append(place)
            await place.line.start()
            await place.centre.connect()
            return place

        yield make
        for place in made:
            for caller in place.callers:
                await caller.leave()
            await place.centre.disconnect()
            await place.line.stop()


async def test_flood_of_invites_keeps_no_other_caller_out(place_with, wait_until) -> None:
    place = await place_with()
    early, early_received = await place.talking()
    before = place.memory_mb()
    flood = await flooding("127.0.0.9", place.line.sip_port, 20_000, 3_000, INVITE)
    await wait_until(lambda: any(e.kind is Trouble.HALF_OPEN for e in place.centre.events(WireTrouble)))
    late, late_received = await place.talking()
    late.hang_up()
    await place.told(late_received, "CallerDisconnected")
    await flood.wait()
    early.hang_up()
    await place.told(early_received, "RecordingEnded")
    for received in (early_received, late_received):
        started = next(
            f.event
            for f in place.centre.facts
            if f.stream == f"call/{received.call_id}" and isinstance(f.event, RecordingStarted)
        )
        assert longest_hole_s(place.line.folder / "recordings" / started.file) < 0.2
    assert place.memory_mb() - before < 400
    flooded = [e for e in place.centre.events(CallReceived) if e.source.startswith("127.0.0.9:")]
    assert 100 < len(flooded) <= 4000
    assert not place.centre.events(CallFailed)
    assert len(place.centre.events(WireTrouble)) < 60


async def test_full_of_one_address_the_line_takes_another_and_says_what_it_did_not_take(place_with, wait_until) -> None:
    place = await place_with("calls_limit = 100\nringing_limit = 20")
    flood = await flooding("127.0.0.9", place.line.sip_port, 1000, 1_000, INVITE)
    await wait_until(lambda: any(e.kind is Trouble.NOT_TAKEN for e in place.centre.events(WireTrouble)))
    caller, received = await place.talking()
    await flood.wait()
    flooded = [e for e in place.centre.events(CallReceived) if e.source.startswith("127.0.0.9:")]
    assert len(flooded) == 80
    assert len([name for name in place.centre.names() if name == "CallQueued"]) == 60
    caller.hang_up()
    await place.told(received, "CallerDisconnected")


async def test_flood_of_options_is_shed_and_told_in_few_facts(place_with, wait_until) -> None:
    place = await place_with()
    caller, received = await place.talking()
    flood = await flooding("127.0.0.9", place.line.sip_port, 20_000, 10_000, OPTIONS)
    other = await place.caller()
    other.dial()
    await place.told(await place.received(other), "CallRinging")
    await flood.wait()
    shed = await place.centre.heard_of(WireTrouble)
    assert (shed.kind, shed.source, shed.count) == (Trouble.FLOOD_SHED, "127.0.0.9", 1)
    assert len(place.centre.events(WireTrouble)) < 4
    caller.hang_up()
    await place.told(received, "RecordingEnded")
    ended = place.centre.events(RecordingEnded)
    assert ended
    assert longest_hole_s(place.line.folder / "recordings" / ended[0].file) < 0.2


async def test_flood_on_the_audio_port_of_one_call_is_not_heard_on_another(place_with, wait_until) -> None:
    place = await place_with()
    victim, victim_received = await place.talking()
    other, other_received = await place.talking()
    answer = next(event for event in victim.happened if isinstance(event, Answered))
    port = audio_of(parse_sdp(answer.sdp)).port
    flood = await flooding("127.0.0.9", port, 100_000, 50_000, "no RTP at all" * 12)
    await flood.wait()
    heard = len(other.heard)
    await wait_until(lambda: len(other.heard) > heard + 20)
    other.hang_up()
    await place.told(other_received, "RecordingEnded")
    assert longest_hole_s(place.line.folder / "recordings" / place.centre.events(RecordingEnded)[0].file) < 0.2
    victim.hang_up()
    await place.told(victim_received, "CallerDisconnected")


async def test_calls_above_the_limit_of_a_source_wait_and_ring_in_order(place_with, wait_until) -> None:
    place = await place_with("ringing_limit = 2")
    callers = []
    for _ in range(4):
        caller = await place.caller()
        caller.dial()
        callers.append((caller, await place.received(caller)))
    await wait_until(lambda: len(place.centre.events(CallQueued)) == 2)
    assert "2 calls of its source ring already" in place.centre.events(CallQueued)[0].why
    statuses = [[e.response.status for e in caller.happened if isinstance(e, Ringing)] for caller, _ in callers]
    assert statuses == [[180], [180], [182], [182]]
    place.centre.answer(callers[0][1].call_id)
    await place.told(callers[2][1], "CallRinging")
    assert "CallRinging" not in place.of(callers[3][1])
    callers[1][0].hang_up()
    await place.told(callers[3][1], "CallRinging")


async def test_a_call_that_waits_may_be_picked_up(place_with) -> None:
    place = await place_with("ringing_limit = 1")
    first, second = await place.caller(), await place.caller()
    first.dial()
    await place.told(await place.received(first), "CallRinging")
    second.dial()
    received = await place.received(second)
    await place.told(received, "CallQueued")
    place.centre.answer(received.call_id)
    await second.answered()
    await place.told(received, "CallConnected")


async def test_call_that_waits_still_waits_after_the_line_was_killed(place_with, wait_until) -> None:
    place = await place_with("ringing_limit = 1")
    first, second = await place.caller(), await place.caller()
    first.dial()
    first_received = await place.received(first)
    await place.told(first_received, "CallRinging")
    second.dial()
    received = await place.received(second)
    await place.told(received, "CallQueued")
    await place.line.kill()
    await place.line.start()
    await wait_until(lambda: place.centre.connections == 2)
    assert "CallRinging" not in place.of(received)
    place.centre.link.release(first_received.call_id)
    await place.told(received, "CallRinging")
    assert place.centre.events(CallReleased)


async def test_call_without_an_audio_port_is_connected_when_one_is_free(place_with, line_kinds) -> None:
    place = await place_with()
    file = place.line.folder / "centre.toml"
    low = int(file.read_text().split("rtp_ports = [")[1].split(",")[0])
    rows = [
        f"rtp_ports = [{low}, {low + 1}]" if r.startswith("rtp_ports") else r for r in file.read_text().splitlines()
    ]
    file.write_text("\n".join(rows))
    await place.line.stop()
    await place.line.start()
    caller, _ = await place.talking()
    late = await place.caller()
    late.dial()
    received = await place.received(late)
    await place.told(received, "CallRinging")
    place.centre.answer(received.call_id)
    await place.told(received, "CallQueued")
    assert "No RTP port" in place.centre.events(CallQueued)[0].why
    caller.hang_up()
    await place.told(received, "CallConnected")
    assert not place.centre.events(CallFailed)
    late.hang_up()
    await place.told(received, "CallerDisconnected")


async def test_call_of_a_trunk_carries_its_name_and_a_broken_message_of_it_is_told_in_the_call(
    place_with, wait_until
) -> None:
    place = await place_with('trunk = [{ name = "county", sources = ["127.0.0.1"] }]')
    caller, received = await place.talking()
    assert received.trunk == "county"
    broken = f"BYE sip:x SIP/2.0\r\nCall-ID: {received.sip_call_id}\r\n\r\n".encode()
    for _ in range(30):
        caller.sockets._udp.sendto(broken, ("127.0.0.1", place.line.sip_port))
    await place.told(received, "MessageIgnored")
    caller.sockets._udp.sendto(b"INVITE sip:x SIP/2.0\r\n\r\n", ("127.0.0.1", place.line.sip_port))
    trouble = await place.centre.heard_of(WireTrouble)
    assert (trouble.kind, trouble.source, trouble.trunk) == (Trouble.BROKEN_MESSAGE, "127.0.0.1", "county")
    assert len(place.centre.events(MessageIgnored)) == 8
    assert place.centre.events(CallConnected)
    assert not place.centre.events(CallerDisconnected)
