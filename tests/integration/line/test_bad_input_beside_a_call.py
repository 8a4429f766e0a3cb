"""Whatever comes over the wire, the call that is up does not notice, the next is taken, and the record tells of it.

One line and one call of a caller who sounds a tone are there for all of it.
"""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from tenfour.calltaking.event import (
    AudioMeasured,
    CallConnected,
    CallerAudioStarted,
    CallReceived,
    LocationConveyed,
    RecordingStarted,
    Trouble,
    WireTrouble,
)
from tenfour.location.pidf import PidfLoUnreadable, read_pidf_lo
from tenfour.telephony.sdp import audio_of, parse_sdp
from tenfour.telephony.sip_event import Answered
from tenfour.testing.bad_input import BROKEN_INVITES, STRAYS, UNUSABLE, UNWANTED
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId, call_stream

pytestmark = pytest.mark.asyncio(loop_scope="module")

TONE_HZ = 440.0
LOUDEST_TONE = 9000
FRAME = 160


class Scene:
    """A line, the centre's end of its link, and callers."""

    def __init__(self, kinds: Any, line: Any) -> None:
        self._kinds, self.line, self.centre = kinds, line, kinds.CentreEnd(line.folder)
        self._callers: list[Any] = []

    async def caller(self) -> Any:
        made = self._kinds.Caller(self.line.sip_port, "UDP", TONE_HZ)
        self._callers.append(made)
        await made.listen()
        return made

    async def received(self, caller: Any) -> CallReceived:
        """The fact of the INVITE of this caller."""
        await self._kinds.until(lambda: self._of(caller))
        return self._of(caller)[0]

    def _of(self, caller: Any) -> list[CallReceived]:
        return [event for event in self.centre.events(CallReceived) if event.sip_call_id == caller.call.call_id]

    async def fact(self, call_id: CallId, kind: type[Event]) -> Any:
        """The first fact of a kind of this call."""
        await self._kinds.until(lambda: self._facts(call_id, kind))
        return self._facts(call_id, kind)[0]

    def _facts(self, call_id: CallId, kind: type[Event]) -> list[Event]:
        stream = call_stream(call_id)
        return [f.event for f in self.centre.facts if f.stream == stream and isinstance(f.event, kind)]

    async def trouble(self, source: str) -> WireTrouble:
        """The first trouble that is told of this source."""
        await self._kinds.until(lambda: self._troubles(source))
        return self._troubles(source)[0]

    def _troubles(self, source: str) -> list[WireTrouble]:
        return [told for told in self.centre.events(WireTrouble) if told.source == source]

    async def talking(self) -> "Talking":
        """A call that is answered, whose caller sounds a tone."""
        caller = await self.caller()
        caller.dial()
        call_id = (await self.received(caller)).call_id
        self.centre.answer(call_id)
        await self.fact(call_id, CallConnected)
        caller.speak()
        await self.fact(call_id, CallerAudioStarted)
        file = (await self.fact(call_id, RecordingStarted)).file
        return Talking(self, caller, call_id, self.line.folder / "recordings" / file)

    async def next_call_is_taken(self) -> None:
        """Somebody else calls, is answered, and leaves."""
        caller = await self.caller()
        caller.dial("6145550137")
        self.centre.answer((await self.received(caller)).call_id)
        await caller.answered()
        caller.hang_up()

    async def leave(self) -> None:
        for caller in self._callers:
            await caller.leave()
        await self.centre.disconnect()


class Talking:
    """A call that is up, and its recording."""

    def __init__(self, scene: Scene, caller: Any, call_id: CallId, recording: Path) -> None:
        self.scene, self.caller, self.call_id, self.recording = scene, caller, call_id, recording
        self._listened_to = 0

    @property
    def audio_port(self) -> tuple[str, int]:
        answer = next(event for event in self.caller.happened if isinstance(event, Answered))
        audio = audio_of(parse_sdp(answer.sdp))
        return audio.host, audio.port

    async def noticed_nothing(self, seconds: float = 0.4) -> None:
        """So much more of the recording is the tone and nothing else, without a hole of more than 200 ms."""
        begin = self._listened_to
        async with asyncio.timeout(20):
            while len(samples := samples_of(self.recording)) < begin + 8000 * seconds:
                await asyncio.sleep(0.05)
        heard, self._listened_to = samples[begin:], len(samples)
        assert longest_quiet_ms(heard) <= 200
        assert abs(heard).max() < LOUDEST_TONE
        spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
        assert np.argmax(spectrum) * 8000 / len(heard) == pytest.approx(TONE_HZ, abs=12)


def samples_of(recording: Path) -> Any:
    """What is of the caller in a recording that may still grow."""
    raw = recording.read_bytes()[44:]
    return np.frombuffer(raw[: len(raw) // 4 * 4], dtype="<i2")[::2].astype(int)


def longest_quiet_ms(samples: Any) -> int:
    """The longest stretch without sound between two sounds."""
    frames = abs(samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)).max(axis=1) > 1000
    return int(np.diff(np.flatnonzero(frames)).max() - 1) * 20


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(line_kinds: Any) -> AsyncIterator[Scene]:
    with tempfile.TemporaryDirectory(prefix="line-") as folder:
        line = line_kinds.LineProcess(Path(folder))
        await line.start()
        made = Scene(line_kinds, line)
        await made.centre.connect()
        yield made
        await made.leave()
        await line.stop()
        print(line.log())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bystander(scene: Scene) -> Talking:
    return await scene.talking()


@pytest.mark.parametrize("name", BROKEN_INVITES)
async def test_broken_invite_is_taken_beside_a_call(name: str, scene: Scene, bystander: Talking) -> None:
    broken = BROKEN_INVITES[name]
    caller = await scene.caller()
    caller.dial(body=broken.body(caller.sdp), content_type=broken.content_type, headers=broken.headers)
    received = await scene.received(caller)
    await caller.ringing()
    if broken.unreadable_location:
        document = (await scene.fact(received.call_id, LocationConveyed)).pidf_lo
        with pytest.raises(PidfLoUnreadable):
            read_pidf_lo(document, source="by value", tower_radius_m=1000)
    else:
        assert broken.said in " ".join(received.problems)
    scene.centre.answer(received.call_id)
    await caller.answered()
    if broken.offerless:
        caller.agent.acknowledge(caller.call, caller.sdp, caller.now)
        caller.sockets.pump()
    connected = await scene.fact(received.call_id, CallConnected)
    assert bool(connected.codec) is broken.has_audio
    await bystander.noticed_nothing()
    caller.hang_up()


@pytest.mark.parametrize("name", STRAYS)
async def test_stray_audio_is_not_heard_in_a_call(name: str, scene: Scene, bystander: Talking) -> None:
    stray = STRAYS[name]
    talking = await scene.talking()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for packet in stray.packets:
            if stray.forged:
                stranger.sendto(packet, talking.audio_port)
            else:
                talking.caller.send_audio(packet, talking.audio_port)
            await asyncio.sleep(0.002)
    await talking.noticed_nothing()
    talking.caller.hang_up()
    measured = await scene.fact(talking.call_id, AudioMeasured)
    if stray.counted:
        assert getattr(measured, stray.counted) >= 0.9 * len(stray.packets)
    assert "KeypressReceived" not in scene.centre.names()
    await bystander.noticed_nothing()


def send_from(host: str, data: bytes, scene: Scene) -> None:
    """Twenty times, from an address that nobody else has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((host, 0))
        for _ in range(20):
            stranger.sendto(data, ("127.0.0.1", scene.line.sip_port))


@pytest.mark.parametrize("name", UNUSABLE)
async def test_datagram_that_cannot_be_used_is_told_and_disturbs_nobody(
    name: str, scene: Scene, bystander: Talking
) -> None:
    host = f"127.0.7.{1 + list(UNUSABLE).index(name)}"
    send_from(host, UNUSABLE[name], scene)
    told = await scene.trouble(host)
    assert told.kind is Trouble.BROKEN_MESSAGE
    assert told.problem
    await scene.next_call_is_taken()
    await bystander.noticed_nothing()


@pytest.mark.parametrize("name", UNWANTED)
async def test_datagram_of_no_call_disturbs_nobody(name: str, scene: Scene, bystander: Talking) -> None:
    send_from(f"127.0.8.{1 + list(UNWANTED).index(name)}", UNWANTED[name], scene)
    await scene.next_call_is_taken()
    await bystander.noticed_nothing()


async def test_line_had_no_trouble_with_itself(scene: Scene, bystander: Talking) -> None:
    assert "could not be dealt with" not in scene.line.log()
    assert "Traceback" not in scene.line.log()
