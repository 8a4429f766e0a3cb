"""baresip, a telephone that is not ours, calls the line over UDP, TCP and TLS, its audio plain or secured by SDES or
DTLS; each side hears the other.
"""

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest

from tenfour.calltaking.event import (
    AudioMeasured,
    CallConnected,
    CallerAudioStarted,
    CallerDisconnected,
    CallReceived,
    RecordingEnded,
)
from tenfour.calltaking.voice_event import HeadsetConnected

from .browser_page import CONNECT, LOUDEST, opened_page
from .telephones import write_baresip
from .two_way import PERSON, POSITION, let_speak

pytestmark = pytest.mark.needs_baresip

MORE = """
sip_cafile {folder}/authority.pem
module sndfile.so
module srtp.so
module dtls_srtp.so
snd_path {folder}
"""
"""Its own certificates, SRTP, and a file of what it heard."""


VOICE_HZ, MICROPHONE_HZ = 700.0, 1100.0
SECONDS_TO_ITS_FIRST_REPORT = 5

PLAIN_REPORTS = 2
"""It opens a NAT with one RTCP packet that it does not secure, and its RTCP BYE is another."""


def heard_by_baresip(folder: Path) -> np.ndarray:
    """What it decoded of our audio."""
    (dump,) = folder.glob("dump-*-dec.wav")
    with wave.open(str(dump)) as wav:
        return np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2").astype(float)


@pytest.fixture
def baresip_calls(baresip, sip_port, line, tmp_path):
    """Starts a baresip that calls the line, talks for `talk_s` and hangs up."""

    async def call(transport: str, codec: str, talk_s: int, encryption: str = ""):
        certificate = (line.folder / "secrets/sip.pem").read_bytes()
        (tmp_path / "authority.pem").write_bytes(certificate)
        account = f"<sip:9114427186@127.0.0.1;transport={transport}>;regint=0;audio_codecs={codec}"
        account += f";mediaenc={encryption}" if encryption else ""
        more = MORE.format(folder=tmp_path)
        write_baresip(tmp_path, modules=baresip.modules, port=sip_port, account=account, more=more)
        port = line.tls_port if transport == "tls" else line.sip_port
        target = f"sip:911@127.0.0.1:{port};transport={transport}"
        return await asyncio.create_subprocess_exec(
            *(baresip.command, "-4", "-f", str(tmp_path), "-t", str(talk_s), "-e", f"/dial {target}"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    return call


async def talk(process, centre, codec: str = "pcmu") -> CallConnected:
    """The call is answered, and goes on until baresip hangs up."""
    try:
        received = await centre.heard_of(CallReceived)
        centre.answer(received.call_id)
        connected = await centre.heard_of(CallConnected)
        assert connected.codec == f"{codec.upper()}/8000"
        await centre.heard_of(CallerAudioStarted)
        said, _ = await asyncio.wait_for(process.communicate(), 20)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    print(said.decode(errors="replace"))
    await centre.heard_of(CallerDisconnected)
    return connected


def each_heard_the_other(line, ended: RecordingEnded, folder: Path, frequency_of) -> None:
    """Its voice is in our recording, and our announcement in its own."""
    assert abs(frequency_of(line.folder / "recordings" / ended.file) - 700) < 5
    heard = heard_by_baresip(folder)
    assert len(heard) > 8000
    assert np.sqrt(np.mean(heard**2)) > 300, "the announcement was not heard"


@pytest.mark.parametrize(
    ("transport", "codec", "talk_s"), [("udp", "pcmu", 4), ("tcp", "pcmu", 4), ("tls", "pcmu", 4), ("udp", "pcma", 8)]
)
async def test_baresip_and_the_line_hear_each_other(
    *, transport, codec, talk_s, baresip_calls, line, centre, tmp_path, frequency_of
) -> None:
    connected = await talk(await baresip_calls(transport, codec, talk_s), centre, codec)
    assert connected.media_security == ""
    received = await centre.heard_of(CallReceived)
    assert (received.ani, received.transport) == ("911-442-7186", transport.upper())
    measured = await centre.heard_of(AudioMeasured)
    assert measured.received > 50 * (talk_s - 2)
    assert measured.lost == 0
    assert measured.far_lost == (0 if talk_s > SECONDS_TO_ITS_FIRST_REPORT else None)
    ended = await centre.heard_of(RecordingEnded)
    assert ended.duration_s > talk_s - 2
    each_heard_the_other(line, ended, tmp_path, frequency_of)


@pytest.mark.parametrize(
    ("encryption", "security"),
    [("srtp-mand", "SDES"), ("srtp", "SDES"), ("dtls_srtp", "DTLS"), ("dtls_srtp;rtcp_mux=yes", "DTLS")],
)
async def test_baresip_and_the_line_hear_each_other_by_srtp(
    *, encryption, security, baresip_calls, line, centre, tmp_path, frequency_of
) -> None:
    connected = await talk(await baresip_calls("udp", "pcmu", 8, encryption), centre)
    assert connected.media_security == security
    measured = await centre.heard_of(AudioMeasured)
    assert measured.received > 50 * 4
    assert (measured.lost, measured.far_lost) == (0, 0)
    assert measured.unauthentic <= PLAIN_REPORTS
    each_heard_the_other(line, await centre.heard_of(RecordingEnded), tmp_path, frequency_of)


@pytest.mark.needs_chromium
@pytest.mark.parametrize(
    ("transport", "encryption", "security"),
    [("udp", "", ""), ("tcp", "srtp-mand", "SDES"), ("tls", "dtls_srtp", "DTLS")],
)
async def test_baresip_and_a_browser_hear_each_other(
    *, transport, encryption, security, baresip_calls, chromium, centre, tmp_path, wait_until
) -> None:
    """Each is heard by its tone: baresip's in chromium, the microphone's in what baresip decoded."""
    async with opened_page(chromium, tmp_path, MICROPHONE_HZ) as page:
        answer = await centre.link.connect_headset(POSITION, PERSON, await page.evaluate(CONNECT))
        await page.evaluate("sdp => connection.setRemoteDescription({type: 'answer', sdp})", answer)
        await centre.heard_of(HeadsetConnected)
        process = await baresip_calls(transport, "pcmu", 20, encryption)
        try:
            received = await centre.heard_of(CallReceived)
            centre.answer(received.call_id)
            let_speak(centre, received.call_id)
            connected = await centre.heard_of(CallConnected)
            assert (received.transport, connected.media_security) == (transport.upper(), security)
            async with asyncio.timeout(15):
                while abs(await page.evaluate(LOUDEST) - VOICE_HZ) > 15:
                    await asyncio.sleep(0.1)
            await wait_until(lambda: _dump_holds(tmp_path, MICROPHONE_HZ))
        finally:
            process.terminate()
            await process.wait()


def _dump_holds(folder: Path, hertz: float) -> bool:
    """Is this the loudest tone in the last half second of what baresip decoded by now?"""
    (dump,) = list(folder.glob("dump-*-dec.wav")) or [None]
    raw = dump.read_bytes()[44:] if dump is not None else b""
    heard = np.frombuffer(raw[: len(raw) // 2 * 2], dtype="<i2")[-4000:].astype(float)
    if len(heard) < 4000 or np.abs(heard).max() < 1000:
        return False
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    return bool(abs(np.argmax(spectrum) * 2.0 - hertz) < 15)
