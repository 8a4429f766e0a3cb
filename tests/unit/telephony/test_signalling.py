"""How a message is kept: found by its Call-ID without reading it, and without what must not be kept."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.signalling import (
    KeptDecision,
    KeptMessage,
    cut,
    decode,
    encode,
    kept_message,
    masked,
    masked_words,
    raw_text,
    sip_call_id_of,
)

AT = datetime(2026, 3, 1, 16, 41, 37, 123456, tzinfo=UTC)


def kept(data: bytes) -> KeptMessage:
    return kept_message(data, at=AT, way="in", transport="UDP", local="192.0.2.9:5060", peer="192.0.2.1:5060")


@pytest.mark.parametrize(
    ("data", "call_id"),
    [
        (b"INVITE sip:a SIP/2.0\r\nCall-ID: one@here\r\n\r\n", "one@here"),
        (b"INVITE sip:a SIP/2.0\r\nVia: x\r\ni:one\r\n\r\n", "one"),
        (b"INVITE sip:a SIP/2.0\r\nI : one \r\n\r\n", "one"),
        (b"INVITE sip:a SIP/2.0\ncall-id:one\n\n", "one"),
        (b"INVITE sip:a SIP/2.0\r\nCALL-ID:\r\n  folded\r\n\r\n", "folded"),
        (b"\r\n\r\nINVITE sip:a SIP/2.0\r\nCall-ID: one\r\n\r\n", "one"),
        (b"INVITE sip:a SIP/2.0\r\nCall-ID: caf\xe9\r\n\r\n", "caf\xe9"),
        (b"INVITE sip:a SIP/2.0\r\nX-Call-ID: no\r\nVia: i: no\r\n\r\n", ""),
        (b"INVITE sip:a SIP/2.0\r\nTo: b\r\n\r\nCall-ID: in the body\r\n", ""),
        (b"INVITE sip:a SIP/2.0\r\nCall-ID: first\r\nCall-ID: second\r\n\r\n", "first"),
        (b"\x00\xff", ""),
        (b"", ""),
    ],
)
def test_call_id_is_found_in_the_head_however_it_is_spelled(data: bytes, call_id: str) -> None:
    assert sip_call_id_of(data) == call_id


def test_credentials_are_masked_and_nothing_else() -> None:
    before = (
        b"REGISTER sip:a SIP/2.0\r\nCall-ID: one\r\nAuthorization: Digest username=\"a\",\r\n response=\"5ec4e7\"\r\n"
        b"PROXY-AUTHORIZATION:Basic 5ec4e7\r\nAuthorization Digest 5ec4e7\r\n"
        b"X-Authorization-Note: stays\r\nCSeq: 1 REGISTER\r\n\r\nbody"
    )  # fmt: skip
    assert masked(before) == (
        b"REGISTER sip:a SIP/2.0\r\nCall-ID: one\r\nAuthorization: ***\r\n"
        b"PROXY-AUTHORIZATION: ***\r\nAuthorization: ***\r\nX-Authorization-Note: stays\r\nCSeq: 1 REGISTER\r\n\r\nbody"
    )


def test_sentence_that_quotes_a_credential_line_is_masked() -> None:
    assert masked_words("taken although: The line 'Authorization Digest 5ec4e7' is no header.") == (
        "taken although: The line 'Authorization: ***"
    )
    assert masked_words("401: Authorization is missing") == "401: Authorization is missing"


def test_keys_of_sdp_are_masked() -> None:
    sdp = (
        b"v=0\r\nk=base64:5ec4e7\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:5ec4e7|2^20|1:4;inline:5ec4e7 x\r\n"
        b"a=key-mgmt:mikey 5ec4e7\r\na=rtpmap:0 PCMU/8000\r\n"
    )
    after = masked(b"INVITE sip:a SIP/2.0\r\nContent-Disposition: inline; x\r\n\r\n" + sdp)
    assert b"5ec4e7" not in after
    assert b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***|2^20|1:4;inline:*** x\r\n" in after
    assert after.endswith(b"a=rtpmap:0 PCMU/8000\r\n")
    assert b"Content-Disposition: inline; x" in after


def test_message_is_kept_whole_with_its_first_line_and_cseq() -> None:
    data = b"SIP/2.0 180 Ringing\r\nCall-ID: one\r\nCSeq: 7 INVITE\r\n\r\nbody\xc3\xa9"
    message = kept(data)
    assert (message.start, message.cseq) == ("SIP/2.0 180 Ringing", "7 INVITE")
    assert raw_text(message).encode() == data


def test_bytes_that_are_no_text_are_kept_and_shown() -> None:
    message = kept(b"INFO sip:a SIP/2.0\r\n\r\n\xff\x01")
    assert message.text == ""
    assert raw_text(message) == "INFO sip:a SIP/2.0\r\n\r\n\\xff\x01"


def test_cutting_says_how_much_is_left_out() -> None:
    message = cut(kept(b"INFO sip:a SIP/2.0\r\n\r\n" + b"x" * 100), 50)
    assert (len(message.text), message.left_out) == (50, 72)
    assert cut(message, 50) == message


def test_line_that_is_half_written_is_passed_over_and_counted() -> None:
    whole = encode(KeptDecision(at=AT, what="a new call"))
    lines, unreadable = decode([whole, b"\n", whole[:-9], b'{"is": "unheard of"}'])
    assert [line.what for line in lines if isinstance(line, KeptDecision)] == ["a new call"]
    assert unreadable == 2


@given(st.binary(max_size=300))
def test_any_bytes_are_kept_and_read_again(data: bytes) -> None:
    message = kept(data)
    (again,), unreadable = decode([encode(message)])
    assert (again, unreadable) == (message, 0)
    assert isinstance(raw_text(message), str)


@given(st.binary(max_size=60), st.sampled_from([b"Authorization: Digest 5ec4e7", b"\r\nproxy-authorization:\t5ec4e7"]))
def test_whatever_stands_before_a_credential_line_it_is_masked(before: bytes, line: bytes) -> None:
    assert b"5ec4e7" not in masked(before + b"\n" + line)
