"""Subscriptions (RFC 6665): both sides as one table each, and the headers Event and Subscription-State."""

from enum import Enum

import msgspec

from tenfour.telephony.dialog import Dialog, DialogKey
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import parameter, parse_parameters, serialise_parameters
from tenfour.telephony.message import Message, Request
from tenfour.telephony.transaction import DialogHolder, ServerKey

MAX_EXPIRES_S = 2**31


class SubscriberState(Enum):
    """Where a subscription of ours stands."""

    WAITING = "Waiting"
    """SUBSCRIBE (or REFER) is on the way; no NOTIFY yet."""
    PENDING = "Pending"
    """They have not decided."""
    ACTIVE = "Active"
    LEAVING = "Leaving"
    """We want it no more, and wait for the last NOTIFY."""
    OVER = "Over"


class SubscriberInput(Enum):
    """What can happen to a subscription of ours: `<` from the wire, `>` from the user."""

    ACCEPTED = "< 2xx"
    REFUSED = "< 300-699, or nobody"
    GONE = "< 481"
    NOTIFIED_PENDING = "< NOTIFY pending"
    NOTIFIED_ACTIVE = "< NOTIFY active"
    NOTIFIED_TERMINATED = "< NOTIFY terminated"
    SAY_UNSUBSCRIBE = "> unsubscribe"
    TIMER_N = "no NOTIFY for 64*T1"
    EXPIRED = "its time is up"


_S, _SI = SubscriberState, SubscriberInput

SUBSCRIBER: dict[tuple[SubscriberState, SubscriberInput], SubscriberState] = {
    (_S.WAITING, _SI.ACCEPTED): _S.WAITING,
    (_S.WAITING, _SI.NOTIFIED_PENDING): _S.PENDING,
    (_S.WAITING, _SI.NOTIFIED_ACTIVE): _S.ACTIVE,
    (_S.WAITING, _SI.NOTIFIED_TERMINATED): _S.OVER,
    (_S.WAITING, _SI.REFUSED): _S.OVER,
    (_S.WAITING, _SI.GONE): _S.OVER,
    (_S.WAITING, _SI.TIMER_N): _S.OVER,
    (_S.WAITING, _SI.EXPIRED): _S.OVER,
    (_S.WAITING, _SI.SAY_UNSUBSCRIBE): _S.LEAVING,
    (_S.PENDING, _SI.ACCEPTED): _S.PENDING,
    (_S.PENDING, _SI.REFUSED): _S.PENDING,
    (_S.PENDING, _SI.NOTIFIED_PENDING): _S.PENDING,
    (_S.PENDING, _SI.NOTIFIED_ACTIVE): _S.ACTIVE,
    (_S.PENDING, _SI.NOTIFIED_TERMINATED): _S.OVER,
    (_S.PENDING, _SI.GONE): _S.OVER,
    (_S.PENDING, _SI.EXPIRED): _S.OVER,
    (_S.PENDING, _SI.SAY_UNSUBSCRIBE): _S.LEAVING,
    (_S.ACTIVE, _SI.ACCEPTED): _S.ACTIVE,
    (_S.ACTIVE, _SI.REFUSED): _S.ACTIVE,
    (_S.ACTIVE, _SI.NOTIFIED_PENDING): _S.PENDING,
    (_S.ACTIVE, _SI.NOTIFIED_ACTIVE): _S.ACTIVE,
    (_S.ACTIVE, _SI.NOTIFIED_TERMINATED): _S.OVER,
    (_S.ACTIVE, _SI.GONE): _S.OVER,
    (_S.ACTIVE, _SI.EXPIRED): _S.OVER,
    (_S.ACTIVE, _SI.SAY_UNSUBSCRIBE): _S.LEAVING,
    (_S.LEAVING, _SI.ACCEPTED): _S.LEAVING,
    (_S.LEAVING, _SI.NOTIFIED_PENDING): _S.LEAVING,
    (_S.LEAVING, _SI.NOTIFIED_ACTIVE): _S.LEAVING,
    (_S.LEAVING, _SI.SAY_UNSUBSCRIBE): _S.LEAVING,
    (_S.LEAVING, _SI.NOTIFIED_TERMINATED): _S.OVER,
    (_S.LEAVING, _SI.REFUSED): _S.OVER,
    (_S.LEAVING, _SI.GONE): _S.OVER,
    (_S.LEAVING, _SI.TIMER_N): _S.OVER,
}
"""A refresh that is refused (but with 481) changes nothing before the time is up (RFC 6665 section 4.1.2.2)."""


class NotifierState(Enum):
    """Where a subscription to us stands."""

    ASKED = "Asked"
    """The user is to accept or reject it."""
    PENDING = "Pending"
    ACTIVE = "Active"
    ENDING = "Ending"
    """The last NOTIFY waits for its answer."""
    OVER = "Over"


class NotifierInput(Enum):
    """What can happen to a subscription to us."""

    SAY_ACCEPT = "> accept"
    SAY_PENDING = "> accept as pending"
    SAY_REJECT = "> reject"
    SAY_NOTIFY = "> notify"
    SAY_TERMINATE = "> terminate"
    REFRESHED = "< SUBSCRIBE"
    UNSUBSCRIBED = "< SUBSCRIBE with Expires 0"
    EXPIRED = "its time is up"
    NOTIFY_DONE = "< 2xx to NOTIFY"
    NOTIFY_FAILED = "< 481 or the like to NOTIFY, or nobody"


_N, _NI = NotifierState, NotifierInput

NOTIFIER: dict[tuple[NotifierState, NotifierInput], NotifierState] = {
    (_N.ASKED, _NI.SAY_ACCEPT): _N.ACTIVE,
    (_N.ASKED, _NI.SAY_PENDING): _N.PENDING,
    (_N.ASKED, _NI.SAY_REJECT): _N.OVER,
    (_N.ASKED, _NI.EXPIRED): _N.OVER,
    (_N.PENDING, _NI.SAY_ACCEPT): _N.ACTIVE,
    (_N.PENDING, _NI.SAY_NOTIFY): _N.PENDING,
    (_N.PENDING, _NI.SAY_TERMINATE): _N.ENDING,
    (_N.PENDING, _NI.REFRESHED): _N.PENDING,
    (_N.PENDING, _NI.UNSUBSCRIBED): _N.ENDING,
    (_N.PENDING, _NI.EXPIRED): _N.ENDING,
    (_N.PENDING, _NI.NOTIFY_DONE): _N.PENDING,
    (_N.PENDING, _NI.NOTIFY_FAILED): _N.OVER,
    (_N.ACTIVE, _NI.SAY_NOTIFY): _N.ACTIVE,
    (_N.ACTIVE, _NI.SAY_TERMINATE): _N.ENDING,
    (_N.ACTIVE, _NI.REFRESHED): _N.ACTIVE,
    (_N.ACTIVE, _NI.UNSUBSCRIBED): _N.ENDING,
    (_N.ACTIVE, _NI.EXPIRED): _N.ENDING,
    (_N.ACTIVE, _NI.NOTIFY_DONE): _N.ACTIVE,
    (_N.ACTIVE, _NI.NOTIFY_FAILED): _N.OVER,
    (_N.ENDING, _NI.NOTIFY_DONE): _N.OVER,
    (_N.ENDING, _NI.NOTIFY_FAILED): _N.OVER,
}


class EventName(msgspec.Struct, frozen=True):
    """The Event header (RFC 6665 section 8.2.1): a package, and an id where one dialog has several subscriptions."""

    package: str
    id: str = ""

    def __str__(self) -> str:
        return self.package + serialise_parameters((("id", self.id),) if self.id else ())


def parse_event(text: str) -> EventName:
    """Raises `HeaderError` where no package is named."""
    package, _, rest = text.partition(";")
    package = package.strip().lower()
    if not package or any(letter.isspace() for letter in package):
        raise HeaderError(f"The Event {text[:80]!r} names no package.")
    return EventName(package, parameter(parse_parameters(rest), "id") or "")


class Standing(msgspec.Struct, frozen=True):
    """The Subscription-State header (section 8.2.3): active, pending or terminated (or some extension), and for how
    long or why. Times in seconds, None where none is named.
    """

    state: str
    reason: str = ""
    expires_s: int | None = None
    retry_after_s: int | None = None

    def __str__(self) -> str:
        named = (("reason", self.reason), ("expires", self.expires_s), ("retry-after", self.retry_after_s))
        return self.state + serialise_parameters(
            tuple((key, str(value)) for key, value in named if value not in (None, ""))
        )


def parse_standing(text: str) -> Standing:
    """Raises `HeaderError` where no state is named. A number that is none counts as not named."""
    state, _, rest = text.partition(";")
    state = state.strip().lower()
    if not state or any(letter.isspace() for letter in state):
        raise HeaderError(f"The Subscription-State {text[:80]!r} names no state.")
    named = parse_parameters(rest)
    reason = (parameter(named, "reason") or "").lower()
    return Standing(state, reason, seconds(parameter(named, "expires")), seconds(parameter(named, "retry-after")))


def seconds(text: str | None) -> int | None:
    """A delta-seconds value, None where it is none."""
    bare = (text or "").partition(";")[0].strip()
    return min(int(bare), MAX_EXPIRES_S) if bare.isascii() and bare.isdigit() and len(bare) < 12 else None


def expires_of(message: Message, default: int) -> int:
    """What Expires says, `default` where it says nothing."""
    found = seconds(message.first("Expires"))
    return default if found is None else found


class Subscription:
    """A subscription of ours. It has a dialog of its own, unless it lives in a call's (`holder`): a REFER's.

    `tag` is our tag and `request` what began it; `expires_s` what was asked for or granted last.
    """

    __slots__ = (
        "asked_again", "call", "call_id", "dialog", "event", "expires_s", "holder", "request", "state", "tag", "token",
        "told", "unsubscribed",
    )  # fmt: skip

    def __init__(self, token: str, event: EventName, request: Request, tag: str, expires_s: int) -> None:
        self.token, self.event, self.request, self.tag, self.expires_s = token, event, request, tag, expires_s
        self.call_id = request.first("Call-ID") or ""
        self.state = SubscriberState.WAITING
        self.dialog: Dialog | None = None
        self.holder: DialogHolder = self
        self.call: DialogKey | None = None
        self.told = self.asked_again = self.unsubscribed = False

    def move(self, given: SubscriberInput) -> bool:
        """Take the table's step; False (and nothing) where it has none."""
        state = SUBSCRIBER.get((self.state, given))
        self.state = state or self.state
        return state is not None


class Notice(msgspec.Struct, frozen=True):
    """What a NOTIFY is to say."""

    standing: Standing
    body: bytes = b""
    content_type: str = ""


class Notification:
    """A subscription to us. `asked` is the SUBSCRIBE or REFER that the user is to answer."""

    __slots__ = (
        "asked", "dialog", "event", "expires_at", "expires_s", "flow", "holder", "last", "repeats", "sending", "state",
        "token", "waiting",
    )  # fmt: skip

    def __init__(
        self, token: str, event: EventName, asked: tuple[ServerKey, Request], expires_s: int, flow: Flow
    ) -> None:
        self.token, self.event, self.expires_s, self.flow = token, event, expires_s, flow
        self.asked: tuple[ServerKey, Request] | None = asked
        self.state = NotifierState.ASKED
        self.dialog: Dialog | None = None
        self.holder: DialogHolder = self
        self.expires_at = 0.0
        self.last: Notice | None = None
        self.sending: Notice | None = None
        """The NOTIFY that waits for its answer; they go one at a time, so that none overtakes another."""
        self.waiting: Notice | None = None
        self.repeats = 0

    def move(self, given: NotifierInput) -> bool:
        """Take the table's step; False (and nothing) where it has none."""
        state = NOTIFIER.get((self.state, given))
        self.state = state or self.state
        return state is not None
