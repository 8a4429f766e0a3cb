"""Packets secured and opened: what proves itself is heard, whatever else comes; a stream goes on where it was."""

import os
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.adapters.srtp import KEEP_EVERY, SOURCES, Place, SrtpReceiver, SrtpSender
from tenfour.telephony.secured_sdp import MasterKey, Suite

SSRC = 0xF0E1D2C3
REPORT = b"\x80\xc9\x00\x01" + struct.pack("!I", SSRC)


def packet(index: int, ssrc: int = SSRC) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, index & 0xFFFF, 160 * index & 0xFFFFFFFF, ssrc) + bytes(range(160))


def pair(suite: Suite, *, mki: bytes = b"", place: Place | None = None) -> tuple[SrtpSender, SrtpReceiver, bytes]:
    key = os.urandom(suite.key_bytes + suite.salt_bytes)
    return SrtpSender(suite, key), SrtpReceiver(suite, (MasterKey(key, mki),), place), key


@pytest.mark.parametrize("suite", list(Suite))
def test_packets_and_reports_come_through_once(suite) -> None:
    sender, receiver, _ = pair(suite)
    secured, report = sender.protect(packet(5)), sender.protect_rtcp(REPORT)
    assert receiver.unprotect(secured) == packet(5)
    assert receiver.unprotect(secured) is None
    assert receiver.unprotect_rtcp(report) == REPORT
    assert receiver.unprotect_rtcp(report) is None


@pytest.mark.parametrize("suite", list(Suite))
def test_what_was_forged_or_is_plain_is_not_heard_and_harms_nothing(suite) -> None:
    sender, receiver, _ = pair(suite)
    secured = sender.protect(packet(5))
    for at in range(len(secured)):
        forged = bytearray(secured)
        forged[at] ^= 0x40
        assert receiver.unprotect(bytes(forged)) is None
        assert receiver.unprotect_rtcp(bytes(forged)) is None
    for other in (packet(5), REPORT, b"", b"\x80", secured[:20], secured + bytes(2000)):
        assert receiver.unprotect(other) is None
        assert receiver.unprotect_rtcp(other) is None
    assert receiver.unprotect(secured) == packet(5)


@given(st.binary(max_size=1700))
def test_no_bytes_raise(data) -> None:
    sender, receiver, _ = pair(Suite.AEAD_AES_128_GCM)
    for process in (sender.protect, sender.protect_rtcp, receiver.unprotect, receiver.unprotect_rtcp):
        process(data)


@pytest.mark.parametrize("suite", list(Suite))
def test_packets_that_name_their_key_are_opened_by_it(suite) -> None:
    keys = [os.urandom(suite.key_bytes + suite.salt_bytes) for _ in range(2)]
    receiver = SrtpReceiver(suite, (MasterKey(keys[0], b"\0\1"), MasterKey(keys[1], b"\0\2")))
    tag, report_tag = {Suite.AES_CM_128_HMAC_SHA1_80: (10, 10), Suite.AES_CM_128_HMAC_SHA1_32: (4, 10)}.get(
        suite, (0, 0)
    )
    for number, key in enumerate(keys):
        sender, mki = SrtpSender(suite, key), bytes([0, number + 1])
        secured, report = sender.protect(packet(9)), sender.protect_rtcp(REPORT)
        end, report_end = len(secured) - tag, len(report) - report_tag
        assert receiver.unprotect(secured[:end] + mki + secured[end:]) == packet(9)
        assert receiver.unprotect_rtcp(report[:report_end] + mki + report[report_end:]) == REPORT
        assert receiver.unprotect(secured[:end] + b"\0\7" + secured[end:]) is None


def spoken(sender: SrtpSender, receiver: SrtpReceiver, begin: int, end: int, step: int = 500) -> None:
    for index in (*range(begin, end, step), end):
        assert receiver.unprotect(sender.protect(packet(index))) == packet(index)


@pytest.mark.parametrize("suite", list(Suite))
@pytest.mark.parametrize("died_at", [70_000, 65_400, 4 * 65_536 + 40_000, 30_000, 3])
@pytest.mark.parametrize("away", [1, 200, 20_000])
def test_a_stream_goes_on_after_a_restart(suite, died_at, away) -> None:
    sender, receiver, key = pair(suite)
    spoken(sender, receiver, 1, died_at)
    assert died_at - receiver.place.index <= KEEP_EVERY + 500
    assert receiver.place.ssrc == SSRC
    for index in range(died_at, died_at + away, 500):
        sender.protect(packet(index + 1))
    again = SrtpReceiver(suite, (MasterKey(key),), receiver.place)
    spoken(sender, again, died_at + away + 1, died_at + away + 70_000)


def test_without_the_place_a_stream_that_rolled_over_is_lost() -> None:
    sender, receiver, key = pair(Suite.AES_CM_128_HMAC_SHA1_80)
    spoken(sender, receiver, 1, 70_000)
    again = SrtpReceiver(Suite.AES_CM_128_HMAC_SHA1_80, (MasterKey(key),))
    assert again.unprotect(sender.protect(packet(70_001))) is None


@given(st.integers(1, 300_000), st.lists(st.integers(-60, 900), min_size=1, max_size=60))
def test_the_place_never_runs_ahead_of_the_stream_nor_far_behind(begin, steps) -> None:
    sender, receiver, _ = pair(Suite.AEAD_AES_128_GCM)
    spoken(sender, receiver, begin & 0x7FFF, begin & 0x7FFF)
    highest = at = begin & 0x7FFF
    for step in steps:
        at = max(0, at + step)
        secured = sender.protect(packet(at))
        if secured is not None and receiver.unprotect(secured) is not None:
            highest = max(highest, at)
        assert receiver.place.index <= highest < receiver.place.index + KEEP_EVERY + 1000


def test_a_caller_of_ever_new_sources_is_heard_and_fills_no_memory() -> None:
    sender, receiver, _ = pair(Suite.AES_CM_128_HMAC_SHA1_80)
    places = set()
    for ssrc in range(1, 20 * SOURCES):
        assert receiver.unprotect(sender.protect(packet(1, ssrc))) == packet(1, ssrc)
        places.add(receiver.place)
    assert len(receiver._sources) == len(receiver._indexes) == SOURCES
    assert len(places) < SOURCES


def test_a_place_that_nobody_can_be_at_is_disregarded() -> None:
    key = bytes(30)
    for index in (-1, 1 << 60):
        receiver = SrtpReceiver(Suite.AES_CM_128_HMAC_SHA1_80, (MasterKey(key),), Place(SSRC, index))
        sender = SrtpSender(Suite.AES_CM_128_HMAC_SHA1_80, key)
        assert receiver.unprotect(sender.protect(packet(1))) == packet(1)
