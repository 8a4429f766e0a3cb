"""The side that is called (RFC 3261 sections 8.2, 9.2, 12.2.2, 13.3, 14.2, 15.1.2)."""

from collections.abc import Iterable

import msgspec

from tenfour.telephony.core import ALLOW, Core
from tenfour.telephony.dialog import Dialog, DialogKey, contact_of, dialog_of_invite
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import Via, parse_cseq, parse_name_addr
from tenfour.telephony.message import Header, Request, Response, parse, response_to, serialise
from tenfour.telephony.multipart import Parts, read_parts
from tenfour.telephony.session import Session, SessionInput, SessionState, Unacknowledged
from tenfour.telephony.sip_event import (
    Acknowledged,
    AckTimedOut,
    ByeReceived,
    Cancelled,
    InDialog,
    InviteReceived,
    MessageBroken,
    OutOfDialog,
    Reinvited,
)
from tenfour.telephony.timer import T1, T2, TRANSACTION_TIMEOUT
from tenfour.telephony.transaction import ServerKey
from tenfour.telephony.transaction_layer import server_key
from tenfour.telephony.via import response_flow, stamped, top_via
from tenfour.vocabulary.errors import IllegalTransition

IN_DIALOG = {"INFO": 200, "MESSAGE": 200, "OPTIONS": 200, "UPDATE": 200, "NOTIFY": 481, "SUBSCRIBE": 489, "REFER": 603}
"""What the core says to a request in a call. We keep no subscriptions, and transfer nobody on a caller's word."""
OUT_OF_DIALOG = {"OPTIONS": 200, "BYE": 481, "INFO": 481, "UPDATE": 481, "PRACK": 481, "NOTIFY": 481, "SUBSCRIBE": 489}
KNOWN_METHODS = frozenset(("INVITE", "MESSAGE", "REFER", "REGISTER", "PRACK", "PUBLISH"))
RETRY_SOON: Header = ("Retry-After", "2")


def parts_of(message: Request | Response) -> Parts:
    """All leaves of a message's body."""
    headers = tuple(pair for pair in message.headers if pair[0].startswith("Content-"))
    return read_parts(message.first("Content-Type") or "", message.body, headers=headers)


class UserAgentServer:
    """Takes requests, and gives the user's answers to them."""

    def __init__(self, core: Core) -> None:
        self._core = core

    # ---- requests in ----

    def receive(self, request: Request, data: bytes, flow: Flow, now: float) -> None:
        """A request came. Raises `HeaderError` where there is no Via by which it could be answered."""
        request, via = stamped(request, flow)
        problem = _unusable(request)
        if problem:
            self._refuse(400, request, via, flow, problem=problem, data=data)
            return
        key = server_key(request, via)
        if self._core.layer.repeated(key, request, now):
            return
        if request.method == "ACK":
            self._acknowledged(request, now)
        elif request.method == "CANCEL":
            self._cancelled(key, request, via, flow, now)
        elif self._core.layer.full:
            problem = "A request was refused with 503: there is no room for its transaction."
            self._refuse(503, request, via, flow, problem=problem, data=data)
        else:
            self._core.layer.accept(key, request, via, flow)
            self._begin(key, request, via, flow, now)

    def _begin(self, key: ServerKey, request: Request, via: Via, flow: Flow, now: float) -> None:
        tag = parse_name_addr(request.first("To") or "").tag
        if tag:
            self._in_dialog(key, request, tag, now)
        elif self._core.layer.merged_with(key, request):
            self._reply(key, request, 482, now)
        elif request.method == "INVITE":
            self._invited(key, request, via, flow, now)
        else:
            self._out_of_dialog(key, request, flow, now)

    def _refuse(self, status: int, request: Request, via: Via, flow: Flow, *, problem: str, data: bytes) -> None:
        """Answer without a transaction: what would key it is missing, or there is no room for it."""
        self._core.events.append(MessageBroken(problem=problem, data=data[:65536], flow=flow))
        if request.method != "ACK":
            reason = f"Bad Request: {problem[:80]}" if status == 400 else ""
            response = response_to(request, status, reason=reason, to_tag=self._core.new_token())
            self._core.layer.outgoing.append((response_flow(via, flow), serialise(response)))

    # ---- a new call ----

    def _invited(self, key: ServerKey, request: Request, via: Via, flow: Flow, now: float) -> None:
        if len(self._core.sessions) >= self._core.max_calls:
            problem = f"A call was refused with 503: {self._core.max_calls} calls are in progress."
            self._core.events.append(MessageBroken(problem=problem, data=serialise(request)[:65536], flow=flow))
            self._reply(key, request, 503, now)
            return
        dialog = dialog_of_invite(request, via, flow, self._core.new_token())
        session = Session(dialog.key, SessionState.INVITED, dialog)
        session.waiting = (key, request)
        self._core.keep(session)
        self._core.layer.tie(key, session.call)
        self._core.layer.respond(key, response_to(request, 100), now)
        parts = parts_of(request)
        problems = (*request.problems, *parts.problems, *_unmet_requirements(request))
        self._core.events.append(
            InviteReceived(
                call=session.call, request=request, flow=flow, sdp=parts.sdp, parts=parts.parts, problems=problems
            )
        )

    # ---- the user's answers ----

    def provisional(self, call: DialogKey, status: int, now: float, headers: Iterable[Header], sdp: bytes) -> None:
        """See `UserAgent.provisional`."""
        session = self._core.session(call)
        session.move(SessionInput.SAY_PROVISIONAL)
        self._respond_to_invite(session, status, now, headers=headers, sdp=sdp)

    def answer(self, call: DialogKey, sdp: bytes, now: float, headers: Iterable[Header]) -> None:
        """See `UserAgent.answer`."""
        session = self._core.session(call)
        if session.waiting is None:
            raise IllegalTransition(f"The call {call.call_id}", session.state.value.lower(), "an INVITE that waits")
        request = session.waiting[1]
        if session.state is SessionState.INVITED:
            session.move(SessionInput.SAY_ANSWER)
        data, flow = self._respond_to_invite(session, 200, now, headers=headers, sdp=sdp)
        session.waiting = None
        offer = parts_of(request).sdp
        dialog = self._core.dialog(session)
        session.dialog = msgspec.structs.replace(dialog, local_sdp=sdp, remote_sdp=offer or b"")
        if request.method == "INVITE":
            number = parse_cseq(request.first("CSeq") or "").number
            self._expect_ack(session, Unacknowledged(number, data, flow, T1, 0.0, offer is None), now)

    def reject(self, call: DialogKey, status: int, now: float, reason: str, headers: Iterable[Header]) -> None:
        """See `UserAgent.reject`."""
        session = self._core.session(call)
        if session.waiting is None:
            raise IllegalTransition(f"The call {call.call_id}", session.state.value.lower(), "an INVITE that waits")
        self._respond_to_invite(session, status, now, reason=reason, headers=headers)
        session.waiting = None
        if session.state is SessionState.INVITED:
            session.move(SessionInput.SAY_REJECT)
            self._core.end(session)

    def _respond_to_invite(
        self,
        session: Session,
        status: int,
        now: float,
        *,
        reason: str = "",
        headers: Iterable[Header] = (),
        sdp: bytes = b"",
    ) -> tuple[bytes, Flow]:
        """Answer what waits; Record-Route goes into 1xx and 2xx (section 12.1.1). Gives the bytes and their flow."""
        if session.waiting is None:
            raise IllegalTransition(f"The call {session.call.call_id}", session.state.value.lower(), "ringing")
        key, request = session.waiting
        transaction = self._core.layer.get(key)
        flow = transaction.flow if transaction is not None else self._core.dialog(session).flow
        more = [*headers, self._core.product("Server")]
        if status < 300:
            more = [("Record-Route", line) for line in request.all("Record-Route")] + more
            more += [self._core.contact(flow), ALLOW]
        if sdp:
            more.append(("Content-Type", "application/sdp"))
        tag = session.call.local_tag
        response = response_to(request, status, reason=reason, to_tag=tag, more=more, body=sdp)
        return self._core.layer.respond(key, response, now), flow

    # ---- our 2xx until its ACK ----

    def _expect_ack(self, session: Session, unacknowledged: Unacknowledged, now: float) -> None:
        unacknowledged.give_up_at = now + TRANSACTION_TIMEOUT
        session.unacknowledged = unacknowledged
        self._core.timers.set(session.call, now + unacknowledged.pause)

    def handle_timer(self, session: Session, now: float) -> None:
        """Say our 2xx again, or give up on its ACK."""
        waiting = session.unacknowledged
        if waiting is None or waiting.given_up:
            return
        if now < waiting.give_up_at:
            self._core.layer.outgoing.append((waiting.flow, waiting.response))
            waiting.pause = min(2 * waiting.pause, T2)
            self._core.timers.set(session.call, min(now + waiting.pause, waiting.give_up_at))
            return
        waiting.given_up = True
        if session.accepts(SessionInput.ACK_MISSING):
            session.move(SessionInput.ACK_MISSING)
        self._core.events.append(AckTimedOut(call=session.call))
        self._leave_if_wanted(session, now)

    def _acknowledged(self, request: Request, now: float) -> None:
        """An ACK of a 2xx; one that nobody waits for is a late or doubled one, and ignored."""
        session = self._core.by_tags(_dialog_key(request))
        if session is None or session.unacknowledged is None:
            return
        waiting = session.unacknowledged
        if parse_cseq(request.first("CSeq") or "").number != waiting.number:
            return
        session.unacknowledged = None
        self._core.timers.cancel(session.call)
        sdp = parts_of(request).sdp if waiting.offered else None
        if sdp:
            session.dialog = msgspec.structs.replace(self._core.dialog(session), remote_sdp=sdp)
        if session.accepts(SessionInput.ACK):
            session.move(SessionInput.ACK)
        self._core.events.append(Acknowledged(call=session.call, sdp=sdp))
        self._leave_if_wanted(session, now)

    def _leave_if_wanted(self, session: Session, now: float) -> None:
        if session.leave_when_acknowledged and session.accepts(SessionInput.SAY_BYE):
            session.move(SessionInput.SAY_BYE)
            self._core.bye(session, now, session.leave_reason)

    # ---- CANCEL ----

    def _cancelled(self, key: ServerKey, request: Request, via: Via, flow: Flow, now: float) -> None:
        """200 to the CANCEL, 487 to the INVITE if it still waits (section 9.2); 481 where there is none."""
        layer = self._core.layer
        layer.accept(key, request, via, flow)
        wanted = server_key(request, via, "INVITE")
        if layer.get(wanted) is None:
            self._reply(key, request, 481, now)
            return
        session = self._waiting_on(wanted, request)
        self._reply(key, request, 200, now, tag=session.call.local_tag if session else "")
        if session is None:
            return
        self._respond_to_invite(session, 487, now)
        session.waiting = None
        if session.accepts(SessionInput.CANCEL):
            self._core.events.append(Cancelled(call=session.call, reason=request.first("Reason") or ""))
            self._core.end(session)

    def _waiting_on(self, key: ServerKey, request: Request) -> Session | None:
        """The call whose INVITE this transaction is, while it waits."""
        transaction = self._core.layer.get(key)
        call = transaction.call if transaction is not None else None
        session = self._core.sessions.get(call) if call is not None else None
        if session is None or session.waiting is None or session.waiting[0] != key:
            return None
        return session

    # ---- requests in a call ----

    def _in_dialog(self, key: ServerKey, request: Request, tag: str, now: float) -> None:
        session = self._core.by_tags(_dialog_key(request, tag))
        if session is None:
            self._reply(key, request, 481, now)
        elif request.method == "BYE":
            self._left(session, key, request, now)
        elif not self._in_order(session, request):
            self._reply(key, request, 500, now, more=(RETRY_SOON,))
        elif request.method == "INVITE" or (request.method == "UPDATE" and parts_of(request).sdp):
            self._reinvited(session, key, request, now)
        else:
            status = IN_DIALOG.get(request.method, 405 if request.method in KNOWN_METHODS else 501)
            self._reply(key, request, status, now, more=(ALLOW,))
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
        if session.waiting is not None:
            self._respond_to_invite(session, 487, now)
        self._reply(key, request, 200, now)
        self._core.events.append(ByeReceived(call=session.call, reason=request.first("Reason") or ""))
        self._core.end(session)

    def _reinvited(self, session: Session, key: ServerKey, request: Request, now: float) -> None:
        """Section 14.2: 500 while one waits for its answer, 491 while one of ours is on the way."""
        unacknowledged = session.unacknowledged is not None and not session.unacknowledged.given_up
        if session.waiting is not None:
            self._reply(key, request, 500, now, more=(RETRY_SOON,))
        elif unacknowledged or session.invite is not None or session.state is not SessionState.ESTABLISHED:
            self._reply(key, request, 491, now)
        else:
            session.waiting = (key, request)
            self._core.layer.tie(key, session.call)
            target = contact_of(request)
            if target:
                session.dialog = msgspec.structs.replace(self._core.dialog(session), remote_target=target)
            parts = parts_of(request)
            self._core.events.append(Reinvited(call=session.call, request=request, sdp=parts.sdp, parts=parts.parts))

    # ---- requests outside any call ----

    def _out_of_dialog(self, key: ServerKey, request: Request, flow: Flow, now: float) -> None:
        unknown = _unmet_requirements(request)
        status = OUT_OF_DIALOG.get(request.method, 405 if request.method in KNOWN_METHODS else 501)
        if unknown:
            unsupported = ("Unsupported", ", ".join(request.listed("Require")))
            self._reply(key, request, 420, now, more=(unsupported,))
            return
        self._reply(key, request, status, now, more=(ALLOW,))
        if request.method != "OPTIONS":
            event = OutOfDialog(request=request, flow=flow, status=status, parts=parts_of(request).parts)
            self._core.events.append(event)

    def _reply(
        self, key: ServerKey, request: Request, status: int, now: float, *, more: Iterable[Header] = (), tag: str = ""
    ) -> None:
        tag = tag or self._core.new_token()
        response = response_to(request, status, to_tag=tag, more=(*more, self._core.product("Server")))
        self._core.layer.respond(key, response, now)

    # ---- taking up again ----

    def snapshot(self, session: Session) -> Dialog:
        """The dialog with what still waits in it."""
        dialog = self._core.dialog(session)
        invite = answer = b""
        if session.waiting is not None and session.state is SessionState.INVITED:
            invite = serialise(session.waiting[1])
        if session.unacknowledged is not None and not session.unacknowledged.given_up:
            answer = session.unacknowledged.response
        return msgspec.structs.replace(dialog, invite=invite, answer=answer)

    def restore(self, dialog: Dialog, now: float) -> Session:
        """The call out of its snapshot. Raises `BadInput` where the bytes in it cannot be read."""
        dialog = msgspec.structs.replace(dialog, flow=msgspec.structs.replace(dialog.flow, connection=None))
        kept = msgspec.structs.replace(dialog, invite=b"", answer=b"")
        session = Session(dialog.key, SessionState.ESTABLISHED, kept)
        if dialog.invite:
            self._await_answer_again(session, dialog)
        elif dialog.answer:
            response = parse(dialog.answer)
            number = parse_cseq(response.first("CSeq") or "").number
            session.state = SessionState.ANSWERED
            flow = response_flow(top_via(response), dialog.flow)
            waiting = Unacknowledged(number, dialog.answer, flow, T1, 0.0, not dialog.remote_sdp)
            self._expect_ack(session, waiting, now)
        self._core.keep(session)
        return session

    def _await_answer_again(self, session: Session, dialog: Dialog) -> None:
        request = parse(dialog.invite)
        if not isinstance(request, Request):
            raise HeaderError("The kept INVITE of a call is no request.")
        via = top_via(request)
        key = server_key(request, via)
        self._core.layer.accept(key, request, via, dialog.flow, session.call)
        session.state = SessionState.INVITED
        session.waiting = (key, request)


def _dialog_key(request: Request, tag: str = "") -> DialogKey:
    """A request's dialog identifier as we see it: our tag is in To."""
    local = tag or parse_name_addr(request.first("To") or "").tag
    return DialogKey(request.first("Call-ID") or "", local, parse_name_addr(request.first("From") or "").tag)


def _unusable(request: Request) -> str:
    """Why a request cannot be dealt with at all (section 8.1.1); "" where it can."""
    missing = [name for name in ("From", "To", "Call-ID", "CSeq") if not request.first(name)]
    if missing:
        return f"The {request.method} has no {', no '.join(missing)}."
    try:
        for name in ("From", "To"):
            parse_name_addr(request.first(name) or "")
        cseq = parse_cseq(request.first("CSeq") or "")
    except HeaderError as error:
        return str(error)
    if cseq.method != request.method:
        return f"The CSeq says {cseq.method} and the request is {request.method}."
    return ""


def _unmet_requirements(request: Request) -> tuple[str, ...]:
    """Extensions that the caller requires and we do not have. A call is taken all the same (NENA-STA-010.3, 3.1.1)."""
    return tuple(
        f"The caller requires {option!r}, which is not supported here." for option in request.listed("Require")
    )
