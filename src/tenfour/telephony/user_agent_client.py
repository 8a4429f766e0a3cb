"""The side that asks (RFC 3261 sections 8.1, 12.2.1, 15.1.1, 22.2): requests out, responses in, challenges answered."""

from collections.abc import Iterable

import msgspec

from tenfour.telephony.core import Core
from tenfour.telephony.credentials import ANSWERS, Answering, Prover
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import CSeq, parse_cseq
from tenfour.telephony.invite_client import InviteClient
from tenfour.telephony.message import Header, Response
from tenfour.telephony.notifier import Notifier
from tenfour.telephony.offer_client import OfferClient, live_holder
from tenfour.telephony.session import Session, SessionInput, SessionState
from tenfour.telephony.sip_event import ByeAnswered, DialogFailed, RequestAnswered
from tenfour.telephony.subscriber import Subscriber
from tenfour.telephony.transaction import Transaction


class UserAgentClient:
    """Takes the responses to all that we ask, and hands them to whom they concern."""

    def __init__(
        self,
        core: Core,
        *,
        invites: InviteClient,
        offers: OfferClient,
        subscriber: Subscriber,
        notifier: Notifier,
        prover: Prover,
    ) -> None:
        self._core, self._invites, self._offers = core, invites, offers
        self._subscriber, self._notifier, self._prover = subscriber, notifier, prover

    def send(
        self,
        method: str,
        target: str,
        flow: Flow,
        *,
        from_: str,
        now: float,
        headers: Iterable[Header],
        to: str = "",
        body: bytes = b"",
    ) -> str:
        """A request outside any call, such as OPTIONS; gives the token of its `RequestAnswered`."""
        tag = self._core.new_token()
        request = self._core.first_request(
            method, target, flow, to=to or target, from_=from_, tag=tag, headers=headers, body=body
        )
        return self._core.layer.send(request, flow, now).branch

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
        if status in (401, 407) and response is not None and self._prove(transaction, session, response, now):
            return
        if method == "INVITE":
            self._take_invite(transaction, session, status, response, now)
        elif status < 200 or method in ("CANCEL", "PRACK"):
            return
        elif method == "BYE":
            self._bye_done(session, status, now)
        elif method in ("SUBSCRIBE", "REFER") and self._subscriber.knows(transaction.token):
            self._subscriber.answered(transaction, status, response, now)
        elif method == "NOTIFY" and self._notifier.knows(transaction.token):
            self._notifier.notified(transaction.token, status, response, now)
        elif method == "UPDATE" and session is not None and session.offering == transaction.key:
            self._update_done(transaction, session, status, response, now)
        else:
            self._request_done(transaction, session, status, response, now)

    def _take_invite(
        self, transaction: Transaction, session: Session | None, status: int, response: Response | None, now: float
    ) -> None:
        if response is not None and 200 <= status < 300:
            self._invites.accepted(transaction, session, response, now)
        elif session is None:
            return
        elif status < 200 and response is not None:
            self._invites.ringing(transaction, session, response, now)
        elif session.dialog is None:
            self._invites.rejected(session, status, response, now)
        else:
            session.invite = None
            self._offer_refused(transaction, session, status, response, now)

    def _update_done(
        self, transaction: Transaction, session: Session, status: int, response: Response | None, now: float
    ) -> None:
        if response is not None and status < 300:
            self._offers.updated(transaction, session, response)
            return
        session.offering = None
        self._offer_refused(transaction, session, status, response, now)

    def _offer_refused(
        self, transaction: Transaction, session: Session, status: int, response: Response | None, now: float
    ) -> None:
        if response is None or not self._offers.put_off(transaction, session, response, now):
            self._request_done(transaction, session, status, response, now)

    def _bye_done(self, session: Session | None, status: int, now: float) -> None:
        if session is not None and session.accepts(SessionInput.BYE_DONE):
            self._core.events.append(ByeAnswered(call=session.call, status=status))
            self._core.end(session, now)

    def _request_done(
        self, transaction: Transaction, session: Session | None, status: int, response: Response | None, now: float
    ) -> None:
        self._core.events.append(RequestAnswered(token=transaction.token, status=status, response=response))
        if status == 481 and session is not None:
            self._gone(session, transaction.request.method, now)

    def _gone(self, session: Session, method: str, now: float) -> None:
        """481 in a call: the peer knows nothing of it any more (section 12.2.1.2)."""
        if session.accepts(SessionInput.GONE):
            why = f"The peer answered {method} with 481: it has no such call any more."
            self._core.decide(session.call.call_id, why)
            self._core.events.append(DialogFailed(call=session.call, why=why))
            self._core.end(session, now)

    # ---- challenges ----

    def _prove(self, transaction: Transaction, session: Session | None, response: Response, now: float) -> bool:
        """Ask again with credentials. False where that is of no use, or nobody wants the answer any more."""
        inviting = transaction.request.method == "INVITE"
        if transaction.request.method in ("ACK", "CANCEL") or (inviting and not _still_wanted(session)):
            return False
        answered = self._prover.answerable(response, transaction.origin.challenges)
        if not answered:
            return False
        realms = ", ".join(sorted({one.challenge.realm for one in answered}))
        what = f"{response.status} of {realms}: our {transaction.request.method} goes out again with credentials"
        self._core.decide(response.first("Call-ID") or "", what)
        self._send_again(transaction, session, answered, now)
        return True

    def _send_again(
        self, transaction: Transaction, session: Session | None, answered: tuple[Answering, ...], now: float
    ) -> None:
        """The same request as a new one: its own branch, the next CSeq (section 22.2)."""
        old = transaction.request
        holder = live_holder(session, transaction.origin.holder)
        number = parse_cseq(old.first("CSeq") or "").number + 1
        if holder is not None and holder.dialog is not None:
            number = holder.dialog.local_seq + 1
            holder.dialog = msgspec.structs.replace(holder.dialog, local_seq=number)
        fresh = {"Via": str(self._core.via(transaction.flow)), "CSeq": str(CSeq(number, old.method))}
        kept = tuple((name, fresh.get(name, value)) for name, value in old.headers if name not in ANSWERS.values())
        request = msgspec.structs.replace(old, headers=kept)
        request = msgspec.structs.replace(request, headers=(*kept, *self._prover.headers(request, answered)))
        origin = msgspec.structs.replace(transaction.origin, token=transaction.token, challenges=answered)
        key = self._core.layer.send(request, transaction.flow, now, origin)
        if session is not None and session.offering == transaction.key:
            session.offering = key
        if session is not None:
            self._invites.sent_again(session, transaction.key, key)
        self._subscriber.sent_again(transaction.token, request)


def _still_wanted(session: Session | None) -> bool:
    return session is not None and session.state is not SessionState.CANCELLING
