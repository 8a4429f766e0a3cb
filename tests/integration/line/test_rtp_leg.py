"""The audio socket of one call, by packets."""

import asyncio
import socket
import time
from collections.abc import Iterator

import numpy as np
import pytest

from tenfour.adapters import audio_ports
from tenfour.adapters.audio_ports import bind_audio
from tenfour.adapters.rtp_leg import RtpLeg
from tenfour.telephony.g711 import Samples, encode_ulaw
from tenfour.telephony.rtcp import Report, ReportBlock, parse_rtcp, serialise_report
from tenfour.telephony.rtp import RtpPacket, is_rtcp, parse_rtp, serialise_rtp
from tenfour.telephony.sdp import Codec

TONE = np.tile(np.array([4000, -4000], dtype=np.int16), 80)


@pytest.fixture
def telephone() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(5)
        yield bound


@pytest.mark.parametrize("payload_type", [None, 97])
async def test_audio_goes_both_ways_in_the_payload_type_agreed_on(telephone, payload_type) -> None:
    heard: asyncio.Queue[Samples] = asyncio.Queue()
    here = telephone.getsockname()
    leg = RtpLeg(
        bind_audio("127.0.0.1", (20000, 29999)),
        here,
        Codec.PCMU,
        lambda _, samples: heard.put_nowait(samples),
        payload_type=payload_type,
    )
    try:
        leg.send(TONE.tobytes())
        data = await asyncio.to_thread(telephone.recv, 2048)
        assert parse_rtp(data).payload_type == (payload_type or 0)
        packet = RtpPacket(payload_type or 0, 1, 160, 7, encode_ulaw(TONE), marker=True)
        telephone.sendto(serialise_rtp(packet), ("127.0.0.1", leg.port))
        async with asyncio.timeout(5):
            samples = await heard.get()
        assert np.abs(samples - TONE).max() < 200
    finally:
        leg.close()


async def test_another_dynamic_payload_type_is_no_audio(telephone) -> None:
    heard: list[Samples] = []
    leg = RtpLeg(
        bind_audio("127.0.0.1", (20000, 29999)), None, Codec.PCMU, lambda _, said: heard.append(said), payload_type=97
    )
    try:
        for payload_type in (101, 97):
            packet = RtpPacket(payload_type, 1, 160, 7, encode_ulaw(TONE), marker=True)
            telephone.sendto(serialise_rtp(packet), ("127.0.0.1", leg.port))
        async with asyncio.timeout(5):
            while leg.packets == 0:
                await asyncio.sleep(0.005)
        assert (leg.broken, len(heard)) == (1, 1)
    finally:
        leg.close()


@pytest.fixture
def report_port() -> Iterator[socket.socket]:
    """Another port of the far side."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(5)
        yield bound


@pytest.mark.parametrize("mux", [True, False])
async def test_reports_go_where_the_description_says(telephone, report_port, monkeypatch, wait_until, mux) -> None:
    monkeypatch.setattr("tenfour.adapters.rtcp_leg.REPORT_EVERY_S", 0.05)
    leg = RtpLeg(bind_audio("127.0.0.1", (20000, 29999)), telephone.getsockname(), Codec.PCMU, lambda *_: None)
    leg.report(None if mux else report_port.getsockname(), mux=mux)
    try:
        data, came_from = await asyncio.to_thread((telephone if mux else report_port).recvfrom, 2048)
        assert is_rtcp(data)
        assert came_from[1] == (leg.port if mux else leg.port + 1)
        (ours,) = parse_rtcp(data)
        answer = serialise_report(Report(9, None, (ReportBlock(ours.ssrc, 0, 3, 10, 80),)), "far")
        (telephone if mux else report_port).sendto(answer, came_from)
        await wait_until(lambda: leg.rtcp.far is not None)
        assert leg.rtcp.far.lost == 3
        assert (leg.broken, leg.packets) == (0, 0)
    finally:
        leg.close()


async def test_a_report_on_the_audios_port_is_no_report_where_that_is_not_agreed_on(telephone, wait_until) -> None:
    leg = RtpLeg(bind_audio("127.0.0.1", (20000, 29999)), telephone.getsockname(), Codec.PCMU, lambda *_: None)
    try:
        telephone.sendto(serialise_report(Report(9, None, ()), "far"), ("127.0.0.1", leg.port))
        await wait_until(lambda: leg.broken == 1)
        assert leg.rtcp.far is None
    finally:
        leg.close()


async def test_packets_that_came_while_the_process_stood_still_are_known_to_have_waited(telephone) -> None:
    waited: list[float] = []
    leg = RtpLeg(bind_audio("127.0.0.1", (20000, 29999)), None, Codec.PCMU, lambda *_: waited.append(leg.waited_s))

    def say(number: int) -> None:
        telephone.sendto(serialise_rtp(RtpPacket(0, number, 160 * number, 7, bytes(160))), ("127.0.0.1", leg.port))

    try:
        say(0)
        async with asyncio.timeout(10):
            while len(waited) < 1:
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        for number in range(1, 11):  # the loop stands still meanwhile
            say(number)
            time.sleep(0.1)  # noqa: ASYNC251
        async with asyncio.timeout(10):
            while len(waited) < 11:
                await asyncio.sleep(0.005)
        assert waited[1] > 0.9
        assert waited[10] < waited[1] - 0.5
        await asyncio.sleep(0.05)
        say(11)
        async with asyncio.timeout(10):
            while len(waited) < 12:
                await asyncio.sleep(0.005)
        assert waited[11] < waited[1]
    finally:
        leg.close()


class KnockedAt(socket.socket):
    """A socket at which somebody speaks in the moment in which it has its port."""

    def bind(self, address) -> None:
        super().bind(address)
        if self.getsockname()[1] % 2 == 0:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as early:
                early.sendto(b"\x80", self.getsockname())


async def test_what_comes_in_the_moment_of_binding_has_its_time(monkeypatch) -> None:
    monkeypatch.setattr(audio_ports.socket, "socket", KnockedAt)
    ports = audio_ports.bind_audio("127.0.0.1", (20000, 29999))
    await asyncio.sleep(0.2)
    _, ancillary, _, _ = ports.rtp.recvmsg(64, 128)
    came_at = audio_ports.came_at(ancillary)
    ports.close()
    assert came_at is not None
    assert time.time() - came_at >= 0.2
