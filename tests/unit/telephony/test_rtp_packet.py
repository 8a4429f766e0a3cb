"""RTP packets (RFC 3550) and RTCP beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.errors import RtpError
from tenfour.telephony.rtp import RtpPacket, is_rtcp, parse_rtp, serialise_rtp

word32 = st.integers(0, 2**32 - 1)
packets = st.builds(
    RtpPacket,
    payload_type=st.one_of(st.integers(0, 63), st.integers(96, 127)),
    sequence=st.integers(0, 65535),
    timestamp=word32,
    ssrc=word32,
    payload=st.binary(max_size=400),
    marker=st.booleans(),
    csrcs=st.lists(word32, max_size=15).map(tuple),
    extension=st.one_of(
        st.none(), st.tuples(st.integers(0, 65535), st.binary(max_size=20).map(lambda data: data[: len(data) // 4 * 4]))
    ),
)


@given(packets)
def test_packets_survive_writing_and_reading(packet):
    assert parse_rtp(serialise_rtp(packet)) == packet


@given(st.binary(max_size=60))
def test_any_bytes_are_a_packet_or_an_rtp_error(data):
    for each in (data, b"\x80" + data, b"\xbf\x00" + data):
        try:
            parse_rtp(each)
        except RtpError as error:
            assert str(error)


def test_a_known_packet():
    packet = parse_rtp(bytes.fromhex("8080 0001 000000a0 deadbeef ffff"))
    assert packet == RtpPacket(0, 1, 160, 0xDEADBEEF, b"\xff\xff", marker=True)


def test_padding_is_taken_off():
    assert parse_rtp(bytes.fromhex("a000 0001 000000a0 deadbeef ffff 000003")).payload == b"\xff\xff"


@pytest.mark.parametrize("hexed", ["", "80", "4000 0001 000000a0 deadbeef", "8f00 0001 000000a0 deadbeef",
                                   "9000 0001 000000a0 deadbeef", "9000 0001 000000a0 deadbeef 0000 0009",
                                   "a000 0001 000000a0 deadbeef 00", "a000 0001 000000a0 deadbeef 09"])  # fmt: skip
def test_torn_packets_are_refused(hexed):
    with pytest.raises(RtpError):
        parse_rtp(bytes.fromhex(hexed))


@pytest.mark.parametrize("kind", [200, 201, 202, 203, 205])
def test_rtcp_is_told_from_rtp(kind):
    report = bytes([0x81, kind, 0, 7]) + b"\0" * 28
    assert is_rtcp(report)
    with pytest.raises(RtpError, match="RTCP"):
        parse_rtp(report)
    assert not is_rtcp(serialise_rtp(RtpPacket(0, 1, 1, 1, b"", marker=True)))


def test_extension_must_be_whole_words():
    with pytest.raises(RtpError, match="multiple of 4"):
        serialise_rtp(RtpPacket(0, 1, 1, 1, b"", extension=(1, b"abc")))
