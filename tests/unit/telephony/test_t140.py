"""T.140: what is text in a stream of characters, wherever it is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.t140 import LONGEST_SEQUENCE, T140Reader, for_the_wire


@pytest.mark.parametrize(
    ("came", "read"),
    [
        ("help", "help"),
        ("\ufeffhelp", "help"),
        ("hel\b\blp", "hel\b\blp"),
        ("a\r\nb\rc\nd\u2028e\u2029f", "a\nb\nc\nd\ne\nf"),
        ("a\r\r\nb", "a\n\nb"),
        ("\n\r", "\n\n"),
        ("ring\a", "ring\a"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b4munderlined\x9b0m", "underlined"),
        ("a\x98what an application says\x9cb", "ab"),
        ("a\x1bXwhat an application says\x1b\\b", "ab"),
        ("\x1bainterrupted", "interrupted"),
        ("nul\0 and del\x7f and nel\x85", "nul and del and nel"),
        ("\ufffd", "\ufffd"),
        ("naïve 救命 🆘", "naïve 救命 🆘"),
    ],
)
def test_only_what_is_text_is_read(came, read):
    assert T140Reader().read(came) == read


def test_sequence_that_never_ends_is_text_after_all():
    reader = T140Reader()
    assert reader.read("\x1b[" + "1" * LONGEST_SEQUENCE + "help").endswith("1help")
    assert reader.read("\x98" + "they are here " * 30).startswith("they are here")


def test_new_lines_in_what_turns_out_to_be_text_are_new_lines():
    said = "come\u2028quick\r\nhe is\b\b \x07back"
    read = T140Reader().read("\x98" + said + "." * LONGEST_SEQUENCE)
    assert read.startswith("come\nquick\nhe is\b\b \aback..")


@given(st.lists(st.text(alphabet="ab\x1b[m0;X\\\x98\x9c\x9b\r\n\b\ufeff\u2028", max_size=12), max_size=12))
def test_where_a_stream_is_cut_makes_no_difference(pieces):
    cut = T140Reader()
    assert "".join(map(cut.read, pieces)) == T140Reader().read("".join(pieces))


@given(st.text())
def test_what_we_say_reads_as_it_was_typed(text):
    said = for_the_wire(text)
    assert for_the_wire(said) == said
    assert T140Reader().read(said) == said.replace("\u2028", "\n").replace("\u2029", "\n")
