"""docs/sip.md shows the tables that the code runs."""

from pathlib import Path

from tenfour.telephony.sip_event import CallEvent, SipEvent
from tenfour.telephony.state_diagram import diagrams
from tenfour.telephony.user_agent import UserAgent

PAGE = Path(__file__).parents[3] / "docs" / "sip.md"


def test_drawings_in_the_documentation_are_those_of_the_tables():
    again = "run `python -m tenfour.telephony.state_diagram` and put what it prints at the end of docs/sip.md"
    assert PAGE.read_text(encoding="utf-8").endswith(diagrams() + "\n"), again


def test_every_state_is_drawn():
    drawn = diagrams()
    for state in (
        "Calling",
        "Trying",
        "Proceeding",
        "Completed",
        "Confirmed",
        "Accepted",
        "Invited",
        "Established",
        "Waiting",
        "Asked",
    ):
        assert f"    {state} --> " in drawn


def test_every_event_is_documented():
    page = PAGE.read_text(encoding="utf-8")
    events = {*SipEvent.__subclasses__(), *CallEvent.__subclasses__()} - {CallEvent}
    assert len(events) == 22
    for event in events:
        assert f"| `{event.__name__}` |" in page
        assert event.__doc__


def test_every_method_of_the_user_agent_is_documented():
    page = PAGE.read_text(encoding="utf-8")
    for name in vars(UserAgent):
        if not name.startswith("_"):
            assert f"agent.{name}(" in page, name
