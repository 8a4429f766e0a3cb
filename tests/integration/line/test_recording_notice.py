"""Telephones hear that they are recorded: by the frequency of what comes, on a real line with media workers."""

import asyncio
import socket
import tempfile
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tenfour.adapters.identity import new_i3_id, new_sip_token
from tenfour.adapters.sip_sockets import SipSockets
from tenfour.calltaking.event import AudioPickedUpAgain, CallConnected, CallReceived, RecordingEnded, RecordingStarted
from tenfour.calltaking.outgoing_event import CallPlaced
from tenfour.calltaking.recording_event import RecordingAnnounced
from tenfour.telephony.g711 import decode_ulaw
from tenfour.telephony.rtp import parse_rtp
from tenfour.telephony.sdp import offer, serialise_sdp
from tenfour.telephony.sip_event import InviteReceived, SipEvent
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId

CONSENT_HZ, BEEP_HZ = 900.0, 1400.0
WORDS = "This call is recorded by Larkspur County."
SETTINGS = f"""
[outgoing]
proxy = "127.0.0.1:{{port}}"
number = "614-555-0100"
[announcement]
beep_every_s = 0
[recording]
beep_every_s = 1
beep_hz = {BEEP_HZ:g}
consent_text = "{WORDS}"
consent_file = "{{consent}}"
"""


def write_tone(path: Path, hertz: float, seconds: float) -> None:
    at = np.arange(int(8000 * seconds)) / 8000
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes((9000 * np.sin(2 * np.pi * hertz * at)).astype("<i2").tobytes())


def has_tone(samples: Any, hertz: float) -> list[int]:
    """The tenths of a second in which a tone is the loudest of all that is heard."""
    found = []
    for tenth in range(len(samples) // 800):
        piece = samples[800 * tenth :][:800].astype(float)
        spectrum = np.abs(np.fft.rfft(piece * np.hanning(800)))
        if spectrum.max() > 20_000 and abs(np.argmax(spectrum) * 10 - hertz) <= 20:
            found.append(tenth)
    return found


class Callee:
    """A telephone that takes every call and listens."""

    def __init__(self, port: int) -> None:
        self.agent = UserAgent(host="127.0.0.1", port=port, new_token=new_sip_token)
        self.sockets = SipSockets(self.agent, self._happened)
        self._port = port
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind(("127.0.0.1", 0))
        self.rtp.setblocking(False)
        self.heard: list[bytes] = []

    async def listen(self) -> None:
        await self.sockets.listen("127.0.0.1", self._port)
        asyncio.get_running_loop().add_reader(self.rtp, lambda: self.heard.append(self.rtp.recv(4096)))

    async def leave(self) -> None:
        asyncio.get_running_loop().remove_reader(self.rtp)
        self.rtp.close()
        await self.sockets.close()

    @property
    def samples(self) -> Any:
        return decode_ulaw(b"".join(parse_rtp(data).payload for data in self.heard))

    def _happened(self, event: SipEvent) -> None:
        if isinstance(event, InviteReceived):
            sdp = serialise_sdp(offer(host="127.0.0.1", port=int(self.rtp.getsockname()[1]), session_id=9))
            self.agent.answer(event.call, sdp, asyncio.get_running_loop().time())
            self.sockets.pump()


@pytest.fixture
async def place(line_kinds: SimpleNamespace, sip_port: int, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """A line that tells whom it calls that it records, and a telephone. The parameter: the announcement's file."""
    consent = getattr(request, "param", "consent.wav")
    with tempfile.TemporaryDirectory(prefix="line-") as folder:
        line = line_kinds.LineProcess(Path(folder))
        write_tone(line.folder / "consent.wav", CONSENT_HZ, 1.0)
        with (line.folder / "centre.toml").open("a") as file:
            file.write(SETTINGS.format(port=sip_port, consent=consent))
        await line.start()
        centre, callee = line_kinds.CentreEnd(line.folder), Callee(sip_port)
        await centre.connect()
        await callee.listen()
        yield SimpleNamespace(line=line, centre=centre, callee=callee, until=line_kinds.until, kinds=line_kinds)
        await callee.leave()
        await centre.disconnect()
        await line.stop()
        print(line.log())


async def called(place: SimpleNamespace) -> CallPlaced:
    call_id, incident_id = CallId(new_i3_id()), IncidentId(new_i3_id())
    placed = CallPlaced(call_id, incident_id, "614-555-0137", PositionId("04"), PersonId("adeyemi"))
    place.centre.link.place(placed)
    await place.centre.heard_of(CallConnected)
    return placed


async def test_who_is_called_hears_the_words_once_and_then_a_beep_each_second(place: SimpleNamespace) -> None:
    placed = await called(place)
    assert await place.centre.heard_of(RecordingAnnounced) == RecordingAnnounced(WORDS)
    assert (await place.centre.heard_of(RecordingStarted)).beep_every_s == 1.0
    await place.until(lambda: len(place.callee.heard) > 50 * 4.5)
    words, beeps = has_tone(place.callee.samples, CONSENT_HZ), has_tone(place.callee.samples, BEEP_HZ)
    assert 9 <= len(words) <= 10 and words[-1] <= 11
    assert len([at for at in beeps if at - 1 not in beeps]) in (3, 4), beeps
    assert min(beeps) > max(words)
    place.centre.link.release(placed.call_id)
    ended = await place.centre.heard_of(RecordingEnded)
    with wave.open(str(place.line.folder / "recordings" / ended.file)) as wav:
        both = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2").reshape(-1, 2)
    assert has_tone(both[:, 1], CONSENT_HZ) and has_tone(both[:, 1], BEEP_HZ), "what was told is in the recording"
    assert not both[:, 0].any()
    assert len(place.centre.events(RecordingAnnounced)) == 1


async def test_words_are_not_said_again_by_the_next_media_worker_but_it_beeps_on(place: SimpleNamespace) -> None:
    placed = await called(place)
    await place.centre.heard_of(RecordingAnnounced)
    place.line.kill_carrier()
    await place.centre.heard_of(AudioPickedUpAgain)
    before = len(place.callee.heard)
    await place.until(lambda: len(place.callee.heard) > before + 150)
    after = decode_ulaw(b"".join(parse_rtp(data).payload for data in place.callee.heard[before:]))
    assert not has_tone(after, CONSENT_HZ)
    assert has_tone(after, BEEP_HZ)
    assert len(place.centre.events(RecordingAnnounced)) == 1
    place.centre.link.release(placed.call_id)
    await place.centre.heard_of(RecordingEnded, 2)


async def test_who_dials_911_hears_neither(place: SimpleNamespace) -> None:
    caller = place.kinds.Caller(place.line.sip_port)
    await caller.listen()
    caller.dial()
    await caller.ringing()
    place.centre.answer((await place.centre.heard_of(CallReceived)).call_id)
    await caller.answered()
    assert (await place.centre.heard_of(RecordingStarted)).beep_every_s == 0.0
    await place.until(lambda: len(caller.heard) > 50 * 3)
    heard = caller.heard_samples()
    assert not has_tone(heard, BEEP_HZ)
    caller.hang_up()
    await place.centre.heard_of(RecordingEnded)
    await caller.leave()
    assert not place.centre.events(RecordingAnnounced)


@pytest.mark.parametrize("place", ["none.wav"], indirect=True)
async def test_without_its_file_nothing_is_said_and_nothing_claimed(place: SimpleNamespace) -> None:
    placed = await called(place)
    await place.until(lambda: has_tone(place.callee.samples, BEEP_HZ))
    assert not has_tone(place.callee.samples, CONSENT_HZ)
    place.centre.link.release(placed.call_id)
    await place.centre.heard_of(RecordingEnded)
    assert not place.centre.events(RecordingAnnounced)
    assert "nobody is told that calls are recorded" in place.line.log()
