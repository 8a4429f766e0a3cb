"""A media worker gives copies of audio away: to whoever listens, waiting for nobody."""

import socket
from pathlib import Path

from tenfour.adapters.caption_feed import ASK_AGAIN_S, PIECE, QUIET_SENT, CaptionFeed
from tenfour.adapters.caption_protocol import Heard, bound, decode_heard
from tenfour.calltaking.text_event import Party
from tenfour.vocabulary.ids import CallId

CALL = CallId("one")
FRAME = bytes([1, 0]) * 160
"""20 ms of PCM16."""


def heard_by(joined: socket.socket) -> list[Heard]:
    joined.setblocking(False)
    heard = []
    while True:
        try:
            heard.append(decode_heard(joined.recv(65536)))
        except BlockingIOError:
            return heard


def test_audio_goes_in_pieces_each_side_by_itself_and_the_rest_with_the_end(tmp_path: Path) -> None:
    listening, feed = bound(tmp_path / "s"), CaptionFeed(tmp_path / "s")
    for _ in range(13):
        feed.hear(CALL, Party.CALLER, FRAME)
        feed.hear(CALL, Party.CENTRE, bytes(320))
    joined, _ = listening.accept()
    assert heard_by(joined) == [Heard(CALL, Party.CALLER, FRAME * 10)], "silence of ours is not sent"
    feed.end(CALL)
    rest = heard_by(joined)
    assert rest == [
        Heard(CALL, Party.CALLER, FRAME * 3),
        Heard(CALL, Party.CALLER, b""),
        Heard(CALL, Party.CENTRE, b""),
    ]
    for one in (feed, joined, listening):
        one.close()


def test_line_ends_with_a_second_of_silence_and_longer_silence_is_not_sent(tmp_path: Path) -> None:
    listening, feed = bound(tmp_path / "s"), CaptionFeed(tmp_path / "s")
    for frame in (FRAME, bytes(320), FRAME):
        for _ in range(100):
            feed.hear(CALL, Party.CENTRE, frame)
    joined, _ = listening.accept()
    assert [any(one.pcm) for one in heard_by(joined)] == [True] * 10 + [False] * QUIET_SENT + [True] * 10
    for one in (feed, joined, listening):
        one.close()


def test_nobody_listens_and_nothing_is_kept(tmp_path: Path) -> None:
    feed = CaptionFeed(tmp_path / "s")
    for _ in range(100):
        feed.hear(CALL, Party.CALLER, FRAME)
    feed.end(CALL)
    assert feed.gathered == 0
    feed.close()


def test_captioner_that_does_not_read_loses_audio_and_keeps_nobody(tmp_path: Path) -> None:
    listening, feed = bound(tmp_path / "s"), CaptionFeed(tmp_path / "s")
    for _ in range(100_000):
        feed.hear(CALL, Party.CALLER, FRAME)
        if feed.lost:
            break
    assert feed.lost == 1
    assert feed.gathered < PIECE
    for one in (feed, listening):
        one.close()


def test_next_captioner_is_found_when_one_is_gone(tmp_path: Path) -> None:
    now = [100.0]
    listening, feed = bound(tmp_path / "s"), CaptionFeed(tmp_path / "s", lambda: now[0])
    feed.hear(CALL, Party.CALLER, FRAME)
    listening.accept()[0].close()
    listening.close()
    for _ in range(20):
        feed.hear(CALL, Party.CALLER, FRAME)
    again = bound(tmp_path / "s")
    now[0] += ASK_AGAIN_S
    for _ in range(10):
        feed.hear(CALL, Party.CALLER, FRAME)
    joined, _ = again.accept()
    assert [len(one.pcm) for one in heard_by(joined)] == [PIECE]
    for one in (feed, joined, again):
        one.close()


def test_other_users_cannot_listen_or_send(tmp_path: Path) -> None:
    listening = bound(tmp_path / "run" / "s")
    assert (tmp_path / "run" / "s").stat().st_mode & 0o077 == 0
    assert (tmp_path / "run").stat().st_mode & 0o077 == 0
    listening.close()
