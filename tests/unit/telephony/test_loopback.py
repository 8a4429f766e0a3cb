"""What an offer of loopback asks for, how it is answered, and what goes back (RFC 6849)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.loopback import (
    Loopback,
    Mirror,
    PacketFormat,
    PacketMirror,
    encapsulated,
    mirror_of,
    mirrored,
    place_of_audio,
)
from tenfour.telephony.rtp import RtpPacket, parse_rtp
from tenfour.telephony.sdp import answer, parse_sdp, serialise_sdp

ORDINARY = """v=0
o=- 1 1 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 6000 RTP/AVP 0 112 113
a=rtpmap:0 PCMU/8000
a=rtpmap:112 encaprtp/8000
a=rtpmap:113 rtploopback/8000
"""


def agreed(lines: str, before: str = ORDINARY) -> tuple[Mirror, str]:
    """What we do with an offer, and our answer."""
    offered = parse_sdp((before + lines).encode())
    ours = answer(offered, host="192.0.2.9", port=40000, session_id=1)
    mirror = mirror_of(offered, place_of_audio(ours))
    return mirror, serialise_sdp(mirrored(ours, mirror)).decode()


def test_an_ordinary_offer_is_answered_as_an_ordinary_call() -> None:
    mirror, said = agreed("")
    assert mirror == Mirror(Loopback.MEDIA, asked=False)
    assert "loopback" not in said


def test_media_loopback_is_agreed_on() -> None:
    mirror, said = agreed("a=loopback:rtp-media-loopback\na=loopback-source\n")
    assert mirror == Mirror(Loopback.MEDIA, asked=True)
    assert "a=loopback:rtp-media-loopback\r\na=loopback-mirror\r\n" in said
    assert "m=audio 40000 RTP/AVP 0\r\n" in said


@pytest.mark.parametrize(
    ("formats", "wanted", "payload_type"),
    [("0 112 113", PacketFormat.ENCAPSULATED, 112), ("0 113 112", PacketFormat.DIRECT, 113)],
)
def test_packet_loopback_takes_the_first_format_of_the_offer(formats, wanted, payload_type) -> None:
    before = ORDINARY.replace("0 112 113", formats)
    mirror, said = agreed("a=loopback:rtp-pkt-loopback\na=loopback-source\n", before)
    assert mirror == Mirror(Loopback.PACKET, True, wanted, payload_type)
    assert f"m=audio 40000 RTP/AVP 0 {payload_type}\r\n" in said
    assert f"a=rtpmap:{payload_type} {wanted.value}/8000\r\n" in said
    assert "a=loopback:rtp-pkt-loopback\r\na=loopback-mirror\r\n" in said


def test_the_first_kind_that_can_be_done_is_taken() -> None:
    both = "a=loopback:rtp-pkt-loopback rtp-media-loopback\na=loopback-source\n"
    assert agreed(both)[0].loopback is Loopback.PACKET
    without_formats = ORDINARY.replace("0 112 113", "0")
    assert agreed(both, without_formats)[0] == Mirror(Loopback.MEDIA, asked=True)
    assert agreed("a=loopback:rtp-pkt-loopback\na=loopback-source\n", without_formats)[0] == Mirror()


def test_an_offer_to_mirror_us_is_answered_as_an_ordinary_one() -> None:
    mirror, said = agreed("a=loopback:rtp-media-loopback\na=loopback-mirror\n")
    assert (mirror, "loopback" in said) == (Mirror(), False)


def test_only_the_medium_that_is_taken_says_so() -> None:
    video = ORDINARY.replace("m=audio", "m=video 7000 RTP/AVP 31\na=loopback:rtp-media-loopback\nm=audio")
    _, said = agreed("a=loopback:rtp-media-loopback\na=loopback-source\n", video)
    assert said.index("m=video 0 ") < said.index("m=audio 40000 ") < said.index("a=loopback-mirror")
    assert said.count("loopback-mirror") == 1


def test_nothing_taken_is_nothing_mirrored() -> None:
    refused = parse_sdp(ORDINARY.replace("m=audio 6000", "m=audio 0").encode())
    assert mirrored(refused, Mirror(asked=True)) == refused
    assert mirror_of(refused, -1) == Mirror()


def test_a_direct_packet_is_the_payload_at_its_own_distance() -> None:
    mirror = PacketMirror(PacketFormat.DIRECT, 1000)
    sent = [RtpPacket(0, n, 0xFFFFFFF0 + at & 0xFFFFFFFF, 7, b"\xff" * 160) for n, at in ((1, 0), (2, 160), (4, 480))]
    assert [mirror.looped(packet, 0) for packet in sent] == [(b"\xff" * 160, 1000 + at) for at in (0, 160, 480)]
    assert mirror.looped(RtpPacket(0, 9, 5, 8, b"\xff" * 160), 0)[1] == 1000 + 640


packets = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127).filter(lambda number: not 64 <= number < 96),
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    ssrc=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=320),
    marker=st.booleans(),
    csrcs=st.lists(st.integers(0, 0xFFFFFFFF), max_size=15).map(tuple),
)


@given(packets, st.integers(0, 0xFFFFFFFF))
def test_an_encapsulated_packet_holds_when_it_came_and_all_of_it(packet, received_at) -> None:
    payload = encapsulated(packet, received_at)
    assert int.from_bytes(payload[:4]) == received_at
    assert payload[4] >> 4 == 0b1000
    assert parse_rtp(payload[4:]) == packet


@given(st.lists(packets, max_size=20), st.integers(0, 0xFFFFFFFF))
def test_any_packets_go_back_with_a_timestamp(came, first) -> None:
    mirror = PacketMirror(PacketFormat.ENCAPSULATED, first)
    assert all(0 <= mirror.looped(packet, 0)[1] <= 0xFFFFFFFF for packet in came)
