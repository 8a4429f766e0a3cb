"""Words in a MESSAGE, and the batches of what is typed letter by letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.instant_message import MOST_BYTES, in_messages, words_of, words_of_message
from tenfour.telephony.message import Request
from tenfour.telephony.multipart import read_parts
from tenfour.telephony.text_batch import MOST, TextBatch

CPIM = (
    b"From: <im:a@b>\r\nDateTime: 2026-11-14T21:41:09Z\r\n\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAyuda\r\n"
)


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("text/plain", b"help", "help"),
        ("text/plain;charset=UTF-8", "é救".encode(), "é救"),
        ("TEXT/PLAIN; charset=iso-8859-1", b"\xe9", "é"),
        ("text/plain; charset=nonsense", "é".encode(), "é"),
        ("text/plain", b"a\r\nb\x00\x07\x08c\xff", "a\nbc\ufffd"),
        ("message/cpim", CPIM, "Ayuda\n"),
        ("message/cpim", b"x", ""),
        ("message/cpim", b"a\n\nContent-Type: message/cpim\n\nb", None),
        ("application/im-iscomposing+xml", b"<isComposing/>", None),
        ("image/jpeg", b"\xff\xd8", None),
    ],
)
def test_words_are_read_of_what_is_text(kind, content, words):
    request = Request(method="MESSAGE", uri="sip:a@b", headers=(("Content-Type", kind),), body=content)
    assert words_of_message(request, read_parts(kind, content).parts) == words


@given(st.text(max_size=20), st.binary(max_size=60))
def test_any_body_is_words_or_none(kind, content):
    words_of(kind, content)
    words_of("message/cpim", content)


@given(st.text(alphabet="ab é救🆘\n", max_size=3000))
def test_long_words_are_cut_and_nothing_is_left_out(text):
    bodies = in_messages(text)
    assert b"".join(bodies).decode() == text.rstrip("\n")
    assert all(0 < len(body) <= MOST_BYTES for body in bodies)


def test_batch_is_due_half_a_second_after_its_first_letter():
    batch = TextBatch()
    assert batch.next_timer() is None
    batch.add("h", 10.0)
    batch.add("i", 10.3)
    assert batch.next_timer() == 10.5
    assert batch.take(10.5) == ("hi", (500, 200))
    assert batch.next_timer() is None


def test_batch_is_due_at_once_when_a_line_ends_or_very_much_came():
    batch = TextBatch()
    batch.add("go\n", 10.0)
    assert batch.next_timer() == 10.0
    batch.take(10.0)
    batch.add("x" * MOST, 11.0)
    assert batch.next_timer() == 11.0
