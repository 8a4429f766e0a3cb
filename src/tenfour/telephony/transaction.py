"""The four transactions (RFC 3261 section 17, with the Accepted state of RFC 6026), each one table.

`TABLES` says for a state and an input which state follows and what is done; `STARTS` which timers run in a state;
`DELAYS` how long. docs/sip.md shows the same tables as drawings, and a test keeps both equal.
"""

from enum import Enum
from typing import Protocol

import msgspec

from tenfour.telephony.credentials import Answering
from tenfour.telephony.dialog import Dialog, DialogKey
from tenfour.telephony.flow import Flow
from tenfour.telephony.message import Request
from tenfour.telephony.timer import T1, T2, T4, TRANSACTION_TIMEOUT


class Kind(Enum):
    """Which of the four machines."""

    INVITE_CLIENT = "INVITE client"
    CLIENT = "client"
    INVITE_SERVER = "INVITE server"
    SERVER = "server"


class State(Enum):
    """Where a transaction stands."""

    CALLING = "Calling"
    TRYING = "Trying"
    PROCEEDING = "Proceeding"
    COMPLETED = "Completed"
    CONFIRMED = "Confirmed"
    ACCEPTED = "Accepted"
    TERMINATED = "Terminated"


class Input(Enum):
    """What can happen to a transaction: a message comes in (`<`), the user sends one (`>`), a timer fires."""

    REQUEST = "< request again"
    ACK = "< ACK"
    PROVISIONAL = "< 1xx"
    SUCCESS = "< 2xx"
    FAILURE = "< 300-699"
    SAY_PROVISIONAL = "> 1xx"
    SAY_SUCCESS = "> 2xx"
    SAY_FAILURE = "> 300-699"
    TIMER_A = "timer A"
    TIMER_B = "timer B"
    TIMER_D = "timer D"
    TIMER_E = "timer E"
    TIMER_F = "timer F"
    TIMER_G = "timer G"
    TIMER_H = "timer H"
    TIMER_I = "timer I"
    TIMER_J = "timer J"
    TIMER_K = "timer K"
    TIMER_L = "timer L"
    TIMER_M = "timer M"


class Act(Enum):
    """What is done on the way from one state to the next."""

    SEND = "send it"
    REPEAT = "send the last message again"
    TELL = "tell the user"
    ACKNOWLEDGE = "send ACK"
    TIME_OUT = "tell the user that nobody answers"


Step = tuple[State, tuple[Act, ...]]
Table = dict[tuple[State, Input], Step]

INVITE_CLIENT: Table = {
    (State.CALLING, Input.TIMER_A): (State.CALLING, (Act.REPEAT,)),
    (State.CALLING, Input.TIMER_B): (State.TERMINATED, (Act.TIME_OUT,)),
    (State.CALLING, Input.PROVISIONAL): (State.PROCEEDING, (Act.TELL,)),
    (State.CALLING, Input.SUCCESS): (State.ACCEPTED, (Act.TELL,)),
    (State.CALLING, Input.FAILURE): (State.COMPLETED, (Act.ACKNOWLEDGE, Act.TELL)),
    (State.PROCEEDING, Input.PROVISIONAL): (State.PROCEEDING, (Act.TELL,)),
    (State.PROCEEDING, Input.SUCCESS): (State.ACCEPTED, (Act.TELL,)),
    (State.PROCEEDING, Input.FAILURE): (State.COMPLETED, (Act.ACKNOWLEDGE, Act.TELL)),
    (State.COMPLETED, Input.FAILURE): (State.COMPLETED, (Act.ACKNOWLEDGE,)),
    (State.COMPLETED, Input.TIMER_D): (State.TERMINATED, ()),
    (State.ACCEPTED, Input.SUCCESS): (State.ACCEPTED, (Act.TELL,)),
    (State.ACCEPTED, Input.TIMER_M): (State.TERMINATED, ()),
}
"""RFC 3261 figure 5, RFC 6026 section 7.2."""

CLIENT: Table = {
    (State.TRYING, Input.TIMER_E): (State.TRYING, (Act.REPEAT,)),
    (State.TRYING, Input.TIMER_F): (State.TERMINATED, (Act.TIME_OUT,)),
    (State.TRYING, Input.PROVISIONAL): (State.PROCEEDING, (Act.TELL,)),
    (State.TRYING, Input.SUCCESS): (State.COMPLETED, (Act.TELL,)),
    (State.TRYING, Input.FAILURE): (State.COMPLETED, (Act.TELL,)),
    (State.PROCEEDING, Input.TIMER_E): (State.PROCEEDING, (Act.REPEAT,)),
    (State.PROCEEDING, Input.TIMER_F): (State.TERMINATED, (Act.TIME_OUT,)),
    (State.PROCEEDING, Input.PROVISIONAL): (State.PROCEEDING, (Act.TELL,)),
    (State.PROCEEDING, Input.SUCCESS): (State.COMPLETED, (Act.TELL,)),
    (State.PROCEEDING, Input.FAILURE): (State.COMPLETED, (Act.TELL,)),
    (State.COMPLETED, Input.TIMER_K): (State.TERMINATED, ()),
}
"""RFC 3261 figure 6."""

INVITE_SERVER: Table = {
    (State.PROCEEDING, Input.REQUEST): (State.PROCEEDING, (Act.REPEAT,)),
    (State.PROCEEDING, Input.SAY_PROVISIONAL): (State.PROCEEDING, (Act.SEND,)),
    (State.PROCEEDING, Input.SAY_SUCCESS): (State.ACCEPTED, (Act.SEND,)),
    (State.PROCEEDING, Input.SAY_FAILURE): (State.COMPLETED, (Act.SEND,)),
    (State.COMPLETED, Input.REQUEST): (State.COMPLETED, (Act.REPEAT,)),
    (State.COMPLETED, Input.ACK): (State.CONFIRMED, ()),
    (State.COMPLETED, Input.TIMER_G): (State.COMPLETED, (Act.REPEAT,)),
    (State.COMPLETED, Input.TIMER_H): (State.TERMINATED, ()),
    (State.CONFIRMED, Input.TIMER_I): (State.TERMINATED, ()),
    (State.ACCEPTED, Input.REQUEST): (State.ACCEPTED, (Act.REPEAT,)),
    (State.ACCEPTED, Input.ACK): (State.ACCEPTED, (Act.TELL,)),
    (State.ACCEPTED, Input.TIMER_L): (State.TERMINATED, ()),
}
"""RFC 3261 figure 7, RFC 6026 section 7.1. An INVITE repeated after our 2xx is answered with that 2xx once more."""

SERVER: Table = {
    (State.TRYING, Input.SAY_PROVISIONAL): (State.PROCEEDING, (Act.SEND,)),
    (State.TRYING, Input.SAY_SUCCESS): (State.COMPLETED, (Act.SEND,)),
    (State.TRYING, Input.SAY_FAILURE): (State.COMPLETED, (Act.SEND,)),
    (State.PROCEEDING, Input.REQUEST): (State.PROCEEDING, (Act.REPEAT,)),
    (State.PROCEEDING, Input.SAY_PROVISIONAL): (State.PROCEEDING, (Act.SEND,)),
    (State.PROCEEDING, Input.SAY_SUCCESS): (State.COMPLETED, (Act.SEND,)),
    (State.PROCEEDING, Input.SAY_FAILURE): (State.COMPLETED, (Act.SEND,)),
    (State.COMPLETED, Input.REQUEST): (State.COMPLETED, (Act.REPEAT,)),
    (State.COMPLETED, Input.TIMER_J): (State.TERMINATED, ()),
}
"""RFC 3261 figure 8."""

TABLES: dict[Kind, Table] = {
    Kind.INVITE_CLIENT: INVITE_CLIENT,
    Kind.CLIENT: CLIENT,
    Kind.INVITE_SERVER: INVITE_SERVER,
    Kind.SERVER: SERVER,
}

FIRST: dict[Kind, State] = {
    Kind.INVITE_CLIENT: State.CALLING,
    Kind.CLIENT: State.TRYING,
    Kind.INVITE_SERVER: State.PROCEEDING,
    Kind.SERVER: State.TRYING,
}

STARTS: dict[tuple[Kind, State], tuple[Input, ...]] = {
    (Kind.INVITE_CLIENT, State.CALLING): (Input.TIMER_A, Input.TIMER_B),
    (Kind.INVITE_CLIENT, State.COMPLETED): (Input.TIMER_D,),
    (Kind.INVITE_CLIENT, State.ACCEPTED): (Input.TIMER_M,),
    (Kind.CLIENT, State.TRYING): (Input.TIMER_E, Input.TIMER_F),
    (Kind.CLIENT, State.COMPLETED): (Input.TIMER_K,),
    (Kind.INVITE_SERVER, State.COMPLETED): (Input.TIMER_G, Input.TIMER_H),
    (Kind.INVITE_SERVER, State.CONFIRMED): (Input.TIMER_I,),
    (Kind.INVITE_SERVER, State.ACCEPTED): (Input.TIMER_L,),
    (Kind.SERVER, State.COMPLETED): (Input.TIMER_J,),
}
"""The timers that start when a state is entered. E and F run on through Trying and Proceeding."""

DELAYS: dict[Input, tuple[float, float | None]] = {
    Input.TIMER_A: (T1, None),
    Input.TIMER_B: (TRANSACTION_TIMEOUT, TRANSACTION_TIMEOUT),
    Input.TIMER_D: (TRANSACTION_TIMEOUT, 0.0),
    Input.TIMER_E: (T1, None),
    Input.TIMER_F: (TRANSACTION_TIMEOUT, TRANSACTION_TIMEOUT),
    Input.TIMER_G: (T1, None),
    Input.TIMER_H: (TRANSACTION_TIMEOUT, TRANSACTION_TIMEOUT),
    Input.TIMER_I: (T4, 0.0),
    Input.TIMER_J: (TRANSACTION_TIMEOUT, 0.0),
    Input.TIMER_K: (T4, 0.0),
    Input.TIMER_L: (TRANSACTION_TIMEOUT, TRANSACTION_TIMEOUT),
    Input.TIMER_M: (TRANSACTION_TIMEOUT, TRANSACTION_TIMEOUT),
}
"""Seconds over UDP and over TCP (None: does not run), RFC 3261 table 4."""

LONGEST_PAUSE: dict[Input, float] = {Input.TIMER_A: TRANSACTION_TIMEOUT, Input.TIMER_E: T2, Input.TIMER_G: T2}
"""The timers that repeat, doubling their pause up to this."""


class ServerKey(msgspec.Struct, frozen=True):
    """Branch, sent-by and method of a request to us (section 17.2.3)."""

    branch: str
    sent_by: str
    method: str


class ClientKey(msgspec.Struct, frozen=True):
    """Branch and method of a request of ours (section 17.1.3)."""

    branch: str
    method: str


TransactionKey = ServerKey | ClientKey


class DialogHolder(Protocol):
    """Whatever talks in a dialog: a call, one branch of a call that rings, a subscription. None: not begun yet."""

    dialog: Dialog | None


class Origin(msgspec.Struct, frozen=True):
    """Why we send a request, so that its answer finds its way, and a further try is still the same thing.

    `call` is None outside any call, `holder` None outside any dialog. `token` is the user's name of it ("": its
    first branch). `challenges` are those that this try answers.
    """

    call: DialogKey | None = None
    holder: DialogHolder | None = None
    token: str = ""
    challenges: tuple[Answering, ...] = ()


class Transaction:
    """One transaction: its place in the table and the message that it would repeat.

    `call` is the call that it belongs to, None for one outside any call.
    """

    __slots__ = ("call", "flow", "key", "kind", "last_sent", "origin", "pauses", "request", "state")

    def __init__(
        self, key: TransactionKey, kind: Kind, request: Request, flow: Flow, call: DialogKey | None = None
    ) -> None:
        self.key, self.kind, self.request, self.flow, self.call = key, kind, request, flow, call
        self.origin = Origin(call)
        self.state = FIRST[kind]
        self.last_sent = b""
        self.pauses: dict[Input, float] = {}

    @property
    def token(self) -> str:
        """By what name the user knows a request of ours."""
        return self.origin.token or self.key.branch

    def move(self, given: Input) -> tuple[Act, ...] | None:
        """Take the step that the table has for this input; None where it has none (nothing happens then)."""
        step = TABLES[self.kind].get((self.state, given))
        if step is None:
            return None
        self.state = step[0]
        return step[1]

    def starting(self) -> list[tuple[Input, float]]:
        """The timers that the present state starts on this transport, with their delays in seconds."""
        started = []
        for timer in STARTS.get((self.kind, self.state), ()):
            delay = DELAYS[timer][1 if self.flow.reliable else 0]
            if delay is not None:
                self.pauses[timer] = delay
                started.append((timer, delay))
        return started

    def next_pause(self, timer: Input) -> float | None:
        """The pause until a repeating timer fires again; None for the others, or where the state no more has it."""
        longest = LONGEST_PAUSE.get(timer)
        if longest is None or (self.state, timer) not in TABLES[self.kind]:
            return None
        doubled = min(self.pauses[timer] * 2, longest)
        self.pauses[timer] = longest if self.state is State.PROCEEDING else doubled
        return self.pauses[timer]
