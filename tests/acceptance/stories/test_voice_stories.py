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
