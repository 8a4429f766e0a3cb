"""What is said to a caller's description of its audio."""

import pytest

from tenfour.adapters.line_offer import Offered, no_audio_words, our_counter_offer, our_description, read_offer
from tenfour.telephony.sdp import AudioStream, Codec, Direction, audio_of, parse_sdp
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
