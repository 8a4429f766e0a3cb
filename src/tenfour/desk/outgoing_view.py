"""How far a call that the centre placed has come, as a screen shows it."""

import msgspec


class OutgoingView(msgspec.Struct, frozen=True):
    """`callback_of`: the call that is called back. `words`: where it went, and since when it rings there."""

    callback_of: str | None
    words: str
