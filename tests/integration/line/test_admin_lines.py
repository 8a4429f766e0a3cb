"""Calls to administrative lines: told as such, and only where the INVITE names one of their numbers."""

import pytest

from tenfour.calltaking.event import CallReceived

pytestmark = pytest.mark.usefixtures("front_desk")


@pytest.fixture
async def front_desk(line):
    """The line, started again with an administrative line."""
    await line.stop()
    with (line.folder / "centre.toml").open("a") as file:
        file.write('[[admin_line]]\nnumber = "614-555-0100"\nname = "front desk"\n')
    await line.start()


@pytest.mark.parametrize(
    ("dialled", "name"),
    [
        ("sip:6145550100@psap.example.org", "front desk"),
        ("sip:6145550101@psap.example.org", ""),
        ("sip:911@psap.example.org", ""),
        ("urn:service:sos", ""),
    ],
)
async def test_a_call_says_which_line_it_came_on_and_rings(dialled, name, centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial("6145550137", target=dialled)
    await caller.ringing()
    received = await centre.heard_of(CallReceived)
    assert (received.admin_line, received.service) == (name, "" if name else "urn:service:sos")
