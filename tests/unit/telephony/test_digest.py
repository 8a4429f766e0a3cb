"""Digest values: the published examples of RFC 2617 and RFC 7616; challenges and answers are read as written."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.digest import (
    ALGORITHMS,
    Challenge,
    Proof,
    answer_challenge,
    can_answer,
    expected_response,
    parse_challenges,
    parse_proof,
)
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.message import Request

RFC_2617 = (
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
    'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)
RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
GET = Request(method="GET", uri="/dir/index.html")


def test_example_of_rfc_2617():
    (challenge,) = parse_challenges([RFC_2617])
    proof = answer_challenge(challenge, GET, "Mufasa", "Circle Of Life", count=1, cnonce="0a4f113b")
    assert proof.response == "6629fae49393a05397450978507c4ef1"
    assert proof.opaque == "5ccc069c403ebaf9f0171e9517f40e41"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_examples_of_rfc_7616(algorithm, response):
    (challenge,) = parse_challenges([RFC_7616.format(algorithm)])
    proof = answer_challenge(challenge, GET, "Mufasa", "Circle of Life", count=1, cnonce=CNONCE)
    assert (proof.response, proof.qop, proof.nc) == (response, "auth", 1)


@pytest.mark.skipif("sha512_256" not in hashlib.algorithms_available, reason="this OpenSSL has no SHA-512/256")
def test_sha_512_256_is_the_one_that_the_errata_of_rfc_7616_mean():
    """Erratum 4897: the user hash of the example in section 3.9.2."""
    hashed = hashlib.new(ALGORITHMS["SHA-512-256"], "J\u00e4s\u00f8n Doe:api@example.org".encode())
    assert hashed.hexdigest() == "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"
    answer_challenge(Challenge("r", "n", "SHA-512-256", ("auth",)), GET, "a", "b", count=1, cnonce="c")


def test_auth_int_covers_the_body_and_sess_the_session():
    challenge = Challenge("r", "n", "MD5-sess", ("auth-int",))
    said = Request(method="MESSAGE", uri="sip:a@b", body=b"help")
    proof = answer_challenge(challenge, said, "ann", "secret", count=3, cnonce="c")
    inner = hashlib.md5(b"ann:r:secret").hexdigest()
    session = hashlib.md5(f"{inner}:n:c".encode()).hexdigest()
    meant = hashlib.md5(f"MESSAGE:sip:a@b:{hashlib.md5(b'help').hexdigest()}".encode()).hexdigest()
    assert proof.response == hashlib.md5(f"{session}:n:00000003:c:auth-int:{meant}".encode()).hexdigest()
    assert expected_response(proof, "secret", "MESSAGE", b"other") != proof.response


def test_several_challenges_of_several_schemes_in_one_line():
    line = f'Basic realm="b", Negotiate, {RFC_7616.format("SHA-256")}, {RFC_2617}, NewAuth a="1, 2", b'
    found = parse_challenges([line, RFC_7616.format("MD5")])
    assert [challenge.algorithm for challenge in found] == ["SHA-256", "MD5", "MD5"]
    assert [challenge.realm for challenge in found] == [
        "http-auth@example.org",
        "testrealm@host.com",
        "http-auth@example.org",
    ]
    assert found[0].qop == ("auth", "auth-int")


@pytest.mark.parametrize("line", ["", "Digest", 'Digest realm="x"', 'Digest nonce="x"', "Basic a=b", ",,,", "Digest ="])
def test_what_is_no_challenge_is_left_out(line):
    assert parse_challenges([line]) == ()


def test_algorithm_and_stale_in_any_case():
    (found,) = parse_challenges(['digest REALM="a", Nonce="b", ALGORITHM=sha-256-SESS, stale=TRUE'])
    assert (found.algorithm, found.stale, found.qop) == ("SHA-256-sess", True, ())


def test_what_cannot_be_answered():
    assert can_answer(Challenge("r", "n"))
    assert not can_answer(Challenge("r", "n", "AKAv1-MD5"))
    assert not can_answer(Challenge("r", "n", "MD5", ("new-qop",)))
    with pytest.raises(HeaderError):
        expected_response(Proof("a", "b", "c", "d", "", algorithm="AKAv1-MD5"), "x", "GET", b"")


HALF = 'Digest username="a", realm="b", nonce="c", uri="d"'


@pytest.mark.parametrize("line", ["", "Digest", "Basic YWJj", HALF, f'{HALF}, response="e", nc=xyz',
                                  f'{HALF}, response="xyz"', f'{HALF}, response="e", algorithm=A"B'])  # fmt: skip
def test_what_is_no_answer(line):
    with pytest.raises(HeaderError):
        parse_proof(line)


words = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)


@given(realm=words, nonce=words.filter(bool), opaque=st.none() | words, stale=st.booleans())
def test_a_challenge_is_read_as_it_was_written(realm, nonce, opaque, stale):
    challenge = Challenge(realm, nonce, "SHA-256", ("auth",), opaque, stale)
    assert parse_challenges([str(challenge)]) == (challenge,)


@given(
    names=st.lists(words, min_size=5, max_size=5),
    count=st.integers(1, 2**32 - 1),
    cnonce=words,
    opaque=st.none() | words,
)
def test_an_answer_is_read_as_it_was_written(names, count, cnonce, opaque):
    user, realm, nonce, uri, _ = names
    proof = Proof(user, realm, nonce, uri, "0a", "SHA-256", "auth", count, cnonce, opaque)
    assert parse_proof(str(proof)) == proof
