"""SIPp rings the demo centre, a position that answers by itself picks up, and everything is there as for any call."""

import asyncio
import io
import wave
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tenfour.telephony.g711 import encode_ulaw

pytestmark = pytest.mark.needs_sipp

SCENARIO = Path(__file__).resolve().parents[2] / "integration" / "sipp" / "emergency_call.xml"
TONE_HZ = 500
TALK_MS = 2000


async def sipp_calls(sipp: str, folder: Path, target: str, transport: str) -> None:
    """One emergency call with location and a tone; fails with what SIPp said."""
    at = np.arange(8000) / 8000
    (folder / "voice.ulaw").write_bytes(encode_ulaw((8000 * np.sin(2 * np.pi * TONE_HZ * at)).astype(np.int16)))
    process = await asyncio.create_subprocess_exec(
        sipp,
        *("-sf", str(SCENARIO), "-t", transport, "-m", "1", "-i", "127.0.0.1", "-mi", "127.0.0.1"),
        *("-d", str(TALK_MS), "-nostdin", "-timeout", "60", "-timeout_error", target),
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode == 0, errors.decode(errors="replace")


def loudest_hz(recording: bytes) -> float:
    """The strongest frequency of the caller in a recording."""
    with wave.open(io.BytesIO(recording)) as sound:
        rate = sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")[:: sound.getnchannels()]
    assert len(samples) > rate, "less than a second was recorded"
    return float(np.fft.rfftfreq(len(samples), 1 / rate)[np.abs(np.fft.rfft(samples)).argmax()])


@pytest.mark.parametrize("transport", ["u1", "t1"])
async def test_sipp_call_goes_the_whole_way(transport: str, sipp: str, running_centre: Any, tmp_path: Path) -> None:
    await running_centre.command("/api/positions/04", {"auto_answer": True})
    await sipp_calls(sipp, tmp_path, running_centre.supervisor.sip, transport)
    call = await running_centre.call()
    await running_centre.until_fact(f"call/{call['call_id']}", "RecordingEnded")
    call = await running_centre.call()
    assert (call["ani"], call["handset"], call["state"]) == ("911-442-7186", "NSI", "disconnected")
    assert (call["position"], call["may_call_back"]) == ("04", False)
    assert call["fixes"][0]["uncertainty_m"] == 120
    incident = await running_centre.ask(f"/api/incidents/{call['incident_id']}")
    assert incident["call_ids"] == [call["call_id"]]
    assert incident["advice"]["rule"].startswith("hangup.nsi")
    async with httpx.AsyncClient(base_url=f"http://{running_centre.supervisor.http}", trust_env=False) as client:
        headers = {"Authorization": f"Bearer {running_centre.door.token}"}
        answer = await client.get(call["recordings"][0]["url"], headers=headers)
    assert answer.status_code == 200
    assert abs(loudest_hz(answer.content) - TONE_HZ) < 5
