"""The story's lines about who of outside was called into a call."""

from collections.abc import Callable

from tenfour.calltaking import conference_event as c
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId


def of_conference(event: Event, name_of: Callable[[CallId], str]) -> str | None:
    """In words; None for facts of other things. `name_of`: what the third party of this call is called."""
    match event:
        case c.ThirdPartyCalled(name=name, position=position, why=why, then_leave=then_leave):
            by = f" from position {position}" if position else ""
            what = "Passed on, through us: calling" if then_leave else "Called into the call:"
            return f"{what} {name}{by}{f' ({why})' if why else ''}"
        case c.ThirdPartyRinging(third=third):
            return f"It rings at {name_of(third)}"
        case c.ThirdPartyJoined(third=third):
            return f"{name_of(third)} is in the call"
        case c.ThirdPartyLeft(third=third, why=why):
            return f"{name_of(third)} is not in the call: {why}"
        case c.CalledInto():
            return "Whoever was called stays with the caller"
        case c.CallHandedOver(name=name, position=position, why=why):
            by = f"Position {position} left" if position else "The caller is left"
            who = " the caller" if position else ""
            return f"{by}{who} to {name}, connected through us{f' ({why})' if why else ''}"
        case c.CallTakenBack(position=position):
            return f"Position {position} speaks with the caller again"
        case c.CallCameBack(why=why):
            return f"The caller is still there and rings at every position: {why}"
        case _:
            return None
