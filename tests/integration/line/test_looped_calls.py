"""Test calls (urn:service:test.sos): answered by the line itself with the caller's own audio, and nobody's work."""

import asyncio
import socket
from pathlib import Path

import numpy as np
import pytest

from tenfour.calltaking.event import (
    AudioMeasured,
    CallConnected,
    CallerDisconnected,
    CallFailed,
    CallReceived,
    CallReleased,
    CallRinging,
    LoopbackStarted,
    RecordingEnded,
)
from tenfour.telephony.g711 import decode_ulaw, encode_ulaw
from tenfour.telephony.rtp import RtpPacket, parse_rtp, serialise_rtp
from tenfour.telephony.sip_event import Answered, ByeReceived, Rejected, Ringing

TEST = "urn:service:test.sos"
SCENARIO = Path(__file__).resolve().parent.parent / "sipp" / "test_call.xml"


@pytest.fixture
def with_limits(line):
    """Start the line again with these lines in its `[test_call]`."""

    async def write(settings: str) -> None:
        await line.stop()
        with (line.folder / "centre.toml").open("a") as file:
            file.write(f"[test_call]\n{settings}\n")
        await line.start()

    return write


def hertz_of(samples) -> float:
    """The strongest frequency of what was heard."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * 8000 / len(samples))


async def hears_itself(caller, wait_until, hertz: float) -> None:
    """The caller speaks, and its own tone comes back."""
    await caller.answered()
    caller.speak()
    begin = len(caller.heard)
    await wait_until(lambda: len(caller.heard) > begin + 60)
    heard = caller.heard_samples()[-40 * 160 :].astype(float)
    assert np.abs(heard).max() > 4000
    assert abs(hertz_of(heard) - hertz) < 10


async def test_a_test_call_hears_itself_never_rings_and_is_not_recorded(line, centre, new_caller, wait_until) -> None:
    caller = new_caller(hertz=617.0)
    await caller.listen()
    caller.dial("6145550199", target=TEST)
    await hears_itself(caller, wait_until, 617)
    caller.hang_up()
    assert await centre.heard_of(CallerDisconnected) == CallerDisconnected()
    assert (await centre.heard_of(CallReceived)).test
    measured = await centre.heard_of(AudioMeasured)
    assert centre.names() == ["CallReceived", "LoopbackStarted", "CallerDisconnected", "AudioMeasured"]
    assert centre.events(LoopbackStarted) == [LoopbackStarted("rtp-media-loopback", "PCMU/8000")]
    assert measured.received > 40
    assert measured.sent > 40
    assert not any(isinstance(event, Ringing) for event in caller.happened)
    assert not line.recordings


async def test_media_loopback_that_was_asked_for_is_agreed_on(centre, new_caller, wait_until) -> None:
    caller = new_caller(hertz=431.0)
    await caller.listen()
    caller.dial(
        target="urn:service:test.sos.fire", body=caller.sdp + b"a=loopback:rtp-media-loopback\r\na=loopback-source\r\n"
    )
    await hears_itself(caller, wait_until, 431)
    answered = next(event for event in caller.happened if isinstance(event, Answered))
    assert b"a=loopback:rtp-media-loopback\r\na=loopback-mirror\r\n" in answered.sdp
    assert (await centre.heard_of(LoopbackStarted)).asked


@pytest.mark.parametrize(("name", "payload_type"), [("encaprtp", 112), ("rtploopback", 113)])
async def test_packets_come_back_as_they_were_sent(name, payload_type, centre, new_caller, wait_until) -> None:
    caller = new_caller()
    await caller.listen()
    offer = caller.sdp.replace(b"RTP/AVP 0 101", f"RTP/AVP 0 {payload_type}".encode())
    offer += f"a=rtpmap:{payload_type} {name}/8000\r\na=loopback:rtp-pkt-loopback\r\na=loopback-source\r\n".encode()
    caller.dial(target=TEST, body=offer)
    await caller.answered()
    caller.speak()
    await wait_until(lambda: len(caller.heard) > 25)
    assert await centre.heard_of(LoopbackStarted) == LoopbackStarted("rtp-pkt-loopback", "PCMU/8000", True, name)
    looped = [parse_rtp(data) for data in caller.heard[:25]]
    assert {packet.payload_type for packet in looped} == {payload_type}
    assert 77 not in {packet.ssrc for packet in looped}
    first = looped[0].timestamp
    assert [(packet.timestamp - first) & 0xFFFFFFFF for packet in looped] == [160 * n for n in range(25)]
    said = [parse_rtp(packet.payload[4:]) for packet in looped] if name == "encaprtp" else []
    assert [packet.sequence for packet in said] == [*range(25)][: len(said)]
    payloads = [packet.payload for packet in said or looped]
    tone = decode_ulaw(b"".join(payloads)).astype(float)
    assert abs(hertz_of(tone) - 440) < 10


async def test_the_third_at_once_is_told_busy_and_when_to_try_again(centre, new_caller) -> None:
    callers = [new_caller() for _ in range(3)]
    for number, caller in enumerate(callers):
        await caller.listen()
        caller.dial(f"614555019{number}", target=TEST)
        await (caller.answered() if number < 2 else caller.rejected())
    refused = next(event for event in callers[2].happened if isinstance(event, Rejected))
    assert (refused.status, refused.response.first("Retry-After")) == (486, "30")
    assert "so many are up" in (await centre.heard_of(CallFailed)).why
    assert len(centre.events(LoopbackStarted)) == 2


async def test_a_source_may_test_once_in_a_while(centre, new_caller) -> None:
    first, second = new_caller(), new_caller()
    for caller in (first, second):
        await caller.listen()
    first.dial("6145550199", target=TEST)
    await first.answered()
    first.hang_up()
    await centre.heard_of(CallerDisconnected)
    second.dial("6145550199", target=TEST)
    refused = await second.wait_for(Rejected)
    assert refused.status == 486
    assert 1 <= int(refused.response.first("Retry-After")) <= 10


async def test_an_emergency_call_beside_test_calls_rings_and_is_heard(
    line, centre, new_caller, wait_until, frequency_of
) -> None:
    testers = [new_caller(hertz=900.0 + 200 * number) for number in range(2)]
    for number, tester in enumerate(testers):
        await tester.listen()
        tester.dial(f"614555019{number}", target=TEST)
        await tester.answered()
        tester.speak()
    caller = new_caller(hertz=440.0)
    await caller.listen()
    caller.dial()
    await caller.ringing()
    await centre.heard_of(CallRinging)
    received = next(call for call in centre.events(CallReceived) if not call.test)
    centre.answer(received.call_id)
    await caller.answered()
    caller.speak()
    await centre.heard_of(CallConnected)
    await wait_until(lambda: len(caller.heard) > 100 and all(len(tester.heard) > 100 for tester in testers))
    caller.hang_up()
    recorded = await centre.heard_of(RecordingEnded)
    assert abs(frequency_of(line.folder / "recordings" / recorded.file) - 440) < 5
    measured = await centre.heard_of(AudioMeasured)
    assert (measured.lost, measured.refused) == (0, 0)
    for number, tester in enumerate(testers):
        heard = tester.heard_samples()[-40 * 160 :].astype(float)
        assert abs(hertz_of(heard) - (900 + 200 * number)) < 10


async def test_a_test_call_that_stays_too_long_is_ended(with_limits, centre, new_caller) -> None:
    await with_limits("seconds = 0.5")
    caller = new_caller()
    await caller.listen()
    caller.dial(target=TEST)
    await caller.wait_for(ByeReceived)
    assert await centre.heard_of(CallReleased) == CallReleased()
    await centre.heard_of(AudioMeasured)
    assert centre.names()[-2:] == ["CallReleased", "AudioMeasured"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [("answer = false", "not answered here"), ("ports_kept = 100000", "kept for emergency calls")],
)
async def test_a_test_call_may_be_refused_by_the_settings(settings, words, with_limits, centre, new_caller) -> None:
    await with_limits(settings)
    caller = new_caller()
    await caller.listen()
    caller.dial(target=TEST)
    assert await caller.rejected() == 486
    assert words in (await centre.heard_of(CallFailed)).why
    assert "CallRinging" not in centre.names()


async def test_a_test_call_without_a_codec_for_us_is_refused(centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    body = caller.sdp.replace(b"AVP 0 101", b"AVP 18").replace(b"0 PCMU/8000", b"18 G729/8000")
    caller.dial(target=TEST, body=body)
    assert await caller.rejected() == 488
    assert "(488)" in (await centre.heard_of(CallFailed)).why


async def test_a_test_call_is_over_when_the_line_was_killed(line, centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial(target=TEST)
    await caller.answered()
    await centre.heard_of(LoopbackStarted)
    await line.kill()
    await line.start()
    assert "does not take up" in (await centre.heard_of(CallFailed)).why
    await caller.wait_for(ByeReceived)
    assert "CallPickedUpAgain" not in centre.names()


async def test_a_test_call_is_answered_with_the_centre_away(new_caller, wait_until) -> None:
    caller = new_caller(hertz=617.0)
    await caller.listen()
    caller.dial(target=TEST)
    await hears_itself(caller, wait_until, 617)


# ---- SIPp signals; the test speaks and listens at the port that SIPp's offer names ----


class Ear:
    """An RTP port that speaks a tone and keeps what comes back."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port = int(self._socket.getsockname()[1])
        self.heard: list[bytes] = []
        self._sent = 0
        asyncio.get_running_loop().add_reader(self._socket, lambda: self._take(*self._socket.recvfrom(4096)))

    def _take(self, data: bytes, address: tuple[str, int]) -> None:
        """The line's own 20 ms beat: for each packet that comes, one goes back."""
        packet = parse_rtp(data) if data[1] & 0x7F < 64 else None
        if packet is None:
            return
        self.heard.append(packet.payload)
        at = np.arange(160 * self._sent, 160 * (self._sent + 1)) / 8000
        tone = encode_ulaw((8000 * np.sin(2 * np.pi * 530 * at)).astype(np.int16))
        self._socket.sendto(serialise_rtp(RtpPacket(0, self._sent, 160 * self._sent, 9, tone)), address)
        self._sent += 1

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()


@pytest.mark.needs_sipp
async def test_sipp_places_a_test_call_and_its_audio_returns(
    *, sipp, sip_port, line, centre, wait_until, tmp_path
) -> None:
    ear = Ear()
    process = await asyncio.create_subprocess_exec(
        sipp,
        *("-sf", str(SCENARIO), "-m", "1", "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(sip_port), "-d", "3000"),
        *("-key", "heard_port", str(ear.port), "-nostdin", "-timeout", "60", "-timeout_error"),
        f"127.0.0.1:{line.sip_port}",
        cwd=tmp_path,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    await wait_until(lambda: len(ear.heard) > 100)
    heard = decode_ulaw(b"".join(ear.heard[-40:])).astype(float)
    assert abs(hertz_of(heard) - 530) < 10
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode(errors="replace")
    await centre.heard_of(CallerDisconnected)
    assert centre.events(LoopbackStarted) == [LoopbackStarted("rtp-media-loopback", "PCMU/8000", asked=True)]
    ear.close()
