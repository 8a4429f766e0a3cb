"""The story's lines about who spoke with the caller."""

from tenfour.calltaking import voice_event as v
from tenfour.telephony.party import Role
from tenfour.vocabulary.envelope import Event

JOINED = {
    Role.CALL_TAKER: "Position {} speaks with the caller",
    Role.BARGED_IN: "Position {} barged in",
    Role.COACHING: "Position {} coaches the call taker",
    Role.LISTENING: "Position {} listens",
}


def of_voice(event: Event) -> str | None:
    """In words; None for facts of other things."""
    match event:
        case v.PartyJoined(position=position, role=role):
            return JOINED.get(role, "Position {} joined").format(position)
        case v.PartyLeft(position=position, why=why):
            return f"Position {position} left the call{f': {why}' if why else ''}"
        case v.PartyMuted(position=position, muted=muted):
            return f"Position {position} {'muted itself' if muted else 'is heard again'}"
        case v.CallHeld(why=why):
            return f"The caller was put on hold{f': {why}' if why else ''}"
        case v.CallResumed():
            return "The caller is off hold"
        case v.CallRangBack(why=why):
            return f"Rings back, the caller is kept: {why}"
        case v.CallRangForAll(waited_s=waited_s):
            return f"Rang back for {waited_s:.0f} s and nobody came: rings for everybody"
        case _:
            return None
