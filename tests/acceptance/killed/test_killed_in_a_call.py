"""Either process is killed in the middle of a call, twenty times: the call outlives it, and so does the record.

A real demo centre under its supervisor; a real telephone sounds a tone into it all the while.
"""

import asyncio
import collections
import contextlib
import math
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfour.adapters.supervisor import Kept, Supervisor
from tenfour.cli.run import DEMO_CACHE
from tenfour.cli.story import free_port
from tenfour.demo.make import make_centre
from tenfour.play.api import CentreSaidNo, Door
from tenfour.play.caller import PlacedCall, dial, put_away
from tenfour.play.cast import Caller
from tenfour.telephony.g711 import encode_ulaw
from tenfour.vocabulary.errors import Unavailable

TONE_HZ = 440
NUMBER = "911-442-7186"
SAMPLES = 160


class RunningCentre:
    """The centre under test: its folder, its two processes, a call taker's door."""

    def __init__(self, supervisor: Supervisor, door: Door) -> None:
        self.supervisor, self.door = supervisor, door

    @property
    def folder(self) -> Path:
        return self.supervisor.folder

    async def ask(self, path: str, **query: str | int) -> Any:
        """GET, patiently: while a process is being started again there is nobody to answer."""
        return await patiently(lambda: self.door.get(path, **query))

    async def command(self, path: str, body: dict[str, Any]) -> Any:
        """POST once; raises when it was not acknowledged."""
        return await self.door.post(path, body)

    async def facts(self, stream: str = "") -> list[dict[str, Any]]:
        """All facts of a stream, or of the whole record."""
        only: dict[str, str | int] = {"stream": stream} if stream else {}
        found: list[dict[str, Any]] = []
        while page := await self.ask("/api/facts", after=found[-1]["seq"] if found else 0, limit=1000, **only):
            found += page
        return found

    async def call(self) -> dict[str, Any]:
        """The one call of this centre, as the board shows it; patient until it is there."""
        async with asyncio.timeout(30):
            while True:
                board = await self.ask("/api/board")
                if board["calls"]:
                    return dict(board["calls"][0])
                await asyncio.sleep(0.05)

    async def kill(self, process: Kept) -> None:
        """SIGKILL, and wait until it was started again."""
        starts = process.starts
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        async with asyncio.timeout(30):
            while process.starts == starts:
                await asyncio.sleep(0.01)


async def patiently(ask: Callable[[], Awaitable[Any]]) -> Any:
    """Ask until there is an answer that is not «away just now»."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await ask()
            except Unavailable:
                await asyncio.sleep(0.02)
            except CentreSaidNo as error:
                if error.status != 503:
                    raise
                await asyncio.sleep(0.02)


def tone(seconds: float) -> tuple[bytes, ...]:
    """RTP payloads of PCMU, 20 ms each, with a tone of `TONE_HZ`."""
    time = np.arange(int(seconds * 8000))
    wave = (8000 * np.sin(2 * math.pi * TONE_HZ * time / 8000)).astype(np.int16)
    coded = encode_ulaw(wave)
    return tuple(bytes(coded[start : start + SAMPLES]) for start in range(0, len(coded), SAMPLES))


def quiet_stretches_ms(wav: Path) -> list[int]:
    """Each stretch without sound between two sounds of an 8 kHz PCM16 WAV, in steps of 20 ms."""
    samples = np.frombuffer(wav.read_bytes()[44:], "<i2")
    frames = np.abs(samples[: len(samples) // SAMPLES * SAMPLES].reshape(-1, SAMPLES).astype(int)).max(axis=1) > 1000
    loud = np.flatnonzero(frames)
    return [int(gap - 1) * 20 for gap in np.diff(loud) if gap > 1]


def length_s(wav: Path) -> float:
    """Seconds of audio in the file, whatever its header says."""
    return (wav.stat().st_size - 44) / 16000


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[RunningCentre]:
    folder = tmp_path / "centre"
    http, sip = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    await asyncio.to_thread(make_centre, folder, DEMO_CACHE, http=http, sip=sip, rtp_ports=(52000, 52998))
    supervisor, stop = Supervisor(folder, http=http, sip=sip, say=lambda _words: None), asyncio.Event()
    running = asyncio.create_task(supervisor.run(stop))
    door = Door(f"http://{http}")
    try:
        await supervisor.ready()
        await door.log_in(role="call_taker", person="adeyemi", position="04")
        yield RunningCentre(supervisor, door)
    finally:
        stop.set()
        await running
        await door.close()


@pytest.fixture
async def phone(centre: RunningCentre) -> AsyncIterator[PlacedCall]:
    """A deactivated phone that dials at once, over UDP."""
    host, _, port = centre.supervisor.sip.rpartition(":")
    call = await dial(Caller(name="boy", number=NUMBER), sip=(host, int(port)), bind="127.0.0.1", location_uri="")
    try:
        yield call
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(put_away(call), 10)


KILLS = 20


async def talking(centre: RunningCentre, phone: PlacedCall) -> str:
    """Answer the call and let the phone sound; the call's id."""
    call = await centre.call()
    await patiently(lambda: centre.command(f"/api/calls/{call['call_id']}/answer", {}))
    await asyncio.wait_for(phone.answered.wait(), 10)
    phone.voice.speak(tone(150))
    return str(call["call_id"])


async def write_notes(centre: RunningCentre, incident: str, acknowledged: list[str], stop: asyncio.Event) -> None:
    """Add notes as fast as they are acknowledged; remember those that were."""
    number = 0
    while not stop.is_set():
        number += 1
        text = f"note {number}"
        try:
            await centre.command(f"/api/incidents/{incident}/notes", {"text": text})
        except (Unavailable, CentreSaidNo):
            await asyncio.sleep(0.02)  # not acknowledged: it may or may not be there, once
        else:
            acknowledged.append(text)


async def facts_of_type(centre: RunningCentre, stream: str, kind: str) -> list[dict[str, Any]]:
    return [fact for fact in await centre.facts(stream) if fact["type"] == kind]


async def until_fact(centre: RunningCentre, stream: str, kind: str, count: int = 1) -> None:
    async with asyncio.timeout(30):
        while len(await facts_of_type(centre, stream, kind)) < count:
            await asyncio.sleep(0.05)


def verified(folder: Path) -> str:
    """What `tenfour journal verify` says; it must be content."""
    command = (sys.executable, "-m", "tenfour.cli.main", "journal", "verify", str(folder))
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


async def every_id_once(centre: RunningCentre) -> None:
    """No fact is in the record twice, and none is missing between two."""
    facts = await centre.facts()
    seqs, ids = [fact["seq"] for fact in facts], [fact["id"] for fact in facts]
    assert len(set(ids)) == len(ids)
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


@pytest.mark.timeout(300)
async def test_centre_killed_in_a_call_loses_nothing_and_the_audio_goes_on(
    centre: RunningCentre, phone: PlacedCall
) -> None:
    call_id = await talking(centre, phone)
    incident = (await centre.call())["incident_id"]
    acknowledged: list[str] = []
    stop = asyncio.Event()
    writing = asyncio.create_task(write_notes(centre, incident, acknowledged, stop))
    for _ in range(KILLS):
        await asyncio.sleep(random.uniform(0.05, 0.4))  # any moment will do
        before = len(acknowledged)
        await centre.kill(centre.supervisor.center)
        call = await centre.call()
        assert (call["call_id"], call["state"]) == (call_id, "talking")
        async with asyncio.timeout(20):
            while len(acknowledged) == before:
                await asyncio.sleep(0.02)
    stop.set()
    await writing
    phone.voice.fall_silent()
    await put_away(phone)
    await until_fact(centre, f"call/{call_id}", "RecordingEnded")

    noted = [fact["payload"]["text"] for fact in await facts_of_type(centre, f"incident/{incident}", "NarrativeAdded")]
    assert len(noted) == len(set(noted)), "a note is there twice"
    assert set(acknowledged) <= set(noted), "an acknowledged note is lost"
    assert len(acknowledged) >= KILLS
    recordings = list((centre.folder / "recordings").glob("*.wav"))
    assert len(recordings) == 1
    assert max(quiet_stretches_ms(recordings[0]), default=0) <= 200, "the caller's audio stopped with the centre"
    assert not await facts_of_type(centre, f"call/{call_id}", "CallPickedUpAgain")
    await every_id_once(centre)
    assert "verified" in verified(centre.folder)


@pytest.mark.timeout(300)
async def test_line_killed_in_a_call_takes_it_up_again(centre: RunningCentre, phone: PlacedCall) -> None:
    call_id = await talking(centre, phone)
    stream = f"call/{call_id}"
    await until_fact(centre, stream, "CallConnected")
    for kill in range(1, KILLS + 1):
        await asyncio.sleep(random.uniform(0.05, 0.4))  # any moment will do
        await centre.kill(centre.supervisor.line)
        await until_fact(centre, stream, "CallPickedUpAgain", kill)
        assert (await centre.call())["state"] == "talking"
    await asyncio.sleep(0.5)
    await put_away(phone)
    assert phone.ended_words == "hung up", "the line did not answer the caller's BYE"
    await until_fact(centre, stream, "CallerDisconnected")

    facts = await centre.facts(stream)
    counted = collections.Counter(fact["type"] for fact in facts)
    assert (counted["CallReceived"], counted["CallConnected"], counted["CallAnswered"]) == (1, 1, 1)
    assert counted["CallPickedUpAgain"] == KILLS
    assert counted["CallFailed"] == counted["CallAbandoned"] == 0
    started = {fact["payload"]["file"] for fact in facts if fact["type"] == "RecordingStarted"}
    assert started == {path.name for path in (centre.folder / "recordings").glob("*.wav")}
    gaps = [fact["payload"]["gap_s"] for fact in facts if fact["type"] == "CallPickedUpAgain"]
    assert max(gaps) < 5
    heard_s = sum(length_s(path) for path in (centre.folder / "recordings").glob("*.wav"))
    assert heard_s > 0.5
    await every_id_once(centre)
    assert "verified" in verified(centre.folder)
