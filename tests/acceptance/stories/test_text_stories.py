"""Callers who do not speak: played by the command that everybody has."""

from .test_everyday import played


def test_who_cannot_speak_aloud_is_read_and_answered_though_packets_are_lost() -> None:
    result = played("rtt-whisper")
    assert result["passed"] >= 17


def test_who_is_deaf_is_read_and_answered_in_tones() -> None:
    result = played("tty-caller")
    assert result["passed"] >= 17
