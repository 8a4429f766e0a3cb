"""Either process is killed in the middle of a call, twenty times: the call outlives it, and so does the record.

A real demo centre under its supervisor; a real telephone sounds a tone into it all the while.
"""

import asyncio
import collections
import contextlib
import math
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfour.desk.wav import open_recording
from tenfour.play.api import CentreSaidNo
from tenfour.play.caller import PlacedCall, dial, put_away
from tenfour.play.cast import Caller
from tenfour.telephony.g711 import encode_ulaw
from tenfour.vocabulary.errors import Unavailable

TONE_HZ = 440
NUMBER = "911-442-7186"
SAMPLES = 160


def tone(seconds: float) -> tuple[bytes, ...]:
    """RTP payloads of PCMU, 20 ms each, with a tone of `TONE_HZ`."""
    time = np.arange(int(seconds * 8000))
    wave = (8000 * np.sin(2 * math.pi * TONE_HZ * time / 8000)).astype(np.int16)
    coded = encode_ulaw(wave)
    return tuple(bytes(coded[start : start + SAMPLES]) for start in range(0, len(coded), SAMPLES))


def quiet_stretches_ms(wav: Path) -> list[int]:
    """Each stretch in which the caller is silent between two sounds of a recording, in steps of 20 ms."""
    sound = open_recording(wav)
    raw = sound.read(44, sound.length)
    samples = np.frombuffer(raw[: len(raw) // 4 * 4], "<i2")[::2]
    frames = np.abs(samples[: len(samples) // SAMPLES * SAMPLES].reshape(-1, SAMPLES).astype(int)).max(axis=1) > 1000
    loud = np.flatnonzero(frames)
    return [int(gap - 1) * 20 for gap in np.diff(loud) if gap > 1]


def length_s(wav: Path) -> float:
    """Seconds of audio in the file, whatever its header says."""
    return (open_recording(wav).length - 44) / 32000


def recordings_in(folder: Path) -> list[Path]:
    """As they were sealed, whether they are compressed by now or not."""
    return sorted({path.with_suffix(".wav") for path in (folder / "recordings").iterdir()})


@pytest.fixture
async def phone(running_centre: Any) -> AsyncIterator[PlacedCall]:
    """A deactivated phone that dials at once, over UDP."""
    host, _, port = running_centre.supervisor.sip.rpartition(":")
    call = await dial(Caller(name="boy", number=NUMBER), sip=(host, int(port)), bind="127.0.0.1", location_uri="")
    try:
        yield call
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(put_away(call), 10)


KILLS = 20


async def talking(running_centre: Any, phone: PlacedCall) -> str:
    """Answer the call and let the phone sound; the call's id."""
    call = await running_centre.call()
    await running_centre.patient_command(f"/api/calls/{call['call_id']}/answer", {})
    await asyncio.wait_for(phone.answered.wait(), 10)
    phone.voice.speak(tone(150))
    return str(call["call_id"])


async def write_notes(running_centre: Any, incident: str, acknowledged: list[str], stop: asyncio.Event) -> None:
    """Add notes as fast as they are acknowledged; remember those that were."""
    number = 0
    while not stop.is_set():
        number += 1
        text = f"note {number}"
        try:
            await running_centre.command(f"/api/incidents/{incident}/notes", {"text": text})
        except (Unavailable, CentreSaidNo):
            await asyncio.sleep(0.02)  # not acknowledged: it may or may not be there, once
        else:
            acknowledged.append(text)


async def facts_of_type(running_centre: Any, stream: str, kind: str) -> list[dict[str, Any]]:
    return [fact for fact in await running_centre.facts(stream) if fact["type"] == kind]


def verified(folder: Path) -> str:
    """What `tenfour journal verify` says; it must be content."""
    command = (sys.executable, "-m", "tenfour.cli.main", "journal", "verify", str(folder))
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


async def every_id_once(running_centre: Any) -> None:
    """No fact is in the record twice, and none is missing between two."""
    facts = await running_centre.facts()
    seqs, ids = [fact["seq"] for fact in facts], [fact["id"] for fact in facts]
    assert len(set(ids)) == len(ids)
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


@pytest.mark.timeout(300)
async def test_centre_killed_in_a_call_loses_nothing_and_the_audio_goes_on(
    running_centre: Any, phone: PlacedCall
) -> None:
    call_id = await talking(running_centre, phone)
    incident = (await running_centre.call())["incident_id"]
    acknowledged: list[str] = []
    stop = asyncio.Event()
    writing = asyncio.create_task(write_notes(running_centre, incident, acknowledged, stop))
    for _ in range(KILLS):
        await asyncio.sleep(random.uniform(0.05, 0.4))  # any moment will do
        before = len(acknowledged)
        await running_centre.kill(running_centre.supervisor.center)
        call = await running_centre.call()
        assert (call["call_id"], call["state"]) == (call_id, "talking")
        async with asyncio.timeout(20):
            while len(acknowledged) == before:
                await asyncio.sleep(0.02)
    stop.set()
    await writing
    phone.voice.fall_silent()
    await put_away(phone)
    await running_centre.until_fact(f"call/{call_id}", "RecordingEnded")

    noted = [
        fact["payload"]["text"]
        for fact in await facts_of_type(running_centre, f"incident/{incident}", "NarrativeAdded")
    ]
    assert len(noted) == len(set(noted)), "a note is there twice"
    assert set(acknowledged) <= set(noted), "an acknowledged note is lost"
    assert len(acknowledged) >= KILLS
    recordings = recordings_in(running_centre.folder)
    assert len(recordings) == 1
    assert max(quiet_stretches_ms(recordings[0]), default=0) <= 200, "the caller's audio stopped with the centre"
    assert not await facts_of_type(running_centre, f"call/{call_id}", "CallPickedUpAgain")
    await every_id_once(running_centre)
    assert "verified" in verified(running_centre.folder)


@pytest.mark.timeout(300)
async def test_line_killed_in_a_call_takes_it_up_again(running_centre: Any, phone: PlacedCall) -> None:
    call_id = await talking(running_centre, phone)
    stream = f"call/{call_id}"
    await running_centre.until_fact(stream, "CallConnected")
    for kill in range(1, KILLS + 1):
        await asyncio.sleep(random.uniform(0.05, 0.4))  # any moment will do
        await running_centre.kill(running_centre.supervisor.line)
        await running_centre.until_fact(stream, "CallPickedUpAgain", kill)
        assert (await running_centre.call())["state"] == "talking"
    await asyncio.sleep(0.5)
    await put_away(phone)
    assert phone.ended_words == "hung up", "the line did not answer the caller's BYE"
    await running_centre.until_fact(stream, "CallerDisconnected")
    await running_centre.until_fact(stream, "AudioMeasured")
    # A file may be told later than the call's end: the recorder has its own pace.
    await running_centre.until_fact(stream, "RecordingEnded", len(recordings_in(running_centre.folder)))

    facts = await running_centre.facts(stream)
    counted = collections.Counter(fact["type"] for fact in facts)
    assert (counted["CallReceived"], counted["CallConnected"], counted["CallAnswered"]) == (1, 1, 1)
    assert counted["CallPickedUpAgain"] == KILLS
    assert counted["CallFailed"] == counted["CallAbandoned"] == 0
    started = {fact["payload"]["file"] for fact in facts if fact["type"] == "RecordingStarted"}
    assert started == {path.name for path in recordings_in(running_centre.folder)}
    gaps = [fact["payload"]["gap_s"] for fact in facts if fact["type"] == "CallPickedUpAgain"]
    assert max(gaps) < 20
    heard_s = sum(length_s(path) for path in recordings_in(running_centre.folder))
    assert heard_s > 0.5
    await every_id_once(running_centre)
    assert "verified" in verified(running_centre.folder)
