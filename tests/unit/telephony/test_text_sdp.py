"""Real-time text in descriptions (RFC 4103 section 11), and the languages of each medium (RFC 8373)."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.adapters.line_offer import our_counter_offer, our_description, with_text
from tenfour.telephony.language import LanguageOffer, language_offers
from tenfour.telephony.sdp import Direction, Media, parse_sdp, serialise_sdp
from tenfour.telephony.secured_sdp import OUR_KEY_BYTES, Dtls, Fingerprint, OurSecurity, Sdes
from tenfour.telephony.text_sdp import TextStream, offered_text, taken_text, text_of
from tenfour.vocabulary.ids import CallId

SECURITY = OurSecurity(bytes(OUR_KEY_BYTES), Fingerprint("sha-256", bytes(32)))
HEAD = "v=0\r\no=- 7 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
AUDIO = "m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
TEXT = (
    "m=text 11000 RTP/AVP 100 98\r\na=rtpmap:98 t140/1000\r\na=fmtp:98 cps=20\r\n"
    "a=rtpmap:100 red/1000\r\na=fmtp:100 98/98/98\r\n"
)


def described(*media: str):
    return parse_sdp((HEAD + "".join(media)).encode())


def test_text_beside_audio_is_read():
    assert text_of(described(AUDIO, TEXT)) == TextStream("192.0.2.9", 11000, 98, 100, 2, 20)


def ours(offered, port: int = 40000, *, text_port: int = 40100, spoken=()):
    theirs = serialise_sdp(offered)
    said = our_description(theirs, "192.0.2.1", port, CallId("c"), 1, security=SECURITY)
    return parse_sdp(with_text(said, theirs, text_port, spoken, security=SECURITY))


def test_text_is_taken_beside_audio_in_its_own_place():
    said = ours(described(TEXT, "m=video 5000 RTP/AVP 31\r\n", AUDIO))
    assert [(medium.kind, medium.port) for medium in said.media] == [("text", 40100), ("video", 0), ("audio", 40000)]
    assert said.media[0].formats == ("100", "98")
    assert dict(said.media[0].attributes)["fmtp"] == "100 98/98/98"
    assert text_of(said) == TextStream("192.0.2.1", 40100, 98, 100, 2, 30)


def test_text_alone_is_taken_where_no_audio_is():
    said = ours(described("m=audio 6000 RTP/AVP 9\r\n", TEXT))
    assert [(medium.kind, medium.port) for medium in said.media] == [("audio", 0), ("text", 40100)]


@pytest.mark.parametrize(
    ("medium", "stream"),
    [
        ("m=text 11000 RTP/AVP 98\r\na=rtpmap:98 T140/1000\r\n", TextStream("192.0.2.9", 11000, 98, None, 0)),
        (
            "m=text 11000 RTP/AVP 98 100\r\na=rtpmap:98 t140/1000\r\na=rtpmap:100 red/1000\r\na=sendonly\r\n",
            TextStream("192.0.2.9", 11000, 98, 100, 2, direction=Direction.SENDONLY),
        ),
        (
            "m=text 11000 RTP/AVP 98 100\r\na=rtpmap:98 t140/1000\r\n"
            "a=rtpmap:100 red/1000\r\na=fmtp:100 98/98/98/98\r\n",
            TextStream("192.0.2.9", 11000, 98, 100, 3),
        ),
        (
            "m=text 11000 RTP/AVP 98 100\r\na=rtpmap:98 t140/1000\r\na=rtpmap:100 red/1000\r\na=fmtp:100 0/0\r\n",
            TextStream("192.0.2.9", 11000, 98, None, 0),
        ),
        (
            "m=text 11000 RTP/AVP 98\r\na=rtpmap:98 t140/1000\r\na=fmtp:98 cps=0\r\na=fmtp\r\n",
            TextStream("192.0.2.9", 11000, 98, None, 0),
        ),
    ],
)
def test_text_is_read_as_it_is_offered(medium, stream):
    assert text_of(described(medium)) == stream


@pytest.mark.parametrize(
    "medium",
    [
        "m=text 0 RTP/AVP 98\r\na=rtpmap:98 t140/1000\r\n",
        "m=text 11000 RTP/AVP 98\r\n",
        "m=text 11000 RTP/SAVP 98\r\na=rtpmap:98 t140/1000\r\n",
        "m=text 11000 RTP/SAVP 98\r\na=rtpmap:98 t140/1000\r\na=crypto:1 F8_128_HMAC_SHA1_80 inline:AAAA\r\n",
        "m=text 11000 TCP/WSS x\r\n",
        AUDIO,
    ],
)
def test_what_is_no_text_for_us_is_refused(medium):
    offered = described(medium)
    assert text_of(offered) is None
    assert taken_text(offered, 40100, SECURITY) == {}
    assert text_of(ours(offered)) is None


KEYED = f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{base64.b64encode(bytes(30)).decode()}\r\n"
SHAKEN = f"a=fingerprint:sha-256 {bytes(32).hex(':')}\r\na=setup:actpass\r\n"


@pytest.mark.parametrize(
    ("profile", "keys", "kind", "name"),
    [
        ("RTP/SAVP", KEYED, Sdes, "crypto"),
        ("RTP/AVP", KEYED, Sdes, "crypto"),
        ("UDP/TLS/RTP/SAVP", SHAKEN, Dtls, "fingerprint"),
        ("RTP/SAVPF", KEYED + SHAKEN, Sdes, "crypto"),
    ],
)
def test_secured_text_is_taken_as_it_is_offered_and_before_plain_text(profile, keys, kind, name):
    secured = TEXT.replace("RTP/AVP", profile) + keys
    offered = described(AUDIO, TEXT, secured)
    stream = text_of(offered)
    assert stream is not None
    assert isinstance(stream.security, kind)
    said = ours(offered)
    assert [(medium.port, medium.protocol) for medium in said.media[1:]] == [(0, "RTP/AVP"), (40100, profile)]
    assert said.media[2].attribute(name) is not None
    assert text_of(ours(offered, text_port=0)) is None


def test_text_is_refused_where_there_is_no_port_for_it():
    assert text_of(ours(described(AUDIO, TEXT), text_port=0)) is None


def test_our_own_offer_reads_as_it_is_meant():
    sdp = described(AUDIO)
    said = parse_sdp(serialise_sdp(type(sdp)(sdp.origin, sdp.connection, (offered_text(40100),))))
    assert text_of(said) == TextStream("192.0.2.9", 40100, 98, 100)


SPANISH = "a=hlang-send:es en *\r\na=hlang-recv:es-MX\r\n"


def test_languages_of_each_medium_are_read():
    offers = language_offers(described(AUDIO + SPANISH, TEXT + "a=hlang-send:en\r\n", "m=video 5 RTP/AVP 31\r\n"))
    assert offers == (
        LanguageOffer("audio", ("es", "en"), ("es-MX",), any_will_do=True),
        LanguageOffer("text", ("en",)),
    )


@pytest.mark.parametrize(
    ("spoken", "answered"),
    [
        (("en", "es"), [("hlang-send", "es-MX"), ("hlang-recv", "es")]),
        (("en-US",), [("hlang-send", "en-US"), ("hlang-recv", "en")]),
        (("fr",), [("hlang-send", "fr"), ("hlang-recv", "fr")]),
        ((), []),
    ],
)
def test_one_language_is_answered_for_each_direction(spoken, answered):
    offered = described(AUDIO + SPANISH, "m=video 5000 RTP/AVP 31\r\n" + SPANISH)
    said = ours(offered, spoken=spoken)
    assert [each for each in said.media[0].attributes if each[0].startswith("hlang")] == answered
    assert said.media[1] == Media("video", 0, "RTP/AVP", ("31",))


@given(st.text(max_size=60))
def test_any_words_are_languages_or_none(words):
    for offer in language_offers(described(AUDIO + f"a=hlang-send:{words}\r\na=hlang-recv:{words[::-1]}\r\n")):
        assert all(tag.isascii() and " " not in tag for tag in (*offer.send, *offer.receive))


def test_our_own_audio_offered_to_who_described_no_media_names_no_language():
    theirs = serialise_sdp(described())
    offered = our_counter_offer(theirs, "192.0.2.1", 40000, CallId("c"), 2)
    assert with_text(offered, theirs, 0, ("en",), security=SECURITY) == offered
