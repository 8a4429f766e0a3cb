"""Session descriptions: reading, writing, offer and answer (RFC 8866, RFC 3264)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.errors import SdpError
from tenfour.telephony.sdp import (
    MAX_MEDIA,
    AudioStream,
    Codec,
    Direction,
    Media,
    Sdp,
    answer,
    audio_of,
    offer,
    parse_sdp,
    serialise_sdp,
)

word = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=8)
address = st.one_of(st.just(""), st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(str))
attributes = st.lists(st.tuples(word, st.one_of(st.none(), word)), max_size=4).map(tuple)
media = st.builds(
    Media,
    kind=st.sampled_from(["audio", "video", "text", "message"]),
    port=st.integers(0, 65535),
    protocol=st.sampled_from(["RTP/AVP", "TCP/MSRP"]),
    formats=st.lists(word, min_size=1, max_size=4).map(tuple),
    connection=address,
    attributes=attributes,
    lines=st.sampled_from([(), (("i", "title"),), (("b", "AS:64"),)]),
)
descriptions = st.builds(
    Sdp,
    origin=st.just("- 1 1 IN IP4 192.0.2.1"),
    connection=address,
    media=st.lists(media, max_size=4).map(tuple),
    attributes=attributes,
    lines=st.sampled_from([(("s", "-"), ("t", "0 0")), (("s", "x"), ("b", "CT:9"), ("t", "0 0"))]),
)


@given(descriptions)
def test_descriptions_survive_writing_and_reading(sdp):
    assert parse_sdp(serialise_sdp(sdp)) == sdp


@given(st.binary(max_size=300), st.binary(max_size=100))
def test_any_bytes_are_a_description_or_an_sdp_error(data, more):
    for each in (data, b"v=0\r\nm=" + more):
        try:
            parse_sdp(each)
        except SdpError as error:
            assert str(error)


@given(
    st.sampled_from(list(Codec)),
    st.sampled_from(list(Direction)),
    st.integers(1, 65535),
)
def test_an_answer_to_our_own_offer_agrees_with_it(codec, direction, port):
    offered = offer(host="192.0.2.1", port=port, session_id=1, codecs=(codec,), direction=direction)
    answered = answer(parse_sdp(serialise_sdp(offered)), host="192.0.2.9", port=6000, session_id=2)
    theirs, ours = audio_of(offered), audio_of(parse_sdp(serialise_sdp(answered)))
    assert (theirs.codec, theirs.port, theirs.direction) == (codec, port, direction)
    assert (ours.codec, ours.direction) == (codec, direction.answered)
    assert (ours.host, ours.port, ours.telephone_event) == ("192.0.2.9", 6000, 101)


def described(*lines: str, connection: str = "c=IN IP4 192.0.2.1") -> Sdp:
    start = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", connection, "t=0 0"]
    return parse_sdp("\r\n".join([*start, *lines, ""]).encode())


def test_connection_of_the_medium_goes_before_that_of_the_session():
    assert audio_of(described("m=audio 4000 RTP/AVP 0", "c=IN IP4 198.51.100.4/127")).host == "198.51.100.4"
    assert audio_of(described("m=audio 4000 RTP/AVP 0")).host == "192.0.2.1"
    assert audio_of(described("m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::1")).host == "2001:db8::1"


def test_static_payload_types_need_no_rtpmap():
    assert audio_of(described("m=audio 4000 RTP/AVP 18 8 0")) == AudioStream(Codec.PCMA, 8, "192.0.2.1", 4000)


def test_rtpmap_names_codec_and_keypresses():
    stream = audio_of(
        described("m=audio 4000 RTP/AVP 96 97", "a=rtpmap:96 pcmu/8000/1", "a=rtpmap:97 telephone-event/8000",
                  "a=ptime:30", "a=sendonly")
    )  # fmt: skip
    assert stream == AudioStream(Codec.PCMU, 96, "192.0.2.1", 4000, Direction.SENDONLY, 97, 30)


def test_answer_keeps_the_offers_payload_types():
    offered = described("m=audio 4000 RTP/AVP 96 97", "a=rtpmap:96 PCMU/8000", "a=rtpmap:97 telephone-event/8000")
    made = answer(offered, host="192.0.2.9", port=6000, session_id=4)
    assert made.media[0].formats == ("96", "97")
    assert ("rtpmap", "96 PCMU/8000") in made.media[0].attributes


def test_other_media_are_refused_with_port_0():
    offered = described("m=video 5000 RTP/AVP 31", "m=audio 4000 RTP/AVP 0", "m=audio 4002 RTP/AVP 0",
                        "m=message 7 TCP/MSRP *")  # fmt: skip
    made = answer(offered, host="192.0.2.9", port=6000, session_id=4)
    assert [(medium.kind, medium.port) for medium in made.media] == [
        ("video", 0), ("audio", 6000), ("audio", 0), ("message", 0),
    ]  # fmt: skip
    assert made.media[3].protocol == "TCP/MSRP"


def test_direction_of_the_session_holds_for_its_media():
    assert audio_of(described("m=audio 4000 RTP/AVP 0", connection="c=IN IP4 1.1.1.1\r\na=inactive")).direction is (
        Direction.INACTIVE
    )


@pytest.mark.parametrize(
    "lines",
    [["m=audio 4000 RTP/AVP 18"], ["m=audio 0 RTP/AVP 0"], ["m=audio 4000 RTP/SAVP 0"], ["m=video 4000 RTP/AVP 31"], [],
     ["m=audio 4000 RTP/AVP 0", "a=rtpmap:0 G729/8000"]],
)  # fmt: skip
def test_offers_that_hold_nothing_for_us(lines):
    for take in (audio_of, lambda sdp: answer(sdp, host="h", port=1, session_id=1)):
        with pytest.raises(SdpError, match="no audio"):
            take(described(*lines))


@pytest.mark.parametrize("line", ["m=audio", "m=audio x RTP/AVP 0", "m=audio 99999 RTP/AVP 0", "m=audio 1 RTP/AVP"])
def test_media_lines_that_are_none(line):
    with pytest.raises(SdpError, match="m="):
        described(line)


def test_number_of_media_is_bounded():
    with pytest.raises(SdpError, match="more than"):
        described(*["m=audio 4000 RTP/AVP 0"] * (MAX_MEDIA + 1))


def test_description_must_begin_with_its_version():
    with pytest.raises(SdpError, match="v=0"):
        parse_sdp(b"o=- 1 1 IN IP4 1.1.1.1\r\n")


def test_nonsense_packet_times_are_taken_for_20_ms():
    for value in ("0", "x", "-5", "99999"):
        assert audio_of(described("m=audio 4000 RTP/AVP 0", f"a=ptime:{value}")).packet_time_ms == 20


def test_text_that_is_no_utf8_is_read():
    assert parse_sdp(b"v=0\no=caf\xe9\ns=-\n").origin == "café"
