"""RFC 2198: earlier blocks beside the newest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.errors import RtpError
from tenfour.telephony.redundancy import Block, parse_redundancy, serialise_redundancy

EARLIER = st.builds(Block, st.integers(0, 127), st.integers(0, 16383), st.binary(max_size=1023))
NEWEST = st.builds(Block, st.integers(0, 127), st.just(0), st.binary(max_size=1200))


@given(st.lists(EARLIER, max_size=5), NEWEST)
def test_blocks_read_as_they_were_written(earlier, newest):
    assert parse_redundancy(serialise_redundancy([*earlier, newest])) == (*earlier, newest)


def test_bytes_are_those_of_the_rfc():
    payload = serialise_redundancy([Block(98, 600, b"h"), Block(98, 300, b"e"), Block(98, 0, b"l")])
    assert payload == bytes.fromhex("e2096001 e204b001 62") + b"hel"


@pytest.mark.parametrize("payload", [b"", b"\xe2", b"\xe2\x09\x60\x01", b"\xe2\x09\x60\x05\x62abc"])
def test_payload_that_ends_too_early_is_none(payload):
    with pytest.raises(RtpError):
        parse_redundancy(payload)


@given(st.binary(max_size=64))
def test_any_bytes_are_blocks_or_an_error(payload):
    try:
        blocks = parse_redundancy(payload)
    except RtpError:
        return
    assert serialise_redundancy(blocks)[: len(payload)]
