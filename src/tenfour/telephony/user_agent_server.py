"""The side that is called (RFC 3261 sections 8.2, 9.2, 12.2.2, 15.1.2): every request, and what the core says to it."""

from collections.abc import Callable

from tenfour.telephony.authenticator import Authenticator
from tenfour.telephony.body import parts_of
from tenfour.telephony.core import Core
from tenfour.telephony.dialog import DialogKey
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import Via, parameter, parse_cseq, parse_name_addr
from tenfour.telephony.invite_server import RETRY_LATER, RETRY_SOON, InviteServer, dialog_key, unmet_requirements
from tenfour.telephony.message import Header, Request, response_to, serialise
from tenfour.telephony.notifier import Notifier
from tenfour.telephony.oddity import SCHEMES, repeated_headers
from tenfour.telephony.reliable import EXTENSIONS, session_timer
from tenfour.telephony.session import Session
from tenfour.telephony.sip_event import ByeReceived, InDialog, InviteNotTaken, MessageBroken, OutOfDialog
from tenfour.telephony.subscriber import Subscriber
from tenfour.telephony.transaction import DialogHolder, ServerKey
from tenfour.telephony.transaction_layer import server_key
from tenfour.telephony.uri import scheme_of
from tenfour.telephony.via import response_flow, stamped

IN_DIALOG = {"INFO": 200, "MESSAGE": 200, "OPTIONS": 200, "UPDATE": 200, "NOTIFY": 481, "SUBSCRIBE": 489, "REFER": 603}
"""What the core says to a request in a call that is none of a subscription's. Nobody is transferred unasked."""
OUT_OF_DIALOG = {"OPTIONS": 200, "BYE": 481, "INFO": 481, "UPDATE": 481, "PRACK": 481, "NOTIFY": 481}
KNOWN_METHODS = frozenset(
    ("INVITE", "ACK", "CANCEL", "MESSAGE", "REFER", "REGISTER", "PRACK", "PUBLISH", *IN_DIALOG, *OUT_OF_DIALOG)
)


class UserAgentServer:
    """Takes requests; what concerns an INVITE it gives to the `InviteServer`."""

    def __init__(
        self,
        core: Core,
        invites: InviteServer,
        *,
        subscriber: Subscriber,
        notifier: Notifier,
        authenticator: Authenticator | None,
        on_message: Callable[[Request, Flow], int] | None,
    ) -> None:
        self._core, self._invites = core, invites
        self._subscriber, self._notifier = subscriber, notifier
        self._authenticator, self._on_message = authenticator, on_message

    # ---- requests in ----

    def receive(self, request: Request, data: bytes, flow: Flow, now: float) -> None:
        """A request came. Raises `HeaderError` where there is no Via by which it could be answered."""
        request, via = stamped(request, flow)
        self._note_alias(via, flow)
        refusal = _refusal(request)
        if refusal is not None:
            self._refuse(refusal[0], request, via, flow, problem=refusal[1], data=data)
            return
        key = server_key(request, via)
        if self._core.layer.repeated(key, request, now):
            return
        if request.method == "ACK":
            self._invites.acknowledged(request, now)
        elif request.method == "CANCEL":
            self._cancelled(key, request, via, flow, now)
        elif self._core.layer.full:
            problem = "A request was refused with 503: there is no room for its transaction."
            self._refuse(503, request, via, flow, problem=problem, data=data)
        elif _begins_call(request) and not self._invites.makes_room(request, flow, now):
            self._take_not(request, via, flow)
        else:
            self._core.layer.accept(key, request, via, flow)
            self._begin(key, request, via, flow, now)

    def _note_alias(self, via: Via, flow: Flow) -> None:
        """Later requests to that peer may come back on this connection (RFC 5923), where it names its own address.

        We ask nobody for a certificate, so over TLS, too, the address is all that is known of a peer.
        """
        aliased = flow.connection is not None and parameter(via.parameters, "alias") is not None
        if aliased and via.host.strip("[]") == flow.host:
            self._core.layer.reuse(flow, via.port or (5061 if flow.transport == "TLS" else 5060))

    def _begin(self, key: ServerKey, request: Request, via: Via, flow: Flow, now: float) -> None:
        tag = parse_name_addr(request.first("To") or "").tag
        if tag:
            self._in_dialog(key, request, via, flow, now)
        elif self._core.layer.merged_with(key, request):
            self._core.reply(key, request, 482, now, why="the same request came by another way")
        elif challenge := self._challenge(request, now):
            self._core.reply(key, request, 401, now, more=challenge, why="a password is wanted")
            self._tell(request, flow, 401)
        elif request.method == "INVITE":
            self._invites.invited(key, request, via, flow, now)
        else:
            self._out_of_dialog(key, request, via, flow, now)

    def _challenge(self, request: Request, now: float) -> tuple[Header, ...]:
        if self._authenticator is None:
            return ()
        return self._authenticator.challenge(request, now, self._core.new_token)

    def _take_not(self, request: Request, via: Via, flow: Flow) -> None:
        """No room for a call, and nobody has more than this caller's side: without a transaction, so that it costs
        nothing and is looked at anew when it comes again."""
        problem = f"{len(self._core.room)} of {self._core.room.limit} calls are in progress."
        self._core.events.append(InviteNotTaken(problem=problem, flow=flow))
        self._core.decide(request.first("Call-ID") or "", f"refused with 503: {problem}")
        response = response_to(request, 503, to_tag=self._core.new_token(), more=(RETRY_LATER,))
        self._core.layer.outgoing.append((response_flow(via, flow), serialise(response)))

    def _refuse(self, status: int, request: Request, via: Via, flow: Flow, *, problem: str, data: bytes) -> None:
        """Answer without a transaction: what would key it is missing, or there is no room for it."""
        self._core.events.append(MessageBroken(problem=problem, data=data[:65536], flow=flow))
        what = "ignored" if request.method == "ACK" else f"refused with {status}"
        self._core.decide(request.first("Call-ID") or "", what)
        if request.method != "ACK":
            reason = f"Bad Request: {problem[:80]}" if status == 400 else ""
            response = response_to(request, status, reason=reason, to_tag=self._core.new_token())
            self._core.layer.outgoing.append((response_flow(via, flow), serialise(response)))

    # ---- CANCEL ----

    def _cancelled(self, key: ServerKey, request: Request, via: Via, flow: Flow, now: float) -> None:
        """200 to the CANCEL, 487 to the INVITE if it still waits (section 9.2); 481 where there is none."""
        layer = self._core.layer
        layer.accept(key, request, via, flow)
        wanted = server_key(request, via, "INVITE")
        if layer.get(wanted) is None:
            self._core.reply(key, request, 481, now, why="a CANCEL of no INVITE that is here")
            return
        session = self._invites.waiting_on(wanted)
        self._core.reply(key, request, 200, now, tag=session.call.local_tag if session else "")
        self._invites.cancelled(wanted, request, now)

    # ---- requests in a call ----

    def _in_dialog(self, key: ServerKey, request: Request, via: Via, flow: Flow, now: float) -> None:
        place = dialog_key(request)
        if request.method == "NOTIFY" and self._subscriber.notified(key, request, via, flow, now):
            return
        if request.method == "SUBSCRIBE" and self._notifier.refreshed(key, request, place, now):
            return
        session = self._core.by_tags(place)
        if session is None:
            self._in_early_dialog(key, request, place, now)
        elif request.method == "BYE":
            self._left(session, key, request, now)
        elif request.method == "PRACK":
            self._core.in_order(session, request)
            self._invites.proved(session, key, request, now)
        elif not self._core.in_order(session, request):
            self._core.reply(key, request, 500, now, more=(RETRY_SOON,), why="its CSeq is not above the last one")
        elif request.method == "REFER" and self._core.refers:
            self._notifier.referred(key, request, via, flow, now, session=session)
        else:
            self._talk(session, session, key, request, now)

    def _in_early_dialog(self, key: ServerKey, request: Request, place: DialogKey, now: float) -> None:
        """A request of somebody who rings for us. They may not say BYE yet (section 15), nor prove anything."""
        found = self._core.early(place)
        if found is None or request.method in ("BYE", "PRACK"):
            self._core.reply(key, request, 481, now, why="no such call")
        elif not self._core.in_order(found[1], request):
            self._core.reply(key, request, 500, now, more=(RETRY_SOON,), why="its CSeq is not above the last one")
        else:
            self._talk(*found, key, request, now)

    def _talk(self, session: Session, holder: DialogHolder, key: ServerKey, request: Request, now: float) -> None:
        if request.method == "INVITE" or (request.method == "UPDATE" and parts_of(request).sdp):
            self._invites.offered(session, holder, key, request, now)
            return
        status = IN_DIALOG.get(request.method, 405 if request.method in KNOWN_METHODS else 501)
        timer = session_timer(request) if request.method == "UPDATE" else ()
        known = self._core.allow_events if status == 489 else ()
        self._core.reply(key, request, status, now, more=(self._core.allow, *known, *timer))
        self._core.events.append(InDialog(call=session.call, request=request, parts=parts_of(request).parts))

    def _left(self, session: Session, key: ServerKey, request: Request, now: float) -> None:
        """BYE in any state (section 15.1.2), whatever its CSeq: whoever says goodbye is gone."""
        self._core.give_up(session, now)
        self._core.reply(key, request, 200, now)
        self._core.events.append(ByeReceived(call=session.call, reason=request.first("Reason") or ""))
        self._core.end(session, now)

    # ---- requests outside any call ----

    def _out_of_dialog(self, key: ServerKey, request: Request, via: Via, flow: Flow, now: float) -> None:
        if request.method == "OPTIONS" and scheme_of(request.uri) not in SCHEMES:
            self._core.reply(key, request, 416, now, why="a scheme that is not known here")
        elif unmet_requirements(request):
            wanted = (option for option in request.listed("Require") if option.lower() not in EXTENSIONS)
            unsupported = ("Unsupported", ", ".join(wanted))
            self._core.reply(key, request, 420, now, more=(unsupported,), why="an extension that is not known here")
        elif request.method == "SUBSCRIBE":
            self._tell(request, flow, self._notifier.subscribed(key, request, via, flow, now))
        elif request.method == "REFER" and self._core.refers:
            self._tell(request, flow, self._notifier.referred(key, request, via, flow, now))
        else:
            status = self._status(request, flow)
            self._core.reply(key, request, status, now, more=(self._core.allow, *self._core.allow_events))
            if request.method != "OPTIONS":
                self._tell(request, flow, status)

    def _status(self, request: Request, flow: Flow) -> int:
        if request.method == "MESSAGE" and self._on_message is not None:
            return self._on_message(request, flow)
        return OUT_OF_DIALOG.get(request.method, 405 if request.method in KNOWN_METHODS else 501)

    def _tell(self, request: Request, flow: Flow, status: int) -> None:
        """What was answered; 0 is nothing yet."""
        if status:
            event = OutOfDialog(request=request, flow=flow, status=status, parts=parts_of(request).parts)
            self._core.events.append(event)


def _begins_call(request: Request) -> bool:
    return request.method == "INVITE" and not parse_name_addr(request.first("To") or "").tag


def _refusal(request: Request) -> tuple[int, str] | None:
    """Status and sentence for a request that cannot be dealt with at all (section 8.1.1), None where it can."""
    missing = [name for name in ("From", "To", "Call-ID", "CSeq") if not request.first(name)]
    if missing:
        return 400, f"The {request.method} has no {', no '.join(missing)}."
    try:
        for name in ("From", "To"):
            parse_name_addr(request.first(name) or "")
        cseq = parse_cseq(request.first("CSeq") or "")
    except HeaderError as error:
        return 400, str(error)
    if cseq.method != request.method:
        known = request.method in KNOWN_METHODS
        return (400 if known else 501), f"The CSeq says {cseq.method} and the request is {request.method}."
    return _strict_refusal(request)


def _strict_refusal(request: Request) -> tuple[int, str] | None:
    """What is refused in requests that neither begin nor end a call; INVITE, ACK, CANCEL and BYE are taken with it."""
    if request.method in ("INVITE", "ACK"):
        return None
    if request.version != "SIP/2.0":
        return 505, request.problems[-1]
    if request.method in ("CANCEL", "BYE"):
        return None
    if request.unframed:
        return 400, request.problems[-1]
    repeated = repeated_headers(request)
    return (400, repeated[0]) if repeated else None
