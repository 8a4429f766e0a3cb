"""Descriptions that secure their audio: what is taken, what is passed over, what is answered."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.errors import SdpError
from tenfour.telephony.sdp import answer, audio_of, audio_problems, parse_sdp, serialise_sdp
from tenfour.telephony.secured_sdp import (
    OUR_KEY_BYTES,
    Dtls,
    Fingerprint,
    MasterKey,
    OurSecurity,
    Sdes,
    Suite,
    parse_crypto,
    parse_fingerprint,
)

KEY = bytes(range(30))
INLINE = base64.b64encode(KEY).decode()
CRYPTO = f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}\r\n"
DIGEST = bytes(range(100, 132))
FINGERPRINT = f"a=fingerprint:SHA-256 {DIGEST.hex(':').upper()}\r\n"
OURS = OurSecurity(bytes(range(1, OUR_KEY_BYTES + 1)), Fingerprint("sha-256", bytes(range(32))))


def described(*media: str, session: str = ""):
    head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" + session
    return parse_sdp((head + "".join(media)).encode())


def audio(profile: str, more: str = "", port: int = 4000) -> str:
    return f"m=audio {port} {profile} 0 101\r\na=rtpmap:101 telephone-event/8000\r\n{more}"


def answered(offer):
    ours = answer(offer, host="192.0.2.9", port=6000, session_id=1, security=OURS)
    return parse_sdp(serialise_sdp(ours))


# ---- SDES ----


@pytest.mark.parametrize("profile", ["RTP/SAVP", "RTP/SAVPF", "rtp/savp", "RTP/AVP", "RTP/AVPF"])
def test_a_crypto_line_is_taken_and_answered_under_its_tag_in_the_same_profile(profile) -> None:
    offer = described(audio(profile, CRYPTO))
    assert audio_of(offer).security == Sdes(1, Suite.AES_CM_128_HMAC_SHA1_80, (MasterKey(KEY),))
    (medium,) = answered(offer).media
    assert medium.protocol == profile
    ours = base64.b64encode(OURS.key[:30]).decode()
    assert medium.attribute("crypto") == f"1 AES_CM_128_HMAC_SHA1_80 inline:{ours}"


@pytest.mark.parametrize("suite", list(Suite))
def test_our_key_is_as_long_as_the_suite_wants(suite) -> None:
    key = base64.b64encode(bytes(suite.key_bytes + suite.salt_bytes)).decode()
    (medium,) = answered(described(audio("RTP/SAVP", f"a=crypto:7 {suite.value} inline:{key}\r\n"))).media
    line = parse_crypto(medium.attribute("crypto"))
    assert (line.tag, line.suite, line.keys[0].key) == (7, suite, OURS.key[: suite.key_bytes + suite.salt_bytes])


def test_the_first_line_for_us_is_taken_and_unknown_suites_and_parameters_are_passed_over() -> None:
    lines = (
        f"a=crypto:1 F8_128_HMAC_SHA1_80 inline:{INLINE}\r\n"
        f"a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:{INLINE} UNENCRYPTED_SRTP\r\n"
        f"a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:{INLINE} KDR=4\r\n"
        f"a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:{INLINE} -SOMETHING WSH=128 KDR=0\r\n"
        f"a=crypto:5 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}\r\n"
    )
    offer = described(audio("RTP/SAVP", lines))
    assert audio_of(offer).security.tag == 4
    assert audio_problems(offer) == ()


@pytest.mark.parametrize(
    ("behind", "mki"),
    [("", b""), ("|2^20", b""), ("|1048576", b""), ("|2^31|1:1", b"\x01"), ("|258:4", b"\0\0\1\2")],
)
def test_lifetime_and_mki_are_read(behind, mki) -> None:
    line = parse_crypto(f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}{behind}")
    assert line.keys == (MasterKey(KEY, mki),)


def test_several_keys_are_told_apart_by_their_mki() -> None:
    line = parse_crypto(f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|1:2;inline:{INLINE}|2^20|2:2")
    assert [key.mki for key in line.keys] == [b"\0\1", b"\0\2"]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1",
        "one AES_CM_128_HMAC_SHA1_80 inline:x",
        "1 AES_CM_128_HMAC_SHA1_80 inline:",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE[:20]}",
        f"1 AES_CM_128_HMAC_SHA1_80 clear:{INLINE}",
        "1 AES_CM_128_HMAC_SHA1_80 inline:" + "!" * 40,
        "1 AES_CM_128_HMAC_SHA1_80 inline:" + "é" * 40,
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|2^x",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|2^20|300:1",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|1:0",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|1:129",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|2^20|1:1|2",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE};inline:{INLINE}",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|1:1;inline:{INLINE}|1:2",
    ],
)
def test_a_broken_crypto_line_is_passed_over_with_a_sentence_that_tells_no_key(value) -> None:
    with pytest.raises(SdpError):
        parse_crypto(value)
    offer = described(audio("RTP/SAVP", f"a=crypto:{value}\r\n" + CRYPTO.replace(":1 ", ":9 ")))
    assert audio_of(offer).security.tag == 9
    (sentence,) = audio_problems(offer)
    assert sentence.endswith("It was passed over.")
    assert INLINE[:12] not in sentence


@given(st.text(max_size=80), st.sampled_from(list(Suite)))
def test_any_words_are_a_line_or_none_or_a_sentence(text, suite) -> None:
    for value in (text, f"1 {suite.value} inline:{text}"):
        for read in (parse_crypto, parse_fingerprint):
            try:
                read(value)
            except SdpError as error:
                assert str(error)


@given(suite=st.sampled_from(list(Suite)), tag=st.integers(0, 10**9 - 1), random=st.binary(min_size=44, max_size=44))
def test_what_we_answer_is_read_as_what_we_said(suite, tag, random) -> None:
    key = base64.b64encode(random[: suite.key_bytes + suite.salt_bytes]).decode().rstrip("=")
    offer = described(audio("RTP/SAVP", f"a=crypto:{tag} {suite.value} inline:{key}\r\n"))
    assert audio_of(offer).security == Sdes(tag, suite, (MasterKey(random[: suite.key_bytes + suite.salt_bytes]),))
    ours = OurSecurity(random[::-1], OURS.fingerprint)
    said = audio_of(answer(offer, host="192.0.2.9", port=6000, session_id=1, security=ours)).security
    assert said == Sdes(tag, suite, (MasterKey(random[::-1][: suite.key_bytes + suite.salt_bytes]),))


# ---- DTLS ----


@pytest.mark.parametrize(
    ("setup", "we_begin"), [("actpass", True), ("passive", True), ("active", False), ("holdconn", True), (None, False)]
)
@pytest.mark.parametrize("where", ["session", "medium"])
def test_a_fingerprint_is_taken_and_answered_with_ours_and_our_part(setup, we_begin, where) -> None:
    lines = FINGERPRINT + (f"a=setup:{setup}\r\n" if setup else "")
    offer = described(
        audio("UDP/TLS/RTP/SAVPF", lines if where == "medium" else ""), session=lines if where == "session" else ""
    )
    assert audio_of(offer).security == Dtls((Fingerprint("sha-256", DIGEST),), we_begin)
    (medium,) = answered(offer).media
    assert medium.protocol == "UDP/TLS/RTP/SAVPF"
    assert medium.attribute("setup") == ("active" if we_begin else "passive")
    assert parse_fingerprint(medium.attribute("fingerprint")) == OURS.fingerprint


def test_the_medium_stands_above_the_session_and_the_strongest_hash_counts() -> None:
    weak = f"a=fingerprint:sha-1 {bytes(20).hex(':')}\r\n"
    md5 = f"a=fingerprint:md5 {bytes(16).hex(':')}\r\n"
    offer = described(audio("UDP/TLS/RTP/SAVP", weak + FINGERPRINT + md5), session=FINGERPRINT.replace("64", "65", 1))
    assert audio_of(offer).security.fingerprints == (Fingerprint("sha-256", DIGEST),)
    assert audio_problems(offer) == ()


@pytest.mark.parametrize("value", ["", "sha-256", "sha-256 AA:BB", "sha-256 XX" + ":00" * 31, "sha-1" + " 00" * 32])
def test_a_broken_fingerprint_is_passed_over_with_a_sentence(value) -> None:
    offer = described(audio("UDP/TLS/RTP/SAVP", f"a=fingerprint:{value}\r\n"))
    assert len(audio_problems(offer)) == 1
    with pytest.raises(SdpError):
        audio_of(offer)


def test_opportunistic_dtls_keeps_the_plain_profile() -> None:
    offer = described(audio("RTP/AVP", FINGERPRINT + "a=setup:actpass\r\n"))
    assert isinstance(audio_of(offer).security, Dtls)
    assert answered(offer).media[0].protocol == "RTP/AVP"


def test_one_who_began_stays_the_one_who_began() -> None:
    offer = described(audio("UDP/TLS/RTP/SAVP", FINGERPRINT + "a=setup:actpass\r\n"))
    ours = OurSecurity(OURS.key, OURS.fingerprint, stays_passive=True)
    (medium,) = answer(offer, host="192.0.2.9", port=6000, session_id=1, security=ours).media
    assert medium.attribute("setup") == "passive"


# ---- which stream, and in which way ----


@pytest.mark.parametrize(
    ("profile", "lines"),
    [
        ("RTP/SAVP", ""),
        ("RTP/SAVP", "a=crypto:1 SOME_OTHER_SUITE inline:abc\r\n"),
        ("UDP/TLS/RTP/SAVP", CRYPTO),
        ("TCP/DTLS/RTP/SAVP", FINGERPRINT),
        ("DTLS/SCTP", FINGERPRINT),
    ],
)
def test_a_secured_profile_without_keys_for_us_is_no_audio(profile, lines) -> None:
    with pytest.raises(SdpError, match="no audio in PCMU or PCMA"):
        audio_of(described(audio(profile, lines)))


def test_a_secured_stream_is_preferred_to_a_plain_one_before_it() -> None:
    offer = described(audio("RTP/AVP"), audio("RTP/SAVP", CRYPTO, port=5000))
    assert audio_of(offer).port == 5000
    assert [medium.port for medium in answered(offer).media] == [0, 6000]


def test_a_plain_stream_is_taken_where_the_secured_one_is_not_for_us() -> None:
    offer = described(audio("RTP/SAVP", "a=crypto:1 OTHER inline:a\r\n"), audio("RTP/AVP", port=5000))
    assert (audio_of(offer).port, audio_of(offer).security) == (5000, None)
    assert answered(offer).media[1].attribute("crypto") is None


def test_a_plain_profile_with_a_broken_line_is_plain() -> None:
    offer = described(audio("RTP/AVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:short\r\n"))
    assert audio_of(offer).security is None
    assert len(audio_problems(offer)) == 1


def test_whoever_speaks_plain_only_takes_no_secured_stream() -> None:
    offer = described(audio("RTP/AVP", CRYPTO))
    (medium,) = answer(offer, host="192.0.2.9", port=6000, session_id=1).media
    assert medium.attribute("crypto") is None
    with pytest.raises(SdpError):
        answer(described(audio("RTP/SAVP", CRYPTO)), host="192.0.2.9", port=6000, session_id=1)


# ---- where reports go ----


def test_one_port_for_audio_and_reports_is_taken_where_offered() -> None:
    (medium,) = answered(described(audio("RTP/AVP", "a=rtcp-mux\r\n"))).media
    assert medium.attribute("rtcp-mux") == ""
    (medium,) = answered(described(audio("RTP/AVP"))).media
    assert medium.attribute("rtcp-mux") is None


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("a=rtcp:53020\r\n", ("192.0.2.1", 53020)),
        ("a=rtcp:53020 IN IP4 192.0.2.7\r\n", ("192.0.2.7", 53020)),
        ("a=rtcp:\r\n", None),
        ("a=rtcp:0\r\n", None),
        ("a=rtcp:70000\r\n", None),
        ("a=rtcp:many\r\n", None),
        ("", None),
    ],
)
def test_where_reports_go_is_read(line, where) -> None:
    assert audio_of(described(audio("RTP/AVP", line))).rtcp == where
