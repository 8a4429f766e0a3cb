"""What happens to a call that the centre places (stream `call/<call id>`), and numbers that it does not call."""

from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId

# ---- facts of the line ----


class CallDialled(Event, frozen=True):
    """Our INVITE went out: its Request-URI, its Call-ID, and where it was sent (`127.0.0.1:5070 over UDP`)."""

    target: str
    sip_call_id: str
    sent_to: str


class CalleeRinging(Event, frozen=True):
    """The telephone that we call rings. `early_media`: a sound came with that, and is recorded from here on."""

    early_media: bool = False


class CallNotTaken(Event, frozen=True):
    """The call that we placed came to nothing, and why in words. `status`: what the other side answered; 0: nothing."""

    status: int
    why: str


# ---- facts of the centre ----


class CallPlaced(Event, frozen=True):
    """A person at a position calls a number. The line is told; nothing has gone out yet.

    `target`: the URI to call, empty where the line makes one of the number. `headers`: what our INVITE carries beside
    the usual. `i3_incident_id`: the incident tracking identifier in it. `callback_of`: the call that is called back.
    """

    call_id: CallId
    i3_incident_id: IncidentId
    number: str
    position: PositionId
    person: PersonId
    target: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    callback_of: CallId | None = None
    incident_id: IncidentId | None = None
    in_call: CallId | None = None
    """Into which call the number is called, as a third party; None: it is a call for itself."""
    told: str = ""
    """What another centre is told in words, in a Comment block (RFC 7852) of our INVITE."""


class NumberRefused(Event, frozen=True):
    """Somebody at a position wanted to call a number that is not called, and why (stream `position/<id>`)."""

    position: PositionId
    number: str
    why: str


OUTGOING_LINE_EVENTS: tuple[type[Event], ...] = (CallDialled, CalleeRinging, CallNotTaken)

OUTGOING_EVENTS: tuple[type[Event], ...] = (*OUTGOING_LINE_EVENTS, CallPlaced, NumberRefused)
