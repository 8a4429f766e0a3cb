"""The user agent (RFC 3261 section 6): bytes in, events and bytes out. Nothing here waits, sends or looks at a clock.

Give it what came (`receive_datagram`, `receive_message`), ask it when it wants to be woken (`next_timer`), and after
every call send what `take_outgoing` gives and act on what `take_events` gives. Nothing that comes over the wire raises.
"""

from collections.abc import Callable, Iterable

from tenfour.telephony.authenticator import Authenticator
from tenfour.telephony.core import Core
from tenfour.telephony.credentials import Credentials, Prover
from tenfour.telephony.decided import Decided
from tenfour.telephony.dialog import Dialled, Dialog, DialogKey
from tenfour.telephony.flow import Flow
from tenfour.telephony.invite_client import InviteClient
from tenfour.telephony.invite_server import InviteServer
from tenfour.telephony.message import Header, Request, parse
from tenfour.telephony.notifier import Notifier
from tenfour.telephony.offer_client import OfferClient
from tenfour.telephony.session import SessionInput, SessionState
from tenfour.telephony.sip_event import MessageBroken, SipEvent
from tenfour.telephony.subscriber import Subscriber
from tenfour.telephony.user_agent_client import UserAgentClient
from tenfour.telephony.user_agent_server import UserAgentServer
from tenfour.vocabulary.errors import BadInput, IllegalTransition

MAX_TRANSACTIONS = 50_000
MAX_CALLS = 5_000
MAX_SUBSCRIPTIONS = 5_000


class UserAgent:
    """Both sides, called and calling.

    `host`, `port` and (over TLS) `tls_port` are what Via and Contact say: where others reach us. `new_token` gives
    unique letters and digits (16 and more) for tags, branches and Call-IDs. Memory is bounded by `max_transactions`
    (above it the oldest finished transaction outside of calls is forgotten first), `max_calls` (see `CallRoom`:
    who holds most is answered 503 first) and `max_subscriptions` on either side. `trunk_of(host)`: the name of the
    trunk at an address, "" for a stranger.

    `credentials` gives user name and password for a realm: 401 and 407 to requests of ours are answered with them.
    `authenticator` asks others. `packages` are the event packages to which one may subscribe here; `refers` says that
    `Referred` is wanted (else REFER is declined); `on_message` gives the status for a MESSAGE outside of calls (405
    without).
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
        max_subscriptions: int = MAX_SUBSCRIPTIONS,
        credentials: Credentials | None = None,
        authenticator: Authenticator | None = None,
        packages: Iterable[str] = (),
        refers: bool = False,
        on_message: Callable[[Request, Flow], int] | None = None,
    ) -> None:
        core = self._core = Core(
            host=host,
            port=port,
            tls_port=tls_port,
            new_token=new_token,
            user_agent=user_agent,
            max_transactions=max_transactions,
            max_calls=max_calls,
            trunk_of=trunk_of,
            packages=packages,
            refers=refers,
        )
        self._invites, self._placed, self._offers = InviteServer(core), InviteClient(core), OfferClient(core)
        self._subscriber = Subscriber(core, max_subscriptions=max_subscriptions)
        self._notifier = Notifier(core, max_subscriptions=max_subscriptions)
        self._server = UserAgentServer(
            core,
            self._invites,
            subscriber=self._subscriber,
            notifier=self._notifier,
            authenticator=authenticator,
            on_message=on_message,
        )
        self._client = UserAgentClient(
            core,
            invites=self._placed,
            offers=self._offers,
            subscriber=self._subscriber,
            notifier=self._notifier,
            prover=Prover(credentials, new_token),
        )

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
        if flow.connection is not None:
            for session in self._core.sessions.values():
                self._core.leave_connection(session, flow)
            self._subscriber.leave_connection(flow)
            self._notifier.leave_connection(flow)
        for transaction in self._core.layer.connection_lost(flow, now):
            self._client.failed(transaction, 503, now)

    def connections(self) -> frozenset[int]:
        """The numbers of the connections on which calls are."""
        dialogs = (session.dialog for session in self._core.sessions.values())
        return frozenset(d.flow.connection for d in dialogs if d is not None and d.flow.connection is not None)

    def next_timer(self) -> float | None:
        """When `handle_timer` is to be called (monotonic seconds), None: not before something else happens."""
        core, ours, theirs = self._core, self._subscriber.timers, self._notifier.timers
        times = (core.layer.next_timer(), core.timers.next(), core.retries.next(), ours.next(), theirs.next())
        return min((time for time in times if time is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Do what is due by `now`; harmless when nothing is."""
        for transaction in self._core.layer.handle_timer(now):
            self._client.failed(transaction, 408, now)
        while (call := self._core.timers.pop(now)) is not None:
            session = self._core.sessions.get(call)
            if session is not None:
                self._invites.handle_timer(session, now)
                self._placed.handle_timer(session, now)
        while (call := self._core.retries.pop(now)) is not None:
            session = self._core.sessions.get(call)
            if session is not None:
                self._offers.handle_timer(session, now)
        self._subscriber.handle_timer(now)
        self._notifier.handle_timer(now)

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

        `sdp` is our answer, or our offer where the INVITE had none. An UPDATE comes before an INVITE that waits, too.
        Where a reliable provisional response held the answer, that one stands, and the 200 repeats what is agreed.
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
            self._placed.cancel(call, now, reason)
        elif session.state is SessionState.ANSWERED:
            session.leave_when_acknowledged, session.leave_reason = True, reason
        elif session.state is SessionState.ESTABLISHED:
            self._core.give_up(session, now)
            session.move(SessionInput.SAY_BYE)
            self._core.bye(session, now, reason)

    def reinvite(self, call: DialogKey, sdp: bytes, now: float) -> str:
        """Offer a changed description. `Answered` follows, or `RequestAnswered` with the token that this gives."""
        return self._offers.reinvite(call, sdp, now)

    def update(self, call: DialogKey, sdp: bytes, now: float) -> str:
        """Offer a changed description by UPDATE (RFC 3311): in a call, or before its 200 where an answer came reliably.

        `Updated` follows, or `RequestAnswered`, with the token that this gives.
        """
        return self._offers.update(call, sdp, now)

    def refer(self, call: DialogKey, refer_to: str, now: float, *, headers: Iterable[Header] = ()) -> str:
        """Ask the peer to call `refer_to`, a URI (RFC 3515). Gives a token: `RequestAnswered` says whether they will,
        `ReferProgress` how it fares, `SubscriptionEnded` that no more is heard of it.
        """
        return self._subscriber.refer(self._core.session(call), refer_to, headers, now)

    def accept_refer(self, refer: str, now: float) -> None:
        """Say 202 to a REFER, and that it is being tried; `refer_progress` is to follow."""
        self._notifier.accept_refer(refer, now)

    def refer_progress(self, refer: str, status: int, now: float, *, reason: str = "") -> None:
        """Tell how the call that was asked for fares; a status of 200 and above is the last word."""
        self._notifier.refer_progress(refer, status, reason, now)

    def reject_refer(self, refer: str, now: float, *, status: int = 603) -> None:
        """Decline a REFER."""
        self._notifier.reject(refer, status, now, ())

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
        return self._placed.invite(
            target, flow, to=to, from_=from_, now=now, body=body, content_type=content_type, headers=headers
        )

    def acknowledge(self, call: DialogKey, sdp: bytes, now: float) -> None:
        """ACK with our answer to the offer in their 2xx; only after an INVITE without SDP."""
        self._placed.acknowledge(call, sdp)

    def cancel(self, call: DialogKey, now: float, reason: str = "") -> None:
        """Give up a call that was not answered. `Rejected` follows.

        When the answer was faster, `Answered` follows, BYE is sent, and `ByeAnswered` follows.
        """
        self._placed.cancel(call, now, reason)

    def options(self, target: str, *, flow: Flow, from_: str, now: float, headers: Iterable[Header] = ()) -> str:
        """OPTIONS outside any call (section 11); gives the token of its `RequestAnswered`."""
        return self._client.send("OPTIONS", target, flow, from_=from_, now=now, headers=headers)

    def message(
        self,
        target: str,
        body: bytes,
        *,
        flow: Flow,
        from_: str,
        now: float,
        to: str = "",
        content_type: str = "text/plain;charset=UTF-8",
        headers: Iterable[Header] = (),
    ) -> str:
        """MESSAGE outside any call (RFC 3428); gives the token of its `RequestAnswered`."""
        more = (*headers, ("Content-Type", content_type))
        return self._client.send("MESSAGE", target, flow, from_=from_, to=to, now=now, headers=more, body=body)

    # ---- subscriptions ----

    def subscribe(
        self,
        target: str,
        *,
        event: str,
        flow: Flow,
        from_: str,
        now: float,
        to: str = "",
        expires_s: int = 3600,
        accept: Iterable[str] = (),
        headers: Iterable[Header] = (),
    ) -> str:
        """Subscribe to an event package (RFC 6665); gives the subscription's name. It is refreshed by itself.

        `RequestAnswered` (its token is the name) tells the first answer, `Notified` each NOTIFY, `SubscriptionEnded`
        the end. Raises `HeaderError` for what cannot be read as address or event, `Unavailable` for one too many.
        """
        return self._subscriber.subscribe(
            target, flow, event=event, from_=from_, to=to, expires_s=expires_s, accept=accept, headers=headers, now=now
        )

    def unsubscribe(self, subscription: str, now: float) -> None:
        """End a subscription of ours. `SubscriptionEnded` follows, in 64*T1 at the latest."""
        self._subscriber.unsubscribe(subscription, now)

    def accept_subscription(
        self,
        subscription: str,
        now: float,
        *,
        pending: bool = False,
        body: bytes = b"",
        content_type: str = "",
        headers: Iterable[Header] = (),
    ) -> None:
        """Say 200, and NOTIFY the present state at once (section 4.2.1.2). `pending`: nothing is decided yet; accept
        again when it is.
        """
        self._notifier.accept(subscription, now, pending=pending, body=body, content_type=content_type, headers=headers)

    def reject_subscription(
        self, subscription: str, status: int, now: float, *, headers: Iterable[Header] = ()
    ) -> None:
        """Say 300 to 699 to a SUBSCRIBE."""
        self._notifier.reject(subscription, status, now, headers)

    def notify(self, subscription: str, body: bytes, now: float, *, content_type: str) -> None:
        """Tell a new state. While the last NOTIFY waits for its answer this one waits, and the newest counts."""
        self._notifier.notify(subscription, body, content_type, now)

    def terminate_subscription(
        self,
        subscription: str,
        now: float,
        *,
        reason: str = "noresource",
        body: bytes = b"",
        content_type: str = "",
        retry_after_s: int | None = None,
    ) -> None:
        """The last NOTIFY, with its reason (section 4.1.3); `SubscriptionEnded` follows when it is answered."""
        self._notifier.terminate(
            subscription, now, reason=reason, body=body, content_type=content_type, retry_after_s=retry_after_s
        )

    def subscriptions(self) -> tuple[str, ...]:
        """The subscriptions of either side that are not over, REFERs too."""
        return (*self._subscriber.tokens(), *self._notifier.tokens())

    # ---- over a restart ----

    def calls(self) -> tuple[DialogKey, ...]:
        """The calls that are not over."""
        return tuple(self._core.sessions)

    def snapshot(self, call: DialogKey) -> Dialog:
        """What another process needs to take the call up: ringing, answered or established. Keep it after each change.

        Raises `NotFound`, and `IllegalTransition` for a call of ours that is not answered yet.
        """
        return self._invites.snapshot(self._core.session(call))

    def dialled(self, call: DialogKey) -> Dialled | None:
        """What another process needs to give up a call of ours; anew after each `Ringing`. None once it is answered.

        Raises `NotFound`.
        """
        return self._placed.dialled(call)

    def give_up(self, dialled: Dialled, now: float) -> DialogKey:
        """Let a call of an earlier process ring no longer: CANCEL, and BYE where it was answered. `Rejected` or
        `ByeAnswered` follows. Raises `BadInput` where the bytes cannot be read.
        """
        return self._placed.give_up(dialled, now)

    def restore(self, dialog: Dialog, now: float) -> DialogKey:
        """Take a call up again. Its key is the dialog's; an open connection is taken for lost.

        Raises `IllegalTransition` where the call is here already.
        """
        if self._core.by_tags(dialog.key) is not None:
            raise IllegalTransition(f"The call {dialog.key.call_id}", "here already", "a call that is not")
        return self._invites.restore(dialog, now).call
