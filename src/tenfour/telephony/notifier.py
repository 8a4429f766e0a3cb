"""Being subscribed to (RFC 6665 section 4.2), and telling how a REFER fares (RFC 3515 section 2.4)."""

from collections.abc import Iterable

import msgspec

from tenfour.telephony.body import parts_of
from tenfour.telephony.core import Core
from tenfour.telephony.dialog import DialogKey, dialog_of_invite
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import Via, parse_cseq
from tenfour.telephony.message import Header, Request, Response, response_to
from tenfour.telephony.refer import REFER_LASTS_S, SIPFRAG, Sipfrag, refer_to, referred_by, without_subscription
from tenfour.telephony.session import Session
from tenfour.telephony.sip_event import Referred, SubscribeReceived, SubscriptionEnded
from tenfour.telephony.subscription import (
    EventName,
    Notice,
    Notification,
    NotifierInput,
    NotifierState,
    Standing,
    expires_of,
    parse_event,
    seconds,
)
from tenfour.telephony.timer import TRANSACTION_TIMEOUT, Timers
from tenfour.telephony.transaction import Origin, ServerKey
from tenfour.vocabulary.errors import IllegalTransition, NotFound

SHORTEST_S = 60
"""Subscriptions for less are refused with 423, but for 0."""
LONGEST_S = 3600
MAX_REPEATS = 4
ENDS_IT = frozenset((404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 503, 604))
"""What a NOTIFY is answered where the subscription is no more (RFC 5057 section 5.1)."""


class Notifier:
    """The subscriptions to us."""

    def __init__(self, core: Core, *, max_subscriptions: int) -> None:
        self._core, self._max = core, max_subscriptions
        self._known: dict[str, Notification] = {}
        self._by_dialog: dict[DialogKey, list[Notification]] = {}
        self.timers: Timers[str] = Timers()

    def knows(self, token: str) -> bool:
        """Is this a subscription to us that is not over?"""
        return token in self._known

    def tokens(self) -> tuple[str, ...]:
        """All that are not over."""
        return tuple(self._known)

    # ---- requests in ----

    def subscribed(self, key: ServerKey, request: Request, via: Via, flow: Flow, now: float) -> int:
        """A SUBSCRIBE outside any dialog. Gives the status that it was refused with, 0 where the user is to decide."""
        named = _event_of(request)
        refusal = self._refusal(request, named)
        if refusal is not None or named is None:
            status, more = refusal or (489, ())
            self._core.reply(key, request, status, now, more=(*more, self._core.allow))
            return status
        expires_s = min(expires_of(request, LONGEST_S), LONGEST_S)
        made = Notification(self._core.new_token(), named, (key, request), expires_s, flow)
        made.dialog = dialog_of_invite(request, via, flow, self._core.new_token())
        self._keep(made, now)
        self._core.events.append(
            SubscribeReceived(
                subscription=made.token,
                request=request,
                flow=flow,
                package=named.package,
                expires_s=expires_s,
                parts=parts_of(request).parts,
            )
        )
        return 0

    def _refusal(self, request: Request, named: EventName | None) -> tuple[int, tuple[Header, ...]] | None:
        """Why a subscription cannot be, with the headers that say more."""
        if named is None or named.package not in self._core.packages:
            return 489, self._core.allow_events
        if 0 < expires_of(request, LONGEST_S) < SHORTEST_S:
            return 423, (("Min-Expires", str(SHORTEST_S)),)
        return self._no_room()

    def _no_room(self) -> tuple[int, tuple[Header, ...]] | None:
        return (503, (("Retry-After", "60"),)) if len(self._known) >= self._max else None

    def _keep(self, made: Notification, now: float) -> None:
        self._known[made.token] = made
        if made.holder.dialog is not None:
            self._by_dialog.setdefault(made.holder.dialog.key, []).append(made)
        self.timers.set(made.token, now + TRANSACTION_TIMEOUT / 2)

    def refreshed(self, key: ServerKey, request: Request, dialog: DialogKey, now: float) -> bool:
        """A SUBSCRIBE in a dialog. False where it is of no subscription."""
        found = self._meant(request, dialog)
        if found is None:
            return False
        expires_s = expires_of(request, LONGEST_S)
        if not self._core.in_order(found.holder, request):
            self._core.reply(key, request, 500, now, more=(("Retry-After", "2"),))
        elif 0 < expires_s < SHORTEST_S:
            self._core.reply(key, request, 423, now, more=(("Min-Expires", str(SHORTEST_S)),))
        elif found.move(NotifierInput.REFRESHED if expires_s else NotifierInput.UNSUBSCRIBED):
            self._lasts(found, expires_s, now)
            self._core.reply(key, request, 200, now, more=self._granted(found))
            last = found.last or Notice(Standing(""))
            self._say(found, last.body, last.content_type, now, reason="timeout")
        else:
            self._core.reply(key, request, 481, now)
        return True

    def _meant(self, request: Request, dialog: DialogKey) -> Notification | None:
        named = _event_of(request)
        return next((found for found in self._by_dialog.get(dialog, ()) if found.event == named), None)

    def referred(
        self, key: ServerKey, request: Request, via: Via, flow: Flow, now: float, *, session: Session | None = None
    ) -> int:
        """A REFER that the user wants to hear of. Gives the status it was refused with, 0 where the user decides."""
        try:
            target = refer_to(request)
        except HeaderError:
            self._core.reply(key, request, 400, now, more=(self._core.allow,))
            return 400
        full = self._no_room()
        if full is not None:
            self._core.reply(key, request, full[0], now, more=full[1])
            return full[0]
        number = parse_cseq(request.first("CSeq") or "").number
        made = Notification(
            self._core.new_token(), EventName("refer", str(number)), (key, request), REFER_LASTS_S, flow
        )
        if session is not None:
            made.holder = session
        else:
            made.dialog = dialog_of_invite(request, via, flow, self._core.new_token())
        self._keep(made, now)
        self._core.events.append(
            Referred(
                refer=made.token,
                call=session.call if session is not None else None,
                refer_to=target,
                referred_by=referred_by(request),
                request=request,
                flow=flow,
            )
        )
        return 0

    # ---- the user's answers ----

    def _found(self, token: str, given: NotifierInput) -> Notification:
        """The subscription after this step. Raises `NotFound` and `IllegalTransition`."""
        found = self._known.get(token)
        if found is None:
            raise NotFound("subscription", token, "It is over, or was never here.")
        state = found.state
        if not found.move(given):
            raise IllegalTransition(f"The subscription {token}", state.value.lower(), f"another for {given.value}")
        return found

    def accept(
        self, token: str, now: float, *, pending: bool, body: bytes, content_type: str, headers: Iterable[Header]
    ) -> None:
        """See `UserAgent.accept_subscription`."""
        found = self._found(token, NotifierInput.SAY_PENDING if pending else NotifierInput.SAY_ACCEPT)
        if found.asked is not None:
            self._lasts(found, found.expires_s, now)
            self._answer(found, 200, now, (*headers, *self._granted(found)))
        if not found.expires_s:
            found.move(NotifierInput.UNSUBSCRIBED)
        self._say(found, body, content_type, now, reason="timeout")

    def reject(self, token: str, status: int, now: float, headers: Iterable[Header]) -> None:
        """See `UserAgent.reject_subscription`."""
        found = self._found(token, NotifierInput.SAY_REJECT)
        self._answer(found, status, now, headers)
        self._forget(found)

    def notify(self, token: str, body: bytes, content_type: str, now: float) -> None:
        """See `UserAgent.notify`."""
        self._say(self._found(token, NotifierInput.SAY_NOTIFY), body, content_type, now)

    def terminate(
        self, token: str, now: float, *, reason: str, body: bytes, content_type: str, retry_after_s: int | None = None
    ) -> None:
        """See `UserAgent.terminate_subscription`."""
        found = self._found(token, NotifierInput.SAY_TERMINATE)
        self._say(found, body, content_type, now, reason=reason, retry_after_s=retry_after_s)

    def accept_refer(self, token: str, now: float) -> None:
        """See `UserAgent.accept_refer`."""
        found = self._found(token, NotifierInput.SAY_ACCEPT)
        asked = found.asked[1] if found.asked is not None else None
        if asked is not None and without_subscription(asked):
            self._answer(found, 202, now, (("Refer-Sub", "false"), *self._contact(found)))
            self._forget(found)
            return
        self._lasts(found, REFER_LASTS_S, now)
        self._answer(found, 202, now, self._contact(found))
        self._say(found, bytes(Sipfrag(100)), SIPFRAG, now)

    def refer_progress(self, token: str, status: int, reason: str, now: float) -> None:
        """See `UserAgent.refer_progress`."""
        found = self._found(token, NotifierInput.SAY_NOTIFY if status < 200 else NotifierInput.SAY_TERMINATE)
        self._say(found, bytes(Sipfrag(status, reason)), SIPFRAG, now, reason="noresource")

    def _answer(self, found: Notification, status: int, now: float, headers: Iterable[Header]) -> None:
        """Answer the SUBSCRIBE or REFER that waits; once."""
        if found.asked is None or found.holder.dialog is None:
            return
        key, request = found.asked
        found.asked = None
        tag = found.holder.dialog.key.local_tag
        routes = tuple(("Record-Route", line) for line in request.all("Record-Route")) if status < 300 else ()
        more = (*routes, *headers, self._core.allow, self._core.product("Server"))
        self._core.layer.respond(key, response_to(request, status, to_tag=tag, more=more), now)

    def _granted(self, found: Notification) -> tuple[Header, ...]:
        return (("Expires", str(found.expires_s)), *self._contact(found))

    def _contact(self, found: Notification) -> tuple[Header, ...]:
        return (self._core.contact(found.flow),)

    def _lasts(self, found: Notification, expires_s: int, now: float) -> None:
        found.expires_s = min(expires_s, LONGEST_S)
        found.expires_at = now + found.expires_s
        self.timers.set(found.token, found.expires_at)

    # ---- NOTIFY ----

    def _say(
        self,
        found: Notification,
        body: bytes,
        content_type: str,
        now: float,
        *,
        reason: str = "",
        retry_after_s: int | None = None,
    ) -> None:
        """NOTIFY with the present state; while another is on the way it waits, and the newest counts."""
        if found.state is NotifierState.ENDING:
            standing = Standing("terminated", reason=reason, retry_after_s=retry_after_s)
            self.timers.cancel(found.token)
        else:
            pending = found.state is NotifierState.PENDING
            left_s = max(0, round(found.expires_at - now))
            standing = Standing("pending" if pending else "active", expires_s=left_s)
        found.waiting = found.last = Notice(standing, body, content_type)
        self._send_next(found, now)

    def _send_next(self, found: Notification, now: float) -> None:
        if found.sending is not None or found.waiting is None:
            return
        found.sending, found.waiting = found.waiting, None
        found.repeats = 0
        self._send(found, found.sending, now)

    def _send(self, found: Notification, notice: Notice, now: float) -> None:
        typed = (("Content-Type", notice.content_type),) if notice.body else ()
        named = (("Event", str(found.event)), ("Subscription-State", str(notice.standing)))
        more = (*named, *self._contact(found), self._core.allow, *typed)
        call = found.holder.call if isinstance(found.holder, Session) else None
        origin = Origin(call, token=found.token)
        self._core.send_in(found.holder, "NOTIFY", now, headers=more, body=notice.body, origin=origin)

    def notified(self, token: str, status: int, response: Response | None, now: float) -> None:
        """A NOTIFY was answered, or nobody is there. One that came out of its order (500) is said again."""
        found = self._known[token]
        if status in ENDS_IT or response is None:
            found.move(NotifierInput.NOTIFY_FAILED)
            self._end(found, f"The NOTIFY was answered with {status}.", status=status)
            return
        wait_s = seconds(response.first("Retry-After"))
        if status == 500 and wait_s is not None and found.sending is not None and found.repeats < MAX_REPEATS:
            found.repeats += 1
            self._send(found, found.waiting or found.sending, now)
            found.sending, found.waiting = found.waiting or found.sending, None
            return
        found.sending = None
        if found.waiting is not None:
            self._send_next(found, now)
            return
        found.move(NotifierInput.NOTIFY_DONE)
        if found.state is NotifierState.OVER:
            self._end(found, "The last NOTIFY was answered.", reason=found.last.standing.reason if found.last else "")

    # ---- time ----

    def handle_timer(self, now: float) -> None:
        """End what was not refreshed, and answer for a user who did not."""
        while (token := self.timers.pop(now)) is not None:
            found = self._known.get(token)
            if found is None or not found.move(NotifierInput.EXPIRED):
                continue
            if found.state is NotifierState.OVER:
                self._answer(found, 480, now, ())
                self._end(found, "It was neither accepted nor rejected.")
                continue
            last = found.last or Notice(Standing(""))
            self._say(found, last.body, last.content_type, now, reason="timeout")

    def _end(self, found: Notification, why: str, *, reason: str = "", status: int = 0) -> None:
        self._forget(found)
        self._core.events.append(SubscriptionEnded(subscription=found.token, why=why, reason=reason, status=status))

    def _forget(self, found: Notification) -> None:
        found.state = NotifierState.OVER
        self.timers.cancel(found.token)
        if self._known.pop(found.token, None) is None or found.holder.dialog is None:
            return
        others = self._by_dialog[found.holder.dialog.key]
        others.remove(found)
        if not others:
            del self._by_dialog[found.holder.dialog.key]

    def leave_connection(self, flow: Flow) -> None:
        """A connection is gone: what a subscription sends next asks for a new one."""
        for found in self._known.values():
            if found.dialog is not None and found.dialog.flow == flow:
                found.dialog = msgspec.structs.replace(
                    found.dialog, flow=msgspec.structs.replace(flow, connection=None)
                )


def _event_of(request: Request) -> EventName | None:
    try:
        return parse_event(request.first("Event") or "")
    except HeaderError:
        return None
