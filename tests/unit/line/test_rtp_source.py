"""From whom a call's audio is taken."""

from tenfour.adapters.audio_source import QUIET_S, Source

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
