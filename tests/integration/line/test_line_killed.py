"""The line is killed with SIGKILL in the middle of calls: the calls go on, and no fact is lost or told twice."""

import asyncio
import hashlib
from collections import Counter
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from tenfour.calltaking.event import (
    CallAbandoned,
    CallConnected,
    CallerAudioStarted,
    CallerDisconnected,
    CallFailed,
    CallPickedUpAgain,
    CallReceived,
    CallReleased,
    CallRinging,
    RecordingEnded,
    RecordingStarted,
    Signal,
)
from tenfour.telephony.sip_event import ByeReceived, Ringing

KILLS = 20
HALF_A_SECOND = 16_000
"""Bytes of two channels: enough to tell one tone from another."""


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def total_size(paths: list[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def long_enough(paths: list[Path], count: int) -> bool:
    return len(paths) == count and all(path.stat().st_size > HALF_A_SECOND for path in paths)


async def connected_call(centre, new_caller, transport: str = "UDP", hertz: float = 440.0):
    caller = new_caller(transport, hertz)
    await caller.listen()
    before = len(centre.events(CallReceived))
    caller.dial()
    received = await centre.heard_of(CallReceived, before + 1)
    centre.answer(received.call_id)
    await caller.answered()
    caller.speak()
    return caller, received.call_id


async def test_twenty_kills_in_one_call_lose_and_double_nothing(
    line, centre, new_caller, frequency_of, wait_until
) -> None:
    caller, _ = await connected_call(centre, new_caller)
    await centre.heard_of(CallerAudioStarted)
    await centre.heard_of(RecordingStarted)
    for kill in range(1, KILLS + 1):
        size = total_size(line.recordings)
        await wait_until(lambda size=size: total_size(line.recordings) > size + 1600)
        await line.kill()
        await line.start()
        await centre.heard_of(CallPickedUpAgain, kill)
        await centre.heard_of(RecordingStarted, kill + 1)
    size = total_size(line.recordings)
    await wait_until(lambda: total_size(line.recordings) > size + 4800)
    caller.hang_up()
    await centre.heard_of(CallerDisconnected)
    await centre.heard_of(RecordingEnded, KILLS + 1)
    await wait_until(lambda: len(centre.events(RecordingEnded)) == len(centre.events(RecordingStarted)))

    counted = Counter(centre.names())
    once = {"CallReceived", "CallRinging", "CallConnected", "AnnouncementStarted", "CallerAudioStarted"}
    assert {name: counted[name] for name in once} == dict.fromkeys(once, 1)
    assert counted["CallPickedUpAgain"] == KILLS
    assert counted["CallerDisconnected"] == 1
    assert counted["CallFailed"] == 0
    assert len({fact.stream for fact in centre.facts}) == 1
    # A number is left out where a worker was ended before it made the file, as a machine without time has it.
    segments = sorted(event.segment for event in centre.events(RecordingStarted))
    assert segments == sorted(set(segments)) == sorted(event.segment for event in centre.events(RecordingEnded))
    assert len(segments) == len(line.recordings) >= KILLS + 1
    for ended in centre.events(RecordingEnded):
        assert ended.sha256 == digest_of(line.folder / "recordings" / ended.file)
    assert all(0 <= event.gap_s < 20 for event in centre.events(CallPickedUpAgain))
    for segment in (line.recordings[0], line.recordings[-1]):
        assert abs(frequency_of(segment) - 440) < 12


async def test_a_recording_that_the_killed_line_had_no_time_to_tell_is_told_by_the_next(
    line, centre, new_caller, wait_until
) -> None:
    caller, _ = await connected_call(centre, new_caller)
    await centre.heard_of(RecordingStarted)
    await wait_until(lambda: total_size(line.recordings) > 20_000)
    await line.kill()
    first = line.recordings[0]
    untold = first.with_name(first.name.replace("-1.wav", "-2.wav"))
    untold.write_bytes(first.read_bytes())
    await line.start()
    await centre.heard_of(RecordingStarted, 3)
    await caller.be_silent()
    caller.hang_up()
    await centre.heard_of(RecordingEnded, 3)
    assert [event.segment for event in centre.events(RecordingStarted)] == [1, 2, 3]
    told = next(event for event in centre.events(RecordingEnded) if event.segment == 2)
    assert told.sha256 == digest_of(untold)


async def test_a_killed_line_takes_several_calls_up_again_over_udp_and_tcp(
    line, centre, new_caller, frequency_of, wait_until
) -> None:
    calls = [
        await connected_call(centre, new_caller, transport, hertz)
        for transport, hertz in (("UDP", 400.0), ("TCP", 600.0), ("UDP", 800.0))
    ]
    await centre.heard_of(CallerAudioStarted, 3)
    await wait_until(lambda: long_enough(line.recordings, 3))
    await line.kill()
    await line.start()
    await centre.heard_of(CallPickedUpAgain, 3)
    await wait_until(lambda: {call.call_id for call in centre.calls} == {call_id for _, call_id in calls})
    assert all(call.connected and call.answered for call in centre.calls)
    await centre.heard_of(RecordingStarted, 6)
    heard = [len(caller.heard) for caller, _ in calls]
    await wait_until(lambda: all(len(c.heard) > n + 20 for (c, _), n in zip(calls, heard, strict=True)))
    await wait_until(lambda: long_enough(line.recordings, 6))
    for caller, _ in calls:
        caller.hang_up()
    await centre.heard_of(CallerDisconnected, 3)
    await centre.heard_of(RecordingEnded, 6)
    for (_, call_id), hertz in zip(calls, (400, 600, 800), strict=True):
        segments = [path for path in line.recordings if path.name.startswith(call_id)]
        assert len(segments) == 2
        assert all(abs(frequency_of(path) - hertz) < 12 for path in segments)


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_a_call_that_rang_when_the_line_died_rings_on_as_the_same_call(
    transport, line, centre, new_caller, wait_until
) -> None:
    caller = new_caller(transport)
    await caller.listen()
    caller.dial()
    received = await centre.heard_of(CallReceived)
    await centre.heard_of(CallRinging)
    await line.kill()
    await line.start()
    await wait_until(lambda: centre.connections == 2 and centre.link.connected)
    centre.answer(received.call_id)
    await caller.answered()
    caller.hang_up()
    await centre.heard_of(CallerDisconnected)
    assert centre.names().count("CallReceived") == 1


async def test_a_ringing_caller_may_still_cancel_after_the_line_died(line, centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial()
    await centre.heard_of(CallRinging)
    await caller.ringing()
    await line.kill()
    caller.hang_up()
    await line.start()
    assert await caller.rejected() == 487
    assert await centre.heard_of(CallAbandoned) == CallAbandoned(Signal.CANCEL)


async def ring_by_hand(port: int, number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """An INVITE over a new TCP connection: the same Call-ID and tag each time, CSeq `number`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = (
        "INVITE urn:service:sos SIP/2.0",
        f"Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKbyhand{number}",
        "From: <sip:9114427186@127.0.0.1>;tag=byhand",
        "To: <urn:service:sos>",
        "Call-ID: byhand@127.0.0.1",
        f"CSeq: {number} INVITE",
        "Contact: <sip:caller@127.0.0.1:9;transport=tcp>",
        "Max-Forwards: 70",
        "Content-Length: 0",
    )
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    return reader, writer


async def test_a_tcp_caller_who_calls_again_after_the_restart_is_the_same_call(line, centre, wait_until) -> None:
    reader, writer = await ring_by_hand(line.sip_port, 1)
    received = await centre.heard_of(CallReceived)
    await asyncio.wait_for(reader.readuntil(b"SIP/2.0 180"), 5)
    await line.kill()
    writer.close()
    await line.start()
    reader, writer = await ring_by_hand(line.sip_port, 2)
    await asyncio.wait_for(reader.readuntil(b"SIP/2.0 180"), 5)
    await wait_until(lambda: centre.connections == 2 and centre.link.connected)
    centre.answer(received.call_id)
    await asyncio.wait_for(reader.readuntil(b"SIP/2.0 200"), 5)
    writer.close()
    assert centre.names().count("CallReceived") == 1
    assert "CallFailed" not in centre.names()


async def test_a_ringing_tcp_caller_who_is_gone_after_the_restart_fails_with_the_reason(
    line, centre, new_caller
) -> None:
    caller = new_caller("TCP")
    await caller.listen()
    caller.dial()
    await centre.heard_of(CallRinging)
    await caller.ringing()
    await line.kill()
    await caller.sockets.close()
    await line.start()
    assert "did not come back" in (await centre.heard_of(CallFailed)).why


def kept_call(folder: Path) -> bytes:
    """What the outbox holds of the one call there is."""
    with closing(apsw.Connection(str(folder / "line" / "outbox.sqlite"), flags=apsw.SQLITE_OPEN_READONLY)) as outbox:
        return bytes(outbox.execute("SELECT kept FROM dialog").fetchone()[0])


async def test_a_call_answered_but_not_acknowledged_when_the_line_died_connects_after(
    line, centre, new_caller, wait_until
) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial()
    received = await centre.heard_of(CallReceived)
    await wait_until(lambda: any(isinstance(event, Ringing) for event in caller.happened))
    await centre.disconnect()
    await caller.answered()
    await wait_until(lambda: b'"ringing"' not in kept_call(line.folder))  # the answer waits for no disk
    await line.kill()
    await line.start()
    await centre.connect()
    connected = await centre.heard_of(CallConnected)
    assert connected.by_policy
    centre.answer(received.call_id)
    centre.link.release(received.call_id)
    await caller.wait_for(ByeReceived)
    await centre.heard_of(CallReleased)
    assert centre.names().count("CallConnected") == 1


async def test_a_line_killed_while_the_centre_is_away_still_delivers_everything(
    line, centre, new_caller, wait_until
) -> None:
    await centre.disconnect()
    caller = new_caller()
    await caller.listen()
    caller.dial()
    await caller.answered()
    caller.speak()
    await wait_until(lambda: line.recordings and total_size(line.recordings) > 8000)
    await line.kill()
    await line.start()
    await wait_until(lambda: len(line.recordings) == 2 and line.recordings[1].stat().st_size > 3200)
    caller.hang_up()
    await centre.connect()
    await centre.heard_of(CallAbandoned)
    await centre.heard_of(RecordingEnded, 2)
    counted = Counter(centre.names())
    assert max(counted[name] for name in ("CallReceived", "CallRinging", "CallConnected", "CallAbandoned")) == 1
    assert centre.names()[0] == "CallReceived"


async def test_an_orderly_stop_keeps_the_calls_too(line, centre, new_caller) -> None:
    caller, _ = await connected_call(centre, new_caller)
    await centre.heard_of(RecordingStarted)
    await line.stop()
    await line.start()
    await centre.heard_of(CallPickedUpAgain)
    caller.hang_up()
    await centre.heard_of(CallerDisconnected)
    await centre.heard_of(RecordingEnded, 2)


async def test_the_domain_clock_goes_on_as_it_was_set(line, centre, new_caller, wait_until) -> None:
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    centre.link.set_clock(now, now + timedelta(days=3), 1.0)
    first, _ = await connected_call(centre, new_caller)
    first.hang_up()
    await centre.heard_of(CallerDisconnected)
    await line.kill()
    await line.start()
    second = new_caller()
    await second.listen()
    second.dial()
    await centre.heard_of(CallReceived, 2)
    # The first INVITE may overtake the order on the other socket; what came after the answer cannot.
    hung_up = next(fact.at for fact in centre.facts if isinstance(fact.event, CallerDisconnected))
    second_came = [fact.at for fact in centre.facts if isinstance(fact.event, CallReceived)][1]
    assert min(hung_up, second_came) > now + timedelta(days=2, hours=23)
