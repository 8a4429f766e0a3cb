"""Units along their way, what closing asks for, sound cut into packets."""

import wave
from itertools import pairwise
from pathlib import Path

import pytest

from tenfour.play.act_unit import along, closing
from tenfour.play.sound import SAMPLES, SILENCE, packets_of, seconds_of
from tenfour.play.step import Closes
from tenfour.vocabulary.place import Point, distance_m

WAY = [Point(39.95, -82.98), Point(39.95, -82.97), Point(39.96, -82.97)]


def test_a_drive_begins_and_ends_where_it_should() -> None:
    assert along(WAY, 0.0) == WAY[0]
    assert distance_m(along(WAY, 1.0), WAY[-1]) < 0.01


def test_a_drive_goes_equal_lengths_in_equal_times() -> None:
    points = [along(WAY, number / 10) for number in range(11)]
    to_the_corner = [distance_m(a, b) for a, b in pairwise(points) if b.lat == 39.95]
    assert len(to_the_corner) >= 3
    assert max(to_the_corner) - min(to_the_corner) < 0.5


def test_a_drive_passes_the_corner_and_does_not_cut_it() -> None:
    assert all(abs(point.lat - 39.95) < 1e-9 or abs(point.lon + 82.97) < 1e-9 for point in map_along(50))


def map_along(number: int) -> list[Point]:
    return [along(WAY, step / number) for step in range(number + 1)]


def test_a_unit_that_stands_still_stays() -> None:
    assert along([WAY[0], WAY[0]], 0.5) == WAY[0]


PROPOSAL = {"dispositions": [["18", "Settled by contact"], ["02", "No report"]], "cause": "child_deactivated_phone"}


def test_closing_takes_what_is_proposed() -> None:
    order = closing(Closes(who="12A3", words="Just wanted a hug."), PROPOSAL)
    assert order == {
        "words": "Just wanted a hug.",
        "dispositions": ["18", "02"],
        "cause": "child_deactivated_phone",
        "seen": [],
        "tried": [],
    }


def test_closing_says_what_the_story_says() -> None:
    step = Closes(who="12A3", words="Gone.", dispositions=("14",), cause="unknown", tried=("knocked twice",))
    order = closing(step, PROPOSAL)
    assert (order["dispositions"], order["cause"], order["tried"]) == (["14"], "unknown", ["knocked twice"])


@pytest.mark.parametrize(("samples", "packets"), [(0, 0), (160, 1), (161, 2), (8000, 50)])
def test_a_clip_becomes_packets_of_20_ms(tmp_path: Path, samples: int, packets: int) -> None:
    clip = tmp_path / "clip.wav"
    with wave.open(str(clip), "wb") as wav:
        wav.setparams((1, 2, 8000, 0, "NONE", ""))
        wav.writeframes(b"\x00\x10" * samples)
    cut = packets_of(clip)
    assert len(cut) == packets
    assert all(len(payload) == SAMPLES for payload in cut)
    assert seconds_of(cut) == pytest.approx(packets * 0.02)


def test_the_end_of_a_clip_is_silence_not_noise(tmp_path: Path) -> None:
    clip = tmp_path / "clip.wav"
    with wave.open(str(clip), "wb") as wav:
        wav.setparams((1, 2, 8000, 0, "NONE", ""))
        wav.writeframes(b"\x00\x10" * 10)
    assert packets_of(clip)[0][10:] == SILENCE[10:]
