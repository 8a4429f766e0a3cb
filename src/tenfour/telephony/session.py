"""One call as a user agent sees it (the INVITE usage of a dialog, RFC 5057): one table, and what it waits for."""

from enum import Enum

import msgspec

from tenfour.telephony.dialog import Dialog, DialogKey
from tenfour.telephony.early_dialog import EarlyDialog
from tenfour.telephony.flow import Flow
from tenfour.telephony.message import Header, Request, Response
from tenfour.telephony.reliable import Unproved, Unsaid
from tenfour.telephony.transaction import ClientKey, DialogHolder, ServerKey
from tenfour.vocabulary.errors import IllegalTransition


class SessionState(Enum):
    """Where a call stands."""

    INVITED = "Invited"
    """We are called and have not answered."""
    ANSWERED = "Answered"
    """We said 200 and wait for ACK."""
    CALLING = "Calling"
    """We call and have no final answer."""
    CANCELLING = "Cancelling"
    """We call, and want it no more."""
    ESTABLISHED = "Established"
    LEAVING = "Leaving"
    """Our BYE waits for its answer."""
    OVER = "Over"


class SessionInput(Enum):
    """What can happen to a call: `<` from the wire, `>` from the user."""

    SAY_PROVISIONAL = "> 1xx"
    SAY_ANSWER = "> 2xx"
    SAY_REJECT = "> 300-699"
    SAY_CANCEL = "> CANCEL"
    SAY_BYE = "> BYE"
    CANCEL = "< CANCEL"
    ACK = "< ACK"
    ACK_MISSING = "no ACK for 64*T1"
    BYE = "< BYE"
    RINGING = "< 1xx"
    SUCCESS = "< 2xx"
    FAILURE = "< 300-699, or nobody"
    BYE_DONE = "< answer to BYE, or nobody"
    GONE = "< 481 in the dialog"


TABLE: dict[tuple[SessionState, SessionInput], SessionState] = {
    (SessionState.INVITED, SessionInput.SAY_PROVISIONAL): SessionState.INVITED,
    (SessionState.INVITED, SessionInput.SAY_ANSWER): SessionState.ANSWERED,
    (SessionState.INVITED, SessionInput.SAY_REJECT): SessionState.OVER,
    (SessionState.INVITED, SessionInput.CANCEL): SessionState.OVER,
    (SessionState.INVITED, SessionInput.BYE): SessionState.OVER,
    (SessionState.ANSWERED, SessionInput.SAY_BYE): SessionState.ANSWERED,
    (SessionState.ANSWERED, SessionInput.ACK): SessionState.ESTABLISHED,
    (SessionState.ANSWERED, SessionInput.ACK_MISSING): SessionState.ESTABLISHED,
    (SessionState.ANSWERED, SessionInput.BYE): SessionState.OVER,
    (SessionState.CALLING, SessionInput.RINGING): SessionState.CALLING,
    (SessionState.CALLING, SessionInput.SUCCESS): SessionState.ESTABLISHED,
    (SessionState.CALLING, SessionInput.FAILURE): SessionState.OVER,
    (SessionState.CALLING, SessionInput.SAY_CANCEL): SessionState.CANCELLING,
    (SessionState.CANCELLING, SessionInput.SAY_CANCEL): SessionState.CANCELLING,
    (SessionState.CANCELLING, SessionInput.RINGING): SessionState.CANCELLING,
    (SessionState.CANCELLING, SessionInput.SUCCESS): SessionState.ESTABLISHED,
    (SessionState.CANCELLING, SessionInput.FAILURE): SessionState.OVER,
    (SessionState.ESTABLISHED, SessionInput.SAY_BYE): SessionState.LEAVING,
    (SessionState.ESTABLISHED, SessionInput.BYE): SessionState.OVER,
    (SessionState.ESTABLISHED, SessionInput.GONE): SessionState.OVER,
    (SessionState.LEAVING, SessionInput.BYE): SessionState.OVER,
    (SessionState.LEAVING, SessionInput.BYE_DONE): SessionState.OVER,
}
"""A call whose ACK never came stays up (the call outlives everything); its user may say BYE. A BYE said before the
ACK came waits for it (RFC 3261 section 15)."""


class Unacknowledged(msgspec.Struct):
    """A 2xx of ours that repeats itself until its ACK comes (RFC 3261 section 13.3.1.4). Times in seconds."""

    number: int
    response: bytes
    flow: Flow
    pause: float
    give_up_at: float
    offered: bool
    given_up: bool = False


class Postponed(msgspec.Struct, frozen=True):
    """An offer of ours that met theirs, or came at a bad time: it is made again when its timer fires."""

    method: str
    sdp: bytes
    token: str
    refusal: Response | None


class Session:
    """What one call needs to remember. `call` is the handle by which the user knows it."""

    __slots__ = (
        "acks",
        "answered",
        "call",
        "cancel_sent",
        "dialog",
        "early",
        "invite",
        "leave_reason",
        "leave_when_acknowledged",
        "offer",
        "offer_pending",
        "offering",
        "postponed",
        "proofs",
        "rseq",
        "settled",
        "state",
        "tries",
        "unacknowledged",
        "unproved",
        "unsaid",
        "update",
        "waiting",
    )

    def __init__(self, call: DialogKey, state: SessionState, dialog: Dialog | None = None) -> None:
        self.call, self.state, self.dialog = call, state, dialog
        self.waiting: tuple[ServerKey, Request] | None = None
        """The INVITE or re-INVITE of the peer that the user is to answer."""
        self.update: tuple[ServerKey, Request, DialogHolder] | None = None
        """The UPDATE of the peer that the user is to answer, and in which dialog it came; before `waiting`."""
        self.unacknowledged: Unacknowledged | None = None
        self.unproved: Unproved | None = None
        self.unsaid: list[Unsaid] = []
        """Provisional responses that wait until the one before is proved (RFC 3262 section 3)."""
        self.rseq = 0
        self.answered = False
        """Has the offer of the INVITE to us been answered reliably before its 200? That is then the answer."""
        self.settled = False
        """And was it proved? Then UPDATE may come and go."""
        self.leave_when_acknowledged = False
        self.leave_reason = ""
        self.invite: tuple[ClientKey, Request, Flow] | None = None
        """Our INVITE or re-INVITE that waits for its final answer, with the flow it went on."""
        self.proofs: tuple[Header, ...] = ()
        """The credentials of that INVITE, which its ACK repeats."""
        self.early: dict[str, EarlyDialog] = {}
        """By the peer's tag: where a call of ours rings reliably."""
        self.offering: ClientKey | None = None
        """Our UPDATE with an offer that waits for its answer."""
        self.postponed: Postponed | None = None
        self.tries = 0
        self.offer = b""
        self.offer_pending: Response | None = None
        self.acks: dict[int, tuple[Flow, bytes]] = {}
        """The last ACKs that we sent, by CSeq number: sent again whenever their 2xx comes again."""
        self.cancel_sent = False

    def accepts(self, given: SessionInput) -> bool:
        """Does the table have a step for this?"""
        return (self.state, given) in TABLE

    def move(self, given: SessionInput) -> None:
        """Take the table's step. Raises `IllegalTransition` where it has none."""
        state = TABLE.get((self.state, given))
        if state is None:
            wanted = " or ".join(before.value.lower() for before, what in TABLE if what is given)
            thing = f"The call {self.call.call_id}"
            raise IllegalTransition(thing, self.state.value.lower(), f"{wanted} for {given.value}")
        self.state = state
