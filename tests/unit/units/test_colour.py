"""Status colours: measured distances and contrasts, and sets that are refused in one sentence."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tenfour.units.colour import (
    DEFICIENCIES,
    GROUPS,
    LEAST_DISTANCE,
    StatusColour,
    StatusColours,
    contrast,
    distance,
    flaw_of,
    least_distance,
    tint,
)

TOKENS = Path(__file__).resolve().parents[3] / "web" / "src" / "style" / "tokens.css"
LAB = st.tuples(st.floats(0, 100), st.floats(-120, 120), st.floats(-120, 120))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (58, 24, 15), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
        ((90.9257, -0.5406, -0.9208), (88.6381, -0.8985, -0.7239), 1.5381),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_distance_is_that_of_the_published_pairs(
    one: tuple[float, float, float], other: tuple[float, float, float], expected: float
) -> None:
    assert distance(one, other) == pytest.approx(expected, abs=1e-4)


@given(LAB, LAB)
def test_distance_is_the_same_both_ways_and_nothing_from_itself(
    one: tuple[float, float, float], other: tuple[float, float, float]
) -> None:
    assert distance(one, other) == pytest.approx(distance(other, one), abs=1e-6)
    assert distance(one, one) == pytest.approx(0, abs=1e-6)


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    ("deficiency", "expected"), [("", 19.8), ("protanopia", 14.5), ("deuteranopia", 13.7), ("tritanopia", 14.1)]
)
def test_colours_as_they_come_are_as_far_apart_as_the_design_says(deficiency: str, expected: float) -> None:
    assert least_distance(StatusColours(), deficiency)[0] == pytest.approx(expected, abs=0.05)
    assert deficiency == "" or deficiency in DEFICIENCIES


def test_colours_as_they_come_pass_and_are_those_of_the_stylesheet() -> None:
    assert flaw_of(StatusColours()) is None
    tokens = TOKENS.read_text()
    dark, light = tokens.split('[data-theme="light"] {')
    for group, letter in GROUPS.items():
        colour: StatusColour = getattr(StatusColours(), group)
        assert f"--st-{letter.lower()}: {colour.fill};" in dark
        assert f"--tx-{letter.lower()}: {colour.dark};" in dark
        assert f"--tx-{letter.lower()}: {colour.light};" in light


@dataclass
class Wrong:
    """A colour that is refused, and a word of the sentence that refuses it."""

    group: str
    colour: StatusColour
    words: str


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong("available", StatusColour("green", "#40DBB7", "#0A6546"), "'green' is not a colour"),
        Wrong("on_scene", StatusColour("#40DBB0", "#FEA138", "#994000"), "available and on_scene look too much alike:"),
        Wrong("community", StatusColour("#F2A5B5", "#EBB7EB", "#7A2A9C"), "look too much alike with"),
        Wrong("emergency", StatusColour("#8B0000", "#FF7D84", "#B01B16"), "the letter on it would have contrast"),
        Wrong("en_route", StatusColour("#0B97F8", "#0B5FA0", "#0A5299"), "in the dark theme it would have contrast"),
        Wrong("dispatched", StatusColour("#FDF0A2", "#FDF0A2", "#C9A400"), "in the light theme it would have"),
    ],
)
def test_colour_that_cannot_be_told_or_read_is_refused(wrong: Wrong) -> None:
    flaw = flaw_of(replace(StatusColours(), **{wrong.group: wrong.colour}))
    assert flaw is not None
    assert wrong.words in flaw.words
    assert flaw.words.count(". ") == 0


def test_words_on_a_tinted_row_are_looked_at_too() -> None:
    pale = StatusColour("#FFFFFF", "#8E97A1", "#505C66")
    assert contrast(pale.dark, "#222C37") > 4.7
    assert contrast(pale.dark, tint(pale.fill, "dark")) < 4.5
    flaw = flaw_of(replace(StatusColours(), out_of_service=pale))
    assert flaw is not None
    assert (flaw.group, flaw.name) == ("out_of_service", "dark")


def test_least_distance_names_the_two_groups() -> None:
    same = replace(StatusColours(), emergency=StatusColours().on_scene)
    assert least_distance(same) == (0, "on_scene", "emergency")
    assert LEAST_DISTANCE > 0
