"""What a user agent tells its user: everything that happened on the wire, as frozen values.

A broken message is an event too (`MessageBroken`), never an exception.
"""

import msgspec

from tenfour.telephony.dialog import DialogKey
from tenfour.telephony.flow import Flow
from tenfour.telephony.message import Request, Response
from tenfour.telephony.multipart import Part


class SipEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Root of all that happens."""


class CallEvent(SipEvent, frozen=True, kw_only=True):
    """Something that happened to one call."""

    call: DialogKey


# ---- where we are called ----


class InviteReceived(CallEvent, frozen=True, kw_only=True):
    """A new call: 100 has been sent, the user is to give `provisional`, `answer` or `reject`.

    `sdp` is the offer wherever it stood in the body (None: an offerless INVITE, `answer` then carries our offer).
    `parts` are all leaves of the body. `problems` are sentences on what was odd: they go to the journal.
    """

    request: Request
    flow: Flow
    sdp: bytes | None
    parts: tuple[Part, ...] = ()
    problems: tuple[str, ...] = ()


class Acknowledged(CallEvent, frozen=True, kw_only=True):
    """Our 2xx was acknowledged: the call (or its change) stands. `sdp` is the answer to our offer, if we made one."""

    sdp: bytes | None = None


class Cancelled(CallEvent, frozen=True, kw_only=True):
    """The caller went before we answered; CANCEL was answered 200, the INVITE 487. `reason`: their Reason header."""

    reason: str = ""


class AckTimedOut(CallEvent, frozen=True, kw_only=True):
    """No ACK within 64*T1 of our 2xx (RFC 3261 section 13.3.1.4). The call stays up, for audio may well flow: its user
    says `bye` where nothing is heard. An ACK that comes late is still told as `Acknowledged`.
    """


# ---- in a call, on either side ----


class ByeReceived(CallEvent, frozen=True, kw_only=True):
    """The peer ended the call, and has been answered 200. `reason`: their Reason header (RFC 3326)."""

    reason: str = ""


class ByeAnswered(CallEvent, frozen=True, kw_only=True):
    """Our BYE was answered (any final status), or nobody was there to answer it (408). The call is over."""

    status: int


class Reinvited(CallEvent, frozen=True, kw_only=True):
    """A re-INVITE: the user is to give `answer` with a fresh description, or `reject` (the call goes on as before).

    `sdp` None asks us for an offer.
    """

    request: Request
    sdp: bytes | None
    parts: tuple[Part, ...] = ()


class InDialog(CallEvent, frozen=True, kw_only=True):
    """INFO, MESSAGE, UPDATE without SDP, OPTIONS ... in a call. The core has answered already."""

    request: Request
    parts: tuple[Part, ...] = ()


class DialogFailed(CallEvent, frozen=True, kw_only=True):
    """The call cannot go on: connection lost, peer says 481 or nothing. `why` is a sentence. The call is over."""

    why: str


# ---- where we call ----


class Ringing(CallEvent, frozen=True, kw_only=True):
    """A provisional response above 100 came to our INVITE; a reliable one (RFC 3262) has been proved, and comes once.

    `sdp` is where early media may come from; the To tag tells the branches of a forked call apart.
    """

    response: Response
    sdp: bytes | None = None


class Answered(CallEvent, frozen=True, kw_only=True):
    """A 2xx came to our INVITE. ACK has been sent, unless we made no offer: `acknowledge` is then due."""

    response: Response
    sdp: bytes | None = None


class Updated(CallEvent, frozen=True, kw_only=True):
    """Our UPDATE was taken (RFC 3311): `sdp` is their answer. `token` is what `update` gave."""

    token: str
    response: Response
    sdp: bytes | None = None


class Rejected(CallEvent, frozen=True, kw_only=True):
    """Our INVITE came to nothing: a final status of 300 and above; 408 without a response is nobody there. Over."""

    status: int
    reason: str
    response: Response | None = None


# ---- subscriptions (RFC 6665) and transfers (RFC 3515) ----


class Notified(SipEvent, frozen=True, kw_only=True):
    """A NOTIFY of a subscription of ours; it has been answered 200. `state` is active, pending or terminated."""

    subscription: str
    state: str
    request: Request
    parts: tuple[Part, ...] = ()


class SubscriptionEnded(SipEvent, frozen=True, kw_only=True):
    """A subscription is over, of either side. `why` is a sentence; `reason` is the peer's word for it ("timeout",
    "rejected", RFC 6665 section 4.1.3), `status` what a request of it was answered, 0 for neither. `retry_after_s` is
    how long the peer asks us to wait before we subscribe again.
    """

    subscription: str
    why: str
    reason: str = ""
    status: int = 0
    retry_after_s: int | None = None


class SubscribeReceived(SipEvent, frozen=True, kw_only=True):
    """Somebody subscribes to a package that we declared: `accept_subscription` or `reject_subscription` is due.

    `expires_s` is what they ask for, 0 for the present state and no more.
    """

    subscription: str
    request: Request
    flow: Flow
    package: str
    expires_s: int
    parts: tuple[Part, ...] = ()


class Referred(SipEvent, frozen=True, kw_only=True):
    """Somebody asks us to call `refer_to`, a URI: `accept_refer` or `reject_refer` is due.

    `call` is None for a REFER outside of calls. `referred_by` is who they say they are (RFC 3892), "" without.
    """

    refer: str
    call: DialogKey | None
    refer_to: str
    referred_by: str
    request: Request
    flow: Flow


class ReferProgress(SipEvent, frozen=True, kw_only=True):
    """How the call that we asked for fares: the status line of a message/sipfrag. 200 and above is the end of it."""

    refer: str
    status: int
    reason: str


# ---- outside any call ----


class OutOfDialog(SipEvent, frozen=True, kw_only=True):
    """MESSAGE, NOTIFY ... outside any call: nothing here takes them, and they were answered `status`."""

    request: Request
    flow: Flow
    status: int
    parts: tuple[Part, ...] = ()


class RequestAnswered(SipEvent, frozen=True, kw_only=True):
    """A request of ours (`options`, `request`, a refused `reinvite`) came to its end; 408: nobody answered."""

    token: str
    status: int
    response: Response | None = None


class InviteNotTaken(SipEvent, frozen=True, kw_only=True):
    """A call was answered 503 with Retry-After: all room is taken, and nobody has more of it than who called."""

    problem: str
    flow: Flow


class MessageBroken(SipEvent, frozen=True, kw_only=True):
    """Something came that could not be used. `problem` is a sentence; `data` is cut to the first 65,536 bytes."""

    problem: str
    data: bytes
    flow: Flow
