"""Calls whose audio is secured: heard by whoever has the keys, through kills and new keys, and by nobody else."""

import asyncio
import base64
import os
import socket

import numpy as np
import pytest

from tenfour.adapters.dtls_certificate import DtlsCertificate, new_certificate
from tenfour.adapters.dtls_handshake import DtlsHandshake, is_handshake
from tenfour.adapters.srtp import SrtpKeys, SrtpReceiver, SrtpSender
from tenfour.calltaking.event import (
    AudioAgreed,
    AudioMeasured,
    AudioNotAgreed,
    AudioPickedUpAgain,
    CallConnected,
    CallerAudioStarted,
    CallerDisconnected,
    CallPickedUpAgain,
    CallReceived,
    RecordingEnded,
    RecordingStarted,
)
from tenfour.telephony.g711 import decode_ulaw
from tenfour.telephony.rtp import RtpPacket, is_rtcp, parse_rtp, serialise_rtp
from tenfour.telephony.sdp import audio_of, parse_sdp
from tenfour.telephony.secured_sdp import Dtls, Suite
from tenfour.telephony.sip_event import Answered

SUITE = Suite.AES_CM_128_HMAC_SHA1_80
THEIRS = DtlsCertificate(new_certificate())


def size_of(path) -> int:
    return path.stat().st_size


def by_sdes(plain: bytes, key: bytes, *, profile: bytes = b"RTP/SAVP", suite: Suite = SUITE) -> bytes:
    """The description with a key in it."""
    line = b"a=crypto:1 " + suite.value.encode() + b" inline:" + base64.b64encode(key) + b"\r\n"
    return plain.replace(b"RTP/AVP", profile) + line


def by_dtls(plain: bytes, setup: str, digest: bytes = THEIRS.fingerprint.digest) -> bytes:
    """The description with a fingerprint in it."""
    lines = f"a=fingerprint:sha-256 {digest.hex(':')}\r\na=setup:{setup}\r\na=rtcp-mux\r\n".encode()
    return plain.replace(b"RTP/AVP", b"UDP/TLS/RTP/SAVP") + lines


def answer_to(caller, number: int = 1):
    """The audio of our side's answer."""
    answers = [event for event in caller.happened if isinstance(event, Answered)]
    return audio_of(parse_sdp(answers[number - 1].sdp))


class Ear:
    """What a caller with keys hears."""

    def __init__(self, caller, suite: Suite, keys) -> None:
        self.caller, self.suite, self.keys = caller, suite, keys
        self.plain: list[RtpPacket] = []
        self.ssrcs: dict[int, None] = {}
        self._receiver, self._at = SrtpReceiver(suite, keys), 0

    def listen(self) -> int:
        """Open what came since; how many packets were heard in all."""
        for data in self.caller.heard[self._at :]:
            opened = None if is_rtcp(data) or is_handshake(data) else self._receiver.unprotect(data)
            if opened is not None:
                self.plain.append(parse_rtp(opened))
                self.ssrcs[self.plain[-1].ssrc] = None
        self._at = len(self.caller.heard)
        return len(self.plain)

    def loudest(self) -> int:
        return int(np.abs(decode_ulaw(b"".join(packet.payload for packet in self.plain)).astype(int)).max())


@pytest.fixture
def secured_call(centre, new_caller):
    """A caller with a key of its own, answered; gives the caller, its key and what it hears."""

    async def call(
        *, suite: Suite = SUITE, profile: bytes = b"RTP/SAVP", hertz: float = 440.0, first_sequence: int = 0
    ):
        caller, key = new_caller(hertz=hertz), os.urandom(suite.key_bytes + suite.salt_bytes)
        await caller.listen()
        calls = len(centre.events(CallReceived))
        caller.dial(body=by_sdes(caller.sdp, key, profile=profile, suite=suite))
        centre.answer((await centre.heard_of(CallReceived, calls + 1)).call_id)
        await caller.answered()
        caller.secured, caller.first_sequence = SrtpSender(suite, key).protect, first_sequence
        caller.speak()
        return caller, key, Ear(caller, suite, answer_to(caller).security.keys)

    return call


@pytest.mark.parametrize("suite", list(Suite))
@pytest.mark.parametrize("profile", [b"RTP/SAVP", b"RTP/AVP"])
async def test_a_caller_by_sdes_is_heard_and_hears(
    *, suite, profile, line, centre, secured_call, frequency_of, wait_until
) -> None:
    caller, key, ear = await secured_call(suite=suite, profile=profile)
    assert (await centre.heard_of(CallConnected)).media_security == "SDES"
    await wait_until(lambda: ear.listen() > 60)
    assert ear.loudest() > 2000
    caller.hang_up()
    measured = await centre.heard_of(AudioMeasured)
    assert measured.received > 40
    assert measured.unauthentic == 0
    ended = await centre.heard_of(RecordingEnded)
    assert abs(frequency_of(line.folder / "recordings" / ended.file) - 440) < 5
    told = line.log() + repr(centre.facts)
    assert base64.b64encode(key).decode()[:16] not in told


async def test_who_has_no_keys_is_never_heard_and_disturbs_nobody(
    *, line, centre, new_caller, secured_call, frequency_of, wait_until
) -> None:
    caller, _, ear = await secured_call(hertz=440.0)
    beside = new_caller(hertz=800.0)
    await beside.listen()
    beside.dial()
    centre.answer((await centre.heard_of(CallReceived, 2)).call_id)
    await beside.answered()
    beside.speak()
    await centre.heard_of(CallerAudioStarted, 2)
    await wait_until(lambda: ear.listen() > 5)
    target = (answer_to(caller).host, answer_to(caller).port)
    genuine, sender = [], caller.secured

    def overheard(packet: bytes) -> bytes | None:
        genuine.append(sender(packet))
        return genuine[-1]

    caller.secured = overheard
    await wait_until(lambda: len(genuine) > 20)
    others = SrtpSender(SUITE, os.urandom(30))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))
        for at in range(200):
            plain = serialise_rtp(RtpPacket(0, 9000 + at, 160 * at, 77, b"\x00" * 160))
            stolen = genuine[at % 20]
            forged = stolen[:40] + bytes([stolen[40] ^ 1]) + stolen[41:]
            for packet in (plain, stolen, forged, others.protect(plain), b"\x80\xc9\x00\x01\x00\x00\x00\x4d"):
                stranger.sendto(packet, target)
            await asyncio.sleep(0.002)
        heard = ear.listen()
        await wait_until(lambda: ear.listen() > heard + 25)
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.recv(2048)
    caller.hang_up()
    first = await centre.heard_of(AudioMeasured)
    beside.hang_up()
    second = await centre.heard_of(AudioMeasured, 2)
    assert first.unauthentic == 1000
    assert (first.lost, first.doubled, first.refused) == (0, 0, 0)
    assert (second.lost, second.unauthentic, second.refused) == (0, 0, 0)
    await centre.heard_of(RecordingEnded, 2)
    found = sorted(frequency_of(path) for path in line.recordings)
    assert abs(found[0] - 440) < 5
    assert abs(found[1] - 800) < 5


@pytest.mark.parametrize("killed", [CallPickedUpAgain, AudioPickedUpAgain])
async def test_a_call_by_sdes_is_heard_again_after_the_line_or_its_worker_was_killed_past_a_rollover(
    *, killed, line, centre, secured_call, frequency_of, wait_until
) -> None:
    caller, _, ear = await secured_call(first_sequence=65_480)
    await wait_until(lambda: caller._sent > 90 and ear.listen() > 50)
    await wait_until(lambda: line.recordings and size_of(line.recordings[0]) > 20_000)
    for kill in (1, 2):
        await kill_and_wait(killed, line, centre, kill)
        await centre.heard_of(RecordingStarted, kill + 1)
        await wait_until(lambda kill=kill: len(line.recordings) > kill and size_of(line.recordings[kill]) > 16_000)
        heard = ear.listen()
        await wait_until(lambda heard=heard: ear.listen() > heard + 25)
    assert len(ear.ssrcs) == 3
    caller.hang_up()
    measured = await centre.heard_of(AudioMeasured)
    assert measured.unauthentic == 0
    await centre.heard_of(RecordingEnded, 3)
    assert all(abs(frequency_of(path) - 440) < 12 for path in line.recordings)


async def kill_and_wait(killed, line, centre, count: int) -> None:
    """Kill the line or the worker that carries the call, until it is picked up again."""
    if killed is CallPickedUpAgain:
        await line.kill()
        await line.start()
    else:
        line.kill_carrier()
    await centre.heard_of(killed, count)


async def test_new_keys_in_a_later_offer_are_used_at_once(
    *, line, centre, secured_call, frequency_of, wait_until
) -> None:
    caller, _, ear = await secured_call()
    await wait_until(lambda: ear.listen() > 10)
    for number, suite in ((2, SUITE), (3, Suite.AEAD_AES_256_GCM)):
        key = os.urandom(suite.key_bytes + suite.salt_bytes)
        caller.agent.reinvite(caller.call, by_sdes(caller.sdp, key, suite=suite), caller.now)
        caller.sockets.pump()
        await wait_until(
            lambda number=number: len([event for event in caller.happened if isinstance(event, Answered)]) == number
        )
        caller.secured = SrtpSender(suite, key).protect
        again = Ear(caller, suite, answer_to(caller, number).security.keys)
        assert again.keys != ear.keys
        await wait_until(lambda again=again: again.listen() > 20)
        ear = again
    caller.agent.reinvite(caller.call, by_sdes(caller.sdp, key, suite=suite), caller.now)
    caller.sockets.pump()
    await wait_until(lambda: len([event for event in caller.happened if isinstance(event, Answered)]) == 4)
    assert answer_to(caller, 4).security == answer_to(caller, 3).security
    heard = again.listen()
    await wait_until(lambda: again.listen() > heard + 10)
    caller.hang_up()
    measured = await centre.heard_of(AudioMeasured)
    assert (measured.lost, measured.unauthentic) == (0, 0)
    ended = await centre.heard_of(RecordingEnded)
    assert abs(frequency_of(line.folder / "recordings" / ended.file) - 440) < 5


async def test_a_broken_key_is_named_and_the_call_is_spoken_plain(centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial(body=by_sdes(caller.sdp, b"too short", profile=b"RTP/AVP"))
    received = await centre.heard_of(CallReceived)
    assert any("a=crypto" in problem for problem in received.problems)
    centre.answer(received.call_id)
    await caller.answered()
    assert answer_to(caller).security is None
    caller.speak()
    assert (await centre.heard_of(CallConnected)).media_security == ""
    await centre.heard_of(CallerAudioStarted)


async def test_a_test_call_by_sdes_hears_itself(centre, new_caller, wait_until) -> None:
    caller, key = new_caller(hertz=617.0), os.urandom(30)
    await caller.listen()
    caller.dial(target="urn:service:test.sos", body=by_sdes(caller.sdp, key))
    await caller.answered()
    caller.secured = SrtpSender(SUITE, key).protect
    caller.speak()
    ear = Ear(caller, SUITE, answer_to(caller).security.keys)
    await wait_until(lambda: ear.listen() > 60)
    assert ear.loudest() > 4000


# ---- DTLS ----


class Handshake:
    """A caller's side of a handshake, on the socket of its audio."""

    def __init__(self, caller, number: int = 1, since: int = 0) -> None:
        self.caller, self.outcome, self._taken = caller, [], since
        to = answer_to(caller, number)
        assert isinstance(to.security, Dtls)
        agreed = Dtls(to.security.fingerprints, to.security.we_begin)
        target = (to.host, to.port)
        self._side = DtlsHandshake(THEIRS, agreed, lambda data: caller._rtp.sendto(data, target), self.outcome.append)

    async def end(self, wait_until) -> SrtpKeys:
        """Come to the end of it and speak by its keys."""
        await wait_until(self._ended)
        (keys,) = self.outcome
        self.caller.secured = SrtpSender(keys.suite, keys.ours).protect
        return keys

    def _ended(self) -> bool:
        for data in self.caller.heard[self._taken :]:
            if is_handshake(data):
                self._side.take(data)
        self._taken = len(self.caller.heard)
        return bool(self.outcome)

    def close(self) -> None:
        self._side.close()


@pytest.fixture
def dtls_call(centre, new_caller):
    """A caller who described a fingerprint, answered."""

    async def call(setup: str, **more):
        caller = new_caller()
        await caller.listen()
        caller.dial(body=by_dtls(caller.sdp, setup, **more))
        centre.answer((await centre.heard_of(CallReceived)).call_id)
        await caller.answered()
        return caller

    return call


@pytest.mark.parametrize("killed", [CallPickedUpAgain, AudioPickedUpAgain])
@pytest.mark.parametrize("setup", ["actpass", "active", "passive"])
async def test_a_caller_by_dtls_is_heard_and_goes_on_after_the_line_or_its_worker_was_killed(
    *, setup, killed, line, centre, dtls_call, frequency_of, wait_until
) -> None:
    caller = await dtls_call(setup)
    handshake = Handshake(caller)
    keys = await handshake.end(wait_until)
    ear = Ear(caller, keys.suite, keys.theirs)
    caller.speak()
    assert (await centre.heard_of(CallConnected)).media_security == "DTLS"
    await wait_until(lambda: ear.listen() > 30)
    await wait_until(lambda: line.recordings and size_of(line.recordings[0]) > 12_000)
    await kill_and_wait(killed, line, centre, 1)
    await wait_until(lambda: len(line.recordings) > 1 and size_of(line.recordings[1]) > 12_000)
    heard = ear.listen()
    await wait_until(lambda: ear.listen() > heard + 20)
    caller.agent.reinvite(caller.call, by_dtls(caller.sdp, setup), caller.now)
    caller.sockets.pump()
    await wait_until(lambda: len([event for event in caller.happened if isinstance(event, Answered)]) == 2)
    assert answer_to(caller, 2).security == answer_to(caller).security
    heard = ear.listen()
    await wait_until(lambda: ear.listen() > heard + 20)
    caller.hang_up()
    assert (await centre.heard_of(AudioMeasured)).unauthentic == 0
    await centre.heard_of(RecordingEnded, 2)
    assert all(abs(frequency_of(path) - 440) < 12 for path in line.recordings)
    handshake.close()


async def test_a_caller_with_another_certificate_is_not_heard_until_its_description_names_it(
    centre, dtls_call, wait_until
) -> None:
    caller = await dtls_call("actpass", digest=bytes(32))
    first = Handshake(caller)
    await first.end(wait_until)
    assert "certificate" in (await centre.heard_of(AudioNotAgreed)).why
    caller.speak()
    heard = len(caller.heard)
    await asyncio.sleep(0.3)
    assert [data for data in caller.heard[heard:] if not is_handshake(data)] == []
    assert not centre.events(CallerAudioStarted)
    heard = len(caller.heard)
    caller.agent.reinvite(caller.call, by_dtls(caller.sdp, "actpass"), caller.now)
    caller.sockets.pump()
    await wait_until(lambda: len([event for event in caller.happened if isinstance(event, Answered)]) == 2)
    second = Handshake(caller, 2, since=heard)
    await second.end(wait_until)
    assert (await centre.heard_of(AudioAgreed)).codec == "PCMU/8000"
    await centre.heard_of(CallerAudioStarted)
    caller.hang_up()
    await centre.heard_of(CallerDisconnected)
    first.close()
    second.close()


async def test_a_stranger_cannot_shake_hands_in_the_callers_place(centre, dtls_call, wait_until) -> None:
    caller = await dtls_call("active")
    to = answer_to(caller)
    strange: list[SrtpKeys | str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.setblocking(False)
        agreed = Dtls(to.security.fingerprints, True)
        other = DtlsCertificate(new_certificate())
        side = DtlsHandshake(other, agreed, lambda data: stranger.sendto(data, (to.host, to.port)), strange.append)
        await asyncio.get_running_loop().sock_recv(stranger, 2048)
        handshake = Handshake(caller)
        keys = await handshake.end(wait_until)
        caller.speak()
        ear = Ear(caller, keys.suite, keys.theirs)
        await centre.heard_of(CallerAudioStarted)
        await wait_until(lambda: ear.listen() > 20)
        assert strange == []
        side.close()
    assert not centre.events(AudioNotAgreed)
    handshake.close()


async def test_a_test_call_by_sdes_hears_itself_secured(centre, new_caller, wait_until) -> None:
    caller, key = new_caller(hertz=617.0), os.urandom(SUITE.key_bytes + SUITE.salt_bytes)
    await caller.listen()
    caller.dial(target="urn:service:test.sos", body=by_sdes(caller.sdp, key))
    await caller.answered()
    caller.secured = SrtpSender(SUITE, key).protect
    caller.speak()
    ear = Ear(caller, SUITE, answer_to(caller).security.keys)
    await wait_until(lambda: ear.listen() > 60)
    heard = decode_ulaw(b"".join(packet.payload for packet in ear.plain[-40:])).astype(float)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(heard.size)))
    assert abs(np.argmax(spectrum) * 8000 / heard.size - 617) < 10
    caller.hang_up()
    await centre.heard_of(CallerDisconnected)
