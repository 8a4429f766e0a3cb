"""RTCP reports: written and read."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.errors import RtpError
from tenfour.telephony.rtcp import (
    Report,
    ReportBlock,
    Sent,
    middle,
    ntp_time,
    parse_rtcp,
    serialise_goodbye,
    serialise_report,
)
from tenfour.telephony.rtp import is_rtcp

word = st.integers(0, 2**32 - 1)
blocks = st.builds(
    ReportBlock, word, st.integers(0, 255), st.integers(-(2**23), 2**23 - 1), word, word, word, word
)  # fmt: skip
reports = st.builds(
    Report,
    word,
    st.none() | st.builds(Sent, st.integers(0, 2**64 - 1), word, word, word),
    st.lists(blocks, max_size=31).map(tuple),
)


@given(reports, st.text(max_size=40))
def test_report_survives_writing_and_reading(report, name):
    data = serialise_report(report, name)
    assert len(data) % 4 == 0
    assert is_rtcp(data)
    assert parse_rtcp(data) == (report,)


def test_goodbye_is_an_empty_report_a_name_and_bye():
    data = serialise_goodbye(7, "a@b")
    assert parse_rtcp(data) == (Report(7),)
    assert data[-8:] == b"\x81\xcb\x00\x01\x00\x00\x00\x07"


def test_packets_of_other_kinds_are_passed_over():
    feedback = struct.pack("!BBHI", 0x81, 205, 1, 7)
    assert parse_rtcp(feedback + serialise_report(Report(7), "a")) == (Report(7),)


def test_times_are_counted_from_1900():
    assert ntp_time(0) >> 32 == 2_208_988_800
    assert middle(0x1234567890ABCDEF) == 0x567890AB


@pytest.mark.parametrize(
    "data",
    [
        b"\x80",
        b"\x40\xc9\x00\x01\x00\x00\x00\x07",
        b"\x80\xc9\x00\x02\x00\x00\x00\x07",
        b"\x81\xc9\x00\x01\x00\x00\x00\x07",
        b"\x80\xc8\x00\x01\x00\x00\x00\x07",
        b"\x80\xcb\x00\x00" * 40,
    ],
)
def test_lengths_that_do_not_fit_are_named(data):
    with pytest.raises(RtpError):
        parse_rtcp(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_reports_or_an_error(data):
    try:
        parse_rtcp(b"\x81\xc9" + data)
    except RtpError as error:
        assert str(error)
