"""From whom a call's audio is taken."""

import socket

import pytest

from tenfour.adapters.audio_source import QUIET_S, Source, sendable

DESCRIBED = ("192.0.2.1", 4000)
NATTED = ("198.51.100.9", 61000)
STRANGER = ("203.0.113.66", 5555)


def test_the_described_address_is_heard_and_answered() -> None:
    source = Source(DESCRIBED)
    assert source.target == DESCRIBED
    assert source.accepts(DESCRIBED, 0.0)
    assert source.target == DESCRIBED


def test_behind_nat_the_first_that_sends_is_latched_and_answered() -> None:
    source = Source(DESCRIBED)
    assert source.accepts(NATTED, 0.0)
    assert source.target == NATTED


def test_a_stranger_is_refused_while_the_caller_is_heard() -> None:
    source = Source(DESCRIBED)
    source.accepts(NATTED, 0.0)
    assert not source.accepts(STRANGER, 0.02)
    assert source.refused == 1
    assert source.target == NATTED


def test_the_described_address_takes_over_from_a_stranger_that_was_first() -> None:
    source = Source(DESCRIBED)
    source.accepts(STRANGER, 0.0)
    assert source.accepts(DESCRIBED, 0.1)
    assert not source.accepts(STRANGER, 0.12)
    assert source.target == DESCRIBED


def test_when_the_caller_is_quiet_for_long_a_new_address_may_take_its_place() -> None:
    source = Source(DESCRIBED)
    source.accepts(NATTED, 0.0)
    assert source.accepts(("198.51.100.9", 61044), QUIET_S + 0.1)


def test_the_described_address_is_waited_for_twice_as_long() -> None:
    source = Source(DESCRIBED)
    source.accepts(DESCRIBED, 0.0)
    assert not source.accepts(STRANGER, QUIET_S + 0.1)
    assert source.accepts(NATTED, 2 * QUIET_S + 0.1)


def test_without_a_description_nothing_is_sent_until_somebody_is_heard() -> None:
    source = Source(None)
    assert source.target is None
    source.accepts(NATTED, 0.0)
    assert source.target == NATTED


@pytest.mark.parametrize(
    ("host", "by_4", "by_6"),
    [
        ("192.0.2.1", "192.0.2.1", None),
        ("2001:DB8::0:1", None, "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1", None),
        ("fe80::1%eth0", None, "fe80::1%eth0"),
        ("0.0.0.0", None, None),
        ("::", None, None),
        ("phone.example.org", None, None),
        ("", None, None),
    ],
)
def test_a_described_address_is_sent_to_as_it_stands_or_not_at_all(host, by_4, by_6) -> None:
    for family, expected in ((socket.AF_INET, by_4), (socket.AF_INET6, by_6)):
        assert sendable((host, 4000), family) == ((expected, 4000) if expected else None)


def test_a_name_is_not_looked_up_and_whoever_speaks_is_answered() -> None:
    source = Source(("phone.example.org", 4000))
    assert source.target is None
    assert source.accepts(NATTED, 0.0)
    assert source.target == NATTED


def test_a_hold_of_old_asks_for_nothing_until_the_other_side_speaks_or_is_described_anew() -> None:
    source = Source(DESCRIBED)
    assert source.accepts(DESCRIBED, 0.0)
    source.describe(("0.0.0.0", 4000))
    assert source.target is None
    source.describe(DESCRIBED)
    assert source.target == DESCRIBED
