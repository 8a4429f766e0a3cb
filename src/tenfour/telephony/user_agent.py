"""The user agent (RFC 3261 section 6): bytes in, events and bytes out. Nothing here waits, sends or looks at a clock.

Give it what came (`receive_datagram`, `receive_message`), ask it when it wants to be woken (`next_timer`), and after
every call send what `take_outgoing` gives and act on what `take_events` gives. Nothing that comes over the wire raises.
"""

from collections.abc import Callable, Iterable

from tenfour.telephony.core import Core
from tenfour.telephony.decided import Decided
from tenfour.telephony.dialog import Dialog, DialogKey
from tenfour.telephony.flow import Flow
from tenfour.telephony.invite_server import InviteServer
from tenfour.telephony.message import Header, Request, parse
from tenfour.telephony.session import SessionInput, SessionState
from tenfour.telephony.sip_event import MessageBroken, SipEvent
from tenfour.telephony.user_agent_client import UserAgentClient
from tenfour.telephony.user_agent_server import UserAgentServer
from tenfour.vocabulary.errors import BadInput, IllegalTransition

MAX_TRANSACTIONS = 50_000
MAX_CALLS = 5_000


class UserAgent:
    """Both sides, called and calling.

    `host`, `port` and (over TLS) `tls_port` are what Via and Contact say: where others reach us. `new_token` gives
    unique letters and digits (16 and more) for tags, branches and Call-IDs. Memory is bounded by `max_transactions`
    (above it the oldest finished transaction outside of calls is forgotten first) and `max_calls` (see `CallRoom`:
    who holds most is answered 503 first). `trunk_of(host)`: the name of the trunk at an address, "" for a stranger.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        new_token: Callable[[], str],
        tls_port: int = 5061,
        user_agent: str = "Tenfour",
        max_transactions: int = MAX_TRANSACTIONS,
        max_calls: int = MAX_CALLS,
        trunk_of: Callable[[str], str] = lambda _: "",
    ) -> None:
        self._core = Core(
            host=host,
            port=port,
            tls_port=tls_port,
            new_token=new_token,
            user_agent=user_agent,
            max_transactions=max_transactions,
            max_calls=max_calls,
            trunk_of=trunk_of,
        )
        self._invites = InviteServer(self._core)
        self._server = UserAgentServer(self._core, self._invites)
        self._client = UserAgentClient(self._core)

    # ---- the wire ----

    def receive_datagram(self, data: bytes, flow: Flow, now: float) -> None:
        """A UDP datagram came from `flow`. Keep-alives (empty or CRLFs) are taken silently."""
        if data.strip(b"\r\n\0 "):
            self.receive_message(data, flow, now)

    def receive_message(self, data: bytes, flow: Flow, now: float) -> None:
        """One whole message came from `flow`: over TCP, what `MessageStream` cut out."""
        try:
            message = parse(data, streamed=flow.reliable)
            if isinstance(message, Request):
                self._server.receive(message, data, flow, now)
            else:
                self._client.receive(message, now)
        except BadInput as error:
            self._core.events.append(MessageBroken(problem=str(error), data=data[:65536], flow=flow))

    def connection_lost(self, flow: Flow, now: float) -> None:
        """A TCP connection is gone, or (`connection` None) could not be made.

        Calls stay up: what goes out next asks for a new connection (`connection` None).
        """
        for session in self._core.sessions.values():
            self._core.leave_connection(session, flow)
        for transaction in self._core.layer.connection_lost(flow, now):
            self._client.failed(transaction, 503, now)

    def connections(self) -> frozenset[int]:
        """The numbers of the connections on which calls are."""
        dialogs = (session.dialog for session in self._core.sessions.values())
        return frozenset(d.flow.connection for d in dialogs if d is not None and d.flow.connection is not None)

    def next_timer(self) -> float | None:
        """When `handle_timer` is to be called (monotonic seconds), None: not before something else happens."""
        times = [time for time in (self._core.layer.next_timer(), self._core.timers.next()) if time is not None]
        return min(times, default=None)

    def handle_timer(self, now: float) -> None:
        """Do what is due by `now`; harmless when nothing is."""
        for transaction in self._core.layer.handle_timer(now):
            self._client.failed(transaction, 408, now)
        while (call := self._core.timers.pop(now)) is not None:
            session = self._core.sessions.get(call)
            if session is not None:
                self._invites.handle_timer(session, now)
                self._client.handle_timer(session, now)

    def take_outgoing(self) -> list[tuple[Flow, bytes]]:
        """What is to be sent, in order; it is then ours no more."""
        taken, self._core.layer.outgoing = self._core.layer.outgoing, []
        return taken

    def take_events(self) -> list[SipEvent]:
        """What happened, in order; it is then told no more."""
        taken, self._core.events = self._core.events, []
        return taken

    def take_decisions(self) -> list[Decided]:
        """What was decided about single messages, in order; for whoever keeps the signalling, nothing depends on it."""
        return self._core.layer.decisions.take()

    def decide(self, call: DialogKey, what: str) -> None:
        """Put a decision of the user between those of the core."""
        self._core.decide(call.call_id, what)

    # ---- where we are called ----

    def provisional(
        self, call: DialogKey, status: int, now: float, *, headers: Iterable[Header] = (), sdp: bytes = b""
    ) -> None:
        """Say 101 to 199 to a call that waits. Raises `NotFound` and `IllegalTransition` (also below)."""
        self._invites.provisional(call, status, now, headers, sdp)

    def answer(self, call: DialogKey, sdp: bytes, now: float, *, headers: Iterable[Header] = ()) -> None:
        """Say 200 to the INVITE, re-INVITE or UPDATE that waits; repeated by itself until ACK comes.

        `sdp` is our answer, or our offer where the INVITE had none.
        """
        self._invites.answer(call, sdp, now, headers)

    def reject(
        self, call: DialogKey, status: int, now: float, *, reason: str = "", headers: Iterable[Header] = ()
    ) -> None:
        """Say 300 to 699. A refused re-INVITE leaves the call as it was."""
        self._invites.reject(call, status, now, reason, headers)

    # ---- in a call ----

    def bye(self, call: DialogKey, now: float, reason: str = "") -> None:
        """End a call in the way its state needs: 480 before we answered, CANCEL before they did, else BYE.

        A BYE waits for the ACK of our 200 (section 15); when it was said already nothing more is done. `reason` is a
        Reason header's value (RFC 3326). `ByeAnswered` follows a BYE, `Rejected` a CANCEL.
        """
        session = self._core.session(call)
        if session.state is SessionState.INVITED:
            self._invites.reject(call, 480, now, "", (("Reason", reason),) if reason else ())
        elif session.state in (SessionState.CALLING, SessionState.CANCELLING):
            self._client.cancel(call, now, reason)
        elif session.state is SessionState.ANSWERED:
            session.leave_when_acknowledged, session.leave_reason = True, reason
        elif session.state is SessionState.ESTABLISHED:
            self._invites.terminate(session, now)
            session.move(SessionInput.SAY_BYE)
            self._core.bye(session, now, reason)

    def reinvite(self, call: DialogKey, sdp: bytes, now: float) -> str:
        """Offer a changed description. `Answered` follows, or `RequestAnswered` with the token that this gives."""
        return self._client.reinvite(call, sdp, now)

    def request(
        self,
        call: DialogKey,
        method: str,
        now: float,
        *,
        body: bytes = b"",
        content_type: str = "",
        headers: Iterable[Header] = (),
    ) -> str:
        """INFO, MESSAGE, OPTIONS ... in a call; gives the token of its `RequestAnswered`."""
        session = self._core.session(call)
        typed = (("Content-Type", content_type),) if content_type else ()
        more = (*headers, *typed)
        return self._core.send_in_dialog(session, method, now, headers=more, body=body).branch

    # ---- where we call ----

    def invite(
        self,
        target: str,
        *,
        flow: Flow,
        from_: str,
        now: float,
        to: str = "",
        body: bytes = b"",
        content_type: str = "application/sdp",
        headers: Iterable[Header] = (),
    ) -> DialogKey:
        """Place a call: an INVITE to `target` (any URI: `urn:service:sos`), sent on `flow`.

        `to` is the target unless given, `from_` a URI or name-addr. Without SDP in the body the 2xx brings their
        offer, and `acknowledge` must follow. Raises `HeaderError` where an address cannot be read.
        """
        return self._client.invite(
            target, flow, to=to, from_=from_, now=now, body=body, content_type=content_type, headers=headers
        )

    def acknowledge(self, call: DialogKey, sdp: bytes, now: float) -> None:
        """ACK with our answer to the offer in their 2xx; only after an INVITE without SDP."""
        self._client.acknowledge(call, sdp, now)

    def cancel(self, call: DialogKey, now: float, reason: str = "") -> None:
        """Give up a call that was not answered. `Rejected` follows.

        When the answer was faster, `Answered` follows, BYE is sent, and `ByeAnswered` follows.
        """
        self._client.cancel(call, now, reason)

    def options(self, target: str, *, flow: Flow, from_: str, now: float, headers: Iterable[Header] = ()) -> str:
        """OPTIONS outside any call (section 11); gives the token of its `RequestAnswered`."""
        return self._client.send("OPTIONS", target, flow, from_=from_, now=now, headers=headers)

    # ---- over a restart ----

    def calls(self) -> tuple[DialogKey, ...]:
        """The calls that are not over."""
        return tuple(self._core.sessions)

    def snapshot(self, call: DialogKey) -> Dialog:
        """What another process needs to take the call up: ringing, answered or established. Keep it after each change.

        Raises `NotFound`, and `IllegalTransition` for a call of ours that is not answered yet.
        """
        return self._invites.snapshot(self._core.session(call))

    def restore(self, dialog: Dialog, now: float) -> DialogKey:
        """Take a call up again. Its key is the dialog's; an open connection is taken for lost.

        Raises `IllegalTransition` where the call is here already.
        """
        if self._core.by_tags(dialog.key) is not None:
            raise IllegalTransition(f"The call {dialog.key.call_id}", "here already", "a call that is not")
        return self._invites.restore(dialog, now).call
