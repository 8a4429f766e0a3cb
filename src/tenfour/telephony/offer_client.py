"""Offers of ours in a call: re-INVITE (RFC 3261 section 14.1) and UPDATE (RFC 3311), and what to do when they meet."""

import zlib

import msgspec

from tenfour.telephony.body import parts_of
from tenfour.telephony.core import Core
from tenfour.telephony.dialog import Dialog, DialogKey, contact_of
from tenfour.telephony.early_dialog import EarlyDialog
from tenfour.telephony.message import Response
from tenfour.telephony.session import Postponed, Session, SessionState
from tenfour.telephony.sip_event import RequestAnswered, Updated
from tenfour.telephony.timer import TRANSACTION_TIMEOUT
from tenfour.telephony.transaction import DialogHolder, Origin, Transaction
from tenfour.vocabulary.errors import IllegalTransition

MAX_TRIES = 6
"""How often one offer is put off before its refusal is told."""


class OfferClient:
    """Makes offers, one at a time in each call."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def reinvite(self, call: DialogKey, sdp: bytes, now: float) -> str:
        """See `UserAgent.reinvite`."""
        session = self._core.session(call)
        if session.state is not SessionState.ESTABLISHED or _busy(session):
            raise IllegalTransition(f"The call {call.call_id}", session.state.value.lower(), "established and at rest")
        session.tries = 0
        return self._send_reinvite(session, sdp, now, self._core.new_token())

    def update(self, call: DialogKey, sdp: bytes, now: float) -> str:
        """See `UserAgent.update`."""
        session = self._core.session(call)
        holder = _dialog_for_update(session)
        if holder is None or _busy(session):
            wanted = "at rest, and established or with its offer answered reliably"
            raise IllegalTransition(f"The call {call.call_id}", session.state.value.lower(), wanted)
        session.tries = 0
        return self._send_update(session, holder, sdp, now, self._core.new_token())

    def _send_reinvite(self, session: Session, sdp: bytes, now: float, token: str) -> str:
        session.offer, session.proofs = sdp, ()
        more = (self._core.contact(self._core.dialog(session).flow), self._core.allow)
        typed = (("Content-Type", "application/sdp"),) if sdp else ()
        origin = Origin(session.call, token=token)
        key = self._core.send_in(session, "INVITE", now, headers=(*more, *typed), body=sdp, origin=origin)
        transaction = self._core.layer.get(key)
        if transaction is not None:
            session.invite = (key, transaction.request, transaction.flow)
        return token

    def _send_update(self, session: Session, holder: DialogHolder, sdp: bytes, now: float, token: str) -> str:
        flow = holder.dialog.flow if holder.dialog is not None else self._core.dialog(session).flow
        more = (self._core.contact(flow), self._core.allow, ("Content-Type", "application/sdp"))
        origin = Origin(session.call, token=token)
        session.offering = self._core.send_in(holder, "UPDATE", now, headers=more, body=sdp, origin=origin)
        return token

    # ---- answers ----

    def updated(self, transaction: Transaction, session: Session, response: Response) -> None:
        """A 2xx to our UPDATE: what it says holds from now on."""
        sdp = parts_of(response).sdp
        session.offering = None
        holder = live_holder(session, transaction.origin.holder)
        if holder is not None and holder.dialog is not None:
            holder.dialog = _changed(holder.dialog, transaction.request.body, sdp, contact_of(response))
        self._core.events.append(Updated(call=session.call, token=transaction.token, response=response, sdp=sdp))

    def put_off(self, transaction: Transaction, session: Session, response: Response, now: float) -> bool:
        """Is a refused offer to be made again? After a time that both sides draw differently (section 14.1) where it
        met one of theirs, once where they name the time.
        """
        wait = self._pause(session, response)
        if wait is None or session.tries >= MAX_TRIES or session.call not in self._core.sessions:
            return False
        session.tries += 1
        request = transaction.request
        self._core.decide(session.call.call_id, f"{response.status}: our offer is made again in {wait:g} s")
        session.postponed = Postponed(request.method, request.body, transaction.token, response)
        self._core.retries.set(session.call, now + wait)
        return True

    def _pause(self, session: Session, response: Response) -> float | None:
        named = (response.first("Retry-After") or "").partition(";")[0].partition("(")[0].strip()
        if response.status == 491:
            return self._glare_pause(session)
        if response.status == 500 and not session.tries and named.isascii() and named.isdigit() and len(named) < 9:
            return min(float(named), TRANSACTION_TIMEOUT)
        return None

    def _glare_pause(self, session: Session) -> float:
        """2.1 to 4 seconds for whoever made the Call-ID, else up to 2, in steps of 10 ms. `new_token` is the dice."""
        drawn = zlib.crc32(self._core.new_token().encode())
        ours = session.dialog is None or not session.dialog.we_were_called
        return (210 + drawn % 191) / 100 if ours else (drawn % 201) / 100

    def handle_timer(self, session: Session, now: float) -> None:
        """Make the offer that was put off, or put it off again while something else is on the way."""
        waiting = session.postponed
        if waiting is None:
            return
        session.postponed = None
        holder = _dialog_for_update(session)
        can_go = holder is not None and (waiting.method == "UPDATE" or session.state is SessionState.ESTABLISHED)
        if holder is None or not can_go:
            self._tell(waiting)
        elif _busy(session):
            self._wait_on(session, waiting, now)
        elif waiting.method == "UPDATE":
            self._send_update(session, holder, waiting.sdp, now, waiting.token)
        else:
            self._send_reinvite(session, waiting.sdp, now, waiting.token)

    def _wait_on(self, session: Session, waiting: Postponed, now: float) -> None:
        if session.tries >= MAX_TRIES:
            self._tell(waiting)
            return
        session.tries += 1
        session.postponed = waiting
        self._core.retries.set(session.call, now + self._glare_pause(session))

    def _tell(self, waiting: Postponed) -> None:
        status = waiting.refusal.status if waiting.refusal is not None else 491
        self._core.events.append(RequestAnswered(token=waiting.token, status=status, response=waiting.refusal))


def live_holder(session: Session | None, holder: DialogHolder | None) -> DialogHolder | None:
    """Where a dialog is kept now: an early one has become the call's with the 2xx."""
    early = holder.dialog if isinstance(holder, EarlyDialog) else None
    answered = session.dialog if session is not None else None
    if early is not None and answered is not None and answered.key == early.key:
        return session
    return holder


def _changed(dialog: Dialog, local_sdp: bytes, remote_sdp: bytes | None, target: str) -> Dialog:
    return msgspec.structs.replace(
        dialog,
        local_sdp=local_sdp,
        remote_sdp=remote_sdp or dialog.remote_sdp,
        remote_target=target or dialog.remote_target,
    )


def _busy(session: Session) -> bool:
    """Is an offer on the way, theirs or ours? The INVITE that rings does not count once its offer is answered."""
    early = session.state in (SessionState.INVITED, SessionState.CALLING)
    inviting = (session.invite is not None or session.waiting is not None) and not early
    others = (session.update, session.offering, session.postponed, session.offer_pending)
    return inviting or any(other is not None for other in others)


def _dialog_for_update(session: Session) -> DialogHolder | None:
    """Where an UPDATE may go (RFC 3311 section 5.1): the call; before its 2xx, where an answer came reliably."""
    match session.state:
        case SessionState.ESTABLISHED:
            return session
        case SessionState.INVITED:
            return session if session.settled else None
        case SessionState.CALLING:
            return next((early for early in reversed(session.early.values()) if early.answered), None)
        case _:
            return None
