"""Keypresses: one fact for each key, however its packets come."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.keypress import IN_INFO, Keypress, KeypressReader, keypress_in
from tenfour.telephony.multipart import Part
from tenfour.telephony.rtp import RtpPacket


def packet(code: int, timestamp: int, duration: int, *, end: bool = False, ssrc: int = 7) -> RtpPacket:
    payload = struct.pack("!BBH", code, 0x8A if end else 0x0A, duration)
    return RtpPacket(101, 0, timestamp, ssrc, payload)


def press(code: int, timestamp: int) -> list[RtpPacket]:
    """A key for a tenth of a second: five packets, then its end three times."""
    downs = [packet(code, timestamp, 160 * at) for at in range(1, 5)]
    return [*downs, *[packet(code, timestamp, 800, end=True)] * 3]


def told(packets: list[RtpPacket]) -> list[Keypress]:
    reader = KeypressReader()
    keys = [key for each in packets for key in reader.take(each)]
    return [*keys, *reader.finish()]


def test_every_key_is_told_once_with_its_duration():
    packets = [each for code in range(16) for each in press(code, 8000 * code)]
    keys = told(packets)
    assert "".join(key.digit for key in keys) == "0123456789*#ABCD"
    assert {key.duration_s for key in keys} == {0.1}


def test_the_same_key_twice_is_two_keys():
    assert told([*press(9, 0), *press(9, 4000)]) == [Keypress("9", 0.1)] * 2


def test_hook_flash_has_a_name():
    assert told(press(16, 0)) == [Keypress("flash", 0.1)]


def test_press_whose_end_is_lost_is_told_with_the_next_one():
    assert told([*press(1, 0)[:4], *press(2, 4000)]) == [Keypress("1", 0.08), Keypress("2", 0.1)]


def test_press_whose_end_is_lost_is_told_when_the_call_ends():
    assert told(press(1, 0)[:3]) == [Keypress("1", 0.06)]


def test_only_the_end_arriving_is_enough():
    assert told(press(5, 0)[-1:]) == [Keypress("5", 0.1)]


def test_late_packet_of_an_earlier_press_tells_nothing():
    assert told([*press(1, 0), *press(2, 4000)[:2], press(1, 0)[2], *press(2, 4000)[2:]]) == [
        Keypress("1", 0.1),
        Keypress("2", 0.1),
    ]


def test_timestamps_that_wrap_are_in_order():
    assert [key.digit for key in told([*press(1, 2**32 - 400), *press(2, 400)])] == ["1", "2"]


@pytest.mark.parametrize("payload", [b"", b"\x01\x8a\x00", b"\x20\x8a\x03\x20"])
def test_broken_packets_and_other_events_tell_nothing(payload):
    assert told([RtpPacket(101, 0, 0, 7, payload)]) == []


@given(st.permutations(press(4, 0)))
def test_packets_of_one_press_in_any_order_are_one_key(packets):
    assert [key.digit for key in told(packets)] == ["4"]


@given(st.lists(st.tuples(st.integers(0, 16), st.booleans(), st.integers(0, 3), st.integers(0, 65535))))
def test_no_more_keys_are_told_than_there_were_presses(events):
    packets = [packet(code, 8000 * which, duration, end=end) for code, end, which, duration in events]
    assert len(told(packets)) <= len({which for _, _, which, _ in events})


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        ("dtmf-relay", b"Signal=3\r\nDuration=160\r\n", Keypress("3", 0.16)),
        ("dtmf-relay", b"Signal= *\r\nDuration= 250", Keypress("*", 0.25)),
        ("dtmf-relay", b"signal=11\nduration=100\n", Keypress("#", 0.1)),
        ("dtmf-relay", b"Signal=b\r\n", Keypress("B", 0.0)),
        ("dtmf-relay", b"Signal=hf\r\nDuration=soon", Keypress("flash", 0.0)),
        ("dtmf", b"9", Keypress("9", 0.0)),
        ("dtmf", b"16\r\n", Keypress("flash", 0.0)),
        ("dtmf-relay", b"Signal=17\r\nDuration=160", None),
        ("dtmf-relay", b"Duration=160", None),
        ("dtmf", b"", None),
        ("sdp", b"9", None),
    ],
)
def test_a_key_in_an_info_is_read(kind: str, body: bytes, key: Keypress | None) -> None:
    assert keypress_in(Part(f"application/{kind}", body)) == key


@given(st.sampled_from(sorted(IN_INFO)), st.binary(max_size=400) | st.from_regex(rb"Signal=[^\r]*\r\nDuration=.*"))
def test_no_body_of_an_info_breaks_the_reading(kind: str, body: bytes) -> None:
    key = keypress_in(Part(kind, body))
    assert key is None or (key.digit and 0 <= key.duration_s < 100)
