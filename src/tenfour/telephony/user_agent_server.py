"""The side that is called (RFC 3261 sections 8.2, 9.2, 12.2.2, 15.1.2): every request, and what the core says to it."""

import msgspec

from tenfour.telephony.body import parts_of
from tenfour.telephony.core import ALLOW, Core
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import Via, parse_cseq, parse_name_addr
from tenfour.telephony.invite_server import RETRY_LATER, RETRY_SOON, InviteServer, dialog_key, unmet_requirements
from tenfour.telephony.message import Request, response_to, serialise
from tenfour.telephony.oddity import SCHEMES, repeated_headers
from tenfour.telephony.reliable import EXTENSIONS, session_timer
from tenfour.telephony.session import Session
from tenfour.telephony.sip_event import ByeReceived, InDialog, InviteNotTaken, MessageBroken, OutOfDialog
from tenfour.telephony.transaction import ServerKey
from tenfour.telephony.transaction_layer import server_key
from tenfour.telephony.uri import scheme_of
from tenfour.telephony.via import response_flow, stamped

IN_DIALOG = {"INFO": 200, "MESSAGE": 200, "OPTIONS": 200, "UPDATE": 200, "NOTIFY": 481, "SUBSCRIBE": 489, "REFER": 603}
"""What the core says to a request in a call. We keep no subscriptions, and transfer nobody on a caller's word."""
OUT_OF_DIALOG = {"OPTIONS": 200, "BYE": 481, "INFO": 481, "UPDATE": 481, "PRACK": 481, "NOTIFY": 481, "SUBSCRIBE": 489}
KNOWN_METHODS = frozenset(
    ("INVITE", "ACK", "CANCEL", "MESSAGE", "REFER", "REGISTER", "PRACK", "PUBLISH", *IN_DIALOG, *OUT_OF_DIALOG)
)


class UserAgentServer:
    """Takes requests; what concerns an INVITE it gives to the `InviteServer`."""

    def __init__(self, core: Core, invites: InviteServer) -> None:
        self._core, self._invites = core, invites

    # ---- requests in ----

    def receive(self, request: Request, data: bytes, flow: Flow, now: float) -> None:
        """A request came. Raises `HeaderError` where there is no Via by which it could be answered."""
        request, via = stamped(request, flow)
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

    def _begin(self, key: ServerKey, request: Request, via: Via, flow: Flow, now: float) -> None:
        tag = parse_name_addr(request.first("To") or "").tag
        if tag:
            self._in_dialog(key, request, tag, now)
        elif self._core.layer.merged_with(key, request):
            self._core.reply(key, request, 482, now, why="the same request came by another way")
        elif request.method == "INVITE":
            self._invites.invited(key, request, via, flow, now)
        else:
            self._out_of_dialog(key, request, flow, now)

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

    def _in_dialog(self, key: ServerKey, request: Request, tag: str, now: float) -> None:
        session = self._core.by_tags(dialog_key(request, tag))
        if session is None:
            self._core.reply(key, request, 481, now, why="no such call")
        elif request.method == "BYE":
            self._left(session, key, request, now)
        elif request.method == "PRACK":
            self._in_order(session, request)
            self._invites.proved(session, key, request, now)
        elif not self._in_order(session, request):
            self._core.reply(key, request, 500, now, more=(RETRY_SOON,), why="its CSeq is not above the last one")
        elif request.method == "INVITE" or (request.method == "UPDATE" and parts_of(request).sdp):
            self._invites.reinvited(session, key, request, now)
        else:
            status = IN_DIALOG.get(request.method, 405 if request.method in KNOWN_METHODS else 501)
            timer = session_timer(request) if request.method == "UPDATE" else ()
            self._core.reply(key, request, status, now, more=(ALLOW, *timer))
            self._core.events.append(InDialog(call=session.call, request=request, parts=parts_of(request).parts))

    def _in_order(self, session: Session, request: Request) -> bool:
        """CSeq grows (section 12.2.2); the dialog remembers the highest."""
        number = parse_cseq(request.first("CSeq") or "").number
        dialog = self._core.dialog(session)
        if dialog.remote_seq is not None and number <= dialog.remote_seq:
            return False
        session.dialog = msgspec.structs.replace(dialog, remote_seq=number)
        return True

    def _left(self, session: Session, key: ServerKey, request: Request, now: float) -> None:
        """BYE in any state (section 15.1.2), whatever its CSeq: whoever says goodbye is gone."""
        self._invites.terminate(session, now)
        self._core.reply(key, request, 200, now)
        self._core.events.append(ByeReceived(call=session.call, reason=request.first("Reason") or ""))
        self._core.end(session)

    # ---- requests outside any call ----

    def _out_of_dialog(self, key: ServerKey, request: Request, flow: Flow, now: float) -> None:
        status = OUT_OF_DIALOG.get(request.method, 405 if request.method in KNOWN_METHODS else 501)
        if request.method == "OPTIONS" and scheme_of(request.uri) not in SCHEMES:
            self._core.reply(key, request, 416, now, why="a scheme that is not known here")
            return
        if unmet_requirements(request):
            wanted = (option for option in request.listed("Require") if option.lower() not in EXTENSIONS)
            unsupported = ("Unsupported", ", ".join(wanted))
            self._core.reply(key, request, 420, now, more=(unsupported,), why="an extension that is not known here")
            return
        self._core.reply(key, request, status, now, more=(ALLOW,))
        if request.method != "OPTIONS":
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
