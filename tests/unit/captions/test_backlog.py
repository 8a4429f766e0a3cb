"""What waits to be captioned: the longest waiting first, all of a side together, and never more than so much."""

from hypothesis import given
from hypothesis import strategies as st

from tenfour.adapters.caption_backlog import AT_ONCE_S, MOST_SIDES, MOST_WAITING_S, Backlog, seconds
from tenfour.adapters.caption_protocol import RATE, Heard
from tenfour.calltaking.text_event import Party
from tenfour.vocabulary.ids import CallId

ONE, TWO = CallId("one"), CallId("two")
PIECE = bytes(2 * RATE // 5)
"""200 ms."""


def said(call_id: CallId = ONE, pcm: bytes = PIECE, party: Party = Party.CALLER) -> Heard:
    return Heard(call_id, party, pcm)


def test_side_that_waits_longest_is_next_and_comes_whole() -> None:
    backlog = Backlog()
    backlog.put(said(TWO), 1.0)
    backlog.put(said(ONE), 1.1)
    backlog.put(said(TWO), 1.2)
    assert backlog.behind_s(3.0) == 2.0
    first, second = backlog.take(), backlog.take()
    assert first is not None and second is not None
    assert (first.side, seconds(len(first.pcm)), first.at) == ((TWO, Party.CALLER), 0.4, 1.2)
    assert second.side == (ONE, Party.CALLER)
    assert backlog.take() is None
    assert backlog.behind_s(9.0) == 0.0


def test_two_sides_of_a_call_are_two() -> None:
    backlog = Backlog()
    backlog.put(said(party=Party.CENTRE), 1.0)
    backlog.put(said(), 1.1)
    taken = [backlog.take(), backlog.take()]
    assert [one.side[1] for one in taken if one is not None] == [Party.CENTRE, Party.CALLER]


def test_end_comes_after_all_that_was_said() -> None:
    backlog = Backlog()
    for at in range(20):
        backlog.put(said(), at / 5)
    backlog.put(said(pcm=b""), 4.0)
    taken = []
    while (piece := backlog.take()) is not None:
        taken.append(piece)
    assert [piece.ends for piece in taken] == [False, True]


def test_side_that_waits_too_long_has_lost_what_waited_and_the_next_piece_says_so() -> None:
    backlog = Backlog()
    for at in range(45):
        backlog.put(said(), at / 5)
    assert backlog.lost_s() == MOST_WAITING_S
    assert backlog.lost_s() == 0.0, "told once"
    piece = backlog.take()
    assert piece is not None and piece.gap
    assert seconds(len(piece.pcm)) == 1.0
    backlog.put(said(), 10.0)
    after = backlog.take()
    assert after is not None and not after.gap


def test_sides_beyond_the_limit_are_not_captioned_and_counted_as_lost() -> None:
    backlog = Backlog()
    for at in range(MOST_SIDES + 5):
        backlog.put(said(CallId(str(at))), 1.0)
    assert round(backlog.lost_s(), 3) == 1.0


@given(st.lists(st.tuples(st.sampled_from([ONE, TWO]), st.integers(1, RATE)), max_size=60), st.data())
def test_whatever_comes_memory_is_bounded_and_nothing_is_taken_twice(
    pieces: list[tuple[CallId, int]], data: st.DataObject
) -> None:
    backlog, put, taken = Backlog(), 0, 0
    for at, (call_id, samples) in enumerate(pieces):
        backlog.put(said(call_id, bytes(2 * samples)), float(at))
        put += 2 * samples
        if data.draw(st.booleans()) and (piece := backlog.take()) is not None:
            taken += len(piece.pcm)
            assert seconds(len(piece.pcm)) < AT_ONCE_S + 1.0
    rest = 0
    while (piece := backlog.take()) is not None:
        rest += len(piece.pcm)
    assert seconds(rest) < 2 * (MOST_WAITING_S + 1.0)
    assert abs(seconds(taken + rest) + backlog.lost_s() - seconds(put)) < 1e-6
