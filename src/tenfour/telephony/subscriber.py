"""Subscribing (RFC 6665 section 4.1), and what a REFER of ours subscribes to (RFC 3515 section 2.4.4)."""

from collections.abc import Iterable
from enum import Enum

import msgspec

from tenfour.telephony.body import parts_of
from tenfour.telephony.core import Core
from tenfour.telephony.dialog import dialog_of_answer, dialog_of_invite
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import Via, parse_cseq, parse_name_addr
from tenfour.telephony.message import Header, Request, Response
from tenfour.telephony.refer import REFER_LASTS_S, SIPFRAG, parse_sipfrag, without_subscription
from tenfour.telephony.session import Session
from tenfour.telephony.sip_event import Notified, ReferProgress, RequestAnswered, SubscriptionEnded
from tenfour.telephony.subscription import (
    EventName,
    Standing,
    SubscriberInput,
    SubscriberState,
    Subscription,
    expires_of,
    parse_event,
    parse_standing,
    seconds,
)
from tenfour.telephony.timer import TRANSACTION_TIMEOUT, Timers
from tenfour.telephony.transaction import Origin, ServerKey, Transaction
from tenfour.vocabulary.errors import IllegalTransition, NotFound, Unavailable


class Wait(Enum):
    """What a subscription of ours waits for."""

    NOTIFY = "timer N"
    REFRESH = "refresh"
    END = "end"


class Subscriber:
    """The subscriptions of ours."""

    def __init__(self, core: Core, *, max_subscriptions: int) -> None:
        self._core, self._max = core, max_subscriptions
        self._subscriptions: dict[str, Subscription] = {}
        self._by_place: dict[tuple[str, str], list[Subscription]] = {}
        self.timers: Timers[tuple[str, Wait]] = Timers()

    def knows(self, token: str) -> bool:
        """Is this a subscription of ours that is not over?"""
        return token in self._subscriptions

    def tokens(self) -> tuple[str, ...]:
        """All that are not over."""
        return tuple(self._subscriptions)

    # ---- the user's wishes ----

    def subscribe(
        self,
        target: str,
        flow: Flow,
        *,
        event: str,
        from_: str,
        to: str,
        expires_s: int,
        accept: Iterable[str],
        headers: Iterable[Header],
        now: float,
    ) -> str:
        """See `UserAgent.subscribe`."""
        tag = self._core.new_token()
        more = [("Event", event), ("Expires", str(expires_s)), self._core.contact(flow), self._core.allow]
        more += [("Accept", ", ".join(kinds))] if (kinds := tuple(accept)) else []
        request = self._core.first_request(
            "SUBSCRIBE", target, flow, to=to, from_=from_, tag=tag, headers=(*more, *headers)
        )
        made = Subscription(self._core.new_token(), parse_event(event), request, tag, expires_s)
        self._keep(made, now, expires_s)
        self._core.layer.send(request, flow, now, Origin(holder=made, token=made.token))
        return made.token

    def refer(self, session: Session, refer_to: str, headers: Iterable[Header], now: float) -> str:
        """See `UserAgent.refer`: the subscription lives in the call's dialog, under the CSeq of the REFER."""
        dialog = self._core.dialog(session)
        self._check_room()
        more = (("Refer-To", f"<{refer_to}>"), self._core.contact(dialog.flow), *headers)
        token = self._core.new_token()
        origin = Origin(session.call, token=token)
        key = self._core.send_in(session, "REFER", now, headers=more, origin=origin)
        transaction = self._core.layer.get(key)
        if transaction is not None:
            event = EventName("refer", str(self._core.dialog(session).local_seq))
            made = Subscription(token, event, transaction.request, dialog.key.local_tag, 0)
            made.holder, made.call = session, session.call
            self._keep(made, now, REFER_LASTS_S)
        return token

    def _check_room(self) -> None:
        if len(self._subscriptions) >= self._max:
            raise Unavailable(f"There are {self._max} subscriptions already.")

    def _keep(self, made: Subscription, now: float, lasts_s: int) -> None:
        self._check_room()
        self._subscriptions[made.token] = made
        self._by_place.setdefault((made.call_id, made.tag), []).append(made)
        self.timers.set((made.token, Wait.NOTIFY), now + TRANSACTION_TIMEOUT)
        self.timers.set((made.token, Wait.END), now + TRANSACTION_TIMEOUT + lasts_s)

    def unsubscribe(self, token: str, now: float) -> None:
        """See `UserAgent.unsubscribe`."""
        found = self._subscriptions.get(token)
        if found is None:
            raise NotFound("subscription", token, "It is over, or was never here.")
        if not found.move(SubscriberInput.SAY_UNSUBSCRIBE):
            raise IllegalTransition(f"The subscription {token}", found.state.value.lower(), "one that goes on")
        self.timers.cancel((token, Wait.REFRESH))
        self.timers.cancel((token, Wait.END))
        self.timers.set((token, Wait.NOTIFY), now + TRANSACTION_TIMEOUT)
        self._leave(found, now)

    def _leave(self, found: Subscription, now: float) -> None:
        """SUBSCRIBE with Expires 0, as soon as there is a dialog to send it in; once."""
        if found.holder.dialog is not None and not found.unsubscribed:
            found.unsubscribed = True
            self._ask_again(found, 0, now)

    def _ask_again(self, found: Subscription, expires_s: int, now: float) -> None:
        kept = tuple(pair for pair in found.request.headers if pair[0] in ("Accept", "Contact", "Allow", "Supported"))
        more = (*kept, ("Event", str(found.event)), ("Expires", str(expires_s)))
        origin = Origin(found.call, token=found.token)
        self._core.send_in(found.holder, "SUBSCRIBE", now, headers=more, origin=origin)

    def sent_again(self, token: str, request: Request) -> None:
        """A SUBSCRIBE or REFER went out anew, with credentials: its CSeq is another, and names a REFER."""
        found = self._subscriptions.get(token)
        if found is None:
            return
        if request.method == "REFER":
            found.event = EventName("refer", str(parse_cseq(request.first("CSeq") or "").number))
        elif found.holder.dialog is None:
            found.request = request

    # ---- answers ----

    def answered(self, transaction: Transaction, status: int, response: Response | None, now: float) -> None:
        """A final answer to SUBSCRIBE or REFER; 408 and 503 without a response are nobody there."""
        found = self._subscriptions[transaction.token]
        if response is not None and status < 300:
            self._accepted(found, transaction, response, now)
            return
        if status == 423 and response is not None and self._ask_for_longer(found, transaction, response, now):
            return
        self._tell_answer(found, status, response)
        gone = status == 481
        if found.move(SubscriberInput.GONE if gone else SubscriberInput.REFUSED):
            retry = seconds(response.first("Retry-After")) if response is not None else None
            self._end_if_over(found, f"It was refused with {status}.", status=status, retry_after_s=retry)

    def _tell_answer(self, found: Subscription, status: int, response: Response | None) -> None:
        """The first answer is told, as that of any request; refreshes are ours."""
        if not found.told:
            found.told = True
            self._core.events.append(RequestAnswered(token=found.token, status=status, response=response))

    def _accepted(self, found: Subscription, transaction: Transaction, response: Response, now: float) -> None:
        self._tell_answer(found, response.status, response)
        found.move(SubscriberInput.ACCEPTED)
        if transaction.request.method == "REFER":
            if without_subscription(response):
                self._end(found, "The peer tells nothing of how it fares.")
            elif found.state is not SubscriberState.LEAVING:
                self._lasts(found, REFER_LASTS_S, now)
            return
        asked_s = expires_of(transaction.request, found.expires_s)
        if found.state is not SubscriberState.LEAVING:
            self._lasts(found, min(expires_of(response, asked_s), asked_s) if asked_s else 0, now)
            return
        if found.holder.dialog is None:
            found.dialog = dialog_of_answer(transaction.request, response, transaction.flow)
        self._leave(found, now)

    def _lasts(self, found: Subscription, expires_s: int, now: float) -> None:
        """It ends in `expires_s` unless it is refreshed before: 32 s ahead, where it lasts that long, else half-way."""
        found.expires_s = expires_s
        if not expires_s:
            return
        self.timers.set((found.token, Wait.END), now + expires_s)
        if found.event.package != "refer":
            early = TRANSACTION_TIMEOUT if expires_s > 2 * TRANSACTION_TIMEOUT else expires_s / 2
            self.timers.set((found.token, Wait.REFRESH), now + expires_s - early)

    def _ask_for_longer(self, found: Subscription, transaction: Transaction, response: Response, now: float) -> bool:
        """423 Interval Too Brief: once more with what they ask for (section 4.1.2.1)."""
        least = seconds(response.first("Min-Expires"))
        if not least or found.asked_again or found.state is SubscriberState.LEAVING:
            return False
        found.asked_again, found.expires_s = True, least
        if found.holder.dialog is not None:
            self._ask_again(found, least, now)
            return True
        old = transaction.request
        number = parse_cseq(old.first("CSeq") or "").number + 1
        changed = {"Via": str(self._core.via(transaction.flow)), "CSeq": f"{number} SUBSCRIBE", "Expires": str(least)}
        headers = tuple((name, changed.get(name, value)) for name, value in old.headers)
        found.request = msgspec.structs.replace(old, headers=headers)
        self._core.layer.send(found.request, transaction.flow, now, transaction.origin)
        return True

    # ---- NOTIFY ----

    def notified(self, key: ServerKey, request: Request, via: Via, flow: Flow, now: float) -> bool:
        """A NOTIFY came. False where it is of no subscription of ours."""
        found = self._meant(request)
        if found is None:
            return False
        try:
            standing = parse_standing(request.first("Subscription-State") or "")
        except HeaderError:
            self._core.reply(key, request, 400, now)
            return True
        if found.holder.dialog is None:
            self._begin(found, request, via, flow)
        elif not self._core.in_order(found.holder, request):
            self._core.reply(key, request, 500, now, more=(("Retry-After", "2"),))
            return True
        self._core.reply(key, request, 200, now, more=(self._core.allow,))
        self._take(found, standing, request, now)
        return True

    def _meant(self, request: Request) -> Subscription | None:
        """By Call-ID, our tag and Event; the first NOTIFY's sender is the one whom we listen to (section 4.1.2.4)."""
        try:
            event = parse_event(request.first("Event") or "")
        except HeaderError:
            return None
        tag = parse_name_addr(request.first("To") or "").tag
        theirs = parse_name_addr(request.first("From") or "").tag
        for found in self._by_place.get((request.first("Call-ID") or "", tag), ()):
            dialog = found.holder.dialog
            same = event == found.event or (event.package == found.event.package == "refer" and not event.id)
            if same and (dialog is None or dialog.key.remote_tag == theirs):
                return found
        return None

    def _begin(self, found: Subscription, request: Request, via: Via, flow: Flow) -> None:
        """The dialog as its first NOTIFY makes it (section 4.4.1)."""
        made = dialog_of_invite(request, via, flow, found.tag)
        number = parse_cseq(found.request.first("CSeq") or "").number
        found.dialog = msgspec.structs.replace(made, local_seq=number, we_were_called=False)

    def _take(self, found: Subscription, standing: Standing, request: Request, now: float) -> None:
        given = {
            "pending": SubscriberInput.NOTIFIED_PENDING,
            "terminated": SubscriberInput.NOTIFIED_TERMINATED,
        }.get(standing.state, SubscriberInput.NOTIFIED_ACTIVE)
        if not found.move(given):
            return
        self._tell(found, standing, request)
        if found.state is SubscriberState.LEAVING:
            self._leave(found, now)
        elif found.state is SubscriberState.OVER:
            why = "The peer ended it." if standing.reason != "timeout" else "Its time is up."
            self._end_if_over(found, why, reason=standing.reason, retry_after_s=standing.retry_after_s)
        else:
            self.timers.cancel((found.token, Wait.NOTIFY))
            if standing.expires_s is not None:
                self._lasts(found, standing.expires_s, now)

    def _tell(self, found: Subscription, standing: Standing, request: Request) -> None:
        parts = parts_of(request).parts
        fragment = next((part.content for part in parts if part.content_type == SIPFRAG), None)
        if found.event.package == "refer" and fragment is not None:
            try:
                fares = parse_sipfrag(fragment)
            except HeaderError:
                fares = None
            if fares is not None:
                event = ReferProgress(refer=found.token, status=fares.status, reason=fares.reason)
                self._core.events.append(event)
                return
        self._core.events.append(Notified(subscription=found.token, state=standing.state, request=request, parts=parts))

    # ---- time ----

    def handle_timer(self, now: float) -> None:
        """Refresh what is due, and end what is over."""
        while (due := self.timers.pop(now)) is not None:
            found = self._subscriptions.get(due[0])
            if found is None:
                continue
            if due[1] is Wait.REFRESH:
                self._ask_again(found, found.expires_s, now)
            elif due[1] is Wait.NOTIFY and found.move(SubscriberInput.TIMER_N):
                self._end_if_over(found, "No NOTIFY came.")
            elif due[1] is Wait.END and found.move(SubscriberInput.EXPIRED):
                self._end_if_over(found, "Its time is up.")

    def _end_if_over(
        self, found: Subscription, why: str, *, reason: str = "", status: int = 0, retry_after_s: int | None = None
    ) -> None:
        if found.state is SubscriberState.OVER:
            self._end(found, why, reason=reason, status=status, retry_after_s=retry_after_s)

    def _end(
        self, found: Subscription, why: str, *, reason: str = "", status: int = 0, retry_after_s: int | None = None
    ) -> None:
        found.state = SubscriberState.OVER
        for wait in Wait:
            self.timers.cancel((found.token, wait))
        self._subscriptions.pop(found.token, None)
        others = self._by_place.get((found.call_id, found.tag), [])
        others.remove(found)
        if not others:
            del self._by_place[(found.call_id, found.tag)]
        self._core.events.append(
            SubscriptionEnded(
                subscription=found.token, why=why, reason=reason, status=status, retry_after_s=retry_after_s
            )
        )

    def leave_connection(self, flow: Flow) -> None:
        """A connection is gone: what a subscription sends next asks for a new one."""
        for found in self._subscriptions.values():
            if found.dialog is not None and found.dialog.flow == flow:
                found.dialog = msgspec.structs.replace(
                    found.dialog, flow=msgspec.structs.replace(flow, connection=None)
                )
