"""A story's headset at the line's end of one: real ICE, DTLS and SRTP on loopback, tones both ways."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tenfour.adapters.audio_ports import bind_audio
from tenfour.adapters.browser_leg import BrowserLeg
from tenfour.adapters.dtls_certificate import DtlsCertificate, new_certificate
from tenfour.adapters.headset_state import HeadsetState
from tenfour.adapters.line_headset import HeadsetMedia
from tenfour.adapters.srtp import Place, SrtpKeys
from tenfour.play.ear import Ear, tone
from tenfour.play.headset import Headset
from tenfour.telephony.browser_sdp import read_browser_offer
from tenfour.telephony.errors import SdpError
from tenfour.telephony.g711 import decode_ulaw
from tenfour.telephony.sdp import parse_sdp
from tenfour.telephony.secured_sdp import Fingerprint
from tenfour.vocabulary.ids import PersonId, PositionId

LOOPBACK = "127.0.0.1"
PORTS = (52000, 52998)
CERTIFICATE = DtlsCertificate(new_certificate())
VOICES = {"call taker": 700, "caller": 440}
WITHIN_S = 15.0


class LineEnd:
    """The line's end: it says the caller's tone, and listens."""

    def __init__(self, offer: str) -> None:
        ports = bind_audio(LOOPBACK, PORTS)
        read = read_browser_offer(parse_sdp(offer.encode()))
        self.media = HeadsetMedia(PositionId("02"), PersonId("castellanos"), read, ports, LOOPBACK)
        self.leg = BrowserLeg(ports, self.media.audio, CERTIFICATE, self)
        self.states: list[HeadsetState] = []
        self.ear = Ear()
        self._talking = asyncio.create_task(self._talk())

    def changed(self, state: HeadsetState) -> None:
        self.states.append(state)

    def audio_secured(self, keys: SrtpKeys) -> None:
        """Nothing to keep."""

    def audio_came_to(self, place: Place) -> None:
        """Nothing to keep."""

    async def close(self) -> None:
        self._talking.cancel()
        await asyncio.gather(self._talking, return_exceptions=True)
        self.leg.close()

    async def _talk(self) -> None:
        packets = [decode_ulaw(packet) for packet in tone(VOICES["caller"])]
        for number in range(100_000):
            self.ear.take(self.leg.pull(), asyncio.get_running_loop().time())
            self.leg.push(packets[number % len(packets)])
            await asyncio.sleep(0.02)


@pytest.fixture
async def headset() -> AsyncIterator[Headset]:
    made = await Headset.open(LOOPBACK)
    made.hum(tone(VOICES["call taker"]))
    yield made
    await made.vanish()


@pytest.fixture
async def line(headset: Headset) -> AsyncIterator[LineEnd]:
    made = LineEnd(headset.offer())
    yield made
    await made.close()


def hears(ear: Ear, *wanted: str) -> bool:
    return ear.hears(VOICES, asyncio.get_running_loop().time()) == frozenset(wanted)


async def until(condition) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not condition():
            await asyncio.sleep(0.02)


async def test_both_ends_hear_the_voice_of_the_other_and_nobody_else(headset: Headset, line: LineEnd) -> None:
    headset.take_answer(line.media.answer(CERTIFICATE.fingerprint))
    await headset.connected.wait()
    await until(lambda: hears(headset.ear, "caller"))
    await until(lambda: hears(line.ear, "call taker"))
    assert (line.states, line.leg.strangers) == ([HeadsetState.CONNECTED], 0)


async def test_a_clip_is_said_in_the_place_of_the_tone(headset: Headset, line: LineEnd) -> None:
    headset.take_answer(line.media.answer(CERTIFICATE.fingerprint))
    await until(lambda: hears(line.ear, "call taker"))
    headset.speak(tone(VOICES["caller"]) * 3)
    await until(lambda: hears(line.ear, "caller"))
    await headset.until_spoken()
    await until(lambda: hears(line.ear, "call taker"))


async def test_a_headset_that_vanishes_is_lost_and_its_port_is_free(headset: Headset, line: LineEnd) -> None:
    headset.take_answer(line.media.answer(CERTIFICATE.fingerprint))
    await until(lambda: line.leg.is_there)
    place = headset.address
    await headset.vanish()
    taken, _ = await asyncio.get_running_loop().create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=place)
    taken.close()
    await until(lambda: line.leg.state is HeadsetState.LOST)
    assert line.states == [HeadsetState.CONNECTED, HeadsetState.LOST]


async def test_a_line_that_shows_another_certificate_is_not_spoken_with(headset: Headset, line: LineEnd) -> None:
    headset.take_answer(line.media.answer(Fingerprint("sha-256", bytes(32))))
    await until(lambda: headset.failed_words)
    assert "not the one that the description names" in headset.failed_words
    assert not headset.connected.is_set()
    assert not line.leg.is_there


@pytest.mark.parametrize(
    ("line", "instead", "sentence"),
    [
        ("a=candidate:", "a=nothing:", "no candidate"),
        ("a=setup:passive", "a=setup:active", "to nobody"),
        ("a=ice-pwd:", "a=ice-word:", "no name and password"),
        ("a=rtpmap:0 PCMU", "a=rtpmap:0 G722", "no audio in PCMU"),
    ],
    indirect=[],
)
async def test_an_answer_that_cannot_be_used_is_told(headset: Headset, line: str, instead: str, sentence: str) -> None:
    end = LineEnd(headset.offer())
    answer = end.media.answer(CERTIFICATE.fingerprint)
    await end.close()
    assert line in answer
    with pytest.raises(SdpError, match=sentence):
        headset.take_answer(answer.replace(line, instead))
