"""A browser's checks are answered as RFC 8445 asks of a lite side, and nobody else's are believed."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.errors import StunError
from tenfour.telephony.ice import PATHS, SILENT_S, IceAgent
from tenfour.telephony.stun import Attribute, Kind, StunMessage, is_stun, parse_stun, serialise_stun, xor_mapped

OURS, THEIRS, PASSWORD = "tenf", "brow", "a password of ICE, long"
BROWSER = ("192.0.2.1", 40000)
USERNAME = (Attribute.USERNAME, f"{OURS}:{THEIRS}".encode())
TRANSACTION = b"123456789012"

SAMPLE_REQUEST = bytes.fromhex(
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff"
    "80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249"
    "c1b571a280280004e57a3bcf"
)
"""RFC 5769 section 2.1."""
SAMPLE_RESPONSE = bytes.fromhex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96"
)
"""RFC 5769 section 2.2: to 192.0.2.1:32853."""
SAMPLE_PASSWORD = b"VOkJxbRl1RmTxUk/WvJxBt"


def agent() -> IceAgent:
    return IceAgent(OURS, PASSWORD, THEIRS)


def check(*more: tuple[int, bytes], username=USERNAME, password: str | None = PASSWORD) -> bytes:
    attributes = (username, (Attribute.PRIORITY, b"\x6e\0\0\1"), (Attribute.ICE_CONTROLLING, bytes(8)), *more)
    return serialise_stun(Kind.REQUEST, TRANSACTION, attributes, password.encode() if password is not None else None)


def answered(ice: IceAgent, data: bytes, address=BROWSER, now: float = 0.0) -> StunMessage:
    answer = ice.take(data, address, now)
    assert answer is not None
    return parse_stun(answer)


def code(message: StunMessage) -> int:
    assert message.kind is Kind.ERROR
    value = message.get(Attribute.ERROR_CODE)
    assert value is not None
    return value[2] * 100 + value[3]


def test_the_sample_messages_of_rfc_5769_are_read_and_authentic() -> None:
    request, response = parse_stun(SAMPLE_REQUEST), parse_stun(SAMPLE_RESPONSE)
    assert (request.kind, response.kind) == (Kind.REQUEST, Kind.SUCCESS)
    assert request.get(Attribute.USERNAME) == b"evtj:h6vY"
    for message in (request, response):
        assert message.is_authentic(SAMPLE_PASSWORD)
        assert not message.is_authentic(SAMPLE_PASSWORD + b"!")
    assert response.get(Attribute.XOR_MAPPED_ADDRESS) == xor_mapped("192.0.2.1", 32853, response.transaction)


def test_an_address_of_ipv6_is_masked_as_in_rfc_5769() -> None:
    told = xor_mapped("2001:db8:1234:5678:11:2233:4455:6677", 32853, bytes.fromhex("b7e7a701bc34d686fa87dfae"))
    assert told.hex() == "0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"


def test_a_check_is_answered_with_where_it_came_from() -> None:
    ice = agent()
    answer = answered(ice, check())
    assert answer.kind is Kind.SUCCESS
    assert answer.transaction == TRANSACTION
    assert answer.is_authentic(PASSWORD.encode())
    assert answer.get(Attribute.XOR_MAPPED_ADDRESS) == xor_mapped(*BROWSER, TRANSACTION)
    assert (ice.path, set(ice.known)) == (BROWSER, {BROWSER})


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (check(password=None), 400),
        (check(password="somebody else's password"), 401),
        (check(username=(Attribute.USERNAME, b"tenf:else")), 401),
        (check((0x7FFF, b"news")), 420),
        (
            serialise_stun(
                Kind.REQUEST, TRANSACTION, (USERNAME, (Attribute.ICE_CONTROLLED, bytes(8))), PASSWORD.encode()
            ),
            487,
        ),
    ],
)
def test_what_does_not_prove_itself_is_refused_and_opens_no_path(data: bytes, expected: int) -> None:
    ice = agent()
    assert code(answered(ice, data)) == expected
    assert (ice.path, ice.known, ice.refused) == (None, {}, 1)


def test_the_nominated_path_of_the_highest_priority_is_taken_while_it_lives() -> None:
    ice, wlan, cable = agent(), ("192.0.2.1", 1), ("192.0.2.1", 2)
    nominated = (Attribute.USE_CANDIDATE, b"")
    answered(ice, check(), wlan)
    assert ice.path == wlan
    answered(ice, check(nominated), cable, now=1.0)
    assert ice.path == cable
    answered(ice, check(nominated), wlan, now=2.0)
    assert ice.path == cable
    answered(ice, check(nominated), wlan, now=1.0 + SILENT_S)
    assert ice.path == wlan


@given(st.integers(PATHS + 1, 3 * PATHS))
def test_a_browser_with_ever_new_addresses_fills_no_memory(count: int) -> None:
    ice = agent()
    for port in range(count):
        ice.take(check(), ("192.0.2.1", 1024 + port), float(port))
    assert len(ice.known) == PATHS
    assert ice.path in ice.known


@given(st.binary(max_size=200) | st.binary(max_size=120).map(lambda tail: SAMPLE_REQUEST[:20] + tail))
def test_nonsense_is_answered_with_nothing_or_a_refusal(data: bytes) -> None:
    ice = agent()
    answer = ice.take(data, BROWSER, 0.0)
    assert answer is None or parse_stun(answer).kind is Kind.ERROR
    assert ice.path is None


@given(st.integers(0, len(SAMPLE_REQUEST) - 9), st.integers(1, 255))
def test_one_wrong_byte_is_found(at: int, change: int) -> None:
    broken = bytearray(SAMPLE_REQUEST)
    broken[at] ^= change
    try:
        message = parse_stun(bytes(broken))
    except StunError:
        return
    assert not message.is_authentic(SAMPLE_PASSWORD)


@given(
    st.lists(st.tuples(st.sampled_from([0x0006, 0x0024, 0x8022]), st.binary(max_size=40)), max_size=5),
    st.binary(max_size=40),
)
def test_what_is_written_is_read_again(attributes: list[tuple[int, bytes]], password: bytes) -> None:
    data = serialise_stun(Kind.REQUEST, TRANSACTION, tuple(attributes), password)
    message = parse_stun(data)
    assert is_stun(data)
    assert message.attributes[:-1] == tuple(attributes)
    assert message.is_authentic(password)
    assert len(message.get(Attribute.MESSAGE_INTEGRITY) or b"") == hashlib.sha1().digest_size
