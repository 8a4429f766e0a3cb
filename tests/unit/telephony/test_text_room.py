"""Messages of one caller: all that anybody writes is kept, a flood leaves one mark."""

from tenfour.telephony.t140 import MISSING
from tenfour.telephony.text_room import A_SECOND, BURST, LONGEST, TextRoom


def test_what_anybody_writes_is_kept_whole():
    room = TextRoom()
    assert [room.admit(f"line {number}", number) for number in range(300)] == [f"line {each}" for each in range(300)]


def test_a_flood_leaves_one_mark_and_who_slows_down_is_read_again():
    room = TextRoom()
    kept = [room.admit("x", 10.0) for _ in range(1000)]
    assert [each for each in kept if each] == ["x"] * BURST + [MISSING]
    assert room.admit("again", 10.0 + 1.5 / A_SECOND) == "again"
    assert [room.admit("x", 10.0 + 1.5 / A_SECOND) for _ in range(2)] == [MISSING, ""]


def test_what_is_longer_than_a_message_is_cut():
    assert TextRoom().admit("x" * (LONGEST + 1), 0.0) == "x" * LONGEST
