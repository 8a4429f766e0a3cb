"""Debian's chromium with a headset of its own: a microphone that is a tone, and an ear for the loudest frequency."""

import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from playwright.async_api import Page, async_playwright

PAGE = "http://localhost/headset"

CONNECT = """async () => {
    const microphone = await navigator.mediaDevices.getUserMedia({audio: {
        echoCancellation: false, noiseSuppression: false, autoGainControl: false}});
    window.connection = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
    const sender = connection.addTransceiver(microphone.getAudioTracks()[0], {direction: 'sendrecv'});
    const coded = RTCRtpReceiver.getCapabilities('audio').codecs.filter(each => each.mimeType === 'audio/PCMU');
    sender.setCodecPreferences(coded);
    const listening = new AudioContext();
    window.analyser = listening.createAnalyser();
    analyser.fftSize = 8192;
    connection.ontrack = event => {
        const heard = new MediaStream([event.track]);
        const sink = new Audio();
        sink.srcObject = heard;
        sink.muted = true;
        listening.createMediaStreamSource(heard).connect(analyser);
    };
    await connection.setLocalDescription();
    return connection.localDescription.sdp;
}"""
LOUDEST = """() => {
    const levels = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(levels);
    const at = levels.reduce((best, level, index) => level > levels[best] ? index : best, 0);
    return levels[at] > -60 ? at * analyser.context.sampleRate / analyser.fftSize : 0;
}"""
FLAGS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-background-networking",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
]


@asynccontextmanager
async def opened_page(chromium: str, folder: Path, microphone_hz: float) -> AsyncIterator[Page]:
    """An empty page, where `CONNECT` offers the headset and `LOUDEST` says what it hears."""
    said, at = folder / "microphone.wav", np.arange(2 * 48000) / 48000
    with wave.open(str(said), "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        file.writeframes((8000 * np.sin(2 * np.pi * microphone_hz * at)).astype("<i2").tobytes())
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=[*FLAGS, f"--use-file-for-fake-audio-capture={said}"]
        )
        page = await browser.new_page()
        await page.route(PAGE, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
        await page.goto(PAGE)
        try:
            yield page
        finally:
            await browser.close()
