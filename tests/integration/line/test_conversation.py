"""One call in this process: what it is told while nothing can be sent to it, and what it still says as it ends."""

import asyncio
import socket
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from tenfour.adapters.audio_ports import bind_audio
from tenfour.adapters.caption_feed import CaptionFeed
from tenfour.adapters.conversation import Conversation
from tenfour.adapters.dtls_certificate import DtlsCertificate, new_certificate
from tenfour.adapters.media_protocol import (
    CallerAudio,
    CallReport,
    ConsentHeard,
    Playing,
    Recorded,
    RecordingBegan,
    Sound,
    Sounds,
    TtyRead,
)
from tenfour.adapters.recorder import Recorder
from tenfour.adapters.sound_shelf import SoundShelf
from tenfour.telephony.baudot import BaudotSender
from tenfour.telephony.g711 import decode_ulaw, encode_ulaw
from tenfour.telephony.rtp import RtpPacket, parse_rtp, serialise_rtp
from tenfour.telephony.sdp import Codec
from tenfour.telephony.tty_ear import TtyEar
from tenfour.vocabulary.ids import CallId

CALL = CallId("call0123456789")
CONSENT_FRAMES = 10


@pytest.fixture
def telephone() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.setblocking(False)
        yield bound


@pytest.fixture
async def place(tmp_path: Path, telephone: socket.socket) -> AsyncIterator[SimpleNamespace]:
    """`begin(caller)` opens a conversation, whose reports gather in `reports`."""
    with wave.open(str(tmp_path / "consent.wav"), "wb") as wav:
        wav.setparams((1, 2, 8000, 0, "NONE", ""))
        wav.writeframes(np.full(160 * CONSENT_FRAMES, 9000, "<i2").tobytes())
    sounds = Sounds(str(tmp_path / "none.wav"), "", 0.0, consent=str(tmp_path / "consent.wav"))
    recorder, reports = Recorder(tmp_path / "recordings"), list[CallReport]()

    def begin(caller: CallerAudio) -> Conversation:
        return Conversation(
            CALL,
            bind_audio("127.0.0.1", (20000, 29999)),
            caller,
            certificate=DtlsCertificate(new_certificate()),
            sounds=SoundShelf(sounds),
            recorder=recorder,
            captions=CaptionFeed(tmp_path / "no-captioner"),
            report=reports.append,
        )

    yield SimpleNamespace(begin=begin, reports=reports, of=lambda kind: [one for one in reports if type(one) is kind])
    await recorder.close()


async def until(wanted) -> None:
    async with asyncio.timeout(10):
        while not wanted():
            await asyncio.sleep(0.005)


def spoken(frames, *, first: int = 1) -> list[bytes]:
    return [
        serialise_rtp(RtpPacket(0, first + at, 160 * (first + at), 7, encode_ulaw(frame), marker=False))
        for at, frame in enumerate(frames)
    ]


async def test_announcement_waits_until_something_can_be_sent_and_only_then_counts_as_heard(place, telephone) -> None:
    """Nobody said where this telephone hears: that is known with its first packet."""
    caller = CallerAudio(None, Codec.PCMU, 0, None, 60.0, watched=True, consent="It is recorded.")
    caller = msgspec.structs.replace(caller, recorded=Recorded(1), playing=Playing(Sound.SILENCE, 1))
    conversation = place.begin(caller)
    try:
        await until(lambda: place.of(RecordingBegan))
        await asyncio.sleep(2 * 0.02 * CONSENT_FRAMES)  # longer than the announcement: it must not have gone by
        assert not place.of(ConsentHeard)
        telephone.sendto(spoken([np.zeros(160, np.int16)])[0], ("127.0.0.1", conversation.leg.port))
        await until(lambda: place.of(ConsentHeard))
        heard = [int(decode_ulaw(parse_rtp(telephone.recv(2048)).payload)[80]) for _ in range(CONSENT_FRAMES)]
        assert min(heard) > 8000, "from its first word on"
    finally:
        conversation.close()


async def test_last_character_of_a_tty_is_told_though_the_call_ends_with_its_packet(place, telephone) -> None:
    sender, frames = BaudotSender(), []
    sender.type("FIRE")
    while (frame := sender.frame()) is not None:
        frames.append(frame)

    def read(count: int) -> str:
        ear = TtyEar()
        said = [ear.take(RtpPacket(0, at, 0, 7, b""), frame) for at, frame in enumerate(frames[:count])]
        return "".join([*said, ear.finish()])

    needed = next(count for count in range(len(frames) + 1) if read(count) == "FIRE")
    *before, last = spoken(frames[:needed])
    conversation = place.begin(CallerAudio(None, Codec.PCMU, 0, None, 60.0))
    to = ("127.0.0.1", conversation.leg.port)
    for packet in before:
        telephone.sendto(packet, to)
    await until(lambda: conversation.leg.packets == len(before))
    telephone.sendto(last, to)
    conversation.close()
    assert "".join(one.text for one in place.of(TtyRead)) == "FIRE"
