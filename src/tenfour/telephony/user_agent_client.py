"""The side that calls (RFC 3261 sections 8.1, 9.1, 13.2, 14.1, 15.1.1)."""

from collections.abc import Iterable

import msgspec

from tenfour.telephony.body import parts_of
from tenfour.telephony.core import ALLOW, Core
from tenfour.telephony.dialog import Dialog, DialogKey, contact_of, dialog_of_answer, in_dialog_request, next_hop
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import CSeq, parse_cseq, parse_name_addr, parse_via
from tenfour.telephony.message import Header, Request, Response, serialise
from tenfour.telephony.reason import REASONS
from tenfour.telephony.session import Session, SessionInput, SessionState
from tenfour.telephony.sip_event import Answered, ByeAnswered, DialogFailed, Rejected, RequestAnswered, Ringing
from tenfour.telephony.timer import TRANSACTION_TIMEOUT
from tenfour.telephony.transaction import ClientKey, State, Transaction
from tenfour.vocabulary.errors import IllegalTransition


class UserAgentClient:
    """Sends requests, and takes the responses to them."""

    def __init__(self, core: Core) -> None:
        self._core = core

    # ---- requests out ----

    def invite(
        self,
        target: str,
        flow: Flow,
        *,
        to: str,
        from_: str,
        now: float,
        body: bytes,
        content_type: str,
        headers: Iterable[Header],
    ) -> DialogKey:
        """See `UserAgent.invite`."""
        tag = self._core.new_token()
        more = [*headers, self._core.contact(flow), ALLOW]
        if body:
            more.append(("Content-Type", content_type))
        request = self._first_request("INVITE", target, flow, to=to, from_=from_, tag=tag, headers=more, body=body)
        call = DialogKey(request.first("Call-ID") or "", tag, "")
        session = Session(call, SessionState.CALLING)
        session.offer = parts_of(request).sdp or b""
        key = self._core.layer.send(request, parse_via(request.first("Via") or ""), flow, now, call)
        session.invite = (key, request, flow)
        self._core.keep(session)
        return call

    def send(self, method: str, target: str, flow: Flow, *, from_: str, now: float, headers: Iterable[Header]) -> str:
        """A request outside any call, such as OPTIONS; gives the token of its `RequestAnswered`."""
        tag = self._core.new_token()
        request = self._first_request(method, target, flow, to=target, from_=from_, tag=tag, headers=headers)
        return self._core.layer.send(request, parse_via(request.first("Via") or ""), flow, now).branch

    def _first_request(
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
            ("Via", str(self._core.via(flow))),
            ("Max-Forwards", "70"),
            ("From", str(parse_name_addr(from_).with_tag(tag))),
            ("To", str(parse_name_addr(to or target))),
            ("Call-ID", self._core.new_token()),
            ("CSeq", str(CSeq(1, method))),
            self._core.product("User-Agent"),
        )
        return Request(method=method, uri=target, headers=(*fixed, *headers), body=body)

    def acknowledge(self, call: DialogKey, sdp: bytes, now: float) -> None:
        """See `UserAgent.acknowledge`."""
        session = self._core.session(call)
        if session.offer_pending is None:
            state = session.state.value.lower()
            raise IllegalTransition(f"The call {call.call_id}", state, "an answer that holds an offer")
        number = parse_cseq(session.offer_pending.first("CSeq") or "").number
        session.offer_pending = None
        session.dialog = msgspec.structs.replace(self._core.dialog(session), local_sdp=sdp)
        self._core.acknowledge(session, number, sdp)

    def cancel(self, call: DialogKey, now: float, reason: str) -> None:
        """See `UserAgent.cancel`."""
        session = self._core.session(call)
        session.move(SessionInput.SAY_CANCEL)
        session.leave_reason = reason
        transaction = self._core.layer.get(session.invite[0]) if session.invite else None
        if transaction is not None and transaction.state is State.PROCEEDING:
            self._send_cancel(session, now)

    def _send_cancel(self, session: Session, now: float) -> None:
        """CANCEL what rings (section 9.1); only after a provisional response, else it might overtake the INVITE."""
        if session.cancel_sent or session.invite is None:
            return
        session.cancel_sent = True
        _, invite, flow = session.invite
        line = invite.first("Via") or ""
        kept = ("Route", "Max-Forwards", "From", "To", "Call-ID")
        number = parse_cseq(invite.first("CSeq") or "").number
        headers: list[Header] = [("Via", line), *(pair for pair in invite.headers if pair[0] in kept)]
        headers.append(("CSeq", str(CSeq(number, "CANCEL"))))
        if session.leave_reason:
            headers.append(("Reason", session.leave_reason))
        cancel = Request(method="CANCEL", uri=invite.uri, headers=tuple(headers))
        self._core.layer.send(cancel, parse_via(line), flow, now, session.call)
        self._core.timers.set(session.call, now + TRANSACTION_TIMEOUT)

    def handle_timer(self, session: Session, now: float) -> None:
        """A cancelled INVITE whose final answer never came is over all the same (section 9.1)."""
        if session.state is SessionState.CANCELLING and session.invite is not None:
            self._core.layer.forget(session.invite[0])
            self._rejected(session, 408, None)

    def reinvite(self, call: DialogKey, sdp: bytes, now: float) -> str:
        """See `UserAgent.reinvite`."""
        session = self._core.session(call)
        if session.state is not SessionState.ESTABLISHED or session.invite or session.waiting:
            raise IllegalTransition(f"The call {call.call_id}", session.state.value.lower(), "established and at rest")
        session.offer = sdp
        dialog = self._core.dialog(session)
        more = (self._core.contact(dialog.flow), ALLOW, ("Content-Type", "application/sdp"))
        return self._core.send_in_dialog(session, "INVITE", now, headers=more, body=sdp).branch

    # ---- responses in ----

    def receive(self, response: Response, now: float) -> None:
        """A response came; one that belongs to nothing is ignored (section 18.1.2).

        Raises `HeaderError` for one with more Vias than ours: it is somebody else's (section 8.1.3.3).
        """
        vias = len(response.listed("Via"))
        if vias > 1:
            raise HeaderError(f"A response with {vias} Vias came to us; it belongs to somebody else.")
        transaction = self._core.layer.receive_response(response, now)
        if transaction is not None:
            self._take(transaction, response.status, response, now)

    def failed(self, transaction: Transaction, status: int, now: float) -> None:
        """Nobody answered (408), or the way is gone (503)."""
        self._take(transaction, status, None, now)

    def _take(self, transaction: Transaction, status: int, response: Response | None, now: float) -> None:
        session = self._core.sessions.get(transaction.call) if transaction.call is not None else None
        method = transaction.request.method
        if method == "INVITE":
            self._take_invite(transaction, session, status, response, now)
        elif status < 200 or method == "CANCEL":
            return
        elif method == "BYE":
            self._bye_done(session, status)
        else:
            self._request_done(transaction, session, status, response)

    def _bye_done(self, session: Session | None, status: int) -> None:
        if session is not None and session.accepts(SessionInput.BYE_DONE):
            self._core.events.append(ByeAnswered(call=session.call, status=status))
            self._core.end(session)

    def _request_done(
        self, transaction: Transaction, session: Session | None, status: int, response: Response | None
    ) -> None:
        token = transaction.key.branch
        self._core.events.append(RequestAnswered(token=token, status=status, response=response))
        if status == 481 and session is not None:
            self._gone(session, transaction.request.method)

    def _gone(self, session: Session, method: str) -> None:
        """481 in a call: the peer knows nothing of it any more (section 12.2.1.2)."""
        if session.accepts(SessionInput.GONE):
            why = f"The peer answered {method} with 481: it has no such call any more."
            self._core.decide(session.call.call_id, why)
            self._core.events.append(DialogFailed(call=session.call, why=why))
            self._core.end(session)

    # ---- answers to our INVITE ----

    def _take_invite(
        self, transaction: Transaction, session: Session | None, status: int, response: Response | None, now: float
    ) -> None:
        if response is not None and 200 <= status < 300:
            self._accepted(transaction, session, response, now)
        elif session is None:
            return
        elif status < 200 and response is not None:
            self._ringing(session, response, now)
        elif session.dialog is not None:
            session.invite = None
            self._request_done(transaction, session, status, response)
        else:
            self._rejected(session, status, response)

    def _ringing(self, session: Session, response: Response, now: float) -> None:
        if session.state is SessionState.CANCELLING:
            self._send_cancel(session, now)
        elif session.state is SessionState.CALLING and response.status > 100:
            self._core.events.append(Ringing(call=session.call, response=response))

    def _rejected(self, session: Session, status: int, response: Response | None) -> None:
        session.move(SessionInput.FAILURE)
        reason = response.reason if response is not None else REASONS.get(status, "")
        self._core.events.append(Rejected(call=session.call, status=status, reason=reason, response=response))
        self._core.end(session)

    def _accepted(self, transaction: Transaction, session: Session | None, response: Response, now: float) -> None:
        """A 2xx: the first one, a repetition, another branch's of a forked INVITE, or one for a call that is over."""
        dialog = dialog_of_answer(transaction.request, response, transaction.flow)
        number = parse_cseq(response.first("CSeq") or "").number
        known = session is not None and (session.dialog is None or session.dialog.key == dialog.key)
        if session is None or not known:
            self._core.decide(dialog.key.call_id, "a 200 that nobody wants any more: ACK and BYE")
            self._decline(dialog, number, now)
        elif number in session.acks:
            self._core.decide(dialog.key.call_id, "a repetition of their 200: our ACK went out again")
            self._core.layer.outgoing.append(session.acks[number])
        elif session.invite is not None and session.invite[0] == transaction.key:
            self._established(session, dialog, number, response, now)

    def _established(self, session: Session, dialog: Dialog, number: int, response: Response, now: float) -> None:
        sdp = parts_of(response).sdp
        wanted = session.state is not SessionState.CANCELLING
        old = session.dialog
        if old is not None:
            target = contact_of(response) or old.remote_target
            dialog = msgspec.structs.replace(old, remote_target=target)
        else:
            session.move(SessionInput.SUCCESS)
        session.dialog = msgspec.structs.replace(dialog, remote_sdp=sdp or b"", local_sdp=session.offer)
        session.invite = None
        self._core.timers.cancel(session.call)
        self._core.keep(session)
        self._core.events.append(Answered(call=session.call, response=response, sdp=sdp))
        if session.offer or not wanted:
            self._core.acknowledge(session, number, b"")
        else:
            session.offer_pending = response
        if not wanted:
            session.move(SessionInput.SAY_BYE)
            self._core.bye(session, now, session.leave_reason)

    def _decline(self, dialog: Dialog, number: int, now: float) -> None:
        """ACK and BYE for a 2xx that nobody wants (section 13.2.2.4)."""
        flow = next_hop(dialog)
        ack = in_dialog_request(dialog, "ACK", self._core.via(flow), number=number)
        self._core.layer.outgoing.append((flow, serialise(ack)))
        via = self._core.via(flow)
        if self._core.layer.get(ClientKey(_bye_branch(dialog), "BYE")) is None:
            via = via.with_parameter("branch", _bye_branch(dialog))
            self._core.layer.send(in_dialog_request(dialog, "BYE", via, number=number + 1), via, flow, now)


def _bye_branch(dialog: Dialog) -> str:
    """A branch that tells for which answer the BYE is: a repeated 2xx must not begin another BYE."""
    return f"z9hG4bKbye{dialog.key.local_tag}{dialog.key.remote_tag}"
