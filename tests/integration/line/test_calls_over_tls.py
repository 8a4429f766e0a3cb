"""SIP over TLS: the same calls, on connections that are used again, opened again, refused when they are too old."""

import asyncio
import ssl
import warnings
from pathlib import Path

import pytest

from tenfour.adapters.sip_tls import read_sip_tls
from tenfour.calltaking.event import CallConnected, CallerAudioStarted, CallReceived, CallReleased, RecordingEnded
from tenfour.telephony.sip_event import ByeReceived
from tenfour.vocabulary.errors import Unavailable

OPTIONS = (
    "OPTIONS sip:911@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bK{n}\r\n"
    "From: <sip:a@127.0.0.1>;tag=a\r\n"
    "To: <sip:911@127.0.0.1>\r\nCall-ID: {n}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


@pytest.fixture
def tls(line):
    """The contexts of a caller who trusts the line's certificate, and shows it."""
    secrets = line.folder / "secrets"
    return read_sip_tls(secrets / "sip.pem", secrets / "sip.key", secrets / "sip.pem")


@pytest.fixture
async def caller(new_caller, centre, tls):
    """A caller whose call over TLS is connected and heard, and the call's identifier."""
    caller = new_caller("TLS")
    await caller.listen(tls)
    caller.dial()
    received = await centre.heard_of(CallReceived)
    centre.answer(received.call_id)
    await caller.answered()
    await centre.heard_of(CallConnected)
    caller.speak()
    await centre.heard_of(CallerAudioStarted)
    return caller, received


async def test_call_over_tls_is_recorded_and_says_so(caller, centre, line, frequency_of) -> None:
    calling, received = caller
    assert received.transport == "TLS"
    await asyncio.sleep(1)
    calling.hang_up()
    ended = await centre.heard_of(RecordingEnded)
    assert abs(frequency_of(line.folder / "recordings" / ended.file) - 440) < 5


async def test_our_bye_goes_over_the_callers_connection(caller, centre) -> None:
    calling, received = caller
    centre.link.release(received.call_id)
    await calling.wait_for(ByeReceived)
    assert await centre.heard_of(CallReleased) == CallReleased()


async def test_call_outlives_its_connection_and_our_bye_opens_another(caller, centre) -> None:
    calling, received = caller
    for connection in calling.sockets.connections:
        connection.abort()
    await asyncio.sleep(0.2)
    centre.link.release(received.call_id)
    await calling.wait_for(ByeReceived)
    await centre.heard_of(CallReleased)


async def test_one_connection_carries_many_requests(line, tls) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", line.tls_port, ssl=tls.opened)
    for n in range(3):
        writer.write(OPTIONS.format(n=n).encode())
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        assert answer.startswith(b"SIP/2.0 200 OK")
        assert f"Call-ID: {n}".encode() in answer
    writer.close()
    await writer.wait_closed()


async def test_older_tls_is_refused(line) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection("127.0.0.1", line.tls_port, ssl=context)


async def test_peers_that_never_shake_hands_disturb_no_call(line, new_caller, centre, tls) -> None:
    silent = [await asyncio.open_connection("127.0.0.1", line.tls_port) for _ in range(50)]
    for _, writer in silent[:25]:
        writer.write(b"INVITE urn:service:sos SIP/2.0\r\n\r\n")
    caller = new_caller("TLS")
    await caller.listen(tls)
    caller.dial()
    await caller.ringing()
    for _, writer in silent:
        writer.close()


async def test_certificate_that_cannot_be_used_leaves_the_line_open_for_the_others(line, new_caller, centre) -> None:
    await line.stop()
    (line.folder / "secrets/sip.pem").write_text("nothing")
    await line.start()
    assert "no calls over TLS" in line.log()
    caller = new_caller("UDP")
    await caller.listen()
    caller.dial()
    await caller.ringing()


def test_key_of_another_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("nothing")
    with pytest.raises(Unavailable, match=r"a\.pem"):
        read_sip_tls(tmp_path / "a.pem", tmp_path / "a.key")
