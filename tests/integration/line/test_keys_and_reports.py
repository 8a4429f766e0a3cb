"""Keys that a caller presses, and what both sides say about the audio: on a real line."""

import asyncio
import socket
import struct
from collections import Counter

import pytest

from tenfour.adapters.audio_ports import bind_reports
from tenfour.adapters.rtcp_leg import RtcpLeg, Speaking
from tenfour.calltaking.event import (
    AudioMeasured,
    BodyPartKept,
    CallConnected,
    CallerAudioStarted,
    CallReceived,
    KeypressReceived,
)
from tenfour.telephony.reception import Reception
from tenfour.telephony.rtcp import Report, ReportBlock, Sent, middle, ntp_time, parse_rtcp, serialise_report
from tenfour.telephony.rtp import RtpPacket, serialise_rtp
from tenfour.telephony.sdp import audio_of, parse_sdp
from tenfour.telephony.sip_event import Answered


@pytest.fixture
async def talking(new_caller, centre):
    """A caller who is heard, and where our side takes RTP."""
    caller = new_caller()
    await caller.listen()
    caller.dial()
    received = await centre.heard_of(CallReceived)
    centre.answer(received.call_id)
    await caller.answered()
    await centre.heard_of(CallConnected)
    caller.speak()
    await centre.heard_of(CallerAudioStarted)
    answer = next(event for event in caller.happened if isinstance(event, Answered))
    return caller, audio_of(parse_sdp(answer.sdp))


def pressed(code: int, timestamp: int, *, end: bool) -> bytes:
    payload = struct.pack("!BBH", code, 0x8A if end else 0x0A, 800)
    return serialise_rtp(RtpPacket(101, 30000 + timestamp // 100, timestamp, 77, payload))


async def test_keys_become_facts_once_each(talking, centre) -> None:
    caller, audio = talking
    assert audio.telephone_event == 101
    for at, code in enumerate((9, 1, 11)):
        for end in (False, True, True, True):
            caller._rtp.sendto(pressed(code, 10**6 + 8000 * at, end=end), (audio.host, audio.port))
    await centre.heard_of(KeypressReceived, 3)
    await asyncio.sleep(0.1)
    assert centre.events(KeypressReceived) == [KeypressReceived(digit, 0.1) for digit in "91#"]


async def test_keys_by_info_are_keys_and_other_bodies_are_kept(talking, centre) -> None:
    caller, _ = talking
    for kind, body in (
        ("application/dtmf-relay", b"Signal=9\r\nDuration=160\r\n"),
        ("application/dtmf-relay", b"Signal=77\r\n"),
        ("application/dtmf", b"#"),
    ):
        caller.agent.request(caller.call, "INFO", caller.now, body=body, content_type=kind)
        caller.sockets.pump()
    assert await centre.heard_of(KeypressReceived, 2) == KeypressReceived("#", 0.0)
    assert centre.events(KeypressReceived)[0] == KeypressReceived("9", 0.16)
    assert (await centre.heard_of(BodyPartKept)).content == "Signal=77\r\n"


async def test_call_ends_with_what_was_measured(talking, centre) -> None:
    caller, audio = talking
    await asyncio.sleep(0.5)
    await caller.be_silent()
    for sequence in (10000, 10003, 10002, 10002):
        packet = RtpPacket(0, sequence, 160 * sequence, 78, b"\xff" * 160)
        caller._rtp.sendto(serialise_rtp(packet), (audio.host, audio.port))
    for keepalive in (b"", bytes.fromhex("000100002112a442") + bytes(12)):
        caller._rtp.sendto(keepalive, (audio.host, audio.port))
    await asyncio.sleep(0.1)
    caller.hang_up()
    measured = await centre.heard_of(AudioMeasured)
    assert (measured.broken, measured.unauthentic) == (0, 0)
    assert measured.received >= 20
    assert (measured.lost, measured.late, measured.doubled) == (1, 1, 1)
    assert measured.sent > 10
    assert Counter(centre.names())["AudioMeasured"] == 1


@pytest.fixture
def far_port():
    """The RTCP port of a far side; its audio would be one below."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(5)
        yield bound


async def test_reports_go_out_and_what_the_far_side_says_is_kept(far_port, monkeypatch, free_port, wait_until) -> None:
    monkeypatch.setattr("tenfour.adapters.rtcp_leg.REPORT_EVERY_S", 0.05)
    reception = Reception()
    for sequence in (1, 2, 4):
        reception.take(99, sequence, 160 * sequence, 0.02 * sequence)
    target = ("127.0.0.1", far_port.getsockname()[1] - 1)
    leg = RtcpLeg(bind_reports("127.0.0.1", free_port), reception, lambda: Speaking(7, 1600, 10, 1600, target))
    try:
        data, our_address = await asyncio.to_thread(far_port.recvfrom, 2048)
        (report,) = parse_rtcp(data)
        assert (report.ssrc, report.sent.packets, report.sent.octets) == (7, 10, 1600)
        assert (report.blocks[0].ssrc, report.blocks[0].lost) == (99, 1)
        said = ReportBlock(7, 0, 3, 10, 80, middle(report.sent.ntp), 0)
        answer = Report(99, Sent(ntp_time(0), 0, 1, 1), (said, ReportBlock(8, 0, 99, 0, 0)))
        far_port.sendto(b"\x80\xc9\x00\x09broken", our_address)
        far_port.sendto(serialise_report(answer, "far"), our_address)
        await wait_until(lambda: leg.far is not None)
        assert (leg.far.lost, leg.far.jitter_s) == (3, 0.01)
        assert 0 <= leg.far.round_trip_s < 5
        assert leg.broken == 1
    finally:
        leg.close()


async def test_port_that_is_taken_means_no_reports_and_no_harm(far_port) -> None:
    port = far_port.getsockname()[1]
    leg = RtcpLeg(bind_reports("127.0.0.1", port), Reception(), lambda: Speaking(7, 0, 0, 0, ("127.0.0.1", port - 1)))
    leg.close()
