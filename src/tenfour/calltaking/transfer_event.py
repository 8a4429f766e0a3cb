"""What happens while a call is passed on to another centre (stream `call/<call id>`)."""

from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId, PositionId

# ---- facts of the line ----


class TransferAccepted(Event, frozen=True):
    """The caller's side took our REFER: it calls the other centre now. The caller is still on the line with us."""


class CallTransferred(Event, frozen=True):
    """The other centre answered, as the caller's side tells. Our part of the call ends with this."""


class TransferFailed(Event, frozen=True):
    """The call was not passed on, and why in words. The caller is still on the line with us.

    `by_other`: the other centre itself was reached and did not take it.
    """

    why: str
    by_other: bool = False


# ---- facts of the centre ----


class TransferOrdered(Event, frozen=True):
    """A call taker passes the call on: to whom, by what URI (identifiers go along in it), from which position."""

    name: str
    target: str
    position: PositionId
    to_call: CallId | None = None
    """To whoever is on this call of ours: the two are connected, and we leave both. `target` then only has what goes
    along."""
    bridge: bool = False
    """Where the caller's side does not do it, we call the other centre and connect the two ourselves."""


TRANSFER_LINE_EVENTS: tuple[type[Event], ...] = (TransferAccepted, CallTransferred, TransferFailed)
