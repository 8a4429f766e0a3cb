"""How far a call that the centre placed has come, as a screen shows it."""

import msgspec


class OutgoingView(msgspec.Struct, frozen=True):
    """`callback_of`: the call that is called back. `words`: where it went, and since when it rings there.

    `in_call`: the call that it was called into as a third party; null for a call of its own.
    `tone`: what a telephone lets whoever calls hear: `ringing`, `busy`, `refused`, or nothing.
    """

    callback_of: str | None
    words: str
    in_call: str | None = None
    tone: str = ""
