"""What the two sides of a user agent share: who we are, the calls, and how requests in a call are written."""

from collections.abc import Callable, Iterable

import msgspec

from tenfour.telephony.call_room import CallRoom
from tenfour.telephony.dialog import Dialog, DialogKey, in_dialog_request, next_hop
from tenfour.telephony.early_dialog import EarlyDialog
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import CSeq, Via, parse_cseq, parse_name_addr
from tenfour.telephony.message import Header, Request, parse, response_to, serialise
from tenfour.telephony.reason import REASONS
from tenfour.telephony.session import Session, SessionState
from tenfour.telephony.sip_event import SipEvent
from tenfour.telephony.timer import Timers
from tenfour.telephony.transaction import ClientKey, DialogHolder, Origin, ServerKey
from tenfour.telephony.transaction_layer import MAGIC_COOKIE, TransactionLayer
from tenfour.telephony.via import response_flow, top_via
from tenfour.vocabulary.errors import IllegalTransition, NotFound

ALLOWED = ("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO", "MESSAGE", "PRACK", "UPDATE", "NOTIFY")

MAX_ACKS = 8


class Core:
    """The shared state of a user agent. `new_token` gives unique letters and digits for tags, branches, Call-IDs."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        tls_port: int,
        new_token: Callable[[], str],
        user_agent: str,
        max_transactions: int,
        max_calls: int,
        trunk_of: Callable[[str], str],
        packages: Iterable[str] = (),
        refers: bool = False,
    ) -> None:
        self.host, self.port, self.tls_port = host, port, tls_port
        self.new_token, self.user_agent = new_token, user_agent
        self.room = CallRoom(max_calls, trunk_of)
        self.packages, self.refers = tuple(packages), refers
        more = (*(("SUBSCRIBE",) if self.packages else ()), *(("REFER",) if refers else ()))
        self.allow: Header = ("Allow", ", ".join((*ALLOWED, *more)))
        known = (*self.packages, *(("refer",) if refers else ()))
        self.allow_events: tuple[Header, ...] = (("Allow-Events", ", ".join(known)),) if known else ()
        self.layer = TransactionLayer(max_transactions=max_transactions)
        self.timers: Timers[DialogKey] = Timers()
        self.retries: Timers[DialogKey] = Timers()
        self.sessions: dict[DialogKey, Session] = {}
        self.by_dialog: dict[DialogKey, DialogKey] = {}
        self.events: list[SipEvent] = []

    # ---- who we are ----

    def via(self, flow: Flow) -> Via:
        """A fresh Via for a request on this flow (RFC 3261 section 8.1.1.7, RFC 3581, RFC 5923)."""
        parameters = (("branch", MAGIC_COOKIE + self.new_token()), ("rport", None))
        reused = (("alias", None),) if flow.reliable else ()
        return Via(flow.transport, self._shown_host(), self._port(flow), (*parameters, *reused))

    def contact(self, flow: Flow) -> Header:
        """Our Contact, with the transport where it is not the usual one."""
        transport = f";transport={flow.transport.lower()}" if flow.reliable else ""
        return ("Contact", f"<sip:{self._shown_host()}:{self._port(flow)}{transport}>")

    def product(self, name: str) -> Header:
        """`Server` or `User-Agent` (sections 20.35 and 20.41)."""
        return (name, self.user_agent)

    def _port(self, flow: Flow) -> int:
        return self.tls_port if flow.transport == "TLS" else self.port

    def _shown_host(self) -> str:
        return f"[{self.host}]" if ":" in self.host and not self.host.startswith("[") else self.host

    # ---- calls ----

    def session(self, call: DialogKey) -> Session:
        """The call that the user means. Raises `NotFound`."""
        found = self.sessions.get(call)
        if found is None:
            raise NotFound("call", call.call_id, "It is over, or was never here.")
        return found

    def by_tags(self, key: DialogKey) -> Session | None:
        """The call to which a message with this dialog identifier belongs."""
        handle = self.by_dialog.get(key)
        return self.sessions.get(handle) if handle is not None else None

    def early(self, key: DialogKey) -> tuple[Session, EarlyDialog] | None:
        """The call of ours that rings, and its early dialog, to which a message belongs."""
        session = self.sessions.get(msgspec.structs.replace(key, remote_tag=""))
        early = session.early.get(key.remote_tag) if session is not None and session.dialog is None else None
        return (session, early) if session is not None and early is not None else None

    def keep(self, session: Session) -> None:
        """Take a call into the books."""
        self.sessions[session.call] = session
        if session.dialog is not None:
            self.by_dialog[session.dialog.key] = session.call

    def end(self, session: Session, now: float) -> None:
        """The call is over: forget it. Its transactions live on by themselves."""
        self.give_up(session, now)
        session.state = SessionState.OVER
        self.timers.cancel(session.call)
        self.retries.cancel(session.call)
        self.sessions.pop(session.call, None)
        self.room.leave(session.call)
        if session.dialog is not None:
            self.by_dialog.pop(session.dialog.key, None)

    def give_up(self, session: Session, now: float) -> None:
        """487 to whatever waits in a call for our answer; nothing where nothing does."""
        for waiting in (session.update, session.waiting):
            if waiting is not None:
                why = "what waited for our answer is given up"
                self.reply(waiting[0], waiting[1], 487, now, tag=session.call.local_tag, why=why)
        session.update = session.waiting = None

    def dialog(self, session: Session) -> Dialog:
        """The dialog of a call. Raises `IllegalTransition` where the call has none yet."""
        if session.dialog is None:
            raise IllegalTransition(f"The call {session.call.call_id}", session.state.value.lower(), "established")
        return session.dialog

    def send_in_dialog(
        self, session: Session, method: str, now: float, *, headers: Iterable[Header] = (), body: bytes = b""
    ) -> ClientKey:
        """Send a request in a call, in a transaction of its own."""
        self.dialog(session)
        return self.send_in(session, method, now, headers=headers, body=body, origin=Origin(session.call))

    def send_in(
        self,
        holder: DialogHolder,
        method: str,
        now: float,
        *,
        headers: Iterable[Header] = (),
        body: bytes = b"",
        origin: Origin,
    ) -> ClientKey:
        """Send a request in whatever dialog. Raises `IllegalTransition` where it has not begun."""
        if holder.dialog is None:
            raise IllegalTransition("The dialog", "not begun", "one that has")
        holder.dialog = dialog = msgspec.structs.replace(holder.dialog, local_seq=holder.dialog.local_seq + 1)
        flow = next_hop(dialog)
        more = (*headers, self.product("User-Agent"))
        request = in_dialog_request(dialog, method, self.via(flow), number=dialog.local_seq, headers=more, body=body)
        return self.layer.send(request, flow, now, msgspec.structs.replace(origin, holder=holder))

    def first_request(
        self,
        method: str,
        target: str,
        flow: Flow,
        *,
        to: str,
        from_: str,
        tag: str,
        headers: Iterable[Header],
        body: bytes = b"",
    ) -> Request:
        """A request that begins something (section 8.1.1). `to` and `from_` are URIs or name-addrs."""
        fixed = (
            ("Via", str(self.via(flow))),
            ("Max-Forwards", "70"),
            ("From", str(parse_name_addr(from_).with_tag(tag))),
            ("To", str(parse_name_addr(to or target))),
            ("Call-ID", self.new_token()),
            ("CSeq", str(CSeq(1, method))),
            self.product("User-Agent"),
        )
        return Request(method=method, uri=target, headers=(*fixed, *headers), body=body)

    def in_order(self, holder: DialogHolder, request: Request) -> bool:
        """CSeq grows (section 12.2.2); the dialog remembers the highest."""
        number, dialog = parse_cseq(request.first("CSeq") or "").number, holder.dialog
        if dialog is None or (dialog.remote_seq is not None and number <= dialog.remote_seq):
            return False
        holder.dialog = msgspec.structs.replace(dialog, remote_seq=number)
        return True

    def acknowledge(self, session: Session, number: int, sdp: bytes) -> None:
        """Send the ACK of a 2xx, and keep it for when the 2xx comes again (section 13.2.2.4)."""
        dialog = self.dialog(session)
        flow = self.layer.way(next_hop(dialog))
        typed = (("Content-Type", "application/sdp"),) if sdp else ()
        more = (*session.proofs, *typed)
        ack = in_dialog_request(dialog, "ACK", self.via(flow), number=number, headers=more, body=sdp)
        session.acks[number] = (flow, serialise(ack))
        if len(session.acks) > MAX_ACKS:
            del session.acks[min(session.acks)]
        self.layer.outgoing.append(session.acks[number])

    def bye(self, session: Session, now: float, reason: str = "") -> None:
        """Send BYE in an established call."""
        more = (("Reason", reason),) if reason else ()
        self.send_in_dialog(session, "BYE", now, headers=more)

    def decide(self, call_id: str, what: str) -> None:
        """Tell a decision about a message of this SIP Call-ID, in one sentence."""
        self.layer.decisions.note(call_id, what)

    def reply(
        self,
        key: ServerKey,
        request: Request,
        status: int,
        now: float,
        *,
        more: Iterable[Header] = (),
        tag: str = "",
        why: str = "",
        sdp: bytes = b"",
    ) -> None:
        """Answer a request once and for all, with a To tag of its own unless one is given. `why`: the decision."""
        if why or status >= 300:
            self.decide(request.first("Call-ID") or "", f"{status}: {why or REASONS.get(status, request.method)}")
        tag = tag or self.new_token()
        typed = (("Content-Type", "application/sdp"),) if sdp else ()
        response = response_to(request, status, to_tag=tag, more=(*more, self.product("Server"), *typed), body=sdp)
        self.layer.respond(key, response, now)

    def leave_connection(self, session: Session, flow: Flow) -> None:
        """A connection is gone: what the call sends next asks for a new one."""
        dialog = session.dialog
        if flow.connection is None or dialog is None or dialog.flow != flow:
            return
        session.dialog = msgspec.structs.replace(dialog, flow=msgspec.structs.replace(flow, connection=None))
        waiting = session.unacknowledged
        if waiting is not None and waiting.flow == flow:
            waiting.flow = response_flow(top_via(parse(waiting.response)), session.dialog.flow)
