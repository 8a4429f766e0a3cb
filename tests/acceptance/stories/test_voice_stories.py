"""Stories in which call takers speak: headsets over real packets, voices told apart by their tone."""

from typing import Any

from .test_everyday import played


def test_a_lost_browser_keeps_the_child_on_the_line_until_another_position_speaks_with_her() -> None:
    result = played("lost-browser")
    assert (result["story"], result["passed"] >= 25) == ("lost_browser", True)
    told = [moment["what"] for moment in result["timeline"] if moment["kind"] == "step"]
    assert [words for words in told if words.startswith("hears")] == [
        "hears Castellanos",
        "hears girl",
        "hears nothing",
        "hears centre",
        "hears Novak",
        "hears girl",
        "hears nothing",
        "hears Novak",
    ]


def test_a_call_is_passed_on_with_its_identifiers_and_newest_place_when_the_neighbours_take_it() -> None:
    result = played("transfer-with-history")
    assert result["passed"] >= 25
    by_name = {row["name"]: row for row in result["expectations"]}
    turned_away, taken = by_name["the first time nobody there was free"], by_name["the second time they answered"]
    assert turned_away["seq"] < taken["seq"] < by_name["only then the call ended here, from our side"]["seq"]


def heard_in(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Who heard whom, in the order of the story."""
    steps = [moment for moment in result["timeline"] if moment["kind"] == "step"]
    return [(step["who"], step["what"].removeprefix("hears ")) for step in steps if step["what"].startswith("hears ")]


def test_in_a_conference_with_an_interpreter_everyone_hears_whom_they_should_and_nobody_else() -> None:
    result = played("voices-conference")
    assert result["passed"] >= 35
    heard = heard_in(result)
    assert ("Whitfield", "Castellanos, interpreter, mother") in heard
    assert not [who for who, whom in heard if "Whitfield" in whom and who != "Castellanos"]
    assert heard[-2:] == [("mother", "Castellanos"), ("Castellanos", "mother")]


def test_a_caller_who_was_left_to_poison_control_is_spoken_with_again_when_it_goes() -> None:
    result = played("poison-control")
    assert result["passed"] >= 28
    assert heard_in(result)[-3:] == [("father", "centre"), ("father", "Novak"), ("Novak", "father")]


def test_a_telephone_that_passes_no_call_on_is_connected_with_the_neighbours_by_the_centre() -> None:
    result = played("passed-on-through-us")
    assert result["passed"] >= 20
    assert heard_in(result)[-3:] == [("clerk", "Marlow"), ("Marlow", "clerk"), ("Castellanos", "nothing")]
