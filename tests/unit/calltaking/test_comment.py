"""Words that go along with a call: the Comment block of RFC 7852."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.calltaking.additional_data import LARGEST_BLOCK
from tenfour.calltaking.comment import document, is_comment, words_of


@given(st.text(max_size=200))
def test_what_is_written_is_read_with_its_blanks_made_one(words: str) -> None:
    readable = "".join(letter if letter.isprintable() else " " for letter in words)
    assert words_of(document(words, provider="larkspur.example")) == " ".join(readable.split())


def test_all_comments_of_a_block_are_read() -> None:
    block = document("First.", provider="a&b").replace(
        "</com:EmergencyCallData.Comment>", "<com:Comment>Second\n one.</com:Comment></com:EmergencyCallData.Comment>"
    )
    assert words_of(block) == "First.\nSecond one."


@pytest.mark.parametrize(
    "block",
    [
        "",
        "no XML",
        "<a",
        "<x/>",
        '<!DOCTYPE a [<!ENTITY b "c">]><a><Comment>&b;</Comment></a>',
        " " * LARGEST_BLOCK + "<a/>",
    ],
)
def test_what_cannot_be_read_says_nothing(block: str) -> None:
    assert words_of(block) == ""


def test_media_types_are_compared_without_case() -> None:
    assert is_comment("application/emergencycalldata.comment+xml;charset=utf-8")
    assert not is_comment("application/EmergencyCallData.ServiceInfo+xml")
