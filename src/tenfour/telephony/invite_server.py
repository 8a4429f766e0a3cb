"""INVITE as the called side takes it (RFC 3261 sections 9.2, 13.3, 14.2): ringing, our 200 until its ACK, restarts."""

import itertools
from collections.abc import Iterable

import msgspec

from tenfour.telephony.body import parts_of
from tenfour.telephony.core import Core
from tenfour.telephony.dialog import Dialog, DialogKey, contact_of, dialog_of_invite
from tenfour.telephony.early_dialog import EarlyDialog
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import Via, parse_cseq, parse_name_addr
from tenfour.telephony.message import Header, Request, parse, response_to, serialise
from tenfour.telephony.oddity import oddities
from tenfour.telephony.offer_client import live_holder
from tenfour.telephony.reliable import EXTENSIONS, Unproved, Unsaid, must_be_reliable, parse_rack, session_timer
from tenfour.telephony.session import Session, SessionInput, SessionState, Unacknowledged
from tenfour.telephony.sip_event import (
    Acknowledged,
    AckTimedOut,
    Cancelled,
    DialogFailed,
    InDialog,
    InviteReceived,
    Reinvited,
)
from tenfour.telephony.timer import T1, T2, TRANSACTION_TIMEOUT
from tenfour.telephony.transaction import DialogHolder, ServerKey
from tenfour.telephony.transaction_layer import server_key
from tenfour.telephony.via import response_flow, top_via
from tenfour.vocabulary.errors import IllegalTransition

RETRY_SOON: Header = ("Retry-After", "2")
RETRY_LATER: Header = ("Retry-After", "5")

LOOKED_AT = 64
"""Calls of the greediest that are looked at for one that nobody answered."""

GAVE_WAY = "All room for calls was taken, most of it by this caller's side; its newest call gave way to another's."
MAX_UNSAID = 8
"""Provisional responses that may wait for the PRACK of the one before; of more the last is said."""

TOLD_PROBLEMS = 16
"""Problems of one INVITE that are told as decisions."""


class InviteServer:
    """The calls to us, until they are established, and what changes in them afterwards."""

    def __init__(self, core: Core) -> None:
        self._core = core

    # ---- INVITE comes ----

    def invited(self, key: ServerKey, request: Request, via: Via, flow: Flow, now: float) -> None:
        """A new call; whoever calls this has asked `makes_room`."""
        dialog = dialog_of_invite(request, via, flow, self._core.new_token())
        session = Session(dialog.key, SessionState.INVITED, dialog)
        session.waiting = (key, request)
        self._core.keep(session)
        self._core.room.enter(session.call, flow.host, size_of(request))
        self._core.layer.tie(key, session.call)
        self._core.layer.respond(key, response_to(request, 100), now)
        parts = parts_of(request)
        problems = (*request.problems, *oddities(request), *parts.problems, *unmet_requirements(request))
        self._core.decide(session.call.call_id, "a new call")
        for problem in problems[:TOLD_PROBLEMS]:
            self._core.decide(session.call.call_id, f"taken although: {problem}")
        self._core.events.append(
            InviteReceived(
                call=session.call, request=request, flow=flow, sdp=parts.sdp, parts=parts.parts, problems=problems
            )
        )

    def makes_room(self, request: Request, flow: Flow, now: float) -> bool:
        """Is there room for this call? Where all is taken, whoever has most gives up its newest that rings."""
        room, size = self._core.room, size_of(request)
        for call in itertools.islice(room.greedier(flow.host), LOOKED_AT) if len(room) >= room.limit else ():
            session = self._core.sessions[call]
            if session.state is SessionState.INVITED:
                self._respond(session, 503, now, headers=(RETRY_LATER,))
                session.waiting = None
                self._core.end(session, now)
                self._core.events.append(DialogFailed(call=call, why=GAVE_WAY))
                break
        return room.has_room(flow.host, size)

    def offered(self, session: Session, holder: DialogHolder, key: ServerKey, request: Request, now: float) -> None:
        """A re-INVITE (section 14.2), or an UPDATE with an offer (RFC 3311 section 5.2): 500 while one of theirs waits
        for its answer, 491 while one of ours is on the way.
        """
        if _owes_an_answer(session, request.method):
            self._core.reply(key, request, 500, now, more=(RETRY_SOON,), why="an offer before it waits for our answer")
            return
        if why := _offer_out(session, holder, request.method):
            self._core.reply(key, request, 491, now, why=why)
            return
        if request.method == "UPDATE":
            session.update = (key, request, holder)
        else:
            session.waiting = (key, request)
        self._core.layer.tie(key, session.call)
        target = contact_of(request)
        if target and holder.dialog is not None:
            holder.dialog = msgspec.structs.replace(holder.dialog, remote_target=target)
        parts = parts_of(request)
        self._core.events.append(Reinvited(call=session.call, request=request, sdp=parts.sdp, parts=parts.parts))

    # ---- the user's answers ----

    def provisional(self, call: DialogKey, status: int, now: float, headers: Iterable[Header], sdp: bytes) -> None:
        """See `UserAgent.provisional`."""
        session = self._core.session(call)
        session.move(SessionInput.SAY_PROVISIONAL)
        if session.waiting is None or not must_be_reliable(session.waiting[1]):
            self._respond(session, status, now, headers=headers, sdp=sdp)
            return
        session.unsaid = [*session.unsaid[: MAX_UNSAID - 1], Unsaid(status, tuple(headers), sdp)]
        self._say_next(session, now)

    def _say_next(self, session: Session, now: float) -> None:
        """One reliable provisional response after the other: the next only when the last is proved."""
        if session.unproved is not None or not session.unsaid or session.waiting is None:
            return
        said = session.unsaid.pop(0)
        session.rseq += 1
        proved = (*said.headers, ("Require", "100rel"), ("RSeq", str(session.rseq)))
        data, flow = self._respond(session, said.status, now, headers=proved, sdp=said.sdp)
        answers = bool(said.sdp) and parts_of(session.waiting[1]).sdp is not None
        session.unproved = Unproved(session.rseq, data, flow, T1, now + TRANSACTION_TIMEOUT, answers)
        if answers and not session.answered:
            session.answered = True
            self._agreed(session, parts_of(session.waiting[1]).sdp, said.sdp)
        self._core.timers.set(session.call, now + T1)

    def proved(self, session: Session, key: ServerKey, request: Request, now: float) -> None:
        """A PRACK. One that comes late or again is answered 200 like the first; what it says it read, we believe.

        An answer to our offer in it is told as `InDialog`; an offer is refused (488), for there is UPDATE.
        """
        try:
            rack = parse_rack(request.first("RAck") or "")
        except HeaderError:
            self._core.reply(key, request, 400, now, why="its RAck cannot be read")
            return
        parts = parts_of(request)
        offered = session.waiting is not None and parts_of(session.waiting[1]).sdp is not None
        refused = bool(parts.sdp) and offered
        self._core.reply(key, request, 488 if refused else 200, now, why="an offer in a PRACK" if refused else "")
        if session.unproved is not None and session.unproved.number <= rack.number:
            session.settled = session.settled or session.unproved.answered
            session.unproved = None
            self._core.timers.cancel(session.call)
            if parts.sdp and not offered:
                self._agreed(session, parts.sdp, self._core.dialog(session).local_sdp)
                self._core.events.append(InDialog(call=session.call, request=request, parts=parts.parts))
            self._say_next(session, now)

    def answer(self, call: DialogKey, sdp: bytes, now: float, headers: Iterable[Header]) -> None:
        """See `UserAgent.answer`."""
        session = self._core.session(call)
        if session.update is not None:
            self._answer_update(session, sdp, now, headers)
            return
        if session.waiting is None:
            raise IllegalTransition(f"The call {call.call_id}", session.state.value.lower(), "an INVITE that waits")
        request = session.waiting[1]
        if session.state is SessionState.INVITED:
            session.move(SessionInput.SAY_ANSWER)
        offer = parts_of(request).sdp
        if session.answered:
            sdp = self._core.dialog(session).local_sdp
        else:
            self._agreed(session, offer, sdp)
        data, flow = self._respond(session, 200, now, headers=(*headers, *session_timer(request)), sdp=sdp)
        session.waiting = session.unproved = None
        session.unsaid.clear()
        session.answered = session.settled = False
        number = parse_cseq(request.first("CSeq") or "").number
        self._expect_ack(session, Unacknowledged(number, data, flow, T1, 0.0, offer is None), now)

    def _agreed(self, holder: DialogHolder, offer: bytes | None, answer: bytes) -> None:
        """What theirs and ours are from now on."""
        if holder.dialog is not None:
            holder.dialog = msgspec.structs.replace(holder.dialog, local_sdp=answer, remote_sdp=offer or b"")

    def _answer_update(self, session: Session, sdp: bytes, now: float, headers: Iterable[Header]) -> None:
        if session.update is None:
            return
        key, request, holder = session.update
        session.update = None
        holder = live_holder(session, holder) or session
        flow = holder.dialog.flow if holder.dialog is not None else None
        contact = (self._core.contact(flow),) if flow is not None else ()
        more = (*headers, *session_timer(request), *contact, self._core.allow)
        self._agreed(holder, parts_of(request).sdp, sdp)
        self._core.reply(key, request, 200, now, more=more, sdp=sdp)

    def reject(self, call: DialogKey, status: int, now: float, reason: str, headers: Iterable[Header]) -> None:
        """See `UserAgent.reject`."""
        session = self._core.session(call)
        if session.update is not None:
            key, request, _ = session.update
            session.update = None
            self._core.reply(key, request, status, now, more=headers)
            return
        if session.waiting is None:
            raise IllegalTransition(f"The call {call.call_id}", session.state.value.lower(), "an INVITE that waits")
        self._respond(session, status, now, reason=reason, headers=headers)
        session.waiting = None
        if session.state is SessionState.INVITED:
            session.move(SessionInput.SAY_REJECT)
            self._core.end(session, now)

    def _respond(
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
            more += [self._core.contact(flow), self._core.allow]
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
        """Say our 2xx again, or give up on its ACK; before it, say a reliable provisional response again."""
        if session.unproved is not None:
            self._prove_again(session, session.unproved, now)
        waiting = session.unacknowledged
        if waiting is None or waiting.given_up:
            return
        if now < waiting.give_up_at:
            self._core.decide(session.call.call_id, "retransmission of our 200 (no ACK yet)")
            self._core.layer.outgoing.append((waiting.flow, waiting.response))
            waiting.pause = min(2 * waiting.pause, T2)
            self._core.timers.set(session.call, min(now + waiting.pause, waiting.give_up_at))
            return
        waiting.given_up = True
        self._core.decide(session.call.call_id, "no ACK of our 200 came; the call stays up while the caller is heard")
        if session.accepts(SessionInput.ACK_MISSING):
            session.move(SessionInput.ACK_MISSING)
        self._core.events.append(AckTimedOut(call=session.call))
        self._leave_if_wanted(session, now)

    def _prove_again(self, session: Session, unproved: Unproved, now: float) -> None:
        """Up to 64*T1. The RFC would then have the call refused; it rings on."""
        if now >= unproved.give_up_at:
            session.unproved = None
            self._core.decide(session.call.call_id, "no PRACK came; it rings on")
            self._say_next(session, now)
            return
        self._core.decide(session.call.call_id, "retransmission of our reliable answer (no PRACK yet)")
        self._core.layer.outgoing.append((unproved.flow, unproved.response))
        unproved.pause *= 2
        self._core.timers.set(session.call, min(now + unproved.pause, unproved.give_up_at))

    def acknowledged(self, request: Request, now: float) -> None:
        """An ACK of a 2xx; one that nobody waits for is a late or doubled one, and ignored."""
        session = self._core.by_tags(dialog_key(request))
        waiting = session.unacknowledged if session is not None else None
        if session is None or waiting is None or parse_cseq(request.first("CSeq") or "").number != waiting.number:
            what = "an ACK of no call of ours" if session is None else "a late ACK"
            self._core.decide(request.first("Call-ID") or "", f"{what}: ignored")
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

    # ---- the caller goes ----

    def cancelled(self, wanted: ServerKey, request: Request, now: float) -> None:
        """487 to the INVITE that is meant, if it still waits; after our final answer CANCEL changes nothing."""
        session = self.waiting_on(wanted)
        if session is None:
            self._core.decide(request.first("Call-ID") or "", "the CANCEL came too late: our final answer stands")
            return
        self._core.give_up(session, now)
        if session.accepts(SessionInput.CANCEL):
            self._core.events.append(Cancelled(call=session.call, reason=request.first("Reason") or ""))
            self._core.end(session, now)

    def waiting_on(self, key: ServerKey) -> Session | None:
        """The call whose INVITE this transaction is, while it waits."""
        transaction = self._core.layer.get(key)
        call = transaction.call if transaction is not None else None
        session = self._core.sessions.get(call) if call is not None else None
        if session is None or session.waiting is None or session.waiting[0] != key:
            return None
        return session

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
        self._core.room.enter(session.call, dialog.flow.host, len(dialog.invite))
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
        session.answered = bool(dialog.local_sdp) and must_be_reliable(request)


def dialog_key(request: Request, tag: str = "") -> DialogKey:
    """A request's dialog identifier as we see it: our tag is in To."""
    local = tag or parse_name_addr(request.first("To") or "").tag
    return DialogKey(request.first("Call-ID") or "", local, parse_name_addr(request.first("From") or "").tag)


def size_of(request: Request) -> int:
    """About how many bytes an INVITE keeps in memory."""
    return sum(len(name) + len(value) for name, value in request.headers) + len(request.body)


def _owes_an_answer(session: Session, method: str) -> bool:
    """Does an offer of theirs wait for us? The INVITE's does no more once it was answered reliably."""
    early = method == "UPDATE" and session.settled and session.state is SessionState.INVITED
    return session.update is not None or (session.waiting is not None and not early)


def _offer_out(session: Session, holder: DialogHolder, method: str) -> str:
    """Why an offer of theirs has to wait: one of ours is on the way, or the call is in no state for it; "" for no."""
    unacknowledged = session.unacknowledged is not None and not session.unacknowledged.given_up
    if unacknowledged:
        return "our 200 waits for its ACK"
    if session.offering is not None:
        return "an UPDATE of ours is on its way"
    if session.dialog is not None and session.invite is not None:
        return "an INVITE of ours is on its way"
    if isinstance(holder, EarlyDialog):
        takes = method == "UPDATE" and holder.answered and session.state is SessionState.CALLING
    elif session.state is SessionState.INVITED:
        takes = method == "UPDATE" and session.settled
    else:
        takes = session.state is SessionState.ESTABLISHED
    return "" if takes else "the offer of the INVITE has no answer yet"


def unmet_requirements(request: Request) -> tuple[str, ...]:
    """Extensions that the caller requires and we do not have. A call is taken all the same (NENA-STA-010.3, 3.1.1)."""
    return tuple(
        f"The caller requires {option!r}, which is not supported here."
        for option in request.listed("Require")
        if option.lower() not in EXTENSIONS
    )
