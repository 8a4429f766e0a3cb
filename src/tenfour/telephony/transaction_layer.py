"""The transaction layer (RFC 3261 section 17): which message belongs to which transaction, and what repeats itself.

It writes what is to be sent into `outgoing`, and tells its user by return values. Its memory is bounded: above
`max_transactions` the oldest finished transaction is forgotten, those of an INVITE last.
"""

import msgspec

from tenfour.telephony.decided import Decisions, of_transaction
from tenfour.telephony.dialog import DialogKey
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import Via, parse_cseq, parse_name_addr
from tenfour.telephony.message import Request, Response, serialise
from tenfour.telephony.timer import Timers
from tenfour.telephony.transaction import (
    Act,
    ClientKey,
    Input,
    Kind,
    Origin,
    ServerKey,
    State,
    Transaction,
    TransactionKey,
)
from tenfour.telephony.via import response_flow, top_via

MAGIC_COOKIE = "z9hG4bK"
NOWHERE = Origin()
MAX_ALIASES = 4096


def server_key(request: Request, via: Via, method: str = "") -> ServerKey:
    """The key of a request; an ACK's is its INVITE's. Without the magic cookie the old rules hold (section 17.2.3)."""
    method = method or ("INVITE" if request.method == "ACK" else request.method)
    if via.branch.startswith(MAGIC_COOKIE) and len(via.branch) > len(MAGIC_COOKIE):
        return ServerKey(via.branch, via.sent_by, method)
    tag = parse_name_addr(request.first("From") or "").tag
    number = (request.first("CSeq") or "").split()[:1]
    old_style = (request.uri, tag, request.first("Call-ID") or "", *number, str(via))
    return ServerKey("\n".join(old_style), via.sent_by, method)


class TransactionLayer:
    """All transactions of one user agent."""

    def __init__(self, *, max_transactions: int) -> None:
        self.outgoing: list[tuple[Flow, bytes]] = []
        self.decisions = Decisions()
        self.shed = 0
        self._max = max_transactions
        self._transactions: dict[TransactionKey, Transaction] = {}
        self._timers: Timers[tuple[TransactionKey, Input]] = Timers()
        self._finished: dict[TransactionKey, None] = {}
        self._settled: dict[TransactionKey, None] = {}
        self._on_connection: dict[Flow, dict[TransactionKey, None]] = {}
        self._aliases: dict[Flow, Flow] = {}
        self._merged: dict[tuple[str, str, str], TransactionKey] = {}

    def __len__(self) -> int:
        return len(self._transactions)

    def get(self, key: TransactionKey) -> Transaction | None:
        """A transaction that is still known."""
        return self._transactions.get(key)

    # ---- server ----

    def repeated(self, key: ServerKey, request: Request, now: float) -> bool:
        """Is this of a transaction that we have? It is then dealt with; False for the ACK of a 2xx, too."""
        known = self._transactions.get(key)
        if known is None:
            return False
        given = Input.ACK if request.method == "ACK" else Input.REQUEST
        return Act.TELL not in self._move(known, given, now)

    def merged_with(self, key: ServerKey, request: Request) -> bool:
        """Has the same request come on another way already (section 8.2.2.2)?"""
        return self._merged.get(_merge_key(request), key) != key

    def accept(
        self, key: ServerKey, request: Request, via: Via, flow: Flow, call: DialogKey | None = None
    ) -> Transaction:
        """Begin a server transaction for a request that is new."""
        kind = Kind.INVITE_SERVER if request.method == "INVITE" else Kind.SERVER
        made = self._add(Transaction(key, kind, request, response_flow(via, flow), call))
        self._merged.setdefault(_merge_key(request), key)
        return made

    def tie(self, key: TransactionKey, call: DialogKey) -> None:
        """A transaction belongs to this call."""
        known = self._transactions.get(key)
        if known is not None:
            known.call = call

    def respond(self, key: TransactionKey, response: Response, now: float) -> bytes:
        """Send a response in its transaction, and give its bytes. Nothing is sent when a final one was sent before."""
        known = self._transactions.get(key)
        if known is None:
            return b""
        given = _by_status(response.status, Input.SAY_PROVISIONAL, Input.SAY_SUCCESS, Input.SAY_FAILURE)
        data = serialise(response)
        self._move(known, given, now, sending=data)
        return data

    # ---- client ----

    def send(self, request: Request, flow: Flow, now: float, origin: Origin = NOWHERE) -> ClientKey:
        """Send a request of ours and keep at it until it is answered."""
        flow = self.way(flow)
        key = ClientKey(top_via(request).branch, request.method)
        kind = Kind.INVITE_CLIENT if request.method == "INVITE" else Kind.CLIENT
        made = self._add(Transaction(key, kind, request, flow, origin.call))
        made.origin = origin
        made.last_sent = serialise(request)
        self.outgoing.append((flow, made.last_sent))
        self._start_timers(made, now)
        return key

    def resume(self, invite: Request, flow: Flow, origin: Origin) -> ClientKey:
        """An INVITE of an earlier process: it is not sent again, and what answers it is understood."""
        key = ClientKey(top_via(invite).branch, invite.method)
        made = self._add(Transaction(key, Kind.INVITE_CLIENT, invite, self.way(flow), origin.call))
        made.origin, made.state = origin, State.PROCEEDING
        return key

    def receive_response(self, response: Response, now: float) -> Transaction | None:
        """The transaction whose user must hear of this response; None where it is a repetition or nobody's."""
        via = top_via(response)
        method = parse_cseq(response.first("CSeq") or "").method
        known = self._transactions.get(ClientKey(via.branch, method))
        if known is None:
            self.decisions.note(response.first("Call-ID") or "", "a response to nothing of ours: ignored")
            return None
        given = _by_status(response.status, Input.PROVISIONAL, Input.SUCCESS, Input.FAILURE)
        acts = self._move(known, given, now, got=response)
        return known if Act.TELL in acts else None

    # ---- time and connections ----

    def reuse(self, flow: Flow, port: int) -> None:
        """Requests to the peer of this connection, at `port`, go on the connection (RFC 5923): the newest counts."""
        self._aliases.pop(Flow(flow.transport, flow.host, port), None)
        self._aliases[Flow(flow.transport, flow.host, port)] = flow
        if len(self._aliases) > MAX_ALIASES:
            del self._aliases[next(iter(self._aliases))]

    def way(self, flow: Flow) -> Flow:
        """The connection on which a message for this flow may go; the flow itself where there is none."""
        return self._aliases.get(flow, flow)

    def next_timer(self) -> float | None:
        """When `handle_timer` is to be called, None: not at all."""
        return self._timers.next()

    def handle_timer(self, now: float) -> list[Transaction]:
        """Repeat and forget what is due; the client transactions that nobody answered."""
        unanswered = []
        while (due := self._timers.pop(now)) is not None:
            known = self._transactions.get(due[0])
            if known is not None and Act.TIME_OUT in self._fire(known, due[1], now):
                unanswered.append(known)
        return unanswered

    def connection_lost(self, flow: Flow, now: float) -> list[Transaction]:
        """A connection is gone, or (`connection` None) could not be made.

        Responses now go over a new one (section 18.2.2); requests of ours that waited on it fail.
        """
        failed = []
        for alias in [alias for alias, connection in self._aliases.items() if connection == flow]:
            del self._aliases[alias]
        for known in [self._transactions[key] for key in self._on_connection.pop(flow, {})]:
            if isinstance(known.key, ServerKey):
                known.flow = response_flow(top_via(known.request), msgspec.structs.replace(flow, connection=None))
            elif known.state in (State.CALLING, State.TRYING, State.PROCEEDING):
                failed.append(known)
                self.forget(known.key)
        return failed

    def forget(self, key: TransactionKey) -> None:
        """Drop a transaction as if it had never been."""
        known = self._transactions.pop(key, None)
        if known is None:
            return
        self._finished.pop(key, None)
        self._settled.pop(key, None)
        self._leave_connection(known)
        for timer in known.pauses:
            self._timers.cancel((key, timer))
        if isinstance(key, ServerKey) and self._merged.get(_merge_key(known.request)) == key:
            del self._merged[_merge_key(known.request)]

    def _leave_connection(self, known: Transaction) -> None:
        others = self._on_connection.get(known.flow)
        if others is not None:
            others.pop(known.key, None)
            if not others:
                del self._on_connection[known.flow]

    @property
    def full(self) -> bool:
        """Is there no room for another request, with nothing that could be forgotten for it?"""
        return len(self._transactions) >= self._max and not self._finished and not self._settled

    def _add(self, made: Transaction) -> Transaction:
        """Never refuses: what must be sent is sent. Whoever takes requests in asks `full` first."""
        if len(self._transactions) >= self._max:
            oldest = next(iter(self._finished or self._settled), None)
            if oldest is not None:
                self.shed += 1
                self.forget(oldest)
        self._transactions[made.key] = made
        if made.flow.reliable:
            self._on_connection.setdefault(made.flow, {})[made.key] = None
        return made

    def _fire(self, known: Transaction, timer: Input, now: float) -> tuple[Act, ...]:
        acts = self._move(known, timer, now)
        pause = known.next_pause(timer)
        if pause is not None:
            self._timers.set((known.key, timer), now + pause)
        return acts

    def _move(
        self, known: Transaction, given: Input, now: float, *, got: Response | None = None, sending: bytes = b""
    ) -> tuple[Act, ...]:
        before = known.state
        acts = known.move(given)
        what = of_transaction(given, acts)
        if what:
            self.decisions.note(known.request.first("Call-ID") or "", what)
        if acts is None:
            return ()
        if Act.SEND in acts:
            known.last_sent = sending
        if known.last_sent and (Act.SEND in acts or Act.REPEAT in acts):
            self.outgoing.append((known.flow, known.last_sent))
        if Act.ACKNOWLEDGE in acts and got is not None:
            self.outgoing.append((known.flow, serialise(_ack(known.request, got))))
        if known.state is not before:
            self._entered(known, now)
        return acts

    def _entered(self, known: Transaction, now: float) -> None:
        """A new state: its timers start, those of the old state stop, and a finished one may be shed."""
        if known.state is State.TERMINATED:
            self.forget(known.key)
            return
        self._start_timers(known, now)
        if known.state in (State.COMPLETED, State.CONFIRMED, State.ACCEPTED):
            outside = known.kind in (Kind.SERVER, Kind.CLIENT)
            (self._finished if outside else self._settled)[known.key] = None

    def _start_timers(self, known: Transaction, now: float) -> None:
        for timer, delay in known.starting():
            if delay:
                self._timers.set((known.key, timer), now + delay)
            else:
                self._move(known, timer, now)


def _by_status(status: int, provisional: Input, success: Input, failure: Input) -> Input:
    if status < 200:
        return provisional
    return success if status < 300 else failure


def _merge_key(request: Request) -> tuple[str, str, str]:
    tag = parse_name_addr(request.first("From") or "").tag
    return request.first("Call-ID") or "", tag, request.first("CSeq") or ""


def _ack(request: Request, response: Response) -> Request:
    """The ACK of a failure, hop by hop (section 17.1.1.3)."""
    number = parse_cseq(request.first("CSeq") or "").number
    headers = [
        ("Via", request.first("Via") or ""),
        *((name, value) for name, value in request.headers if name in ("Route", "Max-Forwards", "From", "Call-ID")),
        ("To", response.first("To") or ""),
        ("CSeq", f"{number} ACK"),
    ]
    return Request(method="ACK", uri=request.uri, headers=tuple(headers))
