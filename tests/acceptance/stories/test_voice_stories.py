"""Stories in which call takers speak: headsets over real packets, voices told apart by their tone."""

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
