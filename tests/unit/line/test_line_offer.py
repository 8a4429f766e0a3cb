"""What is said to a caller's description of its audio."""

import pytest

from tenfour.adapters.line_offer import (
    Offered,
    no_audio_words,
    our_counter_offer,
    our_description,
    our_offer_again,
    read_offer,
)
from tenfour.telephony.sdp import AudioStream, Codec, Direction, Sdp, audio_of, parse_sdp
from tenfour.telephony.secured_sdp import OUR_KEY_BYTES, Fingerprint, OurSecurity
from tenfour.vocabulary.ids import CallId

CALL = CallId("call0123456789")
OURS = OurSecurity(bytes(range(OUR_KEY_BYTES)), Fingerprint("sha-256", bytes(range(32))))


def description(formats: str, more: str = "") -> bytes:
    session = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    return f"{session}m=audio 4000 RTP/AVP {formats}\r\n{more}".encode()


def ours(theirs: bytes | None) -> AudioStream:
    return audio_of(parse_sdp(our_description(theirs, "127.0.0.1", 40000, CALL, 1, security=OURS)))


def test_an_offer_is_read() -> None:
    stream = read_offer(description("0"))
    assert isinstance(stream, AudioStream)
    assert (stream.host, stream.port, stream.codec) == ("192.0.2.1", 4000, Codec.PCMU)


def test_no_offer_and_a_broken_one_are_nothing_and_we_offer_ourselves() -> None:
    for theirs in (None, b"", b"v=0\r\nm=audio nonsense\r\n", b"\xff\x00"):
        assert read_offer(theirs) is Offered.NOTHING
        assert (ours(theirs).host, ours(theirs).port, ours(theirs).codec) == ("127.0.0.1", 40000, Codec.PCMU)


def test_an_offer_without_our_codecs_is_nothing_for_us() -> None:
    assert read_offer(description("18")) is Offered.NOTHING_FOR_US


@pytest.mark.parametrize(
    ("theirs", "kinds", "place"),
    [
        (description("18"), ["audio"], 0),
        (description("18", "m=video 4002 RTP/AVP 31\r\n"), ["audio", "video"], 0),
        (b"v=0\r\nm=video 4002 RTP/AVP 31\r\n", ["video", "audio"], 1),
        (b"v=0\r\n", ["audio"], 0),
    ],
)
def test_where_nothing_is_for_us_all_media_are_refused_and_our_audio_is_offered(
    theirs: bytes, kinds: list[str], place: int
) -> None:
    refused = parse_sdp(our_description(theirs, "127.0.0.1", 40000, CALL, 1, security=OURS))
    assert [medium.port for medium in refused.media] == [0] * len(parse_sdp(theirs).media)
    offered = parse_sdp(our_counter_offer(theirs, "127.0.0.1", 40000, CALL, 2))
    assert [medium.kind for medium in offered.media] == kinds
    assert [medium.port for medium in offered.media] == [40000 if at == place else 0 for at in range(len(kinds))]
    assert audio_of(offered).codec is Codec.PCMU
    assert offered.origin.split()[1] == refused.origin.split()[1]


def test_what_was_offered_in_vain_is_said() -> None:
    assert no_audio_words(description("18 4")).endswith("(audio 18 4 over RTP/AVP).")
    assert no_audio_words(b"v=0\r\n").endswith("(no media at all).")


def test_a_law_is_answered_with_a_law() -> None:
    assert ours(description("8")).codec is Codec.PCMA


def test_a_caller_on_hold_is_answered_so() -> None:
    assert ours(description("0", "a=sendonly\r\n")).direction is Direction.RECVONLY


def test_our_description_counts_its_versions() -> None:
    first, second = (
        our_description(description("0"), "127.0.0.1", 40000, CALL, version, security=OURS) for version in (1, 2)
    )
    assert parse_sdp(first).origin.split()[1] == parse_sdp(second).origin.split()[1]
    assert parse_sdp(first).origin.split()[2:3] == ["1"]
    assert parse_sdp(second).origin.split()[2:3] == ["2"]


def offered_again(theirs: bytes | None) -> Sdp:
    return parse_sdp(our_offer_again(theirs, "127.0.0.1", 40000, CALL, 2, security=OURS))


def test_an_offer_in_a_call_has_the_media_that_there_are_in_their_places() -> None:
    """RFC 3264 section 8: never fewer than before; what was refused stays refused."""
    theirs = (
        b"v=0\r\nc=IN IP4 192.0.2.1\r\nm=video 4002 RTP/AVP 31\r\n" + description("8 96").partition(b"t=0 0\r\n")[2]
    )
    media = offered_again(theirs + b"a=rtpmap:96 telephone-event/8000\r\na=sendonly\r\nm=text 0 RTP/AVP 98\r\n").media
    assert [(medium.kind, medium.port) for medium in media] == [("video", 0), ("audio", 40000), ("text", 0)]
    assert media[1].formats == ("8", "96", "0")
    assert [name for name, _ in media[1].attributes].count("sendrecv") == 1
    assert not [name for name, _ in media[1].attributes if name in {"recvonly", "sendonly", "inactive"}]


def test_an_offer_in_a_call_holds_all_that_is_spoken_here_and_no_number_twice() -> None:
    assert offered_again(description("97", "a=rtpmap:97 PCMU/8000\r\n")).media[0].formats == ("97", "8", "101")
    assert offered_again(description("0 101", "a=rtpmap:101 telephone-event/8000\r\n")).media[0].formats == (
        "0",
        "101",
        "8",
    )
    assert offered_again(None).media[0].formats == ("0", "8", "101")
    assert offered_again(description("18")).media[0].formats == ("0", "8", "101")


def test_an_offer_in_a_secured_call_is_secured_by_the_keys_that_we_told() -> None:
    theirs = description("0", "a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n")
    again, answered = offered_again(theirs.replace(b"RTP/AVP", b"RTP/SAVP")), ours(theirs)
    assert again.media[0].protocol == "RTP/SAVP"
    assert audio_of(again).security == answered.security
    assert answered.security is not None
