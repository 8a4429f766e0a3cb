"""What the live model says of its stream, told once for each change, with times of the audio."""

import itertools
from dataclasses import dataclass, field

import pytest

from tenfour.adapters.caption_ear import LINES_KEPT, Ear
from tenfour.adapters.caption_protocol import RATE

SECOND = bytes(2 * RATE)


@dataclass
class OneLine:
    line_id: int
    text: str
    start_time: float
    duration: float
    is_complete: bool


@dataclass
class AllLines:
    lines: list[OneLine]


@dataclass
class Scripted:
    """A stream that understands what the test says, as moonshine-voice tells it: all lines, each time."""

    lines: list[OneLine] = field(default_factory=list)
    heard_s: float = 0.0
    starts: int = 0
    open: bool = True

    def start(self) -> None:
        self.lines, self.heard_s = [], 0.0
        self.starts += 1

    def stop(self) -> AllLines:
        for line in self.lines:
            line.is_complete = True
        return AllLines(self.lines)

    def close(self) -> None:
        self.open = False

    def add_audio(self, audio_data: list[float], sample_rate: int) -> None:
        self.heard_s += len(audio_data) / sample_rate

    def update_transcription(self) -> AllLines:
        return AllLines(self.lines)


@pytest.fixture
def stream() -> Scripted:
    return Scripted()


@pytest.fixture
def ear(stream: Scripted) -> Ear:
    return Ear(stream, itertools.count(1))


def test_line_is_told_when_it_changes_and_keeps_its_number_and_beginning(ear: Ear, stream: Scripted) -> None:
    assert ear.hear(SECOND, 101.0) == []
    stream.lines.append(OneLine(77, " He took ", 1.2, 0.8, False))
    (first,) = ear.hear(SECOND, 102.0)
    assert (first.number, first.text, first.final, first.began_at) == (1, "He took", False, pytest.approx(101.2))
    assert ear.hear(SECOND, 103.0) == [], "nothing is different"
    stream.lines[0] = OneLine(77, "He took a knife.", 1.2, 1.9, True)
    (last,) = ear.hear(SECOND, 104.0)
    assert (last.number, last.text, last.final, last.began_at) == (1, "He took a knife.", True, first.began_at)
    assert last.ended_at == pytest.approx(103.1)
    assert not ear.is_open


def test_words_that_are_taken_back_are_told_as_none(ear: Ear, stream: Scripted) -> None:
    stream.lines.append(OneLine(1, "The.", 0.1, 0.5, False))
    ear.hear(SECOND, 1.0)
    stream.lines[0] = OneLine(1, "", 0.1, 0.5, True)
    assert [(line.text, line.final) for line in ear.hear(SECOND, 2.0)] == [("", True)]


def test_what_is_nothing_from_the_beginning_is_not_told(ear: Ear, stream: Scripted) -> None:
    stream.lines.append(OneLine(1, " ", 0.1, 0.5, True))
    assert ear.hear(SECOND, 1.0) == []


def test_pause_ends_the_open_line_and_the_next_is_another(ear: Ear, stream: Scripted) -> None:
    stream.lines.append(OneLine(1, "Hello", 0.0, 0.9, False))
    ear.hear(SECOND, 1.0)
    assert ear.is_open
    assert [(line.number, line.final) for line in ear.rest()] == [(1, True)]
    stream.lines.append(OneLine(2, "Again", 0.5, 0.5, False))
    (line,) = ear.hear(SECOND, 60.0)
    assert (line.number, line.began_at) == (2, pytest.approx(59.5))


def test_stream_is_begun_anew_before_it_grows_long(ear: Ear, stream: Scripted) -> None:
    told = []
    for at in range(3 * LINES_KEPT):
        stream.lines.append(OneLine(at, f"line {at}", stream.heard_s, 1.0, True))
        told += ear.hear(SECOND, float(at))
        assert len(stream.lines) <= LINES_KEPT
    assert [line.text for line in told] == [f"line {at}" for at in range(3 * LINES_KEPT)]
    assert stream.starts == 4
    ear.close()
    assert not stream.open
