"""INVITE as the calling side makes it (RFC 3261 sections 9.1 and 13.2): ringing, forks, ACK, CANCEL."""

from collections.abc import Iterable

import msgspec

from tenfour.telephony.body import parts_of
from tenfour.telephony.core import Core
from tenfour.telephony.credentials import proofs_of
from tenfour.telephony.dialog import (
    Dialled,
    Dialog,
    DialogKey,
    contact_of,
    dialog_of_answer,
    in_dialog_request,
    next_hop,
)
from tenfour.telephony.early_dialog import MAX_EARLY, EarlyDialog
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import CSeq, parse_cseq, parse_name_addr
from tenfour.telephony.message import Header, Request, Response, parse, serialise
from tenfour.telephony.reason import REASONS
from tenfour.telephony.reliable import rseq_of
from tenfour.telephony.session import Session, SessionInput, SessionState
from tenfour.telephony.sip_event import Answered, Rejected, Ringing
from tenfour.telephony.timer import TRANSACTION_TIMEOUT
from tenfour.telephony.transaction import ClientKey, Origin, State, Transaction, TransactionKey
from tenfour.vocabulary.errors import IllegalTransition


class InviteClient:
    """The calls that we place, until they are established."""

    def __init__(self, core: Core) -> None:
        self._core = core

    # ---- the user's wishes ----

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
        """See `UserAgent.invite`. PRACK is offered where we made an offer: an answer to theirs would be the user's."""
        tag = self._core.new_token()
        more = [*headers, self._core.contact(flow), self._core.allow]
        if body:
            more.append(("Content-Type", content_type))
        request = self._core.first_request("INVITE", target, flow, to=to, from_=from_, tag=tag, headers=more, body=body)
        call = DialogKey(request.first("Call-ID") or "", tag, "")
        session = Session(call, SessionState.CALLING)
        session.offer = parts_of(request).sdp or b""
        if session.offer:
            request = msgspec.structs.replace(request, headers=(*request.headers, ("Supported", "100rel")))
        key = self._core.layer.send(request, flow, now, Origin(call))
        session.invite = (key, request, self._core.layer.way(flow))
        self._core.keep(session)
        return call

    def acknowledge(self, call: DialogKey, sdp: bytes) -> None:
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

    def dialled(self, call: DialogKey) -> Dialled | None:
        """See `UserAgent.dialled`."""
        session = self._core.session(call)
        if session.invite is None:
            return None
        _, invite, flow = session.invite
        return Dialled(serialise(invite), flow)

    def give_up(self, dialled: Dialled, now: float) -> DialogKey:
        """See `UserAgent.give_up`."""
        invite = parse(dialled.invite)
        if not isinstance(invite, Request):
            raise HeaderError("The kept INVITE of a call is no request.")
        tag = parse_name_addr(invite.first("From") or "").tag
        call = DialogKey(invite.first("Call-ID") or "", tag, "")
        flow = msgspec.structs.replace(dialled.flow, connection=None)
        session = Session(call, SessionState.CALLING)
        session.invite = (self._core.layer.resume(invite, flow, Origin(call)), invite, flow)
        session.proofs = proofs_of(invite)
        self._core.keep(session)
        self.cancel(call, now, "")
        return call

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
        self._core.layer.send(cancel, flow, now, Origin(session.call))
        self._core.timers.set(session.call, now + TRANSACTION_TIMEOUT)

    def handle_timer(self, session: Session, now: float) -> None:
        """A cancelled INVITE whose final answer never came is over all the same (section 9.1)."""
        if session.state is SessionState.CANCELLING and session.invite is not None:
            self._core.layer.forget(session.invite[0])
            self.rejected(session, 408, None, now)

    def sent_again(self, session: Session, before: TransactionKey, after: ClientKey) -> None:
        """The INVITE went out anew, with credentials: what rang for the first one rings no more."""
        transaction = self._core.layer.get(after)
        if transaction is None or session.invite is None or session.invite[0] != before:
            return
        session.invite = (after, transaction.request, transaction.flow)
        session.proofs = proofs_of(transaction.request)
        session.early.clear()

    # ---- answers to it ----

    def ringing(self, transaction: Transaction, session: Session, response: Response, now: float) -> None:
        """1xx: proved where it is reliable; told unless it comes again, or out of its order (RFC 3262 section 4)."""
        news = self._prove(transaction, session, response, now)
        if session.state is SessionState.CANCELLING:
            self._send_cancel(session, now)
        elif session.state is SessionState.CALLING and response.status > 100 and news:
            self._core.events.append(Ringing(call=session.call, response=response, sdp=parts_of(response).sdp))

    def _prove(self, transaction: Transaction, session: Session, response: Response, now: float) -> bool:
        """Send PRACK in the early dialog of a reliable response. Is the response to be told?"""
        number = rseq_of(response)
        early = self._early(transaction, session, response) if number is not None and session.offer else None
        if number is None or early is None:
            return True
        if not early.proves(number):
            self._core.decide(session.call.call_id, f"a reliable answer out of its order (RSeq {number}): ignored")
            return False
        early.heard(parts_of(response).sdp)
        proved = ("RAck", f"{number} {response.first('CSeq')}")
        self._core.send_in(early, "PRACK", now, headers=(proved,), origin=Origin(session.call))
        return True

    def _early(self, transaction: Transaction, session: Session, response: Response) -> EarlyDialog | None:
        """The early dialog in which a response speaks. None without a tag, after the answer, and for one too many."""
        dialog = dialog_of_answer(transaction.request, response, transaction.flow)
        tag = dialog.key.remote_tag
        if tag and tag not in session.early and len(session.early) < MAX_EARLY and session.dialog is None:
            session.early[tag] = EarlyDialog(msgspec.structs.replace(dialog, local_sdp=session.offer))
        return session.early.get(tag)

    def rejected(self, session: Session, status: int, response: Response | None, now: float) -> None:
        """300 and above, or nobody: the call is over."""
        session.move(SessionInput.FAILURE)
        reason = response.reason if response is not None else REASONS.get(status, "")
        self._core.events.append(Rejected(call=session.call, status=status, reason=reason, response=response))
        self._core.end(session, now)

    def accepted(self, transaction: Transaction, session: Session | None, response: Response, now: float) -> None:
        """A 2xx: the first one, a repetition, another branch's of a forked INVITE, or one for a call that is over."""
        dialog = dialog_of_answer(transaction.request, response, transaction.flow)
        number = parse_cseq(response.first("CSeq") or "").number
        known = session is not None and (session.dialog is None or session.dialog.key == dialog.key)
        if session is None or not known:
            self._core.decide(dialog.key.call_id, "a 200 that nobody wants any more: ACK and BYE")
            self._decline(_after_early(session, dialog), proofs_of(transaction.request), number, now)
        elif number in session.acks:
            self._core.decide(dialog.key.call_id, "a repetition of their 200: our ACK went out again")
            self._core.layer.outgoing.append(session.acks[number])
        elif session.invite is not None and session.invite[0] == transaction.key:
            self._established(session, _after_early(session, dialog), number, response, now)

    def _established(self, session: Session, dialog: Dialog, number: int, response: Response, now: float) -> None:
        sdp = dialog.remote_sdp or parts_of(response).sdp
        local_sdp = dialog.local_sdp or session.offer
        wanted = session.state is not SessionState.CANCELLING
        old = session.dialog
        if old is not None:
            sdp, local_sdp = parts_of(response).sdp, session.offer
            dialog = msgspec.structs.replace(old, remote_target=contact_of(response) or old.remote_target)
        else:
            session.move(SessionInput.SUCCESS)
        session.dialog = msgspec.structs.replace(dialog, remote_sdp=sdp or b"", local_sdp=local_sdp)
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

    def _decline(self, dialog: Dialog, proofs: tuple[Header, ...], number: int, now: float) -> None:
        """ACK and BYE for a 2xx that nobody wants (section 13.2.2.4)."""
        flow = self._core.layer.way(next_hop(dialog))
        ack = in_dialog_request(dialog, "ACK", self._core.via(flow), number=number, headers=proofs)
        self._core.layer.outgoing.append((flow, serialise(ack)))
        via = self._core.via(flow)
        if self._core.layer.get(ClientKey(_bye_branch(dialog), "BYE")) is None:
            via = via.with_parameter("branch", _bye_branch(dialog))
            bye = in_dialog_request(dialog, "BYE", via, number=dialog.local_seq + 1)
            self._core.layer.send(bye, flow, now)


def _after_early(session: Session | None, dialog: Dialog) -> Dialog:
    """The dialog of a 2xx goes on where its early dialog was: numbers, and what was agreed on."""
    early = session.early.get(dialog.key.remote_tag) if session is not None else None
    known = early.dialog if early is not None else None
    if known is None:
        return dialog
    return msgspec.structs.replace(
        dialog,
        local_seq=max(known.local_seq, dialog.local_seq),
        remote_seq=known.remote_seq,
        local_sdp=known.local_sdp,
        remote_sdp=known.remote_sdp,
    )


def _bye_branch(dialog: Dialog) -> str:
    """A branch that tells for which answer the BYE is: a repeated 2xx must not begin another BYE."""
    return f"z9hG4bKbye{dialog.key.local_tag}{dialog.key.remote_tag}"
