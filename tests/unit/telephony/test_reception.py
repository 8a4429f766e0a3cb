"""Counting a stream: what was lost, late, doubled, and how evenly it came."""

from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.reception import Measured, Reception


def received(sequences: list[int], *, ssrc: int = 7) -> Reception:
    reception = Reception()
    for at, sequence in enumerate(sequences):
        reception.take(ssrc, sequence & 0xFFFF, 160 * sequence, at * 0.02)
    return reception


def test_an_even_stream_has_nothing_wrong_with_it():
    assert received(list(range(100))).measured() == Measured(received=100)


def test_gaps_are_lost_and_what_comes_late_is_not():
    measured = received([1, 2, 5, 6, 4, 7]).measured()
    assert (measured.received, measured.lost, measured.late, measured.doubled) == (6, 1, 1, 0)


def test_doubles_count_once_as_received():
    measured = received([1, 2, 2, 2, 3]).measured()
    assert (measured.received, measured.lost, measured.doubled) == (3, 0, 2)


def test_sequence_numbers_may_wrap():
    reception = received(list(range(65500, 65600)))
    assert reception.measured() == Measured(received=100)
    assert reception.report().highest == 65599


def test_a_new_source_and_a_new_count_begin_anew_and_the_sums_stay():
    reception = received([1, 2, 4])
    reception.take(8, 60000, 0, 1.0)
    reception.take(8, 60001, 160, 1.02)
    reception.take(8, 100, 320, 1.04)
    measured = reception.measured()
    assert (measured.received, measured.lost) == (6, 1)


def test_fraction_lost_is_of_what_came_since_the_last_report():
    reception = received([1, 2, 3, 4])
    assert reception.report().fraction_lost == 0
    for sequence in (6, 8):
        reception.take(7, sequence, 160 * sequence, 0.02 * sequence)
    block = reception.report()
    assert (block.fraction_lost, block.lost, block.highest) == (128, 2, 8)
    assert reception.report().fraction_lost == 0


def test_jitter_is_that_of_the_rfc():
    """Every second packet 10 ms late: differences of 80 timestamp units, towards which the mean goes."""
    reception = Reception()
    for at in range(400):
        reception.take(7, at, 160 * at, 0.02 * at + 0.01 * (at % 2))
    assert abs(reception.measured().jitter_s - 0.01) < 0.0001


def test_keypresses_and_a_jump_of_the_clock_are_no_jitter():
    reception = Reception()
    reception.take(7, 1, 0, 0.0)
    reception.take(7, 2, 0, 1.0, is_audio=False)
    reception.take(7, 3, 10**6, 1.02)
    assert reception.measured().jitter_s == 0


def test_nothing_received_is_nothing_to_report():
    assert Reception().report() is None
    assert Reception().measured() == Measured()


@given(st.permutations(list(range(60))))
def test_in_any_order_nothing_is_lost_that_came(sequences):
    measured = received(sequences).measured()
    assert (measured.received, measured.lost, measured.doubled) == (60, 0, 0)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 65535)), max_size=80))
def test_each_packet_is_received_or_doubled(packets):
    reception = Reception()
    for at, (ssrc, sequence) in enumerate(packets):
        reception.take(ssrc, sequence, 0, at * 0.02)
    measured = reception.measured()
    assert measured.received + measured.doubled == len(packets)
    assert measured.lost >= 0
