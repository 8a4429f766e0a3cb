"""Comparing facts and screens with what a story says of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.play.match import OPERATORS, described, mismatches, problem_of

FIX = {
    "fix_class": "Phase II",
    "uncertainty_m": 38.0,
    "shape": {"type": "circle", "centre": {"lat": 39.95, "lon": -82.98}, "radius_m": 38.0},
    "heard": ["child_voice", "laughter"],
    "units": [{"unit": "12A3", "reason": "nearest by road"}, {"unit": "14B2", "reason": "busy"}],
    "test": False,
    "civic": None,
    "words": "",
}


def nobody(_: str) -> str | None:
    return None


def problems(wanted: dict[str, Any]) -> list[str]:
    return mismatches(wanted, FIX, nobody)


@pytest.mark.parametrize(
    "wanted",
    [
        {"fix_class": "Phase II"},
        {"uncertainty_m": 38},
        {"uncertainty_m": {"at_least": 30, "at_most": 50}},
        {"shape.centre.lat": {"at_least": 39.9}},
        {"shape": {"centre": {"lat": {"at_least": 39.9}}, "radius_m": 38.0}},
        {"fix_class": {"matches": "phase (i|ii)$"}},
        {"heard": {"contains": "laughter"}},
        {"heard": {"has_all": ["laughter", "child_voice"]}},
        {"heard": {"items_at_least": 2}},
        {"heard.0": "child_voice"},
        {"units.*.unit": "14B2"},
        {"units": {"*": {"unit": "14B2", "reason": "busy"}}},
        {"fix_class": {"one_of": ["Phase I", "Phase II"]}},
        {"fix_class": {"is_not": "Phase I"}},
        {"absent": {"is_not": "x"}},
        {"absent": {"given": False}},
        {"civic": {"given": False}, "words": {"given": False}, "heard": {"given": True}},
        {"test": False},
        {"heard": ["child_voice", "laughter"]},
    ],
)
def test_a_comparison_that_holds(wanted: dict[str, Any]) -> None:
    assert problems(wanted) == []
    assert problem_of(wanted) is None


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"fix_class": "Phase I"}, "fix_class is 'Phase II'"),
        ({"uncertainty_m": {"at_most": 30}}, "uncertainty_m is 38.0"),
        ({"uncertainty_m": {"at_least": 30, "at_most": 37}}, "uncertainty_m is 38.0"),
        ({"fix_class": {"matches": "^II"}}, "fix_class is 'Phase II'"),
        ({"absent": "x"}, "absent is not there"),
        ({"shape.centre.alt": 3}, "shape.centre.alt is not there"),
        ({"heard.7": "x"}, "heard.7 is not there"),
        ({"heard": {"contains": "gunshot"}}, "heard is ['child_voice', 'laughter']"),
        ({"heard": {"has_all": ["laughter", "gunshot"]}}, "heard is"),
        ({"heard": {"items_at_least": 3}}, "heard is"),
        ({"units": {"*": {"unit": "14B2", "reason": "nearest"}}}, "units.*.reason is"),
        ({"civic": {"given": True}}, "civic is None"),
        ({"test": 0}, "test is False"),
        ({"civic": {"at_least": 1}}, "civic is None"),
        ({"fix_class": {"is_not": "Phase II"}}, "fix_class is 'Phase II'"),
    ],
)
def test_a_comparison_that_does_not_hold_says_what_is_there(wanted: dict[str, Any], words: str) -> None:
    found = problems(wanted)
    assert len(found) == 1
    assert words in found[0]


def test_every_mismatch_is_told() -> None:
    assert len(problems({"fix_class": "x", "uncertainty_m": 1, "heard": ["child_voice", "laughter"]})) == 2


def test_one_item_of_a_list_must_have_all_that_is_wanted() -> None:
    assert problems({"units": {"*": {"unit": "12A3", "reason": "busy"}}}) != []


def test_names_in_braces_stand_for_calls_of_this_playing() -> None:
    def refer(name: str) -> str | None:
        return "c1" if name == "call first" else None

    assert mismatches({"call_id": "{call first}"}, {"call_id": "c1"}, refer) == []
    assert mismatches({"words": {"contains": "{call first} x"}}, {"words": "the c1 x"}, refer) == []
    assert mismatches({"call_id": "{call second}"}, {"call_id": "c1"}, refer) == ["call_id is 'c1'"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"a": {"matches": "("}}, "`a.matches` is no regular expression"),
        ({"a": {"at_least": "3"}}, "`a.at_least` is '3'; expected a number"),
        ({"a": {"at_most": True}}, "expected a number"),
        ({"a": {"one_of": "x"}}, "expected a list"),
        ({"a": {"given": "yes"}}, "expected true or false"),
        ({"a": {"b": {"items_at_least": "many"}}}, "`a.b.items_at_least`"),
        ({"a": {}}, "compares with nothing"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_told(wanted: dict[str, Any], words: str) -> None:
    assert words in str(problem_of(wanted))


def test_what_is_wanted_can_be_said() -> None:
    said = described({"a": 1, "b": {"at_least": 2, "at_most": 3}, "c": {"d": {"matches": "x"}}})
    assert said == "a is 1, b at least 2 and at most 3, c (d matches 'x')"


NAMES = st.text("abcdefghij_", min_size=1, max_size=8).filter(lambda name: name not in OPERATORS)
VALUES = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False), st.text("abc é.", max_size=9))
FACTS = st.recursive(
    st.dictionaries(NAMES, st.one_of(VALUES, st.lists(VALUES, max_size=3)), min_size=1, max_size=4),
    lambda inner: st.dictionaries(NAMES, st.one_of(VALUES, inner), min_size=1, max_size=4),
    max_leaves=8,
)


@given(FACTS)
def test_every_fact_is_as_it_is(fact: dict[str, Any]) -> None:
    assert mismatches(fact, fact, nobody) == []


@given(FACTS, st.data())
def test_a_fact_without_a_field_that_is_wanted_is_another(fact: dict[str, Any], data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(sorted(fact)))
    less = {name: value for name, value in fact.items() if name != gone}
    assert mismatches(fact, less, nobody) != []
