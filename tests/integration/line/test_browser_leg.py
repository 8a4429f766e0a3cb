"""Debian's chromium at the other end of a headset: what is said there is heard here, and the other way round."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Page

from tenfour.adapters.audio_ports import bind_audio
from tenfour.adapters.browser_leg import LOST_AFTER_S, BrowserLeg
from tenfour.adapters.dtls_certificate import DtlsCertificate, new_certificate
from tenfour.adapters.headset_state import HeadsetState
from tenfour.adapters.line_headset import HeadsetMedia
from tenfour.adapters.srtp import Place, SrtpKeys
from tenfour.telephony.browser_sdp import read_browser_offer
from tenfour.telephony.g711 import Samples
from tenfour.telephony.sdp import parse_sdp
from tenfour.vocabulary.ids import PersonId, PositionId

from .browser_page import CONNECT, LOUDEST, opened_page

pytestmark = pytest.mark.needs_chromium

CERTIFICATE = DtlsCertificate(new_certificate())
SAID_HZ, HEARD_HZ = 700.0, 1100.0
PORTS = (53000, 53998)


def tone(frequency: float, seconds: float, rate: int = 8000) -> Samples:
    at = np.arange(int(seconds * rate)) / rate
    wave_: Samples = (8000 * np.sin(2 * np.pi * frequency * at)).astype(np.int16)
    return wave_


def loudest(samples: Samples) -> float:
    """The frequency in Hz that is loudest; 0 for silence."""
    if np.abs(samples.astype(int)).max() < 500:
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum) * 8000 / samples.size)


class Headset:
    """One end here, the other in a browser; every 20 ms a frame goes each way, as in a call."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.states: list[HeadsetState] = []
        self.keys: list[SrtpKeys] = []
        self.heard: list[Samples] = []
        self.said = tone(HEARD_HZ, 1.0)
        self.leg: BrowserLeg | None = None
        self.media: HeadsetMedia | None = None

    async def connect(self) -> BrowserLeg:
        leg = self.take(await self.page.evaluate(CONNECT))
        assert self.media is not None
        sdp = self.media.answer(CERTIFICATE.fingerprint)
        await self.page.evaluate("sdp => connection.setRemoteDescription({type: 'answer', sdp})", sdp)
        return leg

    def take(self, offer: str) -> BrowserLeg:
        """Our end for this offer."""
        ports = bind_audio("127.0.0.1", PORTS)
        self.media = HeadsetMedia(
            PositionId("04"), PersonId("adeyemi"), read_browser_offer(parse_sdp(offer.encode())), ports, "127.0.0.1"
        )
        self.leg = BrowserLeg(ports, self.media.audio, CERTIFICATE, self)
        return self.leg

    def changed(self, state: HeadsetState) -> None:
        self.states.append(state)

    def audio_secured(self, keys: SrtpKeys) -> None:
        self.keys.append(keys)

    def audio_came_to(self, place: Place) -> None:
        self.place = place

    async def talk(self) -> None:
        at = 0
        while self.leg is None:
            await asyncio.sleep(0.02)
        while True:
            self.heard.append(self.leg.pull())
            del self.heard[:-100]
            self.leg.push(self.said[at : at + 160])
            at = (at + 160) % self.said.size
            await asyncio.sleep(0.02)


@pytest.fixture
async def headset(chromium: str, tmp_path: Path) -> AsyncIterator[Headset]:
    async with opened_page(chromium, tmp_path, SAID_HZ) as page:
        made = Headset(page)
        talking = asyncio.create_task(made.talk())
        try:
            yield made
        finally:
            talking.cancel()
            if made.leg is not None:
                made.leg.close()


async def until(condition, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while True:
            met = condition()
            if asyncio.iscoroutine(met):
                met = await met
            if met:
                return
            await asyncio.sleep(0.05)


async def test_both_ends_hear_the_tone_of_the_other(headset: Headset) -> None:
    leg = await headset.connect()
    await until(lambda: leg.is_there)
    await until(lambda: abs(loudest(np.concatenate(headset.heard[-50:])) - SAID_HZ) < 20)

    async def browser_hears() -> bool:
        return abs(await headset.page.evaluate(LOUDEST) - HEARD_HZ) < 20

    await until(browser_hears)
    assert headset.states == [HeadsetState.CONNECTED]
    assert (len(headset.keys), leg.strangers) == (1, 0)


async def test_a_browser_that_is_gone_is_lost_within_seconds(headset: Headset) -> None:
    leg = await headset.connect()
    await until(lambda: leg.is_there)
    await headset.page.close()
    gone_at = asyncio.get_running_loop().time()
    await until(lambda: leg.state is HeadsetState.LOST)
    assert asyncio.get_running_loop().time() - gone_at < LOST_AFTER_S + 7
    assert (leg.pull() == 0).all()


async def test_whoever_does_not_know_the_password_is_neither_heard_nor_answered(headset: Headset) -> None:
    leg = await headset.connect()
    await until(lambda: leg.is_there)
    loop = asyncio.get_running_loop()
    stranger, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=("127.0.0.1", leg.port))
    for datagram in (b"\x16\xfe\xff" + bytes(60), b"\x80\x00" + bytes(170), b"\x80\xc8" + bytes(26)):
        stranger.sendto(datagram)
    await until(lambda: leg.strangers == 3)
    stranger.close()
    assert leg.is_there


async def test_a_browser_that_never_comes_lets_go_of_the_port(headset: Headset, monkeypatch) -> None:
    monkeypatch.setattr("tenfour.adapters.browser_leg.CONNECT_WITHIN_S", 0.5)
    offer = await headset.page.evaluate(CONNECT)
    leg = headset.take(offer)
    await until(lambda: leg.state is HeadsetState.CLOSED)
    assert headset.states == [HeadsetState.CLOSED]
