"""SIPp, a SIP stack that is not ours, calls the line over UDP and TCP with audio (scenarios in ../sipp)."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from tenfour.calltaking.event import (
    CallAbandoned,
    CallConnected,
    CallerAudioStarted,
    CallerDisconnected,
    CallPickedUpAgain,
    CallReceived,
    LocationConveyed,
    RecordingEnded,
    RecordingStarted,
    Signal,
)

from .telephones import write_mulaw

pytestmark = pytest.mark.needs_sipp

SCENARIOS = Path(__file__).resolve().parent.parent / "sipp"


@pytest.fixture
def peer(sipp: str, sip_port: int) -> tuple[str, int]:
    """SIPp, and the port it calls from."""
    return sipp, sip_port


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def total_size(paths: list[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


async def start_sipp(
    command: tuple[str, int],
    line,
    folder: Path,
    scenario: str,
    *,
    transport: str = "u1",
    calls: int = 1,
    talk_ms: int = 2000,
):
    sipp, sip_port = command
    return await asyncio.create_subprocess_exec(
        sipp,
        *("-sf", str(SCENARIOS / scenario), "-t", transport, "-m", str(calls), "-l", str(calls), "-r", str(calls)),
        *("-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(sip_port), "-d", str(talk_ms)),
        *("-nostdin", "-timeout", "60", "-timeout_error"),
        f"127.0.0.1:{line.sip_port}",
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )


async def ended_well(process) -> None:
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode(errors="replace")


@pytest.mark.parametrize("transport", ["u1", "t1"])
async def test_sipp_calls_with_a_location_and_is_heard(
    *, transport, peer, line, centre, tmp_path, frequency_of
) -> None:
    write_mulaw(tmp_path / "voice.ulaw", 500)
    process = await start_sipp(peer, line, tmp_path, "emergency_call.xml", transport=transport)
    received = await centre.heard_of(CallReceived)
    assert (received.ani, received.callback_number) == ("911-442-7186", None)
    conveyed = await centre.heard_of(LocationConveyed)
    assert (conveyed.content_id, "39.9612 -82.9988" in conveyed.pidf_lo) == ("where@tower.example", True)
    centre.answer(received.call_id)
    assert (await centre.heard_of(CallConnected)).codec == "PCMU/8000"
    await centre.heard_of(CallerAudioStarted)
    await ended_well(process)
    assert await centre.heard_of(CallerDisconnected) == CallerDisconnected(Signal.BYE)
    ended = await centre.heard_of(RecordingEnded)
    assert 1.7 < ended.duration_s < 2.6
    recording = line.folder / "recordings" / ended.file
    assert ended.sha256 == digest_of(recording)
    assert abs(frequency_of(recording) - 500) < 5


async def test_sipp_hangs_up_while_it_rings(peer, line, centre, tmp_path) -> None:
    process = await start_sipp(peer, line, tmp_path, "abandoned_call.xml", calls=5)
    await ended_well(process)
    await centre.heard_of(CallAbandoned, 5)
    assert set(centre.events(CallAbandoned)) == {CallAbandoned(Signal.CANCEL)}


async def test_ten_sipp_calls_at_once_are_all_recorded(peer, line, centre, tmp_path, frequency_of) -> None:
    write_mulaw(tmp_path / "voice.ulaw", 900)
    process = await start_sipp(peer, line, tmp_path, "emergency_call.xml", calls=10)
    await centre.heard_of(CallReceived, 10)
    for received in centre.events(CallReceived):
        centre.answer(received.call_id)
    await ended_well(process)
    await centre.heard_of(RecordingEnded, 10)
    assert len({received.call_id for received in centre.events(CallReceived)}) == 10
    assert all(abs(frequency_of(path) - 900) < 5 for path in line.recordings)


async def test_a_sipp_call_outlives_a_killed_line(*, peer, line, centre, tmp_path, frequency_of, wait_until) -> None:
    write_mulaw(tmp_path / "voice.ulaw", 500)
    process = await start_sipp(peer, line, tmp_path, "emergency_call.xml", talk_ms=15000)
    received = await centre.heard_of(CallReceived)
    centre.answer(received.call_id)
    await centre.heard_of(CallerAudioStarted)
    for kill in (1, 2, 3):
        size = total_size(line.recordings)
        await wait_until(lambda size=size: total_size(line.recordings) > size + 4800)
        await line.kill()
        await line.start()
        await centre.heard_of(CallPickedUpAgain, kill)
        await centre.heard_of(RecordingStarted, kill + 1)
    await ended_well(process)
    assert await centre.heard_of(CallerDisconnected) == CallerDisconnected(Signal.BYE)
    await centre.heard_of(RecordingEnded, 4)
    assert centre.names().count("CallReceived") == 1
    assert all(abs(frequency_of(path) - 500) < 12 for path in line.recordings)
