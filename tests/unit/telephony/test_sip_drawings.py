"""docs/sip.md shows the tables that the code runs."""

from pathlib import Path

from tenfour.telephony.state_diagram import diagrams

PAGE = Path(__file__).parents[3] / "docs" / "sip.md"


def test_drawings_in_the_documentation_are_those_of_the_tables():
    again = "run `python -m tenfour.telephony.state_diagram` and put what it prints at the end of docs/sip.md"
    assert PAGE.read_text(encoding="utf-8").endswith(diagrams() + "\n"), again


def test_every_state_is_drawn():
    drawn = diagrams()
    for state in ("Calling", "Trying", "Proceeding", "Completed", "Confirmed", "Accepted", "Invited", "Established"):
        assert f"    {state} --> " in drawn
